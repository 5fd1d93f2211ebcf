package netpol

import (
	"cmp"
	"iter"
	"math/bits"
	"runtime"
	"slices"
	"sync"
)

// Bundle is flows that have equal ports: from every one of some classes to
// every one of others. Exceptions of rows are no part of it.
type Bundle struct {
	From  []int // classes, in order
	Ports []OpenPorts

	group Group
}

// To returns the classes of the destinations in order.
func (b *Bundle) To() iter.Seq[int] { return b.group.To() }

// Bundles joins the rows of classes: of large clusters millions of pairs come
// down to thousands of bundles. A pair of classes is in one at most; where it
// is in none, nothing is reached. They are in the order of their first pairs.
func (m *Matrix) Bundles(from []int) []Bundle {
	workers := min(runtime.GOMAXPROCS(0), 1+len(from)/minShare)
	parts := make([]*bundler, workers)
	var wait sync.WaitGroup
	for i := range parts {
		share := from[i*len(from)/workers : (i+1)*len(from)/workers]
		parts[i] = newBundler()
		wait.Go(func() {
			for row := range m.RowsOf(share) {
				for _, g := range row.Groups {
					parts[i].add(g, row.From)
				}
			}
		})
	}
	wait.Wait()
	all := parts[0]
	for _, part := range parts[1:] {
		for _, b := range part.bundles {
			all.add(b.group, b.From...)
		}
	}
	slices.SortFunc(all.bundles, func(a, b Bundle) int {
		return cmp.Or(cmp.Compare(a.From[0], b.From[0]), cmp.Compare(a.group.first(), b.group.first()))
	})
	return all.bundles
}

// minShare is how many rows are worth a worker.
const minShare = 64

// RowsOf returns the rows of some classes.
func (m *Matrix) RowsOf(classes []int) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		r := newRower(m)
		for _, from := range classes {
			if !yield(r.row(from)) {
				return
			}
		}
	}
}

// bundler finds groups that several rows have.
type bundler struct {
	bundles []Bundle
	at      map[uint64][]int // positions in bundles, by a hash
}

func newBundler() *bundler { return &bundler{at: map[uint64][]int{}} }

func (b *bundler) add(g Group, from ...int) {
	key := g.hash()
	for _, i := range b.at[key] {
		if known := &b.bundles[i]; known.group.equal(g) {
			known.From = append(known.From, from...)
			return
		}
	}
	b.at[key] = append(b.at[key], len(b.bundles))
	g.to.words = slices.Clone(g.to.words) // without what is around it
	b.bundles = append(b.bundles, Bundle{From: slices.Clone(from), Ports: g.Ports, group: g})
}

func (g Group) equal(other Group) bool {
	return g.to.first == other.to.first && slices.Equal(g.to.words, other.to.words) && slices.Equal(g.verdicts, other.verdicts)
}

// hash mixes in one word after the other: a multiplication by an odd number
// loses nothing, the rotation brings the upper bits down.
func (g Group) hash() uint64 {
	const odd, turn = 0x9e3779b97f4a7c15, 29
	h := uint64(g.to.first)
	for _, word := range g.to.words {
		h = bits.RotateLeft64(h^word, turn) * odd
	}
	for _, verdict := range g.verdicts {
		h = bits.RotateLeft64(h^uint64(verdict), turn) * odd
	}
	return h
}
