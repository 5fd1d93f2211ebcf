package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// builder compiles the program of root for t into the file out.
type builder func(ctx context.Context, root string, t target, r release, out string) error

// goBuild is the builder of releases. -trimpath and an environment without
// surprises make the bytes depend on the sources and the Go release alone.
func goBuild(ctx context.Context, root string, t target, r release, out string) error {
	full, err := filepath.Abs(out)
	if err != nil {
		return fmt.Errorf("build %s: %w", t, err)
	}
	flags := strings.Join([]string{
		"-s", "-w",
		"-X main.version=" + r.version,
		"-X main.commit=" + r.commit,
		"-X main.date=" + r.date.Format(time.RFC3339),
	}, " ")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", full, "./cmd/kubectl-secure")
	cmd.Dir = root
	cmd.Env = append(os.Environ(),
		"CGO_ENABLED=0", "GOOS="+t.os, "GOARCH="+t.arch,
		"GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", t, err, text)
	}
	return nil
}
