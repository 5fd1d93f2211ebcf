package main

import (
	"fmt"
	"strings"
)

// tiers are the numbers of TestTiers of the network oracle.
type tiers struct {
	flows
	Counts struct {
		Clusters, Flows, Allowed, Undefined, Directions, Decided, Cautious int
	} `json:"counts"`
}

// tiersTable says what was compared of cluster-wide policies, what differed and
// the words that decide it.
func tiersTable(dir string) (string, error) {
	var t tiers
	if err := read(dir, "tiers.json", &t); err != nil {
		return "", err
	}
	c := t.Counts
	var out strings.Builder
	fmt.Fprintf(&out, "%s clusters, %s flows (%d %% allowed, %s undefined), %s directions, of which the Admin or Baseline tier decides %s;\nundefined without need: %s.\n\n",
		group(c.Clusters), group(c.Flows), 100*c.Allowed/max(c.Flows, 1), group(c.Undefined), group(c.Directions), group(c.Decided), group(c.Cautious))
	out.WriteString("| whose | difference | what decides | times |\n|---|---|---|---|\n")
	for _, s := range t.Settled {
		fmt.Fprintf(&out, "| %s | %s | %s (%s) | %s |\n", s.Evaluator, s.Difference, s.Words, s.Source, group(s.Hits))
	}
	return out.String(), nil
}
