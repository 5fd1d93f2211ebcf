package oracle

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// update rewrites the numbers of a full run in testdata, of which the tables
// of docs/correctness.md are made.
var update = flag.Bool("update", false, "write the numbers of this run to testdata")

// record compares the numbers of a full run with the recorded ones: the seeds
// are fixed, so that they are the same everywhere.
func record(t *testing.T, file string, numbers any) {
	t.Helper()
	if t.Failed() {
		return // the documented numbers are those of runs without a difference
	}
	data, err := json.MarshalIndent(numbers, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, '\n')
	if *update {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	recorded, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(recorded), string(data)); diff != "" {
		t.Errorf("the numbers of this run are not those of %s, run the test with -update, then correctness -update (-recorded +now):\n%s", file, diff)
	}
}
