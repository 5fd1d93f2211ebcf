package oracle

import "math/rand/v2"

// dice makes the choices of the generators: first those that the bytes spell,
// so that a fuzzer can steer them, then pseudo-random ones.
type dice struct {
	bytes []byte
	rnd   *rand.Rand
}

func seeded(seed uint64) *dice {
	return &dice{rnd: rand.New(rand.NewPCG(seed, 0x5ec0))}
}

func steered(bytes []byte) *dice {
	seed := uint64(len(bytes))
	for _, b := range bytes {
		seed = seed*31 + uint64(b)
	}
	d := seeded(seed)
	d.bytes = bytes
	return d
}

// n returns a number from 0 to limit-1.
func (d *dice) n(limit int) int {
	if len(d.bytes) == 0 {
		return d.rnd.IntN(limit)
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % limit
}

func (d *dice) percent(p int) bool { return d.n(100) < p }

func pick[T any](d *dice, from []T) T { return from[d.n(len(from))] }

// some returns between low and high picks, repetitions possible.
func some[T any](d *dice, low, high int, from []T) []T {
	picks := make([]T, low+d.n(high-low+1))
	for i := range picks {
		picks[i] = pick(d, from)
	}
	return picks
}

// mostly picks from the usual values, and now and then from the odd ones.
func mostly[T any](d *dice, oddPercent int, usual, odd []T) T {
	if d.percent(oddPercent) {
		return pick(d, odd)
	}
	return pick(d, usual)
}
