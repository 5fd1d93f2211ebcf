package printer

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sum(ns []int) int {
	n := 0
	for _, x := range ns {
		n += x
	}
	return n
}

func TestShrink(t *testing.T) {
	for _, tt := range []struct {
		name                 string
		widths, floors, want []int
		room                 int
	}{
		{name: "fits", widths: []int{3, 4}, floors: []int{0, 0}, room: 7, want: []int{3, 4}},
		{name: "none", widths: nil, floors: nil, room: 0, want: nil},
		{name: "the widest pays", widths: []int{3, 20}, floors: []int{0, 0}, room: 13, want: []int{3, 10}},
		{name: "alike share alike", widths: []int{20, 20}, floors: []int{0, 0}, room: 20, want: []int{10, 10}},
		{name: "the odd cell goes to the first", widths: []int{20, 20, 20}, floors: []int{0, 0, 0}, room: 32, want: []int{11, 11, 10}},
		{name: "floors hold", widths: []int{20, 20}, floors: []int{15, 0}, room: 20, want: []int{15, 5}},
		{name: "floors above the width do not widen", widths: []int{5, 20}, floors: []int{9, 0}, room: 15, want: []int{5, 10}},
		{name: "floors beat room", widths: []int{20, 20}, floors: []int{8, 8}, room: 3, want: []int{8, 8}},
		{name: "no room at all", widths: []int{20, 2}, floors: []int{0, 0}, room: -5, want: []int{0, 0}},
		{name: "a huge cell costs no time", widths: []int{1 << 40, 10}, floors: []int{0, 0}, room: 30, want: []int{20, 10}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := slices.Clone(tt.widths)
			shrink(got, tt.floors, tt.room)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The room is used up to the last cell unless widths or floors forbid it.
func TestShrinkUsesAllRoom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + rng.IntN(6)
		widths, floors := make([]int, n), make([]int, n)
		least := 0
		for i := range n {
			widths[i], floors[i] = rng.IntN(60), rng.IntN(12)
			least += min(widths[i], floors[i])
		}
		room := rng.IntN(200)
		want := max(least, min(room, sum(widths)))
		got := slices.Clone(widths)
		shrink(got, floors, room)
		if sum(got) != want {
			t.Fatalf("shrink(%v, floors %v, room %d) = %v, sum %d, want %d", widths, floors, room, got, sum(got), want)
		}
		for i := range n {
			if got[i] > widths[i] || got[i] < min(widths[i], floors[i]) {
				t.Fatalf("shrink(%v, floors %v, room %d) = %v: width %d out of bounds", widths, floors, room, got, i)
			}
		}
	}
}
