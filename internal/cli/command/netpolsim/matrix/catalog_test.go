package matrix

import (
	"hash/maphash"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// spoken is all that edges say of pairs of members.
func spoken(c *catalog) map[string]int {
	var classes []v1alpha1.EndpointClass
	for class := range c.all() {
		if class.ID != len(classes) {
			panic("ids are positions")
		}
		own := *class
		own.Classes = slices.Clone(class.Classes)
		classes = append(classes, own)
	}
	members := func(id int) []string {
		all := slices.Clone(classes[id].Members)
		for _, ids := range classes[id].Classes {
			for id := ids[0]; id <= ids[1]; id++ {
				all = append(all, classes[id].Members...)
			}
		}
		return all
	}
	said := map[string]int{}
	for edge := range c.edges() {
		for _, from := range members(edge.From) {
			for _, to := range members(edge.To) {
				text := from + " " + to + " " + edge.Verdict
				for _, ports := range edge.Ports {
					text += " " + ports
				}
				said[text]++
			}
		}
	}
	return said
}

// TestSetsSayWhatClassesSay: edges between sets of classes, which only large
// matrices have, say what edges between classes do.
func TestSetsSayWhatClassesSay(t *testing.T) {
	sets, fewer := 0, 0
	for seed := range uint64(40) {
		file := filepath.Join(t.TempDir(), "cluster.json")
		if err := os.WriteFile(file, []byte(testkit.RandomNetwork(seed)), 0o600); err != nil {
			t.Fatal(err)
		}
		snap, err := dir.Load(t.Context(), dir.Options{Paths: []string{file}, DefaultNamespace: "default"})
		if err != nil {
			t.Fatal(err)
		}
		a := &answer{m: netpol.NewCluster(snap, netpol.ProfileCommon).Matrix(netpol.MatrixOptions{})}
		plain, joined := a.catalog(maxPlainEdges), a.catalog(0)
		if len(plain.sets) > 0 || len(plain.ends) > 0 {
			t.Fatalf("seed %d: a small matrix has sets", seed)
		}
		if diff := cmp.Diff(spoken(plain), spoken(joined)); diff != "" {
			t.Fatalf("seed %d (-classes +sets):\n%s", seed, diff)
		}
		sets += len(joined.sets)
		fewer += len(slices.Collect(plain.edges())) - len(slices.Collect(joined.edges()))
	}
	if sets < 100 || fewer < 1000 {
		t.Errorf("the clusters tell little: %d sets, %d edges saved", sets, fewer)
	}
}

// TestSetsThatShareAHash: only equal ones are one class.
func TestSetsThatShareAHash(t *testing.T) {
	c := &catalog{classes: make([]netpol.Class, 5), at: map[uint64][]int{}, seed: maphash.MakeSeed(), Joined: &netpol.Joined{Bundles: []netpol.Bundle{
		{From: []int{0, 1}}, {From: []int{2, 4}}, {From: []int{0, 1}}, {From: []int{3}},
	}}}
	c.idOf(classSet{bundle: 0})
	for key := range c.at { // as if the second had the hash of the first
		c.at[key] = append(c.at[key], 1)
	}
	c.sets = append(c.sets, classSet{bundle: 1})
	for bundle, want := range map[int]int{0: 5, 2: 5, 3: 3} {
		if got := c.idOf(classSet{bundle: bundle}); got != want {
			t.Errorf("bundle %d: class %d, want %d", bundle, got, want)
		}
	}
}
