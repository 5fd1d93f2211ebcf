package main

import (
	"cmp"
	"fmt"
	"slices"
)

// problem is one breach of a rule.
type problem struct {
	path  string // slash separated, relative to the root; "" for the whole tree
	line  int    // 1-based; 0 for the whole file
	check string // name of the rule
	text  string
}

func (p problem) String() string {
	switch {
	case p.path == "":
		return fmt.Sprintf("%s: %s", p.check, p.text)
	case p.line == 0:
		return fmt.Sprintf("%s: %s: %s", p.path, p.check, p.text)
	default:
		return fmt.Sprintf("%s:%d: %s: %s", p.path, p.line, p.check, p.text)
	}
}

// sortProblems orders by place, so that two runs print the same text.
func sortProblems(problems []problem) []problem {
	slices.SortStableFunc(problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.line, b.line), cmp.Compare(a.text, b.text))
	})
	return problems
}
