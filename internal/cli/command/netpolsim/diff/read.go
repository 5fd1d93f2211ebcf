package diff

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
)

// readFlows reads the file of --flows. A pipe that nobody writes to blocks, so
// an interrupt must not wait for it.
func (o *Options) readFlows(ctx context.Context) (*observed.Log, error) {
	in := o.env.In
	if o.flows != "-" {
		f, err := os.Open(o.flows)
		if err != nil {
			return nil, fault.Usage("--flows: %w", err)
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fault.Usage("--flows: %s is a directory: name a file", o.flows)
		}
		in = f
	}
	log, err := parse(ctx, in, o.flowsFormat)
	if err == nil && log.Records == 0 && len(log.Problems) > 0 {
		first := log.Problems[0]
		return nil, fault.WithHelp(fault.Usage("--flows: %s holds no record of a flow", o.flows), fmt.Sprintf("line %d: %s", first.Line, first.Detail))
	}
	return log, err
}

func parse(ctx context.Context, in io.Reader, format observed.Format) (*observed.Log, error) {
	type result struct {
		log *observed.Log
		err error
	}
	done := make(chan result, 1)
	go func() {
		log, err := observed.Parse(in, format)
		done <- result{log, err}
	}()
	select {
	case r := <-done:
		return r.log, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
