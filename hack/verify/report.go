package main

import (
	"fmt"
	"io"
)

// writeReport prints the numbers behind the rules. The share of comments is
// only shown: a limit on it would be met by comments that say nothing.
func writeReport(out io.Writer, t *tree) {
	median, p90 := sourcePercentiles(t)
	source, test := testLines(t)
	files, comments, filled := 0, 0, 0
	for _, f := range t.product() {
		if f.source() {
			files++
			comments += commentLines(t, f)
			filled += filledLines(f.data)
		}
	}
	fmt.Fprintf(out, "structure: %d source files, median %d lines, 90th percentile %d; %d lines of source, %d of test (%s); %s comments\n",
		files, median, p90, source, test, ratio(test, source), percent(comments, filled))
}

func ratio(a, b int) string {
	if b == 0 {
		return "no source"
	}
	return fmt.Sprintf("%.2f", float64(a)/float64(b))
}

func percent(a, b int) string {
	if b == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(a)/float64(b))
}
