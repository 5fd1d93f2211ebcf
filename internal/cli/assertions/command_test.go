package assertions_test

import (
	"io"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// The exit code is that of what is unproven, not of what is missing.
func TestFinish(t *testing.T) {
	gaps := []snapshot.Gap{{Resource: "pods", Reason: snapshot.Forbidden}}
	for _, tt := range []struct {
		requireComplete            bool
		gaps                       []snapshot.Gap
		unproven, failed, exitCode int
	}{
		{false, nil, 0, 0, fault.ExitAnswered},
		{false, gaps, 1, 0, fault.ExitAnswered},
		{false, gaps, 1, 1, fault.ExitFindings},
		{true, gaps, 0, 0, fault.ExitAnswered},
		{true, gaps, 0, 1, fault.ExitFindings},
		{true, gaps, 1, 1, fault.ExitIncomplete},
		{true, nil, 1, 0, fault.ExitIncomplete},
	} {
		flags := output.NewFlags()
		flags.RequireComplete = tt.requireComplete
		p, err := flags.ToPrinter(&env.Env{
			IOStreams: genericiooptions.IOStreams{Out: io.Discard, ErrOut: io.Discard}, Getenv: func(string) string { return "" },
		})
		if err != nil {
			t.Fatal(err)
		}
		err = assertions.Finish(p, v1alpha1.Coverage{Incomplete: len(tt.gaps) > 0, Gaps: tt.gaps}, tt.unproven, tt.failed)
		if code := fault.Code(err); code != tt.exitCode {
			t.Errorf("%+v: exit code %d", tt, code)
		}
	}
}
