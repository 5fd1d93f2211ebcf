package netpol

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Flow is one new connection, as the destination sees it: after the address
// of a Service was replaced by that of an endpoint. Replies of an allowed
// connection are allowed.
type Flow struct {
	From, To *Endpoint
	Protocol corev1.Protocol
	Port     int32 // of the destination; 0 for ProtocolICMP
	// Last, where it is larger than Port, is the end of a range of ports that
	// no rule tells apart: explanations speak of all of it.
	Last   int32
	Family Family
	// ThroughService is set where the source named a Service.
	ThroughService bool
}

// Verdict returns whether the policies let the flow pass.
func (c *Cluster) Verdict(f Flow) Verdict {
	w := walk{Cluster: c, Flow: f}
	return verdictOf(w.flow())
}

// walk is the evaluation of one flow. Where it explains, it collects why parts
// of it are Maybe.
type walk struct {
	*Cluster
	Flow
	explains bool
	doubts   []Doubt
}

func (w *walk) doubt(cause Cause, format string, args ...any) {
	if w.explains {
		w.doubts = append(w.doubts, Doubt{cause, fmt.Sprintf(format, args...)})
	}
}

// flow: both ends have to let it pass. A pod's traffic to itself cannot be
// blocked, unless a Service leads there.
// Source: "cannot block access to itself" in the documentation.
func (w *walk) flow() Truth {
	if w.From.same(w.To) && !w.ThroughService {
		return Yes
	}
	return min(w.direction(Egress), w.direction(Ingress))
}

// subject and peer are the ends of the flow as the rules of a direction see
// them.
func (w *walk) subject(d Direction) *Endpoint {
	if d == Egress {
		return w.From
	}
	return w.To
}

func (w *walk) peer(d Direction) *Endpoint {
	if d == Egress {
		return w.To
	}
	return w.From
}

// unread reports whether policies that select the subject may be missing from
// the snapshot: they may isolate it, and allow what others do not.
func (w *walk) unread(d Direction) bool {
	subject := w.subject(d)
	return subject.Kind == PodEndpoint && !subject.HostNetwork && slices.ContainsFunc(w.gaps, func(g snapshot.Gap) bool {
		return g.Hides(subject.Namespace)
	})
}

// rules is direction for a subject that policies isolate.
func (w *walk) rules(d Direction) Truth {
	result := w.exempt(d)
	if result == Yes {
		return Yes
	}
	for _, i := range w.subject(d).policies {
		if p := w.policies[i]; p.isolates[d] && result != Yes {
			result = max(result, w.policy(p, d))
		}
	}
	return w.isolation(d, result)
}

// exempt reports whether the flow passes without a rule: what a pod gets from
// its own node.
// Source: "OR if the traffic source is the pod's local node" in NetworkPolicySpec.
func (w *walk) exempt(d Direction) Truth {
	if d == Egress {
		return No
	}
	own := w.From.onNode(w.To.Node)
	switch {
	case own == Maybe:
		w.doubt(ByInput, "it is not known whether %s is the node of %s, which always passes", w.From, w.To)
	case own == Yes && w.From.HostNetwork && w.profile == ProfileSpec:
		w.doubt(BySpec, "%s uses the network of its node: whether it passes as the node does is left to the network", w.From)
		return Maybe
	}
	return own
}

// isolation turns "some rule allows it" into the result for a subject that
// policies select.
// Source: "ICMP" in the documentation: what becomes of it is undefined under
// rules that deny and under rules that allow.
func (w *walk) isolation(d Direction, allowed Truth) Truth {
	subject := w.subject(d)
	switch {
	case subject.HostNetwork && w.profile == ProfileCommon:
		return Yes
	case allowed == Yes && w.Protocol != ProtocolICMP:
		return Yes
	case subject.HostNetwork:
		w.doubt(BySpec, "%s uses the network of its node: whether policies select it is left to the network", subject)
		return Maybe
	case w.Protocol == ProtocolICMP:
		w.doubt(BySpec, "policies are about TCP, UDP and SCTP: what becomes of other traffic of an isolated pod is left to the network")
		return Maybe
	default:
		return allowed
	}
}

func (w *walk) policy(p *Policy, d Direction) Truth {
	result := No
	for i := range p.rules(d) {
		if result = max(result, w.rule(&p.rules(d)[i], d)); result == Yes {
			break
		}
	}
	return result
}

func (w *walk) rule(r *rule, d Direction) Truth {
	ports := w.ports(r)
	if ports == No {
		return No
	}
	return min(ports, w.peers(r, d))
}

func (w *walk) peers(r *rule, d Direction) Truth {
	if len(r.peers) == 0 {
		return Yes
	}
	result := No
	for i := range r.peers {
		if result = max(result, w.matchPeer(&r.peers[i], w.peer(d))); result == Yes {
			break
		}
	}
	return result
}

func (w *walk) ports(r *rule) Truth {
	if len(r.ports) == 0 {
		return Yes
	}
	result := No
	for _, clause := range r.ports {
		result = max(result, w.matchPort(clause))
	}
	return result
}
