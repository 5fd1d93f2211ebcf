package generate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// prove lays the policies over the cluster, asks about every flow, and looks at
// what else is open.
func (g *generator) prove() error {
	every := g.existing()
	var superfluous []snapshot.Ref
	if g.options.Replace {
		superfluous = g.result.Superfluous
	}
	final, err := g.cluster.With(g.objects(), superfluous...)
	if err != nil {
		return err
	}
	today, finder := newFinder(g.cluster), newFinder(final)
	for _, f := range g.flows {
		if flow, verdict := finder.worst(f); verdict == netpol.Allowed {
			g.result.Flows++
		} else {
			g.result.Unmet = append(g.result.Unmet, Unmet{*f, today.verdict(f), verdict, why(final.Explain(flow))})
		}
	}
	alone, err := g.cluster.With(g.objects(), every...)
	if err != nil {
		return err
	}
	closed, err := g.closed(every)
	if err != nil {
		return err
	}
	g.beyond(alone, final, closed)
	return nil
}

// objects are copies of the policies: clusters keep what they are given.
func (g *generator) objects() []snapshot.Object {
	objects := make([]snapshot.Object, 0, len(g.result.Policies))
	for _, p := range g.result.Policies {
		objects = append(objects, p.Object.DeepCopy())
	}
	return objects
}

// existing returns the policies that select pods of subjects, in order, and
// finds those that the new ones make superfluous: they select no other pod and
// are about no other direction. One that allows nothing does no harm.
func (g *generator) existing() []snapshot.Ref {
	var every []snapshot.Ref
	for np := range snapshot.Each[networkingv1.NetworkPolicy](g.cluster.Snapshot()) {
		own, others := g.selects(np)
		if own == 0 {
			continue
		}
		ref := snapshot.Ref{Kind: schema.GroupKind{Group: networkingv1.GroupName, Kind: "NetworkPolicy"}, Namespace: np.Namespace, Name: np.Name}
		every = append(every, ref)
		switch {
		case slices.ContainsFunc(g.result.Policies, func(p Policy) bool { return p.Object.Namespace == np.Namespace && p.Object.Name == np.Name }):
		case len(np.Spec.Ingress)+len(np.Spec.Egress) == 0:
		case others > 0 || !g.covers(np):
			g.result.Others = append(g.result.Others, ref)
		default:
			g.result.Superfluous = append(g.result.Superfluous, ref)
		}
	}
	return every
}

// selects counts the pods of subjects that a policy selects, and the others.
func (g *generator) selects(np *networkingv1.NetworkPolicy) (own, others int) {
	selector, err := metav1.LabelSelectorAsSelector(&np.Spec.PodSelector)
	if err != nil { // API servers refuse it
		return 0, 0
	}
	for _, u := range g.drafter.Units(np.Namespace) {
		for _, pod := range u.Pods {
			switch {
			case pod.HostNetwork || !selector.Matches(pod.Labels):
			case g.subjects[u]:
				own++
			default:
				others++
			}
		}
	}
	return own, others
}

// covers reports whether policies are generated for the directions of the
// policy.
func (g *generator) covers(np *networkingv1.NetworkPolicy) bool {
	ingress, egress := len(np.Spec.Ingress) > 0, len(np.Spec.Egress) > 0
	for _, t := range np.Spec.PolicyTypes {
		ingress, egress = ingress || t == networkingv1.PolicyTypeIngress, egress || t == networkingv1.PolicyTypeEgress
	}
	if len(np.Spec.PolicyTypes) == 0 {
		ingress = true // the API server's default
	}
	return (!ingress || slices.Contains(g.options.Directions, netpol.Ingress)) && (!egress || slices.Contains(g.options.Directions, netpol.Egress))
}

// why says in a clause what keeps a flow from being allowed.
func why(e netpol.Explanation) string {
	for _, d := range e.Doubts {
		return d.Detail
	}
	for _, step := range e.Steps {
		if step.Verdict == netpol.Allowed {
			continue
		}
		if p, rule := step.Decider(); p != nil {
			return fmt.Sprintf("%s of %s is denied by %s %s (%s)", step.Direction, step.Subject, p.Kind, p.Name, rule.Path)
		}
		var names []string
		for _, p := range step.Policies {
			if p.Policy.Tier == netpol.NetworkPolicyTier {
				names = append(names, p.Policy.String())
			}
		}
		if len(names) == 0 {
			return fmt.Sprintf("%s of %s", step.Direction, step.Subject)
		}
		return fmt.Sprintf("%s of %s is denied by %s", step.Direction, step.Subject, strings.Join(names, ", "))
	}
	return "something else than NetworkPolicies decides"
}

// finish sorts what was collected.
func (g *generator) finish() {
	if len(g.cluster.ClusterPolicies()) > 0 {
		g.note("that the parts of rules are needed is shown by NetworkPolicies alone: cluster-wide policies may accept the flows, too")
	}
	for _, reason := range slices.Sorted(maps.Keys(g.left)) {
		left := Left{Reason: reason, Flows: len(g.left[reason])}
		for i := range min(left.Flows, maxExamples) {
			left.Examples = append(left.Examples, g.left[reason][i].String())
		}
		g.result.Left = append(g.result.Left, left)
	}
	for _, u := range g.options.Subjects {
		if !slices.ContainsFunc(g.plans[u].flows, func(f *Flow) bool { return !f.DNS }) {
			g.result.Closed = append(g.result.Closed, u)
		}
		if len(u.Also) == 0 {
			continue
		}
		var names []string
		for _, pod := range u.Also {
			names = append(names, pod.String())
		}
		g.note("the labels of %s select other pods too: %s", u, strings.Join(names, ", "))
	}
}

// reasons says what the rules of a policy are for: their order is that of
// draft.Rules.
func (g *generator) reasons(policy *Policy, p *plan) {
	for _, d := range g.options.Directions {
		peers := map[string]int{}
		if d == netpol.Ingress {
			for i, r := range policy.Object.Spec.Ingress {
				index(peers, i, r.From)
			}
		} else {
			for i, r := range policy.Object.Spec.Egress {
				index(peers, i, r.To)
			}
		}
		flows := map[string]map[*Flow]bool{}
		for _, one := range p.parts {
			if one.direction != d {
				continue
			}
			path := fmt.Sprintf("spec.%s[%d]", d, peers[key(one.Peer)])
			if flows[path] == nil {
				flows[path] = map[*Flow]bool{}
			}
			for _, f := range one.flows {
				flows[path][f] = true
			}
		}
		for path, set := range flows {
			reason := Reason{Flows: len(set), DNS: true}
			for f := range set {
				reason.Count += f.Count
				reason.DNS = reason.DNS && f.DNS
			}
			policy.Reasons[path] = reason
		}
	}
}
