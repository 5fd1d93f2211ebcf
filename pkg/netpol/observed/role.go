package observed

import "net/netip"

// role is which direction of a connection a packet belongs to.
type role int

const (
	asUnknown role = iota
	asRequest
	asReply
)

// firstEphemeral is where the ports begin that clients get by themselves;
// those of node ports end before it.
// Source: ip_local_port_range in Documentation/networking/ip-sysctl.rst of
// Linux: 32768-60999.
const firstEphemeral = 32768

// roleOf guesses by the ports: clients have ephemeral ones, servers others.
func roleOf(source, destination int32) role {
	switch {
	case source >= firstEphemeral && 0 < destination && destination < firstEphemeral:
		return asRequest
	case destination >= firstEphemeral && 0 < source && source < firstEphemeral:
		return asReply
	default:
		return asUnknown
	}
}

// isEcho reports whether a type of ICMP asks for an answer: all else answers,
// or tells of errors.
// Source: RFC 792 and RFC 4443.
func isEcho(icmp int32, of netip.Addr) bool {
	const echo, echo6 = 8, 128
	if of.Is4() {
		return icmp == echo
	}
	return icmp == echo6
}
