package netpol

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// The methods named covers compare clauses by their words: true means that
// whatever the other describes, now or ever, this one describes too. False
// means nothing.

// covers compares selectors: each requirement must follow from one of the
// other's.
func (s selector) covers(other selector) bool {
	for i := range s.requirements {
		if !slices.ContainsFunc(other.requirements, func(r labels.Requirement) bool { return follows(&s.requirements[i], &r) }) {
			return false
		}
	}
	return true
}

// follows reports whether labels that meet one requirement meet the other.
func follows(r, from *labels.Requirement) bool {
	if r.Key() != from.Key() {
		return false
	}
	values, others := r.ValuesUnsorted(), from.ValuesUnsorted()
	switch {
	case isIn(from):
		return len(others) > 0 && !slices.ContainsFunc(others, func(v string) bool { return !r.Matches(labels.Set{r.Key(): v}) })
	case r.Operator() == selection.NotIn || r.Operator() == selection.NotEquals:
		absent := from.Operator() == selection.DoesNotExist
		excluded := from.Operator() == selection.NotIn || from.Operator() == selection.NotEquals
		return absent || excluded && isSubset(values, others)
	default:
		return r.Operator() == from.Operator() && !isIn(r)
	}
}

func isIn(r *labels.Requirement) bool {
	return r.Operator() == selection.In || r.Operator() == selection.Equals || r.Operator() == selection.DoubleEquals
}

func isSubset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(v string) bool { return !slices.Contains(all, v) })
}

// covers compares peers of rules.
func (p *peer) covers(other *peer) bool {
	switch {
	case p.block != nil && other.block != nil:
		return p.block.covers(other.block)
	case p.block != nil || other.block != nil:
		return false
	}
	return p.inNamespaces().covers(other.inNamespaces()) && p.pods.covers(other.pods)
}

// inNamespaces returns the namespaces of a peer's pods as a selector: without
// one, they are in the policy's own.
func (p *peer) inNamespaces() selector {
	if p.namespaces != nil {
		return *p.namespaces
	}
	own, err := labels.NewRequirement(corev1.LabelMetadataName, selection.In, []string{p.own})
	if err != nil { // the API server refuses such a namespace
		return selector{}
	}
	return selector{[]labels.Requirement{*own}}
}

func (b *block) covers(other *block) bool {
	if !b.cidr.Contains(other.cidr.Addr()) || b.cidr.Bits() > other.cidr.Bits() {
		return false
	}
	for _, except := range b.except {
		excepted := slices.ContainsFunc(other.except, func(o netip.Prefix) bool {
			return o.Bits() <= except.Bits() && o.Contains(except.Addr())
		})
		if except.Overlaps(other.cidr) && !excepted {
			return false
		}
	}
	return true
}

// covers compares ports of rules.
func (c portClause) covers(other portClause) bool {
	switch {
	case c.protocol != other.protocol:
		return false
	case c.name != "" || other.name != "":
		return c.name == other.name || c.name == "" && c.from <= 1 && c.to == maxPort
	default:
		return c.from <= other.from && other.to <= c.to
	}
}

// covers compares rules clause by clause: what one peer and one port of the
// other allow, this one must allow by itself.
func (r *rule) covers(other *rule) bool {
	return r.coversPeers(other) && r.coversPorts(other)
}

func (r *rule) coversPeers(other *rule) bool {
	if len(r.peers) == 0 {
		return true
	}
	for i := range other.peers {
		if !slices.ContainsFunc(r.peers, func(p peer) bool { return p.covers(&other.peers[i]) }) {
			return false
		}
	}
	return len(other.peers) > 0
}

func (r *rule) coversPorts(other *rule) bool {
	if len(r.ports) == 0 {
		return true
	}
	for _, c := range other.ports {
		if !slices.ContainsFunc(r.ports, func(own portClause) bool { return own.covers(c) }) {
			return false
		}
	}
	return len(other.ports) > 0
}
