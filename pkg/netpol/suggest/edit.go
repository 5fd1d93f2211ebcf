package suggest

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// maxEdits is how many edits of existing policies are tried for a direction.
const maxEdits = 4

// edits returns those of rules that lack only ports, or only peers: first of
// the policies that select the fewest pods.
func (s *search) edits(d netpol.Direction) []Change {
	type scored struct {
		Change
		pods int
	}
	var found []scored
	tried := map[string]bool{}
	s.denied(d, func(_ asked, step netpol.Step) {
		for _, p := range step.Policies {
			if p.Policy.Tier != netpol.NetworkPolicyTier {
				continue
			}
			for i, rule := range p.Rules {
				key := p.Policy.Namespace + "/" + p.Policy.Name + " " + rule.Path
				if tried[key] {
					continue
				}
				tried[key] = true
				if change, ok := s.edit(d, p.Policy, i, rule); ok {
					found = append(found, scored{change, s.selected(change.Policy)})
				}
			}
		}
	})
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(a.pods, b.pods) })
	var edits []Change
	for _, f := range found[:min(len(found), maxEdits)] {
		edits = append(edits, f.Change)
	}
	return edits
}

// selected is how many pods a policy selects.
func (s *search) selected(np *networkingv1.NetworkPolicy) int {
	selector, err := metav1.LabelSelectorAsSelector(&np.Spec.PodSelector)
	if err != nil { // the API server refuses such a policy: it isolates nothing
		return 0
	}
	n := 0
	for _, u := range s.drafter.Units(np.Namespace) {
		for _, pod := range u.Pods {
			if selector.Matches(pod.Labels) {
				n++
			}
		}
	}
	return n
}

// edit adds to a rule what it lacks. It is false where that is both ports and
// peers.
func (s *search) edit(d netpol.Direction, p *netpol.Policy, i int, step netpol.RuleStep) (Change, bool) {
	stored := snapshot.Get[networkingv1.NetworkPolicy](s.cluster.Snapshot(), p.Namespace, p.Name)
	field := map[netpol.Direction]string{netpol.Ingress: "from", netpol.Egress: "to"}[d]
	ports, peers := false, false
	for _, miss := range step.Misses {
		ports = ports || strings.HasPrefix(miss.Path, step.Path+".ports")
		peers = peers || strings.HasPrefix(miss.Path, step.Path+"."+field)
	}
	if stored == nil || ports == peers {
		return Change{}, false
	}
	change := Change{Policy: bare(stored), Origin: p.Origin, direction: d, rule: i}
	rules := draft.Rules(s.atoms(d, p.Namespace, nil))
	if peers {
		change.Path = step.Path + "." + field
		for _, r := range rules {
			change.Peers = append(change.Peers, r.Peers...)
		}
		change.to(change.Policy)
		return change, true
	}
	change.Path = step.Path + ".ports"
	var all []netpol.PortRange
	for _, r := range rules {
		for _, port := range r.Ports {
			if !slices.Contains(all, port) {
				all = append(all, port)
			}
		}
	}
	change.Ports = draft.Ports(all)
	change.to(change.Policy)
	return change, true
}

// to makes the edit in a policy that has the rule.
func (c *Change) to(np *networkingv1.NetworkPolicy) {
	if c.direction == netpol.Ingress {
		r := &np.Spec.Ingress[c.rule]
		r.From, r.Ports = append(r.From, c.Peers...), append(r.Ports, c.Ports...)
		return
	}
	r := &np.Spec.Egress[c.rule]
	r.To, r.Ports = append(r.To, c.Peers...), append(r.Ports, c.Ports...)
}

// bare returns the object as one would write it: without what the API server
// and kubectl keep in it.
func bare(stored *networkingv1.NetworkPolicy) *networkingv1.NetworkPolicy {
	np := &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: networkingv1.SchemeGroupVersion.String(), Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Namespace: stored.Namespace, Name: stored.Name, Labels: stored.Labels, Annotations: maps.Clone(stored.Annotations)},
		Spec:       *stored.Spec.DeepCopy(),
	}
	delete(np.Annotations, corev1.LastAppliedConfigAnnotation)
	return np
}
