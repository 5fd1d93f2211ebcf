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

// run reads the files that args name. A file without a single test, or a
// damaged one, is a lane that did not run: a failure like any other, so that
// the last line is always the sum.
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
		c := countFile(name)
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

func countFile(name string) counts {
	file, err := os.Open(name)
	if err != nil {
		return counts{failures: []string{err.Error()}}
	}
	defer file.Close()
	c, err := count(file)
	switch {
	case err != nil:
		c.failures = append(c.failures, fmt.Sprintf("%s: %v", name, err))
	case c.passed+len(c.failures)+len(c.skips) == 0:
		c.failures = append(c.failures, name+": no test ran")
	}
	return c
}
