// Package env holds what a command may take from the process that runs it:
// streams, clock, environment and terminal. Nothing else reads them.
package env

import (
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// Env is the outside world of one run of the program.
type Env struct {
	genericiooptions.IOStreams
	// Name is how users call the program, as "kubectl secure".
	Name string
	// Args are the arguments after the program's name.
	Args []string
	// Getenv returns an environment variable, "" where it is not set.
	Getenv func(string) string
	// Now is the clock.
	Now      func() time.Time
	Terminal Terminal
	Build    Build
}

// Terminal says which streams are a terminal and how wide it is.
type Terminal struct {
	In, Out, Err bool
	Width        int    // in cells; 0 when not known
	GOOS         string // as runtime.GOOS
}

// Build is what the linker knows of this binary; empty fields are not known.
type Build struct {
	Version string
	Commit  string
	Date    string
}
