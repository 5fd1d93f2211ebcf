package lab

import (
	"fmt"
	"os"
	"testing"
)

// refused says in the environment why this machine has no labs.
const refused = "PACKET_LAB_REFUSED"

// Main runs tests in namespaces of their own and returns the exit code. check
// tries what they need, in a namespace that is thrown away.
func Main(m *testing.M, check func(*Namespace) error) int {
	if code, ok := Reexec(); ok {
		return code
	}
	if err := attempt(check); err != nil {
		if os.Setenv(refused, err.Error()) != nil {
			return 1
		}
	}
	return m.Run()
}

func attempt(check func(*Namespace) error) error {
	ns, err := NewNamespace()
	if err != nil {
		return fmt.Errorf("%w (needs CAP_SYS_ADMIN, or user namespaces)", err)
	}
	defer ns.Close()
	return check(ns)
}

// Need skips a test on machines that do not allow what Main has tried. With
// CI=true, or PACKET_LAB=required, they have to.
func Need(t testing.TB) {
	t.Helper()
	why := os.Getenv(refused)
	switch {
	case why == "":
	case os.Getenv("CI") == "true" || os.Getenv("PACKET_LAB") == "required":
		t.Fatalf("packet lab: %s", why)
	default:
		t.Skipf("packet lab skipped: %s", why)
	}
}
