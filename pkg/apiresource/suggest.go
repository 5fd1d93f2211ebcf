package apiresource

import (
	"slices"
	"strings"
)

const maxSuggestions = 3

// similar returns the types whose names are near what was typed, nearest
// first.
func (c *Catalog) similar(typed string) []string {
	typed = strings.ToLower(typed)
	limit := 1 + len(typed)/4
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	for _, r := range c.resources {
		best := min(distance(typed, r.Name), distance(typed, strings.ToLower(r.Singular)))
		if best <= limit {
			found = append(found, candidate{r.String(), best})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.distance - b.distance })
	var names []string
	for _, f := range found {
		if len(names) < maxSuggestions && !slices.Contains(names, f.name) {
			names = append(names, f.name)
		}
	}
	return names
}

// distance is the optimal string alignment distance: insertions, deletions,
// replacements and swaps of neighbours that turn a into b.
func distance(a, b string) int {
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, row
	}
	return prev[len(b)]
}
