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

// numbersOf returns the ports that names of the question stand for at an
// endpoint.
func (q *Question) numbersOf(e *Endpoint) []PortRange {
	var found []PortRange
	for _, p := range e.Ports {
		if !p.Init && slices.ContainsFunc(q.Names, func(n PortName) bool { return n.matches(p.Name, p.Protocol) }) {
			found = append(found, PortRange{p.Protocol, p.Number, p.Number})
		}
	}
	return found
}

// named turns names of the question into those ports of a Service.
func (q *Question) named(s *corev1.Service) {
	for _, p := range s.Spec.Ports {
		if slices.ContainsFunc(q.Names, func(n PortName) bool { return n.matches(p.Name, protocolOf(p.Protocol)) }) {
			number := p.Port
			if headless(s) && p.TargetPort.IntVal != 0 {
				number = p.TargetPort.IntVal // clients connect to the endpoint itself
			}
			q.Ports = append(q.Ports, PortRange{protocolOf(p.Protocol), number, number})
		}
	}
}

func portNumber(s string) (int32, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 || n > maxPort {
		return 0, fmt.Errorf("%q is no port: it must be between 1 and %d", s, maxPort)
	}
	return int32(n), nil
}
