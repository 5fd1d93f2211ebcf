package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Lab is a router with hosts around it. What hosts send each other passes the
// router's FORWARD hooks, what they send to it INPUT, and what it sends OUTPUT:
// it is the node of the pods among them.
type Lab struct {
	Router *Host
	Hosts  []*Host // the Router is the last

	closing sync.Once
}

// Host is one network namespace with addresses.
type Host struct {
	Name      string
	Addresses []netip.Addr
	// Ports are those where somebody listens, on TCP and UDP, and answers with
	// the host's name. SCTP is answered on each port.
	Ports []int

	ns      *Namespace
	jobs    chan func()
	sockets map[netip.Addr]raw
	closers []func() error
	last    uint32 // counts source ports given out
	senders sync.WaitGroup
	mu      sync.Mutex // of last
}

// Addresses that the router has on each veth.
const (
	gateway4 = "169.254.1.1"
	gateway6 = "fe80::1"
)

// New builds the network. Hosts keep their order; close the Lab in any case.
func New(router *Host, hosts ...*Host) (l *Lab, err error) {
	l = &Lab{Router: router, Hosts: append(hosts, router)}
	for _, h := range l.Hosts {
		if err := h.open(); err != nil {
			return l, err
		}
	}
	if err := router.ns.Set("1", "net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"); err != nil {
		return l, err
	}
	if err := router.ns.Run(router.wires(hosts), "ip", "-batch", "-"); err != nil {
		return l, err
	}
	errs := make([]error, len(l.Hosts))
	var all sync.WaitGroup
	for i, h := range l.Hosts {
		all.Go(func() { errs[i] = h.start(h != router) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return l, err
		}
	}
	return l, l.settle()
}

// settle waits until there are packets on all cables: the kernel takes its
// time, and a probe that it swallows would be sent again.
func (l *Lab) settle() error {
	var probes []Probe
	for _, h := range l.Hosts {
		for _, a := range h.Addresses {
			for _, own := range l.Router.Addresses {
				if own.Is4() == a.Is4() {
					probes = append(probes, Probe{From: l.Router, Source: own, Destination: a, Protocol: corev1.ProtocolUDP, Port: 9})
				}
			}
		}
	}
	for i, r := range l.TryFor(probes, 20*time.Millisecond, 500) {
		if !r.Reached() {
			return fmt.Errorf("no way from the router to %s: %s", probes[i].Destination, r.Fate)
		}
	}
	return nil
}

// wires is what ip has to do in the router.
func (h *Host) wires(hosts []*Host) string {
	var batch strings.Builder
	for i, other := range hosts {
		fmt.Fprintf(&batch, "link add v%d type veth peer name eth0 netns %s\n", i, other.ns.Path())
		fmt.Fprintf(&batch, "addr add %s/32 dev v%d\naddr add %s/64 dev v%d nodad\nlink set v%d up\n", gateway4, i, gateway6, i, i)
		for _, a := range other.Addresses {
			fmt.Fprintf(&batch, "route add %s dev v%d\n", netip.PrefixFrom(a, a.BitLen()), i)
		}
	}
	return batch.String()
}

// open makes the host's namespace. No kind of error is limited in how often it
// is sent: a denial must not be lost.
func (h *Host) open() (err error) {
	if h.ns, err = NewNamespace(); err != nil {
		return err
	}
	return errors.Join(
		h.ns.Set("0",
			"net/ipv4/icmp_ratemask", "net/ipv4/conf/all/rp_filter", "net/ipv4/conf/default/rp_filter",
			"net/ipv6/conf/all/accept_dad", "net/ipv6/conf/default/accept_dad", "net/ipv6/conf/all/disable_ipv6", "net/ipv6/conf/default/disable_ipv6"),
		h.ns.Set("255", "net/ipv6/icmp/ratemask"), // a type that there is not
		h.ns.Run("link set lo up\n", "ip", "-batch", "-"),
	)
}

// start gives the host its addresses, listeners and senders.
func (h *Host) start(wired bool) error {
	device := "lo"
	var batch strings.Builder
	if wired {
		device = "eth0"
		batch.WriteString("link set eth0 up\n")
	}
	for _, a := range h.Addresses {
		fmt.Fprintf(&batch, "addr add %s dev %s", netip.PrefixFrom(a, a.BitLen()), device)
		if a.Is6() {
			batch.WriteString(" nodad")
		}
		batch.WriteString("\n")
	}
	if wired {
		fmt.Fprintf(&batch, "route add %s dev eth0\nroute add default via %s dev eth0\nroute add ::/0 via %s dev eth0\n", gateway4, gateway4, gateway6)
	}
	if err := h.ns.Run(batch.String(), "ip", "-batch", "-"); err != nil {
		return fmt.Errorf("%s: %w", h.Name, err)
	}
	if err := h.ns.Do(h.listen); err != nil {
		return fmt.Errorf("%s: %w", h.Name, err)
	}
	return h.send()
}

// Namespace is where the host is.
func (h *Host) Namespace() *Namespace { return h.ns }

// Close ends all that the lab runs.
func (l *Lab) Close() {
	l.closing.Do(func() {
		for _, h := range l.Hosts {
			h.close()
		}
	})
}

func (h *Host) close() {
	if h.jobs != nil {
		close(h.jobs)
		h.senders.Wait()
	}
	for _, c := range h.closers {
		_ = c() // what cannot be closed ends with the process
	}
	if h.ns != nil {
		_ = h.ns.Close() // as above
	}
}
