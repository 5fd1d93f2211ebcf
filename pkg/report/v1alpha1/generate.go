package v1alpha1

import (
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// GeneratedPoliciesReport is policies that allow given flows, and what
// simulation showed about them.
type GeneratedPoliciesReport struct {
	Meta     `json:",inline"`
	Coverage `json:",inline"`
	// Workloads are those that policies were generated for.
	Workloads []string `json:"workloads"`
	// From is the file of flows; left out where it is what is open today.
	From     string                       `json:"from,omitempty"`
	Policies []networkingv1.NetworkPolicy `json:"policies"`
	Rules    []GeneratedRule              `json:"rules"` // what each is for
	Proof    GeneratedProof               `json:"proof"`
	// Unmet are flows that are not known to be allowed all the same.
	Unmet []UnmetFlow `json:"unmet"`
	// Left are flows that no rule is for.
	Left []LeftFlows `json:"left"`
	// Superfluous are existing policies that the new ones replace, Others those
	// that allow more and select other pods, too.
	Superfluous []string `json:"superfluous"` // as NAMESPACE/NAME
	Others      []string `json:"others"`
	Replaced    bool     `json:"replaced"` // the proof takes the superfluous ones for deleted
}

// GeneratedRule says what a rule is for.
type GeneratedRule struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Path      string `json:"path"`           // as spec.ingress[0]
	Flows     int    `json:"flows"`          // different ones
	Seen      int    `json:"seen,omitempty"` // how often
	DNS       bool   `json:"dns,omitempty"`
}

// GeneratedProof is what simulation showed.
type GeneratedProof struct {
	Flows int `json:"flows"` // that are allowed
	// Parts is how many peers and ports of rules were taken away one by one,
	// upon which some flow was denied; Unproven those of unmet flows.
	Parts    int `json:"parts"`
	Unproven int `json:"unproven"`
	// Replicas counts pairs of other pods of the same workloads that are open
	// beside the flows.
	Replicas int `json:"replicas"`
	// Wider is what else the new policies open, Existing what others do.
	Wider    []FlowOpening `json:"wider"`
	Existing []FlowOpening `json:"existing"`
}

// UnmetFlow is a flow that is not allowed, or not known to be.
type UnmetFlow struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Port    string `json:"port"`
	Today   string `json:"today"`   // the verdict without the new policies
	Verdict string `json:"verdict"` // and with them
	Why     string `json:"why"`
}

// LeftFlows counts flows that are left out for one reason.
type LeftFlows struct {
	Reason   string   `json:"reason"`
	Flows    int      `json:"flows"`
	Examples []string `json:"examples"`
}

// DeepCopyObject makes the report a runtime.Object. Reports are not changed
// once they are made, so a shallow copy serves.
func (r *GeneratedPoliciesReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// SetResult describes what was generated.
func (r *GeneratedPoliciesReport) SetResult(result *generate.Result) {
	r.Policies, r.Rules = []networkingv1.NetworkPolicy{}, []GeneratedRule{}
	r.Unmet, r.Left = []UnmetFlow{}, []LeftFlows{}
	for _, p := range result.Policies {
		r.Policies = append(r.Policies, *p.Object)
		for _, path := range p.Paths() {
			reason := p.Reasons[path]
			r.Rules = append(r.Rules, GeneratedRule{p.Object.Namespace, p.Object.Name, path, reason.Flows, int(reason.Count), reason.DNS})
		}
	}
	r.Proof = GeneratedProof{
		Flows: result.Flows, Parts: result.Parts, Unproven: result.Unproven, Replicas: result.Beyond.Replicas,
		Wider: newOpenings(result.Beyond.Wider), Existing: newOpenings(result.Beyond.Existing),
	}
	for _, u := range result.Unmet {
		r.Unmet = append(r.Unmet, UnmetFlow{
			From: u.Flow.From.String(), To: u.Flow.To.String(), Port: u.Flow.Ports().String(),
			Today: string(u.Today), Verdict: string(u.Verdict), Why: u.Why,
		})
	}
	for _, left := range result.Left {
		r.Left = append(r.Left, LeftFlows{left.Reason, left.Flows, orEmpty(left.Examples)})
	}
	r.Superfluous, r.Others = names(result.Superfluous), names(result.Others)
}

func names(refs []snapshot.Ref) []string {
	list := []string{}
	for _, ref := range refs {
		list = append(list, ref.Namespace+"/"+ref.Name)
	}
	return list
}

func newOpenings(from []generate.Opening) []FlowOpening {
	list := []FlowOpening{}
	for _, o := range from {
		list = append(list, FlowOpening{From: o.From, To: o.To, Pairs: o.Pairs, Ports: []string{o.Ports.String()}, Verdict: string(netpol.Allowed)})
	}
	return list
}
