package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// counts are the results of tests and subtests.
type counts struct {
	passed          int
	failures, skips []string // package and test
}

func (c counts) plus(d counts) counts {
	return counts{c.passed + d.passed, slices.Concat(c.failures, d.failures), slices.Concat(c.skips, d.skips)}
}

func (c counts) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, len(c.failures), len(c.skips))
}

// count reads the events of `go test -json`. A package that fails although
// none of its tests did (it does not build, it panics in TestMain, it runs out
// of time) is one failure; a package without tests is nothing. What has
// started and never ended has failed. With an error come the results before it.
func count(r io.Reader) (counts, error) {
	var c counts
	running := map[string]bool{}
	broken := map[string]bool{} // packages with a failed test
	for dec := json.NewDecoder(r); ; {
		var e struct{ Action, Package, Test string }
		err := dec.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return c, fmt.Errorf("read events: %w", err)
		}
		name := e.Package
		if e.Test != "" {
			name += "." + e.Test
		}
		switch {
		case e.Action == "run":
			running[name] = true
		case e.Action == "pass" && e.Test != "":
			c.passed++
		case e.Action == "skip" && e.Test != "":
			c.skips = append(c.skips, name)
		case e.Action == "fail" && (e.Test != "" || !broken[e.Package]):
			c.failures = append(c.failures, name)
			broken[e.Package] = true
		}
		if e.Action == "pass" || e.Action == "skip" || e.Action == "fail" {
			delete(running, name)
		}
	}
	for name := range running {
		c.failures = append(c.failures, name+" (never ended)")
	}
	slices.Sort(c.failures)
	return c, nil
}
