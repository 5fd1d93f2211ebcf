package oracle

import (
	"github.com/mattfenwick/cyclonus/pkg/matcher"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// cyclonus is the matcher of cyclonus.
type cyclonus struct {
	policies []*networkingv1.NetworkPolicy
	built    *matcher.Policy
}

func newCyclonus(policies []*networkingv1.NetworkPolicy) *cyclonus {
	return &cyclonus{policies, matcher.BuildNetworkPolicies(false, policies)}
}

func (c *cyclonus) allows(q question, mended repairs) bool {
	built := c.built
	if mended.has(missingKeys) || mended.has(emptyValues) {
		built = matcher.BuildNetworkPolicies(false, c.rewrite(q, mended))
	}
	names := portNames(q)
	if !mended.has(secondNames) {
		names = names[:1]
	}
	for _, name := range names {
		traffic := &matcher.Traffic{
			Source: trafficPeer(q.from), Destination: trafficPeer(q.to),
			ResolvedPort: int(q.port), ResolvedPortName: name, Protocol: q.protocol,
		}
		if built.IsIngressOrEgressAllowed(traffic, q.direction == networkingv1.PolicyTypeIngress).IsAllowed() {
			return true
		}
	}
	return false
}

func trafficPeer(v view) *matcher.TrafficPeer {
	p := &matcher.TrafficPeer{IP: v.address.String()}
	if v.pod != nil {
		p.Internal = &matcher.InternalPeer{PodLabels: v.pod.Labels, NamespaceLabels: v.namespace, Namespace: v.pod.Namespace}
	}
	return p
}

// portNames returns the names that the destination has for the port, at least
// "" for none.
func portNames(q question) []string {
	var names []string
	if q.to.pod != nil {
		for _, c := range append(q.to.pod.Spec.Containers, sidecars(q.to.pod)...) {
			for _, port := range c.Ports {
				if port.Name != "" && port.ContainerPort == q.port && port.Protocol == q.protocol {
					names = append(names, port.Name)
				}
			}
		}
	}
	return append(names, "")
}

// rewrite returns the policies in a form that cyclonus reads as the API says,
// for the pods of the question.
func (c *cyclonus) rewrite(q question, mended repairs) []*networkingv1.NetworkPolicy {
	var policies []*networkingv1.NetworkPolicy
	subject, peer := q.subject(), q.peer()
	for _, np := range c.policies {
		if subject.pod == nil || np.Namespace != subject.pod.Namespace {
			continue
		}
		np = np.DeepCopy()
		mended.selector(&np.Spec.PodSelector, subject.pod.Labels)
		peers := func(list []networkingv1.NetworkPolicyPeer) {
			for _, p := range list {
				if peer.pod != nil {
					mended.selector(p.PodSelector, peer.pod.Labels)
					mended.selector(p.NamespaceSelector, peer.namespace)
				}
			}
		}
		for _, rule := range np.Spec.Ingress {
			peers(rule.From)
		}
		for _, rule := range np.Spec.Egress {
			peers(rule.To)
		}
		policies = append(policies, np)
	}
	return policies
}

// selector rewrites a selector for the labels that it is asked about.
func (r repairs) selector(s *metav1.LabelSelector, labels map[string]string) {
	if s == nil {
		return
	}
	var kept []metav1.LabelSelectorRequirement
	for _, e := range s.MatchExpressions {
		_, has := labels[e.Key]
		if e.Operator != metav1.LabelSelectorOpNotIn || has || !r.has(missingKeys) {
			kept = append(kept, e)
		}
	}
	s.MatchExpressions = kept
	for key, value := range s.MatchLabels {
		if value == "" && r.has(emptyValues) {
			delete(s.MatchLabels, key)
			s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: key, Operator: metav1.LabelSelectorOpIn, Values: []string{""}})
		}
	}
}
