package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// step is one thing that has to be true. Later steps build on earlier ones.
type step struct {
	name string
	run  func(context.Context) error
}

// event is a line of `go test -json`, as far as its readers need it.
type event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string  `json:",omitempty"`
	Elapsed float64 `json:",omitempty"` // seconds
}

const packageName = "hack/krewtest"

// runSteps runs the steps in order and stops at the first that fails. What was
// not reached then counts as failed too: nobody knows.
func runSteps(ctx context.Context, steps []step, out, record io.Writer) error {
	enc := json.NewEncoder(record)
	failed := 0
	for _, s := range steps {
		start := time.Now()
		err := error(nil)
		if failed == 0 {
			err = s.run(ctx)
		}
		e := event{Time: start, Action: "pass", Package: packageName, Test: s.name, Elapsed: time.Since(start).Seconds()}
		switch {
		case err != nil:
			failed++
			e.Action = "fail"
			fmt.Fprintf(out, "FAIL  %s (%.1f s)\n%v\n", s.name, e.Elapsed, err)
		case failed > 0:
			failed++
			e.Action = "fail"
			fmt.Fprintf(out, "FAIL  %s: not reached\n", s.name)
		default:
			fmt.Fprintf(out, "ok    %s (%.1f s)\n", s.name, e.Elapsed)
		}
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("record the results: %w", err)
		}
	}
	if failed > 0 {
		return fmt.Errorf("test the plugin with krew: %d of %d steps failed", failed, len(steps))
	}
	return nil
}
