package suite

import (
	"flag"
	"os"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if code, ok := lab.Reexec(); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}
