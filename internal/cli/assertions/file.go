// Package assertions has what the commands that check assertions share: it
// reads their files and writes outcomes as JUnit.
package assertions

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// Read returns what a file of at most so many MiB holds. Errors are usage
// errors. A pipe that nobody writes to blocks, so an interrupt does not wait
// for it.
func Read(ctx context.Context, e *env.Env, file string, mebibytes int64) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := readLimited(e, file, mebibytes)
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func readLimited(e *env.Env, file string, mebibytes int64) ([]byte, error) {
	in, name := e.In, "standard input"
	if file != Stdin {
		f, err := os.Open(file)
		if err != nil {
			return nil, fault.Usage("read the assertions: %w", err)
		}
		defer f.Close()
		in, name = f, file
	}
	limit := mebibytes << 20
	data, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, fault.Usage("read the assertions: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fault.Usage("read the assertions: %s is larger than %d MiB: split it", name, mebibytes)
	}
	return data, nil
}

// Place names an assertion, also among others in the same line.
func Place(file string, line, n int) string {
	return fmt.Sprintf("%s:%d: assertion %d", file, line, n)
}
