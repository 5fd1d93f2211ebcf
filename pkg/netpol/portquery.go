package netpol

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// PortName is a port of the destination by its name: of a Service's port, or
// of a container's. Without protocol it is that of any.
type PortName struct {
	Name     string
	Protocol corev1.Protocol
}

// String returns NAME or NAME/PROTOCOL.
func (n PortName) String() string {
	if n.Protocol == "" {
		return n.Name
	}
	return n.Name + "/" + string(n.Protocol)
}

func (n PortName) matches(name string, protocol corev1.Protocol) bool {
	return n.Name == name && (n.Protocol == "" || n.Protocol == protocol)
}

// AddPort adds what a user typed to the ports of the question: NUMBER, FROM-TO
// or NAME, with /TCP, /UDP or /SCTP (TCP without, for numbers), or icmp.
func (q *Question) AddPort(typed string) error {
	if strings.EqualFold(typed, string(ProtocolICMP)) {
		q.Ports = append(q.Ports, PortRange{Protocol: ProtocolICMP})
		return nil
	}
	port, name, given := strings.Cut(typed, "/")
	protocol := corev1.Protocol(strings.ToUpper(name))
	if given && !slices.Contains(Protocols(), protocol) {
		return fmt.Errorf("%q: %q is none of TCP, UDP and SCTP", typed, name)
	}
	if strings.ContainsFunc(port, unicode.IsLetter) {
		if wrong := validation.IsValidPortName(port); len(wrong) > 0 {
			return fmt.Errorf("%q is no name of a port: it %s", port, wrong[0])
		}
		q.Names = append(q.Names, PortName{port, protocol})
		return nil
	}
	first, last, ranged := strings.Cut(port, "-")
	if !ranged {
		last = first
	}
	from, err := portNumber(first)
	if err != nil {
		return fmt.Errorf("%q: %w", typed, err)
	}
	to, err := portNumber(last)
	if err != nil {
		return fmt.Errorf("%q: %w", typed, err)
	}
	if to < from {
		return fmt.Errorf("%q ends before it begins", typed)
	}
	q.Ports = append(q.Ports, PortRange{protocolOf(protocol), from, to})
	return nil
}

// numbersOf returns the ports that the name stands for at an endpoint.
func (n PortName) numbersOf(e *Endpoint) []PortRange {
	var found []PortRange
	for _, p := range e.Ports {
		if !p.Init && n.matches(p.Name, p.Protocol) {
			found = append(found, PortRange{p.Protocol, p.Number, p.Number})
		}
	}
	return found
}

// portsOf returns the ports of the name at which clients reach the backends of
// a Service: of a headless one they are the endpoints' own.
func (n PortName) portsOf(s *corev1.Service, backends []Backend) []PortRange {
	var found []PortRange
	for _, p := range s.Spec.Ports {
		own := PortRange{protocolOf(p.Protocol), p.Port, p.Port}
		if !n.matches(p.Name, own.Protocol) {
			continue
		}
		if !headless(s) {
			found = append(found, own)
			continue
		}
		for _, b := range backends {
			if b.Name == p.Name {
				found = append(found, b.Port)
			}
		}
	}
	return found
}

func portNumber(s string) (int32, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 || n > maxPort {
		return 0, fmt.Errorf("%q is no port: it must be between 1 and %d", s, maxPort)
	}
	return int32(n), nil
}
