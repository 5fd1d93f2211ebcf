package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

func TestCode(t *testing.T) {
	usage := fault.Usage("unknown flag %s", "--x")
	canceled := fmt.Errorf("list pods: %w", context.Canceled)
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"no error", nil, fault.ExitAnswered},
		{"any error", io.EOF, fault.ExitError},
		{"a time limit is an error", context.DeadlineExceeded, fault.ExitError},
		{"usage", usage, fault.ExitUsage},
		{"wrapped usage", fmt.Errorf("--output: %w", usage), fault.ExitUsage},
		{"usage that wraps an error", fault.Usage("--groups: %w", io.EOF), fault.ExitUsage},
		{"failed assertion", fault.Findings(), fault.ExitFindings},
		{"incomplete", fault.Incomplete(), fault.ExitIncomplete},
		{"interrupted", canceled, fault.ExitInterrupted},
		{"help keeps the code", fault.WithHelp(usage, "try this"), fault.ExitUsage},
		{"help for any error", fault.WithHelp(io.EOF, "try this"), fault.ExitError},
		{"130 before 2", errors.Join(usage, canceled), fault.ExitInterrupted},
		{"130 within a usage error", fault.Usage("--f: %w", canceled), fault.ExitInterrupted},
		{"2 before 1", errors.Join(io.EOF, usage), fault.ExitUsage},
		{"1 before 4", errors.Join(fault.Incomplete(), io.EOF), fault.ExitError},
		{"1 before 3", errors.Join(fault.Findings(), io.EOF), fault.ExitError},
		{"4 before 3", errors.Join(fault.Findings(), fault.Incomplete()), fault.ExitIncomplete},
		{"joined deeper", fmt.Errorf("x: %w", errors.Join(fault.Findings(), fault.Incomplete())), fault.ExitIncomplete},
		{"two causes in one", fmt.Errorf("%w: %w", fault.Findings(), fault.Findings()), fault.ExitFindings},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fault.Code(tt.err); got != tt.want {
				t.Errorf("Code(%v) = %d, want %d", tt.err, got, tt.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	if err := fault.WithHelp(nil, "try this"); err != nil {
		t.Errorf("WithHelp(nil) = %v, want nil", err)
	}
	first := fault.WithHelp(io.EOF, "a")
	second := fault.WithHelp(fmt.Errorf("read: %w", first), "b", "c")
	if diff := cmp.Diff([]string{"a", "b", "c"}, fault.Help(second)); diff != "" {
		t.Errorf("help of both (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a"}, fault.Help(first)); diff != "" {
		t.Errorf("the first error has changed (-want +got):\n%s", diff)
	}
	if got := fault.Help(io.EOF); got != nil {
		t.Errorf("help of an error without = %q", got)
	}
	if second.Error() != "read: EOF" || !errors.Is(second, io.EOF) {
		t.Errorf("the cause is lost: %v", second)
	}
}

func TestSilentErrorsHaveText(t *testing.T) {
	if got := fault.Incomplete().Error(); got != "exit code 4" {
		t.Errorf("Error() = %q", got)
	}
}
