// Command krewtest proves that krew and kubectl take the release: it builds the
// archive for this machine, has it validated and installed by the real krew in
// a temporary root, and runs and completes it through the real kubectl. No
// request leaves the machine: the archive is served on a loopback port.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, errOut io.Writer) (err error) {
	flags := flag.NewFlagSet("krewtest", flag.ContinueOnError)
	flags.SetOutput(errOut)
	root := flags.String("root", ".", "the repository")
	events := flags.String("json", "", "also write the results here, as go test -json does")
	if err := flags.Parse(args); err != nil {
		return err
	}
	record := io.Discard
	if *events != "" {
		file, err := os.Create(*events)
		if err != nil {
			return fmt.Errorf("record the results: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		record = file
	}
	top, err := filepath.Abs(*root)
	if err != nil {
		return fmt.Errorf("find the repository: %w", err)
	}
	tmp, err := os.MkdirTemp("", "kubectl-secure-krew-")
	if err != nil {
		return fmt.Errorf("make a place for the test: %w", err)
	}
	defer os.RemoveAll(tmp)
	lane, err := newLane(ctx, top, tmp, runCommand)
	if err != nil {
		return err
	}
	defer lane.stop()
	return runSteps(ctx, lane.steps(), out, record)
}
