package assertions_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestWriteJUnit(t *testing.T) {
	reason := &assertions.Reason{Message: "no", Text: "since <&>"}
	suite := &assertions.Suite{Name: "s", Out: "o", Cases: []assertions.Case{
		{Name: "passes", File: "f", Line: 1},
		{Name: "fails", File: "f", Line: 2, Failure: reason, Out: "note: x"},
		{Name: "errs", File: "f", Line: 3, Error: reason},
		{Name: "is left out", File: "f", Line: 4, Skipped: reason},
	}}
	var b strings.Builder
	if err := assertions.WriteJUnit(&b, suite); err != nil {
		t.Fatal(err)
	}
	want := `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" errors="1" skipped="1">
  <testsuite name="s" tests="4" failures="1" errors="1" skipped="1">
    <testcase name="passes" classname="kubectl-secure" file="f" line="1"></testcase>
    <testcase name="fails" classname="kubectl-secure" file="f" line="2">
      <failure message="no">since &lt;&amp;&gt;</failure>
      <system-out>note: x</system-out>
    </testcase>
    <testcase name="errs" classname="kubectl-secure" file="f" line="3">
      <error message="no">since &lt;&amp;&gt;</error>
    </testcase>
    <testcase name="is left out" classname="kubectl-secure" file="f" line="4">
      <skipped message="no">since &lt;&amp;&gt;</skipped>
    </testcase>
    <system-out>o</system-out>
  </testsuite>
</testsuites>
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProve(t *testing.T) {
	for _, requireComplete := range []bool{false, true} {
		var c assertions.Case
		c.Prove(requireComplete)
		if (c.Error != nil) != requireComplete || (c.Skipped != nil) == requireComplete || c.Failure != nil {
			t.Errorf("with --require-complete %t: %+v", requireComplete, c)
		}
	}
}

func TestSuiteOut(t *testing.T) {
	got := assertions.SuiteOut(v1alpha1.Coverage{Notes: []string{"n"}, Gaps: []snapshot.Gap{
		{Resource: "pods", Namespace: "shop", Reason: snapshot.Forbidden}, {Resource: "nodes", Reason: snapshot.TimedOut, Detail: "late"},
	}})
	if want := "note: n\nnot read: pods shop forbidden\nnot read: nodes timeout late"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
