package oracle

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// evaluator is another implementation of the API.
type evaluator interface {
	// allows reports whether the policies of one end let a flow pass, after the
	// errors in the set were put right.
	allows(q question, mended repairs) bool
}

// question is about one direction of a flow, of which everything is known.
type question struct {
	direction networkingv1.PolicyType
	from, to  view
	protocol  corev1.Protocol
	port      int32
}

// view is what an evaluator sees of an end.
type view struct {
	pod       *corev1.Pod       // as stored; nil for what selectors do not match
	namespace map[string]string // labels of its namespace
	address   netip.Addr
}

// subject and peer are the ends as the rules of the direction see them.
func (q question) subject() view {
	if q.direction == networkingv1.PolicyTypeEgress {
		return q.from
	}
	return q.to
}

func (q question) peer() view {
	if q.direction == networkingv1.PolicyTypeEgress {
		return q.to
	}
	return q.from
}
