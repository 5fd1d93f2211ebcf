package oracle

import (
	"fmt"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/test/netpol/generate"
)

const (
	fullRun  = 300 // generators; each makes a cluster and changes it twice
	shortRun = 60
	changes  = 2
	perTrial = 150 // flows
	fewest   = 20  // times that each feature must be there in a full run
)

// TestFlows asks about random flows in random clusters and compares, for each
// direction, with the other implementations.
func TestFlows(t *testing.T) {
	seeds := fullRun
	if testing.Short() {
		seeds = shortRun
	}
	n, mix, table := &counts{}, generate.Mix{}, differences()
	for seed := range uint64(seeds) {
		if err := runSeed(seed, mix, n, table); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	allowed := 100 * n.Allowed / n.Flows
	t.Logf("%+v; allowed %d %%", *n, allowed)
	if allowed < 30 || allowed > 70 {
		t.Errorf("%d %% of the flows are allowed: such a mix finds too few mistakes", allowed)
	}
	if n.Cautious*50 > n.Undefined {
		t.Errorf("%d answers are Undefined for no reason", n.Cautious)
	}
	atLeast := fewest * seeds / fullRun
	if rare := mix.Rare(generate.Features(), atLeast); len(rare) > 0 {
		t.Errorf("fewer than %d times: %q", atLeast, rare)
	}
	if len(mix) > len(generate.Features()) {
		t.Errorf("features are counted that the list lacks: %v", mix)
	}
	for _, s := range table {
		t.Logf("%s: %s: %d", s.Evaluator, s.Difference, s.Hits)
		if s.Hits < atLeast {
			t.Errorf("%s: %s: %d times, such an entry settles nothing", s.Evaluator, s.Difference, s.Hits)
		}
	}
	if !testing.Short() {
		record(t, "testdata/flows.json", map[string]any{"counts": n, "features": mix, "settled": table})
	}
}

// runSeed compares flows in one cluster and after its changes.
func runSeed(seed uint64, mix generate.Mix, n *counts, table []*settled) error {
	g := generate.New(seed, mix)
	for change := range changes + 1 {
		if change > 0 {
			g.Change()
		}
		trial, err := newTrial(g.Cluster, n, table)
		if err != nil {
			return err
		}
		for range perTrial {
			f := g.Flow()
			if err := trial.compare(f); err != nil {
				return fmt.Errorf("after %d changes: %w\n%s", change, err, trial.dump(f))
			}
		}
	}
	return nil
}

// FuzzFlows lets the fuzzer choose the cluster.
func FuzzFlows(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		if err := runSeed(seed, generate.Mix{}, &counts{}, differences()); err != nil {
			t.Fatal(err)
		}
	})
}
