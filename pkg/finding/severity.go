package finding

import (
	"fmt"
	"slices"
	"strings"
)

// Severity says how soon a finding should be looked at.
type Severity string

// The severities.
const (
	Critical Severity = "critical" // open to attack now
	High     Severity = "high"     // does not protect, or does not work, as its author meant it
	Medium   Severity = "medium"   // a weakness, or a slip that is likely
	Low      Severity = "low"      // should be tidied up
	Info     Severity = "info"     // may be meant so
)

// Severities returns all of them, the worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Info} }

// ParseSeverity reads what a user typed.
func ParseSeverity(typed string) (Severity, error) {
	if s := Severity(strings.ToLower(typed)); slices.Contains(Severities(), s) {
		return s, nil
	}
	names := make([]string, 0, len(Severities()))
	for _, s := range Severities() {
		names = append(names, string(s))
	}
	return "", fmt.Errorf("%q is no severity: %s", typed, strings.Join(names, ", "))
}

// AtLeast reports whether the severity is as bad as the other, or worse.
func (s Severity) AtLeast(other Severity) bool { return s.rank() >= other.rank() }

// rank is larger for what is worse, 0 for what is no severity.
func (s Severity) rank() int {
	if i := slices.Index(Severities(), s); i >= 0 {
		return len(Severities()) - i
	}
	return 0
}
