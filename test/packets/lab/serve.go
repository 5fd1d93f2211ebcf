package lab

import (
	"context"
	"net"
	"net/netip"
	"strconv"
)

// raw are the sockets of an address that see packets themselves.
type raw struct {
	rejections *rejections
	sctp       *sctpSocket
}

// listen opens the host's sockets; it is called in its namespace. Each has an
// address of its own: an answer must come from where the question went.
func (h *Host) listen() error {
	h.sockets = map[netip.Addr]raw{}
	for _, a := range h.Addresses {
		r, err := openRejections(a)
		if err != nil {
			return err
		}
		h.closers = append(h.closers, r.conn.Close)
		s, err := openSCTP(h.Name, a, r)
		if err != nil {
			return err
		}
		h.closers = append(h.closers, s.packets.Close)
		h.sockets[a] = raw{r, s}
		for _, port := range h.Ports {
			if err := h.listenOn(net.JoinHostPort(a.String(), strconv.Itoa(port))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *Host) listenOn(address string) error {
	var config net.ListenConfig
	stream, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return err
	}
	packets, err := config.ListenPacket(context.Background(), "udp", address)
	if err != nil {
		_ = stream.Close() // the first error counts
		return err
	}
	h.closers = append(h.closers, stream.Close, packets.Close)
	go h.answerStreams(stream)
	go h.answerPackets(packets)
	return nil
}

func (h *Host) answerStreams(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return // closed
		}
		go func() {
			defer conn.Close()
			question := make([]byte, 1)
			// A client that says nothing only wants the name; others want it again
			// each time that they ask.
			for {
				if _, err := conn.Write([]byte(h.Name)); err != nil {
					return
				}
				if _, err := conn.Read(question); err != nil {
					return
				}
			}
		}()
	}
}

func (h *Host) answerPackets(c net.PacketConn) {
	question := make([]byte, 64)
	for {
		_, from, err := c.ReadFrom(question)
		if err != nil {
			return // closed
		}
		_, _ = c.WriteTo([]byte(h.Name), from) // one that is lost is missed by who asked
	}
}
