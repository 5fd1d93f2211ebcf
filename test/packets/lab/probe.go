package lab

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
)

// Probe is one connection to try.
type Probe struct {
	From        *Host
	Source      netip.Addr // one of From's
	Destination netip.Addr
	Protocol    corev1.Protocol
	Port        int32
}

// Fate is what became of a connection.
type Fate string

// The fates. Refused connections have reached the destination, where nobody
// listens; Rejected ones were refused by a router on the way.
const (
	Answered Fate = "Answered"
	Refused  Fate = "Refused"
	Rejected Fate = "Rejected"
	Lost     Fate = "Lost"
)

// Result is what became of a Probe.
type Result struct {
	Fate       Fate
	Answer     string // the name of who answered
	SourcePort uint16 // no two probes from a host have the same, until they wrap
	Tries      int
}

// Reached reports whether the packet came to a host.
func (r Result) Reached() bool { return r.Fate == Answered || r.Fate == Refused }

// How many connections a host tries at a time, which source ports they have,
// and how long and how often they are tried: silence within this machine is a
// packet that something swallowed, or a processor with too much to do.
const (
	senders   = 4
	firstPort = 20000
	ports     = 40000
	patience  = 5 * time.Second
	tries     = 3
)

// send starts threads that send from the host's namespace, until jobs is
// closed.
func (h *Host) send() error {
	h.jobs = make(chan func())
	entered := make(chan error, senders)
	for range senders {
		h.senders.Go(func() {
			err := h.ns.Do(func() error {
				entered <- nil
				for job := range h.jobs {
					job()
				}
				return nil
			})
			if err != nil {
				entered <- err
			}
		})
	}
	var errs []error
	for range senders {
		errs = append(errs, <-entered)
	}
	return errors.Join(errs...)
}

// Try sends all probes, many at a time, and returns what became of each.
func (l *Lab) Try(probes []Probe) []Result { return l.TryFor(probes, patience, tries) }

// TryFor is Try with another patience, for where silence is expected.
func (*Lab) TryFor(probes []Probe, patience time.Duration, tries int) []Result {
	results := make([]Result, len(probes))
	byHost := map[*Host][]int{}
	for i, p := range probes {
		byHost[p.From] = append(byHost[p.From], i)
	}
	var all sync.WaitGroup
	for h, list := range byHost {
		all.Go(func() {
			for _, i := range list {
				all.Add(1)
				h.jobs <- func() {
					defer all.Done()
					results[i] = try(probes[i], patience, tries)
				}
			}
		})
	}
	all.Wait()
	return results
}

func try(p Probe, patience time.Duration, tries int) (r Result) {
	for n := range tries {
		source := p.From.nextPort()
		switch p.Protocol {
		case corev1.ProtocolSCTP:
			r = p.From.sockets[p.Source].sctp.ask(source, p.Destination, uint16(p.Port), patience)
		case corev1.ProtocolUDP:
			r = connect(p, source, unix.SOCK_DGRAM, patience)
		default:
			r = connect(p, source, unix.SOCK_STREAM, patience)
		}
		r.SourcePort, r.Tries = source, n+1
		if r.Fate != Lost {
			break
		}
	}
	return r
}

func (h *Host) nextPort() uint16 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	return uint16(firstPort + h.last%ports)
}
