package lint

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// servicesOf returns the Services of a namespace that lead somewhere else than
// to the port that clients name.
func (l *linter) servicesOf(namespace string) []*corev1.Service {
	if l.services == nil {
		l.services = map[string][]*corev1.Service{}
		for s := range snapshot.Each[corev1.Service](l.snap) {
			if len(s.Spec.Selector) > 0 && s.Spec.ClusterIP != corev1.ClusterIPNone {
				l.services[s.Namespace] = append(l.services[s.Namespace], s)
			}
		}
	}
	return l.services[namespace]
}

// leadsTo returns where the port of a Service leads on those of the pods that
// are behind it.
func leadsTo(s *corev1.Service, sp corev1.ServicePort, port netpol.RulePort, pods []*netpol.Endpoint) []int32 {
	if cmp.Or(sp.Protocol, corev1.ProtocolTCP) != port.Protocol {
		return nil
	}
	selector := labels.SelectorFromSet(s.Spec.Selector)
	var numbers []int32
	for _, e := range pods {
		if selector.Matches(e.Labels) {
			numbers = append(numbers, netpol.TargetPorts(sp, e)...)
		}
	}
	return numbers
}

// opensAnyway reports whether any rule of the same pods is for the port that
// the Service leads to: then the other may have been listed to be safe.
func (l *linter) opensAnyway(p *netpol.Policy, r netpol.Rule, protocol corev1.Protocol, target int32, pods []*netpol.Endpoint) bool {
	isFor := func(r netpol.Rule) bool {
		return len(r.Ports) == 0 || slices.ContainsFunc(r.Ports, func(port netpol.RulePort) bool {
			return port.Has(protocol, target) || port.Name != "" && slices.ContainsFunc(pods, func(e *netpol.Endpoint) bool {
				return slices.Contains(e.Named(port.Name, protocol), target)
			})
		})
	}
	for _, e := range l.Selected(p) {
		for _, other := range l.PoliciesOf(e) {
			if other.Isolates(r.Direction) && slices.ContainsFunc(other.Rules(r.Direction), isFor) {
				return true
			}
		}
	}
	return false
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
