package apiresource

import (
	"slices"
	"strings"
)

const maxSuggestions = 3

// similar returns the types whose names are near what was typed, nearest
// first.
func (c *Catalog) similar(typed string) []string {
	var words, types []string
	for _, r := range c.resources {
		words, types = append(words, r.Name, strings.ToLower(r.Singular)), append(types, r.String(), r.String())
	}
	return nearest(strings.ToLower(typed), words, types)
}

// Nearest returns those of the names that a slip may have turned into what was
// typed, nearest first; no more than three.
func Nearest(typed string, names []string) []string { return nearest(typed, names, names) }

// nearest is Nearest for words, of which each stands for the name in its place.
func nearest(typed string, words, names []string) []string {
	limit := 1 + len(typed)/4
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	for i, word := range words {
		if best := distance(typed, word); best <= limit {
			found = append(found, candidate{names[i], best})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.distance - b.distance })
	var near []string
	for _, f := range found {
		if len(near) < maxSuggestions && !slices.Contains(near, f.name) {
			near = append(near, f.name)
		}
	}
	return near
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
