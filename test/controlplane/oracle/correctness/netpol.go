package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// flows are the numbers of TestFlows of the network oracle.
type flows struct {
	Counts   flowCounts     `json:"counts"`
	Features map[string]int `json:"features"`
	Settled  []struct {
		Evaluator, Difference, Words, Source string
		Hits                                 int
	} `json:"settled"`
}

type flowCounts struct {
	Clusters, Flows, Allowed, Undefined, Directions, Isolated, Cautious int
}

// netpolTable says what was compared, and how often.
func netpolTable(dir string) (string, error) {
	var f flows
	var cases struct {
		Cases, Steps int
		Counts       flowCounts
	}
	if err := read(dir, "flows.json", &f); err != nil {
		return "", err
	}
	if err := read(dir, "cases.json", &cases); err != nil {
		return "", err
	}
	var settled int
	for _, s := range f.Settled {
		settled += s.Hits
	}
	var out strings.Builder
	out.WriteString("| flows of | how many | compared with each of the two | settled below | differ |\n|---|---|---|---|---|\n")
	for _, row := range []struct {
		what    string
		counts  flowCounts
		settled int
	}{
		{"random clusters and their changes", f.Counts, settled},
		{fmt.Sprintf("the %d cases of cyclonus, %d steps", cases.Cases, cases.Steps), cases.Counts, 0},
	} {
		c := row.counts
		fmt.Fprintf(&out, "| %s | %s clusters, %s flows (%d %% allowed, %s undefined) | %s directions, in %s of which a policy selects the pod | %s | 0 |\n",
			row.what, group(c.Clusters), group(c.Flows), 100*c.Allowed/max(c.Flows, 1), group(c.Undefined), group(c.Directions), group(c.Isolated), group(row.settled))
	}
	fmt.Fprintf(&out, "\nUndefined without need: %d directions, where several things that are not known exclude each other.\n", f.Counts.Cautious)
	return out.String(), nil
}

// settledTable lists the differences and the words that decide them.
func settledTable(dir string) (string, error) {
	var f flows
	if err := read(dir, "flows.json", &f); err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("| whose | difference | what decides | times |\n|---|---|---|---|\n")
	for _, s := range f.Settled {
		fmt.Fprintf(&out, "| %s | %s | %s (%s) | %s |\n", s.Evaluator, s.Difference, s.Words, s.Source, group(s.Hits))
	}
	return out.String(), nil
}

// netpolMix lists how often each feature was there.
func netpolMix(dir string) (string, error) {
	var f flows
	if err := read(dir, "flows.json", &f); err != nil {
		return "", err
	}
	var words []string
	for _, feature := range slices.Sorted(maps.Keys(f.Features)) {
		words = append(words, fmt.Sprintf("%s %s", code(feature), group(f.Features[feature])))
	}
	return strings.Join(words, ", ") + ".\n", nil
}
