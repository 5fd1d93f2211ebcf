package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"time"
)

func livePromises() []promise {
	return []promise{
		{"live-wall", "`who-can get pods -A` on the API server: time without start-up, to the bare lists", "×", 1.5},
		{"live-memory", "the same: memory", "MB", 150},
	}
}

// live asks a question of the real API server, in turns with the bare list
// requests that it needs at least.
func (b *bench) live(ctx context.Context) (_ map[string][]float64, err error) {
	const rounds = 15
	cluster, err := b.startCluster(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cluster.stop()) }()
	startUp := b.command("version")
	whoCan := b.command("who-can", "get", "pods", "-A", "--kubeconfig", cluster.kubeconfig)
	var ratio, memory []float64
	for round := range rounds + 1 {
		lists, err := cluster.list()
		if err != nil {
			return nil, err
		}
		start, err := startUp.run(ctx)
		if err != nil {
			return nil, err
		}
		answer, err := whoCan.run(ctx)
		if err != nil {
			return nil, err
		}
		if round > 0 { // the first fills caches, also those of the server
			ratio = append(ratio, float64(answer.wall-start.wall)/float64(lists))
			memory = append(memory, memoryOf(answer))
		}
	}
	return map[string][]float64{"live-wall": ratio, "live-memory": memory}, nil
}

// cluster is the program test/controlplane/cmd/livebench: it holds a large
// cluster, and lists it once for every line that it reads.
type cluster struct {
	kubeconfig string
	process    *exec.Cmd
	in         io.WriteCloser
	out        *bufio.Scanner
}

// startCluster returns when the cluster has all its objects.
func (b *bench) startCluster(ctx context.Context) (*cluster, error) {
	cmd := exec.CommandContext(ctx, "go", "run", "./cmd/livebench")
	cmd.Dir = filepath.Join(b.root, "test", "controlplane")
	cmd.Stderr = b.log
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	// An interrupt closes its input, on which it cleans up; a kill of "go
	// run" would leave the control plane without one.
	cmd.Cancel = in.Close
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the cluster: %w", err)
	}
	c := &cluster{process: cmd, in: in, out: bufio.NewScanner(out)}
	var ready struct{ Kubeconfig string }
	if err := c.read(&ready); err != nil {
		return nil, errors.Join(fmt.Errorf("start the cluster: %w", err), c.stop())
	}
	c.kubeconfig = ready.Kubeconfig
	return c, nil
}

// list has the cluster list what the question needs, and returns how long
// that took.
func (c *cluster) list() (time.Duration, error) {
	if _, err := fmt.Fprintln(c.in); err != nil {
		return 0, fmt.Errorf("ask for the lists: %w", err)
	}
	var lists struct{ Nanoseconds int64 }
	if err := c.read(&lists); err != nil {
		return 0, fmt.Errorf("list: %w", err)
	}
	if lists.Nanoseconds <= 0 {
		return 0, fmt.Errorf("list: it took %d nanoseconds", lists.Nanoseconds)
	}
	return time.Duration(lists.Nanoseconds), nil
}

func (c *cluster) read(into any) error {
	if !c.out.Scan() {
		return errors.Join(c.out.Err(), io.ErrUnexpectedEOF)
	}
	return json.Unmarshal(c.out.Bytes(), into)
}

// stop ends the control plane.
func (c *cluster) stop() error {
	return errors.Join(c.in.Close(), c.process.Wait())
}
