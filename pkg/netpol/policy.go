package netpol

import (
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Direction is that of a rule, seen from the pod that a policy selects.
type Direction string

// The directions.
const (
	Ingress Direction = "ingress"
	Egress  Direction = "egress"
)

// Policy is a NetworkPolicy, or one that is about all namespaces, as the API
// server would store it.
type Policy struct {
	Kind            string // NetworkPolicy, AdminNetworkPolicy, ...
	Namespace, Name string // cluster-wide ones have no namespace
	Tier            Tier
	Priority        *int32 // lower ones are asked first; nil where the kind has none
	// Origin is the place in the input, zero for objects of an API server.
	Origin snapshot.Origin

	subject         selector // of a NetworkPolicy: pods of its namespace
	pods            peer     // of others
	isolates        map[Direction]bool
	ingress, egress []rule
}

// rules returns those of a direction; a NetworkPolicy's count where it
// isolates.
func (p *Policy) rules(d Direction) []rule {
	if d == Ingress {
		return p.ingress
	}
	return p.egress
}

// rule is one element of spec.ingress or spec.egress.
type rule struct {
	peers []peer       // none: every source or destination
	ports []portClause // none: every port, and what has no ports

	// Those of cluster-wide policies have more.
	name    string
	action  Outcome
	word    string // the action as written
	closed  bool   // a peer is of a kind that is not known: see failClosed
	field   string // that of the ports
	unknown string // fields that may limit what it matches
}

// peer is one element of from or to.
type peer struct {
	// own is the policy's namespace where the peer has no namespaceSelector.
	own        string
	namespaces *selector
	pods       selector
	block      *block // of an ipBlock; nothing else is set then

	// Those of cluster-wide policies are of one of these kinds, or of pods.
	podNetwork bool // pods of the host's network are not meant, whoever asks
	whole      bool // all pods of the namespaces are meant
	nodes      *selector
	networks   []*block
	domains    []string
	foreign    bool   // it names nothing that is known
	unknown    string // why it is not known what it matches
}

// portClause is one element of ports.
type portClause struct {
	protocol corev1.Protocol // "" where a name stands for ports of all
	name     string          // "" for numbers
	from, to int32
	unknown  string // why it is not known what it matches
}

// newPolicy applies the API server's defaults and validation. Remarks are
// about what stored objects may have and new ones may not; problems mean that
// the API server refuses the object.
func newPolicy(np *networkingv1.NetworkPolicy, origin snapshot.Origin) (p *Policy, remarks []string, problems []Problem) {
	v := &validator{}
	v.metadata(&np.ObjectMeta)
	p = &Policy{Kind: "NetworkPolicy", Tier: NetworkPolicyTier, Namespace: np.Namespace, Name: np.Name, Origin: origin, isolates: map[Direction]bool{}}
	p.subject = v.selector("spec.podSelector", &np.Spec.PodSelector)
	for _, t := range policyTypes(&np.Spec) {
		switch t {
		case networkingv1.PolicyTypeIngress:
			p.isolates[Ingress] = true
		case networkingv1.PolicyTypeEgress:
			p.isolates[Egress] = true
		default:
			v.problem("spec.policyTypes", "%q is neither Ingress nor Egress", t)
		}
	}
	if len(np.Spec.PolicyTypes) > 2 {
		v.problem("spec.policyTypes", "there are more than two")
	}
	for i, r := range np.Spec.Ingress {
		p.ingress = append(p.ingress, v.rule(path("spec.ingress", i), "from", p.Namespace, r.From, r.Ports))
	}
	for i, r := range np.Spec.Egress {
		p.egress = append(p.egress, v.rule(path("spec.egress", i), "to", p.Namespace, r.To, r.Ports))
	}
	return p, v.remarks, v.problems
}

// policyTypes returns what the API server fills in where it is missing or
// empty: Ingress always, Egress where there are egress rules.
// Source: SetDefaults_NetworkPolicy in pkg/apis/networking/v1/defaults.go.
func policyTypes(spec *networkingv1.NetworkPolicySpec) []networkingv1.PolicyType {
	switch {
	case len(spec.PolicyTypes) > 0:
		return spec.PolicyTypes
	case len(spec.Egress) > 0:
		return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	default:
		return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	}
}

// newPortClause fills in what the API server does: the protocol TCP.
func newPortClause(port networkingv1.NetworkPolicyPort) portClause {
	clause := portClause{protocol: corev1.ProtocolTCP, from: 1, to: maxPort}
	if port.Protocol != nil {
		clause.protocol = *port.Protocol
	}
	switch {
	case port.Port == nil:
	case port.Port.Type == intstr.String:
		clause.name, clause.from, clause.to = port.Port.StrVal, 0, 0
	default:
		clause.from, clause.to = port.Port.IntVal, port.Port.IntVal
		if port.EndPort != nil {
			clause.to = *port.EndPort
		}
	}
	return clause
}

// expanded returns the clauses with one for each protocol in the place of
// names that are for all.
func expanded(clauses []portClause) []portClause {
	if !slices.ContainsFunc(clauses, func(c portClause) bool { return c.protocol == "" }) {
		return clauses
	}
	var each []portClause
	for _, clause := range clauses {
		if clause.protocol != "" || clause.unknown != "" {
			each = append(each, clause)
			continue
		}
		for _, protocol := range Protocols() {
			clause.protocol = protocol
			each = append(each, clause)
		}
	}
	return each
}

// selects reports whether the policy's podSelector matches the endpoint. What
// that means to pods of the host's network is for isolation to say.
func (p *Policy) selects(e *Endpoint) bool {
	return e.Kind == PodEndpoint && e.Namespace == p.Namespace && p.subject.matches(e.Labels)
}

// Same reports whether both say the same after the API server's defaults,
// wherever they come from.
func (p *Policy) Same(other *Policy) bool {
	a, b := *p, *other
	b.Origin = a.Origin
	return reflect.DeepEqual(a, b)
}

// comparePolicies orders by namespace and name.
func comparePolicies(a, b *Policy) int {
	return slices.Compare([]string{a.Namespace, a.Name}, []string{b.Namespace, b.Name})
}
