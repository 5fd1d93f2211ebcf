package lab

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if code, ok := Reexec(); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}
