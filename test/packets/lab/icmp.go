package lab

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
)

// rejections reads what routers say about packets that an address has sent.
// The kernel tells sockets too, but not those of TCP that are just sending:
// where namespaces share a processor, the error is there before their send is
// done, and is dropped.
type rejections struct {
	conn    *net.IPConn
	mu      sync.Mutex
	waiting map[sent]func()
}

// sent is what an error quotes of the packet that it is about.
type sent struct {
	protocol uint8
	port     uint16 // of the source
}

func openRejections(a netip.Addr) (*rejections, error) {
	network := "ip4:icmp"
	if a.Is6() {
		network = "ip6:ipv6-icmp"
	}
	conn, err := net.ListenIP(network, &net.IPAddr{IP: a.AsSlice()})
	if err != nil {
		return nil, err
	}
	r := &rejections{conn: conn, waiting: map[sent]func(){}}
	go r.receive(a.Is6())
	return r, nil
}

// expect calls f, once at most and not after the returned function, when a
// router says that such a packet is prohibited.
func (r *rejections) expect(s sent, f func()) (done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting[s] = f
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, s)
	}
}

func (r *rejections) receive(six bool) {
	buffer := make([]byte, 2048)
	for {
		n, _, err := r.conn.ReadFromIP(buffer)
		if err != nil {
			return // closed
		}
		s, ok := prohibited(buffer[:n], six)
		if !ok {
			continue
		}
		r.mu.Lock()
		if f := r.waiting[s]; f != nil {
			delete(r.waiting, s)
			f()
		}
		r.mu.Unlock()
	}
}

// prohibited reads an error message: administratively prohibited is type 3,
// code 13 of ICMP, and type 1, code 1 of ICMPv6. Behind 8 bytes it quotes the
// packet.
func prohibited(message []byte, six bool) (s sent, ok bool) {
	const header = 8
	kind, code, least := byte(3), byte(13), 20
	if six {
		kind, code, least = 1, 1, 40
	}
	if len(message) < header+least || message[0] != kind || message[1] != code {
		return sent{}, false
	}
	quoted := message[header:]
	protocol, length := quoted[6], least
	if !six {
		protocol, length = quoted[9], int(quoted[0]&0xf)*4
	}
	if len(quoted) < length+2 {
		return sent{}, false
	}
	return sent{protocol, binary.BigEndian.Uint16(quoted[length:])}, true
}
