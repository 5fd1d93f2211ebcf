package lab

import (
	"encoding/binary"
	"hash/crc32"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// sctpSocket speaks as much SCTP as a handshake begins with, for kernels that
// have no sockets of it: it asks with INIT, and answers each INIT with an INIT
// ACK that holds the name of the host. Source: RFC 9260, section 3.3.
type sctpSocket struct {
	name       string
	packets    *net.IPConn
	rejections *rejections
	mu         sync.Mutex
	waiting    map[uint16]chan Result // by local port
}

// Chunk types, and the parameter of INIT ACK that carries the name.
const (
	chunkInit    = 1
	chunkInitAck = 2
	paramCookie  = 7
	headerLen    = 12
	initLen      = 20
)

func openSCTP(name string, a netip.Addr, r *rejections) (*sctpSocket, error) {
	network := "ip4:132"
	if a.Is6() {
		network = "ip6:132"
	}
	packets, err := net.ListenIP(network, &net.IPAddr{IP: a.AsSlice()})
	if err != nil {
		return nil, err
	}
	s := &sctpSocket{name: name, packets: packets, rejections: r, waiting: map[uint16]chan Result{}}
	go s.receive()
	return s, nil
}

// ask sends an INIT from one port to another and waits for what comes back.
func (s *sctpSocket) ask(source uint16, to netip.Addr, port uint16, wait time.Duration) Result {
	answer := make(chan Result, 2) // of the other end and of a router
	s.mu.Lock()
	s.waiting[source] = answer
	s.mu.Unlock()
	done := s.rejections.expect(sent{unix.IPPROTO_SCTP, source}, func() { answer <- Result{Fate: Rejected} })
	defer func() {
		done()
		s.mu.Lock()
		delete(s.waiting, source)
		s.mu.Unlock()
	}()
	if err := s.write(to, packet(source, port, 0, chunkInit, nil)); err != nil {
		return Result{Fate: fateOf(err)}
	}
	select {
	case r := <-answer:
		return r
	case <-time.After(wait):
		return Result{Fate: Lost}
	}
}

func (s *sctpSocket) write(to netip.Addr, p []byte) error {
	_, err := s.packets.WriteToIP(p, &net.IPAddr{IP: to.AsSlice()})
	return err
}

func (s *sctpSocket) receive() {
	buffer := make([]byte, 2048)
	for {
		n, from, err := s.packets.ReadFromIP(buffer)
		if err != nil {
			return // closed
		}
		p := buffer[:n]
		if n < headerLen+initLen {
			continue
		}
		source, destination := binary.BigEndian.Uint16(p), binary.BigEndian.Uint16(p[2:])
		switch p[headerLen] {
		case chunkInit:
			tag := binary.BigEndian.Uint32(p[headerLen+4:])
			addr, _ := netip.AddrFromSlice(from.IP)
			_ = s.write(addr.Unmap(), packet(destination, source, tag, chunkInitAck, []byte(s.name))) // one that is lost is missed by who asked
		case chunkInitAck:
			s.deliver(destination, Result{Fate: Answered, Answer: cookie(p[headerLen+initLen:])})
		}
	}
}

func (s *sctpSocket) deliver(port uint16, r Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if waiting := s.waiting[port]; waiting != nil {
		delete(s.waiting, port) // one answer is enough
		waiting <- r
	}
}

// packet is a common header and an INIT or INIT ACK chunk. Connection tracking
// drops those with a wrong checksum.
func packet(source, destination uint16, tag uint32, chunk byte, name []byte) []byte {
	length := initLen
	if name != nil {
		length += 4 + len(name)
	}
	p := make([]byte, headerLen+(length+3)/4*4)
	binary.BigEndian.PutUint16(p, source)
	binary.BigEndian.PutUint16(p[2:], destination)
	binary.BigEndian.PutUint32(p[4:], tag)
	c := p[headerLen:]
	c[0] = chunk
	binary.BigEndian.PutUint16(c[2:], uint16(length))
	binary.BigEndian.PutUint32(c[4:], uint32(source)<<16|uint32(destination)) // initiate tag: any but 0
	binary.BigEndian.PutUint32(c[8:], 65536)                                  // receiver window
	binary.BigEndian.PutUint16(c[12:], 1)                                     // streams out
	binary.BigEndian.PutUint16(c[14:], 1)                                     // streams in
	if name != nil {
		binary.BigEndian.PutUint16(c[initLen:], paramCookie)
		binary.BigEndian.PutUint16(c[initLen+2:], uint16(4+len(name)))
		copy(c[initLen+4:], name)
	}
	binary.LittleEndian.PutUint32(p[8:], crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)))
	return p
}

// cookie is the value of the first parameter.
func cookie(params []byte) string {
	if len(params) < 4 {
		return ""
	}
	length := int(binary.BigEndian.Uint16(params[2:]))
	if length < 4 || length > len(params) {
		return ""
	}
	return string(params[4:length])
}
