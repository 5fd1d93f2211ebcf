package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// inside is set in the environment of a process that Reexec has started.
const inside = "PACKET_LAB_INSIDE"

// Reexec runs this program again in namespaces of its own, where it may create
// others, and returns its exit code: in a user namespace, root or not, and where
// that is not allowed as who it is. ok is false where the caller is to go on
// itself: it is that program, or the machine does not allow namespaces.
func Reexec() (code int, ok bool) {
	if os.Getenv(inside) != "" {
		return 0, false
	}
	// The death signal is that of the thread that starts the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const own = syscall.CLONE_NEWNET | syscall.CLONE_NEWNS
	for _, attr := range []*syscall.SysProcAttr{
		{
			Cloneflags:  own | syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		},
		{Cloneflags: own},
	} {
		attr.Pdeathsig = syscall.SIGKILL
		cmd := exec.CommandContext(context.Background(), "/proc/self/exe", os.Args[1:]...)
		cmd.Args[0] = os.Args[0]
		cmd.Env = append(os.Environ(), inside+"=yes")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		cmd.SysProcAttr = attr
		if cmd.Start() == nil {
			return wait(cmd), true
		}
	}
	return 0, false
}

func wait(cmd *exec.Cmd) int {
	err := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	default: // a signal
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
}
