package generate

import "math/rand/v2"

// dice makes the choices of a generator.
type dice struct{ *rand.Rand }

func seeded(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 0x6e70))} }

func (d dice) percent(p int) bool { return d.IntN(100) < p }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// list returns between low and high values; a list without any is nil or
// empty.
func list[T any](d dice, low, high int, one func() T) []T {
	n := low + d.IntN(high-low+1)
	if n == 0 && d.percent(50) {
		return nil
	}
	values := make([]T, n)
	for i := range values {
		values[i] = one()
	}
	return values
}
