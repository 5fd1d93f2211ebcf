package netpol

import (
	"fmt"
	"net/netip"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// With returns the cluster as it would be with the objects of without removed
// and then the others applied: see snapshot.Snapshot.Overlay. It takes the
// objects over.
func (c *Cluster) With(objects []snapshot.Object, without ...snapshot.Ref) (*Cluster, error) {
	b := snapshot.NewBuilder()
	b.Add(objects...)
	with, err := b.Build(snapshot.Info{})
	if err != nil {
		return nil, fmt.Errorf("lay policies over the cluster: %w", err)
	}
	s, err := c.snap.Overlay(with, without)
	if err != nil {
		return nil, fmt.Errorf("lay policies over the cluster: %w", err)
	}
	return NewCluster(s, c.profile), nil
}

// Endpoints returns the pods, templates of pods that do not exist yet, and
// nodes, by kind, namespace and name.
func (c *Cluster) Endpoints() []*Endpoint {
	all := slices.Clone(c.endpoints)
	slices.SortStableFunc(all, compareEndpoints)
	return all
}

// Blocks returns ipBlocks that hold exactly the addresses that a reference
// names, IPv4 first; none for other references.
func (r Reference) Blocks() []networkingv1.IPBlock {
	switch {
	case r.Range.IsValid():
		return []networkingv1.IPBlock{{CIDR: r.Range.Masked().String()}}
	case !r.Internet:
		return nil
	}
	var blocks []networkingv1.IPBlock
	for _, whole := range r.ranges() {
		block := networkingv1.IPBlock{CIDR: whole.String()}
		for _, s := range special() {
			if whole.contains(s.first) {
				block.Except = append(block.Except, s.String())
			}
		}
		blocks = append(blocks, block)
	}
	return blocks
}

// Prefixes returns the fewest prefixes that hold exactly the addresses of an
// External endpoint, or each address of another one.
func (e *Endpoint) Prefixes() []netip.Prefix {
	var prefixes []netip.Prefix
	if !e.Last.IsValid() {
		for _, addr := range e.Addresses {
			prefixes = append(prefixes, netip.PrefixFrom(addr, addr.BitLen()))
		}
		return prefixes
	}
	for first := e.Addresses[0]; first.IsValid() && first.Compare(e.Last) <= 0; {
		p := largest(first, e.Last)
		prefixes = append(prefixes, p)
		first = rangeOf(p).last.Next()
	}
	return prefixes
}

// Without returns what of the range is left without another one.
func (r PortRange) Without(other PortRange) []PortRange {
	if !r.overlaps(other) {
		return []PortRange{r}
	}
	var left []PortRange
	if r.From < other.From {
		left = append(left, PortRange{r.Protocol, r.From, other.From - 1})
	}
	if other.To < r.To {
		left = append(left, PortRange{r.Protocol, other.To + 1, r.To})
	}
	return left
}
