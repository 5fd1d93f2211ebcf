// Command bench measures the promises of docs/performance.md: budgets in
// their own units, and ratios to programs and requests that run in turns with
// ours, so that the machine and what else it does count little. It prints a
// table and writes it into that document.
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
	"slices"
	"strings"
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

// document is where the table is kept, relative to the repository.
const document = "docs/performance.md"

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errOut)
	root := flags.String("root", ".", "the repository")
	check := flags.Bool("check", false, "a missed budget is a failure, and the document stays as it is")
	only := flags.String("only", "", "lanes to run, separated by commas ("+strings.Join(laneNames(), ", ")+"); the document stays as it is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := chooseLanes(*only)
	if err != nil {
		return err
	}
	top, err := filepath.Abs(*root)
	if err != nil {
		return fmt.Errorf("find the repository: %w", err)
	}
	tmp, err := os.MkdirTemp("", "kubectl-secure-bench-")
	if err != nil {
		return fmt.Errorf("make a place for the measurements: %w", err)
	}
	defer os.RemoveAll(tmp)
	b := &bench{root: top, tmp: tmp, log: errOut}
	figures, err := b.measure(ctx, chosen)
	if err != nil {
		return err
	}
	table := renderTable(figures)
	fmt.Fprint(out, table)
	missed := slices.DeleteFunc(slices.Clone(figures), figure.kept)
	switch {
	case *check && len(missed) > 0:
		return fmt.Errorf("measure: %d of %d budgets are missed: %s", len(missed), len(figures), strings.Join(namesOf(missed), "; "))
	case *check || *only != "":
		return nil
	}
	return updateDocument(filepath.Join(top, document), table)
}

// bench is one run of measurements.
type bench struct {
	root, tmp string
	log       io.Writer // progress
	product   string    // the release program, built by measure
}

// measure runs the lanes one after another and returns their figures in the
// order of the promises.
func (b *bench) measure(ctx context.Context, chosen []lane) ([]figure, error) {
	fmt.Fprintln(b.log, "building the release program")
	if err := b.buildProduct(ctx); err != nil {
		return nil, err
	}
	values := map[string][]float64{}
	for _, l := range chosen {
		fmt.Fprintf(b.log, "measuring: %s\n", l.name)
		measured, err := l.measure(b, ctx)
		if err != nil {
			return nil, fmt.Errorf("measure %s: %w", l.name, err)
		}
		for key, list := range measured {
			values[key] = append(values[key], list...)
		}
	}
	return figuresOf(chosen, values)
}
