package netpol

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// maxPort is the largest port number.
const maxPort = 65535

// Protocols are those of transport that NetworkPolicies know, in the order in
// which answers list them.
func Protocols() []corev1.Protocol {
	return []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}
}

// ProtocolICMP stands for all traffic that is neither TCP, UDP nor SCTP: the
// API does not say what NetworkPolicies do to it.
const ProtocolICMP corev1.Protocol = "ICMP"

// PortRange is a range of ports of one protocol, both ends included. For
// ProtocolICMP both are 0.
type PortRange struct {
	Protocol corev1.Protocol
	From, To int32
}

// String returns 80/TCP, 1000-1099/TCP, */TCP or ICMP.
func (r PortRange) String() string {
	switch {
	case r.Protocol == ProtocolICMP:
		return string(r.Protocol)
	case r.From == 1 && r.To == maxPort:
		return "*/" + string(r.Protocol)
	case r.From == r.To:
		return fmt.Sprintf("%d/%s", r.From, r.Protocol)
	default:
		return fmt.Sprintf("%d-%d/%s", r.From, r.To, r.Protocol)
	}
}

// cuts collects the places at which the answer of rules may change from one
// port to the next.
type cuts map[corev1.Protocol][]int32

// add makes the range one that begins and ends at cuts.
func (c cuts) add(protocol corev1.Protocol, from, to int32) {
	c[protocol] = append(c[protocol], from, to+1)
}

// within returns the range, cut into pieces within which no rule tells ports
// apart.
func (c cuts) within(whole PortRange) []PortRange {
	starts := []int32{whole.From}
	for _, start := range c[whole.Protocol] {
		if whole.From < start && start <= whole.To {
			starts = append(starts, start)
		}
	}
	slices.Sort(starts)
	starts = append(slices.Compact(starts), whole.To+1)
	ranges := make([]PortRange, 0, len(starts))
	for i, start := range starts[:len(starts)-1] {
		ranges = append(ranges, PortRange{whole.Protocol, start, starts[i+1] - 1})
	}
	return ranges
}

// protocolOf fills in what the API server does.
func protocolOf(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}

func (r PortRange) overlaps(other PortRange) bool {
	return r.Protocol == other.Protocol && r.From <= other.To && other.From <= r.To
}

// joined returns the ranges in order, those that meet as one.
func joined(ranges []PortRange) []PortRange {
	order := append(Protocols(), ProtocolICMP)
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b PortRange) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Protocol), slices.Index(order, b.Protocol)), cmp.Compare(a.From, b.From))
	})
	var result []PortRange
	for _, r := range sorted {
		if last := len(result) - 1; last >= 0 && result[last].Protocol == r.Protocol && r.From <= result[last].To+1 {
			result[last].To = max(result[last].To, r.To)
			continue
		}
		result = append(result, r)
	}
	return result
}
