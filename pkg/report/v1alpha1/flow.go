package v1alpha1

import (
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// FlowReport answers whether one endpoint reaches another, and why or why not.
type FlowReport struct {
	Meta     `json:",inline"`
	Query    FlowQuery `json:"query"`
	Coverage `json:",inline"`
	// Verdict is Allowed, Denied or Undefined, or Partly where some of the
	// flows and ports are Allowed and the others Denied.
	Verdict string `json:"verdict"`
	// Doubts are why the verdict is Undefined.
	Doubts []Doubt `json:"doubts"`
	// Flows are the pairs of endpoints, in the order of the references.
	Flows []FlowResult `json:"flows"`
	// Suggestion is there where it was asked for.
	Suggestion *FlowSuggestion `json:"suggestion,omitempty"`
}

// FlowQuery is what was asked.
type FlowQuery struct {
	From    string   `json:"from"` // as typed
	To      string   `json:"to"`
	Ports   []string `json:"ports"`            // as 80/TCP, 1000-1099/TCP; empty for all
	Family  int      `json:"family,omitempty"` // 4 or 6; left out for both
	Profile string   `json:"profile"`
	// EntryFrom names what serves the Ingress, Gateway or Route in From.
	EntryFrom string `json:"entryFrom,omitempty"`
}

// Doubt is a reason for an Undefined verdict.
type Doubt struct {
	// Cause is "spec" where the API leaves the answer to the network, "input"
	// where an object, label or address is missing.
	Cause  string `json:"cause"`
	Detail string `json:"detail"`
}

// FlowEnd is one end of a flow.
type FlowEnd struct {
	Kind      string   `json:"kind"` // Pod, Node or External
	Namespace string   `json:"namespace,omitempty"`
	Name      string   `json:"name,omitempty"`
	Workload  string   `json:"workload,omitempty"` // as Deployment/web
	Addresses []string `json:"addresses"`
}

// String names the end for people.
func (e FlowEnd) String() string {
	switch {
	case e.Kind == string(netpol.ExternalEndpoint) && len(e.Addresses) > 0:
		return e.Addresses[0]
	case e.Kind == string(netpol.NodeEndpoint):
		return "node/" + e.Name
	case e.Name == "" && e.Workload != "":
		kind, name, _ := strings.Cut(e.Workload, "/")
		return e.Namespace + "/" + strings.ToLower(kind) + "/" + name
	case e.Name == "":
		return "a pod in " + e.Namespace
	default:
		return e.Namespace + "/" + e.Name
	}
}

// FlowResult is the verdict about one pair of endpoints.
type FlowResult struct {
	From   FlowEnd `json:"from"`
	To     FlowEnd `json:"to"`
	Family int     `json:"family,omitempty"` // 4 or 6; left out where addresses are not known
	// ServicePort is the port of the Service, where one leads to the endpoint.
	ServicePort string        `json:"servicePort,omitempty"`
	Ports       []PortVerdict `json:"ports"` // of the destination
	Doubts      []Doubt       `json:"doubts"`
}

// PortVerdict is the verdict for a range of ports and the walk that led to
// it.
type PortVerdict struct {
	Ports string `json:"ports"`
	// Explained are those of the ports that the steps are about, left out where
	// they are about all.
	Explained string     `json:"explained,omitempty"`
	Verdict   string     `json:"verdict"`
	Reason    string     `json:"reason,omitempty"` // what decided without any step
	Steps     []FlowStep `json:"steps"`            // egress, then ingress
}

// FlowStep is what the policies of one end say.
type FlowStep struct {
	Direction string `json:"direction"`
	Verdict   string `json:"verdict"`
	Reason    string `json:"reason,omitempty"` // what decided beside rules
	// Tiers are those that are asked, in order; left out where no cluster-wide
	// policy selects the end.
	Tiers    []FlowTier   `json:"tiers,omitempty"`
	Policies []FlowPolicy `json:"policies"` // that isolate the end in the direction, or are asked before or after these
}

// FlowTier is what the policies of one tier say.
type FlowTier struct {
	Tier string `json:"tier"` // Admin, NetworkPolicy or Baseline
	// Outcome is Accept or Deny; Pass or NoMatch where the next tier is asked;
	// Open where that is not known or left to the network.
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"` // what decided beside rules
}

// FlowPolicy is what one policy says.
type FlowPolicy struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	Origin    string `json:"origin,omitempty"` // FILE:LINE
	Verdict   string `json:"verdict"`          // "" for a cluster-wide policy that decides nothing
	// Tier, Priority and Outcome (as of a tier) are those of cluster-wide
	// policies.
	Tier     string     `json:"tier,omitempty"`
	Priority *int32     `json:"priority,omitempty"` // lower ones are asked first
	Outcome  string     `json:"outcome,omitempty"`
	Rules    []FlowRule `json:"rules"` // of cluster-wide policies up to the first that matches
}

