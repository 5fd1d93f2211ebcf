package netpol

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// ParsePort reads the ports of a question: NUMBER or FROM-TO, with /TCP, /UDP
// or /SCTP (TCP without), or icmp.
func ParsePort(typed string) ([]PortRange, error) {
	if strings.EqualFold(typed, string(ProtocolICMP)) {
		return []PortRange{{Protocol: ProtocolICMP}}, nil
	}
	numbers, name, given := strings.Cut(typed, "/")
	protocol := corev1.Protocol(strings.ToUpper(name))
	switch protocol {
	case corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP:
	case "":
		if given {
			return nil, fmt.Errorf("%q lacks the protocol after the slash: TCP, UDP or SCTP", typed)
		}
		protocol = corev1.ProtocolTCP
	default:
		return nil, fmt.Errorf("%q: %q is none of TCP, UDP and SCTP", typed, name)
	}
	first, last, ranged := strings.Cut(numbers, "-")
	if !ranged {
		last = first
	}
	from, err := portNumber(first)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", typed, err)
	}
	to, err := portNumber(last)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", typed, err)
	}
	if to < from {
		return nil, fmt.Errorf("%q ends before it begins", typed)
	}
	return []PortRange{{protocol, from, to}}, nil
}

func portNumber(s string) (int32, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 || n > maxPort {
		return 0, fmt.Errorf("%q is no port: it must be between 1 and %d", s, maxPort)
	}
	return int32(n), nil
}
