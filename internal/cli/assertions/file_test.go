package assertions_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// endless is a file like /dev/zero.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func stdin(in io.Reader) *env.Env {
	return &env.Env{IOStreams: genericiooptions.IOStreams{In: in}}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	full, more := filepath.Join(dir, "full"), filepath.Join(dir, "more")
	for name, size := range map[string]int{full: 1 << 20, more: 1<<20 + 1} {
		if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, file string
		in         io.Reader
		want       int // bytes
		err        string
	}{
		{"standard input", "-", strings.NewReader("- x"), 3, ""},
		{"as large as may be", full, nil, 1 << 20, ""},
		{"larger", more, nil, 0, more + " is larger than 1 MiB"},
		{"without end", "-", endless{}, 0, "standard input is larger than 1 MiB"},
		{"a directory", dir, nil, 0, "is a directory"},
		{"no file", filepath.Join(dir, "nosuch"), nil, 0, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := assertions.Read(t.Context(), stdin(tt.in), tt.file, 1)
			if len(data) != tt.want {
				t.Errorf("%d bytes, want %d", len(data), tt.want)
			}
			switch {
			case tt.err == "" && err != nil:
				t.Error(err)
			case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || fault.Code(err) != fault.ExitUsage):
				t.Errorf("error %v, want a usage error with %q", err, tt.err)
			}
		})
	}
}

// A pipe without a writer does not keep an interrupt waiting.
func TestReadIsInterrupted(t *testing.T) {
	in, writer := io.Pipe()
	defer writer.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := assertions.Read(ctx, stdin(in), "-", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
