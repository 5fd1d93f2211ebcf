package main

import (
	"fmt"
	"math"
	"slices"
)

// promise is one line of the table: what is measured, and what it may be at
// most.
type promise struct {
	key   string // names the values of a measurement
	text  string
	unit  string // "ms", "MB" (a million bytes) or "×" for a ratio
	limit float64
}

// figure is a promise with all values that were measured.
type figure struct {
	promise
	values []float64 // never empty
}

// kept reports whether the median is within the budget.
func (f figure) kept() bool { return median(f.values) <= f.limit }

// figuresOf joins the promises of lanes with what was measured. A promise
// without a value, or a value without a promise, is a mistake of the lane.
func figuresOf(chosen []lane, values map[string][]float64) ([]figure, error) {
	var figures []figure
	used := 0
	for _, l := range chosen {
		for _, p := range l.promises {
			list := values[p.key]
			if len(list) == 0 {
				return nil, fmt.Errorf("measure %s: nothing was measured for %q", l.name, p.text)
			}
			used++
			figures = append(figures, figure{p, list})
		}
	}
	if used < len(values) {
		return nil, fmt.Errorf("measure: %d series were measured for %d promises", len(values), used)
	}
	return figures, nil
}

func namesOf(figures []figure) []string {
	var names []string
	for _, f := range figures {
		names = append(names, f.text)
	}
	return names
}

// median of an even number of values is the mean of the two in the middle;
// of none it is not a number, which is within no budget.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
