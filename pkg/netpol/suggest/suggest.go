// Package suggest finds the smallest change of NetworkPolicies that allows what
// was denied, by simulation: what it returns was applied to the cluster and
// asked again, and compared for everything else that it opens.
//
// The package is pure: it reads a prepared snapshot and nothing else.
package suggest

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Suggestion is a verified change, or the reason for which there is none.
type Suggestion struct {
	// Changes are to be applied together; empty where Reason says why.
	Changes []Change
	// Opens are the connections that become possible beyond those that were
	// asked for; empty where the changes open exactly these.
	Opens  []Opening
	Reason string // a clause without a final stop
	Notes  []string
}

// Change is one policy to apply.
type Change struct {
	// Policy is the whole object, without what the API server fills in.
	Policy *networkingv1.NetworkPolicy
	// Path is the field of an existing policy that gains Peers or Ports, as
	// spec.ingress[0].from; "" for a new policy.
	Path  string
	Peers []networkingv1.NetworkPolicyPeer
	Ports []networkingv1.NetworkPolicyPort
	// Origin is the place of an existing policy in the input.
	Origin snapshot.Origin

	direction netpol.Direction // of the rule that gains them
	rule      int
}

// For returns what would allow everything that the answer to a question says
// is denied.
func For(c *netpol.Cluster, q netpol.Question, a *netpol.Answer) (*Suggestion, error) {
	s := &search{cluster: c, question: q, drafter: draft.New(c), matrices: map[netpol.Family]*netpol.Matrix{}}
	if reason := s.collect(a); reason != "" {
		return &Suggestion{Reason: reason}, nil
	}
	best, err := s.best()
	if err != nil {
		return nil, err
	}
	if best == nil {
		return &Suggestion{Reason: s.hopeless()}, nil
	}
	return &Suggestion{Changes: best.changes, Opens: best.opens, Notes: s.notes(best)}, nil
}

// asked is a range of ports that is denied between two endpoints.
type asked struct {
	flow netpol.Flow // Port to Last
	// steps are what denies it.
	steps []netpol.Step
}

func (a asked) ports() netpol.PortRange {
	return netpol.PortRange{Protocol: a.flow.Protocol, From: a.flow.Port, To: max(a.flow.Port, a.flow.Last)}
}

// search is the state of one For.
type search struct {
	cluster  *netpol.Cluster
	question netpol.Question
	drafter  *draft.Drafter
	asked    []asked
	matrices map[netpol.Family]*netpol.Matrix // of the cluster as it is
}

// collect finds what is denied. It returns why nothing can be suggested.
func (s *search) collect(a *netpol.Answer) (reason string) {
	switch a.Verdict {
	case netpol.Allowed:
		return "it is allowed already"
	case netpol.Undefined:
		return "the verdict is Undefined: a policy cannot be shown to help before that is settled"
	default:
	}
	for _, f := range a.Flows {
		for _, open := range f.Ports {
			if open.Verdict != netpol.Denied {
				continue
			}
			one := f.Flow
			one.Protocol, one.Port, one.Last = open.Ports.Protocol, open.Ports.From, open.Ports.To
			item := asked{flow: one}
			for _, step := range s.cluster.Explain(one).Steps {
				if step.Verdict != netpol.Denied {
					continue
				}
				if step.Decided() == netpol.AdminTier {
					return overruled(step)
				}
				item.steps = append(item.steps, step)
			}
			s.asked = append(s.asked, item)
		}
	}
	if len(s.asked) > maxAsked {
		return "it is about too many pairs of endpoints: ask about one workload and one port"
	}
	return ""
}

// maxAsked limits what one suggestion is about.
const maxAsked = 2000

// overruled says that no NetworkPolicy is asked.
func overruled(step netpol.Step) string {
	p, rule := step.Decider()
	if p == nil {
		return fmt.Sprintf("policies of the Admin tier deny %s of %s before NetworkPolicies are asked: change these", step.Direction, step.Subject)
	}
	return fmt.Sprintf("%s %s denies it before NetworkPolicies are asked (%s): change that policy", p.Kind, p.Name, rule.Path)
}

// hopeless says why nothing that was tried helps.
func (s *search) hopeless() string {
	for _, a := range s.asked {
		for _, step := range a.steps {
			if p, rule := step.Decider(); p != nil {
				return fmt.Sprintf("%s %s denies it (%s), and no NetworkPolicy that was tried allows it and closes nothing else of %s: accept it in that policy, before the rule",
					p.Kind, p.Name, rule.Path, step.Subject)
			}
			if len(step.Policies) == 0 {
				return "no NetworkPolicy denies it, so that none can allow it"
			}
			subject := s.drafter.Unit(step.Subject)
			if subject != nil && len(subject.Labels) == 0 {
				return subject.String() + " has no label of its own: no policy can select it alone"
			}
		}
	}
	return "no policy or edit that was tried allows it and closes nothing: something else than NetworkPolicies may deny it"
}

// notes tell what the reader of the changes has to know.
func (s *search) notes(best *candidate) []string {
	var notes []string
	for _, change := range best.changes {
		manager := change.Policy.Labels["app.kubernetes.io/managed-by"]
		note := "NetworkPolicy " + change.Policy.Namespace + "/" + change.Policy.Name + " is managed by " + manager + ": change it there"
		if manager != "" && change.Path != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	for _, a := range s.asked {
		for _, e := range []*netpol.Endpoint{a.flow.From, a.flow.To} {
			if e.Kind == netpol.PodEndpoint && e.HostNetwork {
				return append(notes, e.String()+" uses the network of its node: policies know it by the addresses of the node, and everything else there, too")
			}
		}
	}
	return notes
}
