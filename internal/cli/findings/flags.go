// Package findings has what the commands share that report findings.
package findings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
)

// Flags are those by which commands limit what they check, and fail.
type Flags struct {
	checks, skip []string
	failOn       string
}

// Limits are the flags as they were understood.
type Limits struct {
	Checks, Skip []string // names of checks
	FailOn       finding.Severity
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringSliceVar(&f.checks, "check", nil, "`NAME` of a check to make, no others (repeatable, or with commas)")
	fs.StringSliceVar(&f.skip, "skip", nil, "`NAME` of a check to leave out (repeatable, or with commas)")
	fs.StringVar(&f.failOn, "fail-on", "", "exit 3 when there are findings of this `SEVERITY` or worse: "+severities())
}

func severities() string {
	var names []string
	for _, s := range finding.Severities() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// Limits validates the flags; parse returns the name of a check that a user
// typed, and known are all names.
func (f *Flags) Limits(parse func(string) (string, bool), known []string) (Limits, error) {
	var limits Limits
	for flag, list := range map[string]struct {
		typed []string
		to    *[]string
	}{"check": {f.checks, &limits.Checks}, "skip": {f.skip, &limits.Skip}} {
		for _, typed := range list.typed {
			name, ok := parse(strings.TrimSpace(typed))
			if !ok {
				return limits, fault.WithHelp(fault.Usage("--%s: there is no check %q", flag, typed), "checks are "+strings.Join(known, ", "))
			}
			*list.to = append(*list.to, name)
		}
	}
	if f.failOn == "" {
		return limits, nil
	}
	severity, err := finding.ParseSeverity(f.failOn)
	if err != nil {
		return limits, fault.Usage("--fail-on: %w", err)
	}
	limits.FailOn = severity
	return limits, nil
}

// Fail ends a command with findings of the severity that was asked for.
func (l Limits) Fail(found []finding.Finding) error {
	if l.FailOn != "" && slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Severity.AtLeast(l.FailOn) }) {
		return fault.Findings()
	}
	return nil
}

// Summary says how many findings there are, and of what.
func Summary(found, ignored []finding.Finding, of string) string {
	var parts []string
	for _, severity := range finding.Severities() {
		n := 0
		for _, f := range found {
			if f.Severity == severity {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	text := "no findings"
	if len(parts) > 0 {
		text = strings.Join(parts, ", ")
	}
	text += " " + of
	if len(ignored) > 0 {
		text += fmt.Sprintf("; %d ignored, as annotations say", len(ignored))
	}
	return text
}
