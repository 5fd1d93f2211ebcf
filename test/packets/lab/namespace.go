package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Namespace is a network namespace that lives as long as its file is open.
type Namespace struct{ file *os.File }

// NewNamespace makes an empty one. The error says so where the process may
// not.
func NewNamespace() (*Namespace, error) {
	n := &Namespace{}
	err := onOwnThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("cannot create a network namespace: %w", err)
		}
		var err error
		n.file, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Do runs f on a thread of its own in the namespace: what f opens stays in it.
func (n *Namespace) Do(f func() error) error {
	return onOwnThread(func() error {
		if err := unix.Setns(n.Fd(), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("cannot enter a network namespace: %w", err)
		}
		return f()
	})
}

// onOwnThread runs f on a thread that ends afterwards, so that nothing else
// ever runs in the namespace that f leaves it in.
func onOwnThread(f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		result <- f()
	}()
	return <-result
}

// Run runs a program of the administrator in the namespace; the error holds
// what it said.
func (n *Namespace) Run(stdin, program string, args ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + program) // not on the path of users
	}
	if err != nil {
		return fmt.Errorf("%s: %w", program, exec.ErrNotFound)
	}
	return n.Do(func() error {
		var out bytes.Buffer
		cmd := exec.CommandContext(context.Background(), path, args...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(out.Bytes()))
		}
		return nil
	})
}

// Set writes settings of the namespace (sysctl), as "net/ipv4/ip_forward". One
// that older kernels have for the whole machine only is left alone.
func (n *Namespace) Set(value string, names ...string) error {
	return n.Do(func() error {
		for _, name := range names {
			err := os.WriteFile("/proc/sys/"+name, []byte(value), 0)
			if err != nil && !os.IsNotExist(err) {
				return err
			}
		}
		return nil
	})
}

// Path names the namespace for programs that this process starts.
func (n *Namespace) Path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), n.Fd()) }

// Fd is the file that holds the namespace.
func (n *Namespace) Fd() int { return int(n.file.Fd()) }

// Close lets the namespace go, with the last thread and socket in it.
func (n *Namespace) Close() error { return n.file.Close() }
