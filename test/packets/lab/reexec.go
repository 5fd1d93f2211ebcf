package lab

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// inside is set in the environment of a process that Reexec has started.
const inside = "PACKET_LAB_INSIDE"

// Reexec runs this program again in namespaces of its own (user, network,
// mounts), where it may create others, root or not, and returns its exit code.
// ok is false where the caller is to go on itself: because it is that program,
// or because the machine does not allow namespaces; a Lab then says why not.
func Reexec() (code int, ok bool) {
	if os.Getenv(inside) != "" {
		return 0, false
	}
	// The parent's death signal is that of the thread that started the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), inside+"=yes")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	err := cmd.Start()
	if err != nil && os.Getuid() == 0 { // root of a container may be allowed to do without
		cmd2 := *cmd
		cmd2.Err = nil
		attr := *cmd.SysProcAttr
		attr.Cloneflags, attr.UidMappings, attr.GidMappings = syscall.CLONE_NEWNET|syscall.CLONE_NEWNS, nil, nil
		cmd = &exec.Cmd{Path: cmd.Path, Args: cmd.Args, Env: cmd.Env, Stdin: cmd.Stdin, Stdout: cmd.Stdout, Stderr: cmd.Stderr, SysProcAttr: &attr}
		err = cmd.Start()
	}
	if err != nil {
		return 0, false
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, true
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode(), true
	default: // killed
		_, _ = os.Stderr.WriteString(strings.TrimSpace(err.Error()) + "\n")
		return 1, true
	}
}