// FlowRule is what one rule says.
type FlowRule struct {
	Path    string `json:"path"` // as spec.ingress[0]
	Verdict string `json:"verdict"`
	// Name, Action (as written) and Match (Yes, Maybe or No) are those of
	// cluster-wide policies.
	Name   string     `json:"name,omitempty"`
	Action string     `json:"action,omitempty"`
	Match  string     `json:"match,omitempty"`
	Reason string     `json:"reason,omitempty"` // what decided beside clauses
	Peer   string     `json:"peer,omitempty"`   // the clauses that match
	Port   string     `json:"port,omitempty"`
	Misses []FlowMiss `json:"misses"`
}

// FlowMiss is a clause that does not match, and why.
type FlowMiss struct {
	Path   string `json:"path"`
	Detail string `json:"detail"`
}

// DeepCopyObject makes the report a runtime.Object. Reports are not changed
// once they are made, so a shallow copy serves.
func (r *FlowReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// NewDoubts describes why a verdict is Undefined.
func NewDoubts(doubts []netpol.Doubt) []Doubt {
	out := make([]Doubt, 0, len(doubts))
	for _, d := range doubts {
		out = append(out, Doubt{string(d.Cause), d.Detail})
	}
	return out
}

// NewFlowEnd describes an endpoint.
func NewFlowEnd(e *netpol.Endpoint) FlowEnd {
	end := FlowEnd{Kind: string(e.Kind), Namespace: e.Namespace, Name: e.Name, Workload: e.Workload, Addresses: []string{}}
	if e.Last.IsValid() {
		end.Addresses = append(end.Addresses, e.String())
		return end
	}
	for _, addr := range e.Addresses {
		end.Addresses = append(end.Addresses, addr.String())
	}
	return end
}

// NewPortVerdict describes the verdict for ports and why.
func NewPortVerdict(open netpol.OpenPorts, e netpol.Explanation) PortVerdict {
	v := PortVerdict{Ports: open.Ports.String(), Verdict: string(open.Verdict), Reason: e.Reason, Steps: []FlowStep{}}
	if ports := e.Flow.Ports(); ports != open.Ports {
		v.Explained = ports.String()
	}
	for _, s := range e.Steps {
		step := FlowStep{Direction: string(s.Direction), Verdict: string(s.Verdict), Reason: s.Reason, Policies: []FlowPolicy{}}
		for _, t := range s.Tiers {
			step.Tiers = append(step.Tiers, FlowTier{string(t.Tier), string(t.Outcome), t.Reason})
		}
		for _, p := range s.Policies {
			step.Policies = append(step.Policies, newFlowPolicy(p))
		}
		v.Steps = append(v.Steps, step)
	}
	return v
}

func newFlowPolicy(p netpol.PolicyStep) FlowPolicy {
	policy := FlowPolicy{
		Kind: p.Policy.Kind, Namespace: p.Policy.Namespace, Name: p.Policy.Name, Origin: p.Policy.Origin.String(),
		Verdict: string(p.Verdict), Outcome: string(p.Outcome), Priority: p.Policy.Priority, Rules: []FlowRule{},
	}
	if p.Policy.Tier != netpol.NetworkPolicyTier {
		policy.Tier = string(p.Policy.Tier)
	}
	for _, r := range p.Rules {
		rule := FlowRule{
			Path: r.Path, Verdict: string(r.Verdict), Name: r.Name, Action: r.Action, Match: r.Match, Reason: r.Reason,
			Peer: r.Peer, Port: r.Port, Misses: []FlowMiss{},
		}
		for _, m := range r.Misses {
			rule.Misses = append(rule.Misses, FlowMiss(m))
		}
		policy.Rules = append(policy.Rules, rule)
	}
	return policy
}
