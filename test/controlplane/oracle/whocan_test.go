package oracle

import (
	"fmt"
	"testing"
)

const (
	fullRun             = 600 // clusters
	shortRun            = 200
	questionsPerCluster = 25
)

// TestWhoCan asks random questions about random clusters and compares who is
// allowed, where and why with upstream's authorizer.
func TestWhoCan(t *testing.T) {
	clusters := fullRun
	if testing.Short() {
		clusters = shortRun
	}
	n, m := &counts{}, mix{}
	for seed := uint64(1); seed <= uint64(clusters); seed++ {
		if err := runTrial(seeded(seed), m, n); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	allowed := 100 * n.Allowed / n.Verdicts
	t.Logf("oracle: %d clusters, %d questions (%d of them with -A), %d verdicts compared, 0 differ; allowed %d %%; %d chains from binding to rule; %d answers of the subject locator",
		n.Clusters, n.Questions, n.Everywhere, n.Verdicts, allowed, n.Chains, n.Locator)
	if allowed < 30 || allowed > 70 {
		t.Errorf("%d %% of the verdicts are allowed: such a mix finds too few mistakes", allowed)
	}
	atLeast := fewest * clusters / fullRun
	if rare := m.missing(generated(), atLeast); len(rare) > 0 {
		t.Errorf("fewer than %d times in the clusters: %q", atLeast, rare)
	}
	if rare := m.missing(decisive(), atLeast); len(rare) > 0 {
		t.Errorf("fewer than %d times the reason of an answer: %q", atLeast, rare)
	}
	if !testing.Short() {
		record(t, "testdata/whocan.json", map[string]any{
			"counts": n, "differ": 0, "features": m.of(generated()), "reasons": m.of(decisive()),
		})
	}
}

// FuzzWhoCan lets the fuzzer choose the cluster and the questions.
func FuzzWhoCan(f *testing.F) {
	f.Add([]byte("who can"))
	f.Fuzz(func(t *testing.T, choices []byte) {
		if err := runTrial(steered(choices), mix{}, &counts{}); err != nil {
			t.Fatal(err)
		}
	})
}

// runTrial makes a cluster and asks about it; the error is the first
// difference, with the cluster.
func runTrial(d *dice, m mix, n *counts) error {
	g := newGenerator(d, m)
	trial, err := newTrial(g.c, m, n)
	if err != nil {
		return err
	}
	for range questionsPerCluster {
		r := g.question()
		anywhere := d.percent(20)
		err := trial.ask(r, anywhere)
		if err == nil && !anywhere {
			err = trial.compareLocator(r)
		}
		if err != nil {
			return fmt.Errorf("%+v (everywhere: %t): %w\n%s", r, anywhere, err, g.c)
		}
	}
	return nil
}
