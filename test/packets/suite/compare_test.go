package suite

import (
	"fmt"

	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

// want is a connection and what should become of it.
type want struct {
	probe   lab.Probe
	to      *lab.Host
	allowed bool
	closed  bool // nobody listens there
}

// differences are the connections of which something else became. What is
// allowed must reach the right host, what is not must be refused on the way:
// silence is neither.
func differences(wants []want, results []lab.Result) []string {
	var wrong []string
	for i, w := range wants {
		r := results[i]
		right := r.Fate == lab.Rejected
		switch {
		case w.allowed && w.closed:
			right = r.Fate == lab.Refused || r.Fate == lab.Answered && r.Answer == w.to.Name
		case w.allowed:
			right = r.Fate == lab.Answered && r.Answer == w.to.Name
		}
		if !right {
			wrong = append(wrong, fmt.Sprintf("%s: want allowed=%t, the packet was %s %s", w, w.allowed, r.Fate, r.Answer))
		}
	}
	return wrong
}

func (w want) String() string {
	return fmt.Sprintf("%s (%s) -> %s (%s) %d/%s", w.probe.From.Name, w.probe.Source, w.to.Name, w.probe.Destination, w.probe.Port, w.probe.Protocol)
}

// self reports whether the connection never leaves the host.
func (w want) self() bool { return w.probe.From == w.to }
