package harness

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// logTail is how much of a program's log an error shows, in bytes.
const logTail = 4096

// process is one program of the control plane. It ends when it is stopped or
// when this process ends, however that happens: see the leash in
// cmd/controlplane.
type process struct {
	name    string
	cmd     *exec.Cmd
	leash   io.Closer
	logFile string
	done    chan struct{} // closed when the program has ended
}

// startProcess starts a program of the control plane. The directory leashDir,
// if not empty, is removed by the program should this process die.
func startProcess(binary, name string, args []string, dir, leashDir string) (*process, error) {
	logFile := filepath.Join(dir, name+".log")
	log, err := os.Create(logFile)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer log.Close()
	cmd := exec.Command(binary, append([]string{name}, args...)...) //nolint:noctx // Stop ends it, in its turn
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log
	// Nothing of the caller's environment, proxies and kubeconfigs above all,
	// may change what the control plane does.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "CONTROLPLANE_LEASH=" + leashDir}
	leash, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, leash: leash, logFile: logFile, done: make(chan struct{})}
	go func() {
		// The state is kept in cmd.ProcessState; a killed program is no error.
		_ = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// ended returns an error with the end of the program's log if the program has
// ended on its own.
func (p *process) ended() error {
	select {
	case <-p.done:
		return fmt.Errorf("%s ended unexpectedly (%s):\n%s", p.name, p.cmd.ProcessState, p.tail())
	default:
		return nil
	}
}

// stop kills the program and waits until it is gone. Its state is thrown
// away, so there is nothing to shut down in order.
func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	<-p.done
	_ = p.leash.Close()
}

func (p *process) tail() []byte {
	data, err := os.ReadFile(p.logFile)
	if err != nil {
		return []byte(err.Error())
	}
	return bytes.TrimSpace(data[max(0, len(data)-logTail):])
}
