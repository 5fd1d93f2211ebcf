package v1alpha1

import (
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/suggest"
)

// FlowSuggestion is the smallest change of policies that was found to allow
// what was asked, by simulation; or why there is none.
type FlowSuggestion struct {
	// Objects are to be applied together; none where Reason says why.
	Objects []networkingv1.NetworkPolicy `json:"objects"`
	// Edits say what policies that exist gain.
	Edits []FlowEdit `json:"edits"`
	// Opens are connections that become possible, or may, beside those that were
	// asked for; none where exactly these do.
	Opens  []FlowOpening `json:"opens"`
	Reason string        `json:"reason,omitempty"`
	Notes  []string      `json:"notes"`
}

// FlowEdit is what a rule of a policy gains.
type FlowEdit struct {
	Namespace string                           `json:"namespace"`
	Name      string                           `json:"name"`
	Origin    string                           `json:"origin,omitempty"` // FILE:LINE
	Path      string                           `json:"path"`             // as spec.ingress[0].from
	Peers     []networkingv1.NetworkPolicyPeer `json:"peers"`
	Ports     []networkingv1.NetworkPolicyPort `json:"ports"`
}

// FlowOpening is connections between two workloads, nodes or ranges.
type FlowOpening struct {
	From    string   `json:"from"` // as shop/deployment/web
	To      string   `json:"to"`
	Pairs   int      `json:"pairs"` // of endpoints
	Ports   []string `json:"ports"`
	Verdict string   `json:"verdict"` // Allowed, or Undefined for what may open
}

// NewFlowSuggestion describes a suggestion.
func NewFlowSuggestion(s *suggest.Suggestion) *FlowSuggestion {
	out := &FlowSuggestion{
		Objects: []networkingv1.NetworkPolicy{}, Edits: []FlowEdit{}, Opens: []FlowOpening{}, Reason: s.Reason, Notes: append([]string{}, s.Notes...),
	}
	seen := map[*networkingv1.NetworkPolicy]bool{}
	for _, change := range s.Changes {
		np := change.Policy
		if !seen[np] {
			seen[np] = true
			out.Objects = append(out.Objects, *np)
		}
		if change.Path == "" {
			continue
		}
		edit := FlowEdit{
			Namespace: np.Namespace, Name: np.Name, Origin: change.Origin.String(), Path: change.Path,
			Peers: append([]networkingv1.NetworkPolicyPeer{}, change.Peers...), Ports: append([]networkingv1.NetworkPolicyPort{}, change.Ports...),
		}
		out.Edits = append(out.Edits, edit)
	}
	for _, o := range s.Opens {
		opening := FlowOpening{From: o.From, To: o.To, Pairs: o.Pairs, Ports: []string{}, Verdict: string(o.Verdict)}
		for _, p := range o.Ports {
			opening.Ports = append(opening.Ports, p.String())
		}
		out.Opens = append(out.Opens, opening)
	}
	return out
}
