package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func sizePromises() []promise {
	return []promise{{"size", "The program file", "MB", 36}}
}

// buildProduct builds the program as a release has it.
func (b *bench) buildProduct(ctx context.Context) error {
	b.product = filepath.Join(b.tmp, "kubectl-secure")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", b.product, "./cmd/kubectl-secure")
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return nil
}

// size is that of the file on this platform.
func (b *bench) size(context.Context) (map[string][]float64, error) {
	info, err := os.Stat(b.product)
	if err != nil {
		return nil, err
	}
	return map[string][]float64{"size": {float64(info.Size()) / 1e6}}, nil
}

// command is a run of the product without a cluster, in an environment that
// is the same for everybody.
func (b *bench) command(args ...string) program {
	return program{path: b.product, args: args, env: []string{"HOME=" + b.tmp, "PATH=" + os.Getenv("PATH")}}
}
