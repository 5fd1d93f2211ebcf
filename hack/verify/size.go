package main

import (
	"fmt"
	"slices"
)

// Small files are read whole and reviewed whole. The limits come from the
// command line projects that are pleasant to read: a median of 60 to 160 lines.
const (
	maxFileLines    = 600 // any Go file, tests too
	maxMedianLines  = 130 // sources of the product
	maxPercentile90 = 350
)

// checkSizes compares the sizes of the Go files with the limits.
func checkSizes(t *tree) []problem {
	var problems []problem
	for _, f := range t.files {
		if n := f.lines(); f.syntax != nil && !f.generated && n > maxFileLines {
			problems = append(problems, problem{
				path: f.path, check: "size",
				text: fmt.Sprintf("%d lines, more than %d: split it by responsibility", n, maxFileLines),
			})
		}
	}
	median, p90 := sourcePercentiles(t)
	if median > maxMedianLines {
		problems = append(problems, problem{check: "size", text: fmt.Sprintf("the median source file has %d lines, more than %d", median, maxMedianLines)})
	}
	if p90 > maxPercentile90 {
		problems = append(problems, problem{check: "size", text: fmt.Sprintf("one source file in ten has more than %d lines, the limit is %d", p90, maxPercentile90)})
	}
	return problems
}

// sourcePercentiles gives the median and the 90th percentile of the lines of
// the product's source files, zeroes if there are none.
func sourcePercentiles(t *tree) (median, p90 int) {
	var sizes []int
	for _, f := range t.product() {
		if f.source() {
			sizes = append(sizes, f.lines())
		}
	}
	if len(sizes) == 0 {
		return 0, 0
	}
	slices.Sort(sizes)
	return sizes[len(sizes)/2], sizes[min(len(sizes)-1, len(sizes)*9/10)]
}
