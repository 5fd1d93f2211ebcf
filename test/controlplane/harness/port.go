package harness

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// port is a TCP port of 127.0.0.1 that no other program can be given while
// this value is open. It is bound but does not listen, so it never takes a
// connection; the API server binds it too, with --permit-port-sharing. Asking
// the kernel for a free port and closing it again would be a race with
// every other test on the machine.
type port struct {
	number int
	fd     int
}

func reservePort() (*port, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, fmt.Errorf("reserve a loopback port: socket: %w", err)
	}
	number, err := bindShared(fd)
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("reserve a loopback port: %w", err)
	}
	return &port{number: number, fd: fd}, nil
}

func bindShared(fd int) (int, error) {
	// A child process must not inherit the reservation and outlive us with it.
	unix.CloseOnExec(fd)
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return 0, fmt.Errorf("allow sharing: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, fmt.Errorf("bind: %w", err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		return 0, fmt.Errorf("read the port: %w", err)
	}
	addr, ok := name.(*unix.SockaddrInet4)
	if !ok {
		return 0, fmt.Errorf("read the port: unexpected address type %T", name)
	}
	return addr.Port, nil
}

func (p *port) release() {
	_ = unix.Close(p.fd)
}
