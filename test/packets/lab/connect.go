package lab

import (
	"errors"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// connect is called on a thread in the namespace of the source. Its sockets
// block: a poller would be slower here.
func connect(p Probe, source uint16, kind int, patience time.Duration) Result {
	fd, err := open(p, source, kind, patience)
	if err != nil {
		return Result{Fate: fateOf(err)}
	}
	rejected := false
	done := p.From.sockets[p.Source].rejections.expect(sent{unix.IPPROTO_TCP, source}, func() {
		rejected = true
		_ = unix.Shutdown(fd, unix.SHUT_RDWR) // wakes who waits for it
	})
	name := make([]byte, 64)
	n, err := converse(fd, p, kind, name)
	done()
	_ = unix.Close(fd) // nothing is left to be written
	switch {
	case rejected:
		return Result{Fate: Rejected}
	case err != nil:
		return Result{Fate: fateOf(err)}
	default:
		return Result{Fate: Answered, Answer: string(name[:n])}
	}
}

// converse reads the other end's name.
func converse(fd int, p Probe, kind int, name []byte) (n int, err error) {
	if err := again(func() error { return unix.Connect(fd, sockaddr(p.Destination, uint16(p.Port))) }); err != nil {
		return 0, err
	}
	if kind == unix.SOCK_DGRAM {
		if err := again(func() error { _, err := unix.Write(fd, []byte("?")); return err }); err != nil {
			return 0, err
		}
	}
	err = again(func() error { n, err = unix.Read(fd, name); return err })
	return n, err
}

// again goes on with what a signal has interrupted: Go sends its own threads
// some, and waits with a limit are not resumed by themselves. A second connect
// waits for the first.
func again(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// open makes the socket.
func open(p Probe, source uint16, kind int, patience time.Duration) (int, error) {
	family := unix.AF_INET
	if p.Destination.Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	wait := unix.NsecToTimeval(patience.Nanoseconds())
	// Closing resets: a connection must not outlive its probe.
	err = errors.Join(
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &wait),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait),
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}),
		unix.Bind(fd, sockaddr(p.Source, source)),
	)
	if err != nil {
		_ = unix.Close(fd) // the first error counts
		return -1, err
	}
	return fd, nil
}

func sockaddr(a netip.Addr, port uint16) unix.Sockaddr {
	if a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4(), Port: int(port)}
	}
	return &unix.SockaddrInet6{Addr: a.As16(), Port: int(port)}
}

// fateOf reads what the kernel makes of errors that come back: administratively
// prohibited is "no route to host" for IPv4 and "permission denied" for IPv6.
func fateOf(err error) Fate {
	switch {
	case errors.Is(err, unix.ECONNREFUSED):
		return Refused
	case errors.Is(err, unix.EHOSTUNREACH), errors.Is(err, unix.EACCES):
		return Rejected
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINPROGRESS), errors.Is(err, unix.ETIMEDOUT):
		return Lost
	default:
		return Fate(err.Error())
	}
}
