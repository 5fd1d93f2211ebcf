package main

import (
	"io"
	"os"
	"time"
)

// leashEnv switches the leash on. Its value may name a directory that is
// removed when the leash breaks.
const leashEnv = "CONTROLPLANE_LEASH"

// removalDelay lets the other programs of the control plane, whose leashes
// break at the same moment, end before their files are removed.
const removalDelay = 300 * time.Millisecond

// holdLeash ends this process when standard input is closed. The starter
// holds the other end of that pipe, so that a test that panics, is killed or
// runs into its timeout leaves neither processes nor files behind: no
// deferred function is needed for that.
func holdLeash() {
	dir, ok := os.LookupEnv(leashEnv)
	if !ok {
		return
	}
	go func() {
		// Only the end counts, whether it is EOF or an error.
		_, _ = io.Copy(io.Discard, os.Stdin)
		if dir != "" {
			time.Sleep(removalDelay)
			_ = os.RemoveAll(dir)
		}
		os.Exit(1)
	}()
}
