package source

import (
	"fmt"
	"time"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

// progressDelay is how long a command may take before it shows progress.
const progressDelay = 300 * time.Millisecond

// progress returns a callback that shows on a terminal what is being read,
// after a while, and erases it at the end; nil where stderr is no terminal.
func (s *Source) progress() func(live.Progress) {
	if !s.env.Terminal.Err {
		return nil
	}
	start := s.env.Now()
	shown := false
	return func(p live.Progress) {
		switch {
		case p.Done && shown:
			fmt.Fprint(s.env.ErrOut, "\r\x1b[K")
		case !p.Done && s.env.Now().Sub(start) > progressDelay:
			shown = true
			fmt.Fprintf(s.env.ErrOut, "\r\x1b[Kreading the cluster: %d objects, %d of %d types", p.Objects, p.TypesDone, p.Types)
		}
	}
}
