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
// every one of others.
type Bundle struct {
	From  []int // classes, in order
	Ports []OpenPorts

	group Group
}

// To returns the classes of the destinations in order.
func (b *Bundle) To() iter.Seq[int] { return b.group.To() }

// Len returns how many classes of destinations there are.
func (b *Bundle) Len() int { return b.group.Len() }

// Joined is the rows of some classes in a form that is small: of large clusters
// the millions of pairs come down to thousands of bundles.
type Joined struct {
	// Bundles are in the order of their first pairs. A pair of classes is in one
	// at most; where it is in none, nothing is reached.
	Bundles []Bundle
	// Exceptions are those of all the rows.
	Exceptions []Exception
}

// Join joins the rows of classes.
func (m *Matrix) Join(from []int) *Joined {
	workers := min(runtime.GOMAXPROCS(0), 1+len(from)/minShare)
	parts := make([]*joiner, workers)
	var wait sync.WaitGroup
	for i := range parts {
		share := from[i*len(from)/workers : (i+1)*len(from)/workers]
		parts[i] = newJoiner()
		wait.Go(func() {
			r := newRower(m)
			r.scratch.reused = true
			for _, from := range share {
				row := r.row(from)
				for _, g := range row.Groups {
					parts[i].add(g, from)
				}
				parts[i].Exceptions = slices.AppendSeq(parts[i].Exceptions, m.Exceptions(row))
			}
		})
	}
	wait.Wait()
	all := parts[0]
	for _, part := range parts[1:] {
		for _, b := range part.Bundles {
			all.add(b.group, b.From...)
		}
		all.Exceptions = append(all.Exceptions, part.Exceptions...)
	}
	slices.SortFunc(all.Bundles, func(a, b Bundle) int {
		return cmp.Or(cmp.Compare(a.From[0], b.From[0]), cmp.Compare(a.group.first(), b.group.first()))
	})
	return all.Joined
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

// joiner finds groups that several rows have.
type joiner struct {
	*Joined
	at map[uint64][]int // positions in Bundles, by a hash
}

func newJoiner() *joiner { return &joiner{&Joined{}, map[uint64][]int{}} }

func (j *joiner) add(g Group, from ...int) {
	key := g.hash()
	for _, i := range j.at[key] {
		if known := &j.Bundles[i]; known.group.equal(g) {
			known.From = append(known.From, from...)
			return
		}
	}
	j.at[key] = append(j.at[key], len(j.Bundles))
	// Groups of a row last until the next.
	g.to.words, g.verdicts = slices.Clone(g.to.words), slices.Clone(g.verdicts)
	j.Bundles = append(j.Bundles, Bundle{From: slices.Clone(from), Ports: g.Ports, group: g})
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
