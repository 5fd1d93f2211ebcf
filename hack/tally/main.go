// Command tally adds up what test lanes have recorded as `go test -json` does,
// and ends with one line: "N passed, N failed, N skipped".
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

// run reads the files that args name. A file without a single test is a lane
// that did not run, which is a failure as well.
func run(args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("tally", flag.ContinueOnError)
	flags.SetOutput(errOut)
	strict := flags.Bool("no-skips", false, "a skipped test is a failure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("add up results: name at least one file of them")
	}
	var total counts
	for _, name := range flags.Args() {
		c, err := countFile(name)
		if err != nil {
			return err
		}
		for _, skipped := range c.skips {
			fmt.Fprintf(out, "skipped: %s\n", skipped)
		}
		for _, failed := range c.failures {
			fmt.Fprintf(out, "failed: %s\n", failed)
		}
		lane := strings.TrimSuffix(filepath.Base(name), ".json")
		fmt.Fprintf(out, "%-12s %s\n", lane, c)
		total = total.plus(c)
	}
	fmt.Fprintln(out, total)
	switch {
	case len(total.failures) > 0:
		return errors.New("add up results: a test failed")
	case *strict && len(total.skips) > 0:
		return errors.New("add up results: a test was skipped, which this run does not allow")
	}
	return nil
}

func countFile(name string) (counts, error) {
	file, err := os.Open(name)
	if err != nil {
		return counts{}, fmt.Errorf("add up results: %w", err)
	}
	defer file.Close()
	c, err := count(file)
	if err != nil {
		return counts{}, fmt.Errorf("add up %s: %w", name, err)
	}
	if c.passed+len(c.failures)+len(c.skips) == 0 {
		return counts{}, fmt.Errorf("add up %s: no test ran", name)
	}
	return c, nil
}
