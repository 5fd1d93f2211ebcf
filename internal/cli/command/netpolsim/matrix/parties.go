package matrix

import (
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

const (
	maxSide    = 48  // rows that a table has at most
	maxTyped   = 120 // where --by was typed
	maxOutside = 10  // rows of ranges that policies name
)

// together makes one party of all pods of other namespaces.
const together netpol.By = "together"

// layout is the parties of a table or graph: those of the namespace that was
// asked for, or of all, in one way, and others in the same or a coarser one.
type layout struct {
	own, others netpol.By
	parties     []netpol.Party
}

// layouts returns the ways to look at the matrix, the finest first.
func (a *answer) layouts(finest netpol.By) []layout {
	var all []layout
	ways := netpol.Ways()
	for i, own := range ways {
		if i < slices.Index(ways, finest) {
			continue
		}
		if a.matrix.Namespace == "" {
			all = append(all, layout{own: own, others: own})
			continue
		}
		for _, others := range append(slices.Clone(ways[i:]), together) {
			all = append(all, layout{own: own, others: others})
		}
	}
	return all
}

// chosen returns the finest layout that has no more parties than the limit. It
// is false for the last one where that has too many, too.
func (a *answer) chosen(finest netpol.By, limit int) (layout, bool) {
	byWay := map[netpol.By][]netpol.Party{}
	all := a.layouts(finest)
	for i, l := range all {
		for _, by := range []netpol.By{l.own, l.others} {
			if byWay[by] == nil {
				byWay[by] = a.partiesBy(by)
			}
		}
		ns := a.matrix.Namespace
		for _, p := range byWay[l.own] {
			if p.Kind == netpol.PodEndpoint && (ns == "" || p.Namespace == ns) {
				l.parties = append(l.parties, p)
			}
		}
		for _, p := range byWay[l.others] {
			if p.Kind != netpol.PodEndpoint || ns != "" && p.Namespace != ns {
				l.parties = append(l.parties, p)
			}
		}
		l.parties = fewerRanges(l.parties)
		if len(l.parties) <= limit {
			return l, true
		}
		if i == len(all)-1 {
			return l, false
		}
	}
	return layout{}, false
}

func (a *answer) partiesBy(by netpol.By) []netpol.Party {
	if by != together {
		return a.m.Parties(by)
	}
	others := netpol.Party{Kind: netpol.PodEndpoint}
	namespaces := 0
	var parties []netpol.Party
	for _, p := range a.m.Parties(netpol.ByNamespace) {
		if p.Kind != netpol.PodEndpoint {
			parties = append(parties, p)
		} else if p.Namespace != a.matrix.Namespace {
			namespaces++
			others.Members = append(others.Members, p.Members...)
		}
	}
	others.Name = fmt.Sprintf("%d other namespaces", namespaces)
	return append([]netpol.Party{others}, parties...)
}

// fewerRanges makes one party of all ranges that policies name where there are
// many.
func fewerRanges(parties []netpol.Party) []netpol.Party {
	first := slices.IndexFunc(parties, func(p netpol.Party) bool {
		return p.Kind == netpol.ExternalEndpoint && p.Name != netpol.Internet
	})
	if first < 0 || len(parties)-first <= maxOutside {
		return parties
	}
	all := netpol.Party{Kind: netpol.ExternalEndpoint}
	for _, p := range parties[first:] {
		all.Members = append(all.Members, p.Members...)
	}
	all.Name = fmt.Sprintf("%d ranges that policies name", len(all.Members))
	return append(slices.Clone(parties[:first]), all)
}

// plural names what parties are.
func plural(by netpol.By) string {
	if by == together {
		return "other namespaces"
	}
	return string(by) + "s"
}
