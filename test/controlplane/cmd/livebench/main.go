// Command livebench holds a large cluster for hack/bench: the real API server
// with 300 namespaces, 6,000 Roles and 6,000 RoleBindings. It prints a line
// with the kubeconfig when all of them are there, then for every line that it
// reads lists what "who-can get pods" needs at least, and prints how long
// that took. At the end of its input it stops the cluster.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	logf := func(format string, args ...any) { fmt.Fprintf(os.Stderr, "livebench: "+format+"\n", args...) }
	cp, err := harness.Launch(ctx, harness.Options{Logf: logf})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Stop()) }()
	client, err := kubernetes.NewForConfig(cp.Client(harness.Admin))
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	begin := time.Now()
	if err := load(ctx, client); err != nil {
		return err
	}
	logf("loaded the cluster in %s", time.Since(begin).Round(time.Second))
	encoder := json.NewEncoder(out)
	if err := encoder.Encode(map[string]string{"kubeconfig": cp.Kubeconfig(harness.Admin)}); err != nil {
		return err
	}
	return answer(ctx, client, bufio.NewScanner(in), encoder)
}

// answer lists once a line.
func answer(ctx context.Context, client kubernetes.Interface, lines *bufio.Scanner, encoder *json.Encoder) error {
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		for lines.Scan() {
			asked <- struct{}{}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case _, open := <-asked:
			if !open {
				return lines.Err()
			}
		}
		runtime.GC() // of what the list before left
		begin := time.Now()
		if err := bareLists(ctx, client); err != nil {
			return err
		}
		if err := encoder.Encode(map[string]int64{"nanoseconds": time.Since(begin).Nanoseconds()}); err != nil {
			return err
		}
	}
}
