package netpol

import (
	"iter"
	"math/bits"
	"slices"
)

// bitset is a set of small numbers. Those that are combined have one length.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) add(i int) { b[i/64] |= 1 << (i % 64) }

func (b bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b bitset) or(other bitset) {
	for i, word := range other {
		b[i] |= word
	}
}

func (b bitset) and(other bitset) {
	for i, word := range other {
		b[i] &= word
	}
}

func (b bitset) andNot(other bitset) {
	for i, word := range other {
		b[i] &^= word
	}
}

// orBoth adds what both others have.
func (b bitset) orBoth(one, other bitset) {
	for i, word := range one {
		b[i] |= word & other[i]
	}
}

// orThree adds what all three others have.
func (b bitset) orThree(one, other, third bitset) {
	for i, word := range one {
		b[i] |= word & other[i] & third[i]
	}
}

// andNotBoth takes out what both others have.
func (b bitset) andNotBoth(one, other bitset) {
	for i, word := range one {
		b[i] &^= word & other[i]
	}
}

// without returns a new set.
func (b bitset) without(other bitset) bitset {
	left := slices.Clone(b)
	left.andNot(other)
	return left
}

func (b bitset) empty() bool {
	for _, word := range b {
		if word != 0 {
			return false
		}
	}
	return true
}

func (b bitset) count() int {
	n := 0
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// all returns the numbers in order.
func (b bitset) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range b {
			for ; word != 0; word &= word - 1 {
				if !yield(i*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// window is a set whose numbers are near each other, without the words before
// and after them.
type window struct {
	first int // word
	words bitset
}

func (b bitset) window() window { return window{0, b}.trimmed() }

// trimmed returns the same without empty words at its ends.
func (w window) trimmed() window {
	first, last := 0, len(w.words)
	for first < last && w.words[first] == 0 {
		first++
	}
	for last > first && w.words[last-1] == 0 {
		last--
	}
	return window{w.first + first, w.words[first:last]}
}

// of returns the part of a set that the window is about.
func (w window) of(b bitset) bitset { return b[w.first : w.first+len(w.words)] }

func (w window) has(i int) bool {
	at := i - w.first*64
	return at >= 0 && at < len(w.words)*64 && w.words.has(at)
}

func (w window) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range w.words.all() {
			if !yield(w.first*64 + i) {
				return
			}
		}
	}
}

// split takes those out that the set has too, and returns them.
func (w *window) split(b bitset, s *scratch) window {
	b = w.of(b)
	inside := window{w.first, s.set(w.words)}
	inside.words.and(b)
	w.words.andNot(b)
	*w = w.trimmed()
	return inside.trimmed()
}

// addTo adds the numbers to a set.
func (w window) addTo(b bitset) { w.of(b).or(w.words) }

// addBoth adds those of the numbers that another set has.
func (w window) addBoth(b, other bitset) { w.of(b).orBoth(w.words, w.of(other)) }

// The planes of a twofold set.
const (
	certain  = 0 // it is so
	possible = 1 // it is so or may be
)

// twofold is a set of whose numbers some only may be in it. Without any such
// both planes are the same.
type twofold [2]bitset

func newTwofold(n int) twofold { return twofold{newBitset(n), newBitset(n)} }

func (t twofold) add(i int, member Truth) {
	if member == Yes {
		t[certain].add(i)
	}
	if member != No {
		t[possible].add(i)
	}
}

// member reports whether the number is in the set; No in none at all.
func (t twofold) member(i int) Truth {
	switch {
	case t[possible] == nil || !t[possible].has(i):
		return No
	case t[certain].has(i):
		return Yes
	default:
		return Maybe
	}
}

func (t twofold) or(other twofold) {
	t[certain].or(other[certain])
	t[possible].or(other[possible])
}

// sure reports whether there are none that only may be in it.
func (t twofold) sure() bool { return slices.Equal(t[certain], t[possible]) }
