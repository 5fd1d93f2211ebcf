package netpol_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// semanticCase is a case.yaml of testdata/cases: what the API's words, their
// documentation and the upstream tests say of the manifests beside it.
type semanticCase struct {
	Number int    `json:"number"` // of the list of 78 traps
	Title  string `json:"title"`
	Source string `json:"source"`
	// Decision is what was decided where the sources leave a choice.
	Decision string `json:"decision"`
	// With names a cluster of testdata/clusters under the manifests.
	With    string      `json:"with"`
	Queries []caseQuery `json:"queries"`
	// Questions are about references, as Services: see answer_test.go.
	Questions []caseQuestion `json:"questions"`
	Absent    []string       `json:"absent"`   // pods that count for nothing
	Rejected  []string       `json:"rejected"` // how NAMESPACE/POLICY PATH: DETAIL begin, or what is in them
	Remarks   []string       `json:"remarks"`  // what is in them

	dir string
}

type caseQuery struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Port    string         `json:"port"` // "" asks for any
	Open    []string       `json:"open"` // every allowed range, for any port
	Family  netpol.Family  `json:"family"`
	Profile netpol.Profile `json:"profile"` // common if it is missing
	Verdict netpol.Verdict `json:"verdict"`
	Says    string         `json:"says"` // is in the text of the explanation
}

func semanticCases(t *testing.T) []semanticCase {
	t.Helper()
	files, err := filepath.Glob("testdata/cases/*/case.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []semanticCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := semanticCase{dir: filepath.Dir(file)}
		if err := yaml.UnmarshalStrict(text, &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if !strings.HasPrefix(filepath.Base(c.dir), fmt.Sprintf("%02d-", c.Number)) || c.Title == "" || c.Source == "" || len(c.Queries)+len(c.Questions) == 0 {
			t.Fatalf("%s: it lacks a title, source or query, or its directory has another number", file)
		}
		cases = append(cases, c)
	}
	return cases
}

func (c *semanticCase) snapshot(t *testing.T) *snapshot.Snapshot {
	t.Helper()
	paths := []string{filepath.Join(c.dir, "manifests.yaml")}
	if c.With != "" {
		paths = append(paths, filepath.Join("testdata/clusters", c.With+".yaml"))
	}
	s, err := dir.Load(t.Context(), dir.Options{Paths: paths, DefaultNamespace: "x"})
	if err != nil {
		t.Fatal(err)
	}
	mustBeWhole(t, s)
	return s
}

func TestCases(t *testing.T) {
	for _, c := range semanticCases(t) {
		t.Run(fmt.Sprintf("%02d %s", c.Number, c.Title), func(t *testing.T) {
			s := c.snapshot(t)
			cluster := netpol.NewCluster(s, netpol.ProfileCommon)
			c.checkPolicies(t, cluster)
			for _, q := range c.Queries {
				if q.Profile == netpol.ProfileSpec {
					q.check(t, netpol.NewCluster(s, netpol.ProfileSpec))
					continue
				}
				q.check(t, cluster)
			}
			for _, q := range c.Questions {
				q.check(t, cluster)
			}
			for _, name := range c.Absent {
				namespace, name, _ := strings.Cut(name, "/")
				if e := cluster.Pod(namespace, name); e != nil {
					t.Errorf("%s counts, but it has ended", e)
				}
			}
		})
	}
}

// checkPolicies compares what is wrong and what is unusual with the case's
// expectations; nothing may be beside them.
func (c *semanticCase) checkPolicies(t *testing.T, cluster *netpol.Cluster) {
	t.Helper()
	var rejected []string
	for _, r := range cluster.Rejected() {
		for _, p := range r.Problems {
			rejected = append(rejected, fmt.Sprintf("%s/%s %s: %s", r.Namespace, r.Name, p.Path, p.Detail))
		}
	}
	for what, pair := range map[string][2][]string{"rejected": {c.Rejected, rejected}, "remarks": {c.Remarks, cluster.Remarks()}} {
		want, got := pair[0], pair[1]
		if len(want) != len(got) {
			t.Errorf("%s: %q, want %q", what, got, want)
			continue
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("%s: %q, want %q in it", what, got[i], want[i])
			}
		}
	}
}

func (q *caseQuery) check(t *testing.T, c *netpol.Cluster) {
	t.Helper()
	if q.Port == "" {
		q.checkAnyPort(t, c)
		return
	}
	f := flowOf(t, c, q.From, q.To, q.Port)
	if q.Family != netpol.AnyFamily {
		f.Family = q.Family
	}
	e := c.Explain(f)
	if got := c.Verdict(f); got != q.Verdict || e.Verdict != got {
		t.Errorf("%+v: the verdict is %s, explained as\n%s", *q, got, textOf(e))
	}
	if text := textOf(e); !strings.Contains(text, q.Says) {
		t.Errorf("%+v: %q is not in\n%s", *q, q.Says, text)
	}
}

// checkAnyPort asks for the ports that are allowed: one is enough.
func (q *caseQuery) checkAnyPort(t *testing.T, c *netpol.Cluster) {
	t.Helper()
	verdict := netpol.Denied
	var open []string
	for _, r := range c.Ports(flowOf(t, c, q.From, q.To, "1")) {
		switch r.Verdict {
		case netpol.Allowed:
			verdict = netpol.Allowed
			open = append(open, r.Ports.String())
		case netpol.Undefined:
			t.Errorf("%+v: %s is undefined", *q, r.Ports)
		default:
		}
	}
	if verdict != q.Verdict {
		t.Errorf("%+v: the verdict for any port is %s", *q, verdict)
	}
	if diff := cmp.Diff(q.Open, open); q.Open != nil && diff != "" {
		t.Errorf("%+v: open ports (-want +got):\n%s", *q, diff)
	}
}

// TestEveryNumberHasACase checks that a case is about each of the traps 1 to 78.
func TestEveryNumberHasACase(t *testing.T) {
	var covered []int
	for _, c := range semanticCases(t) {
		covered = append(covered, c.Number)
	}
	for n := 1; n <= 78; n++ {
		if !slices.Contains(covered, n) {
			t.Errorf("trap %d has no case", n)
		}
	}
}
