// Command gentables writes the product's static tables, the built-in API
// types and the default roles and bindings, from the real API server.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
	"github.com/kubectl-secure/kubectl-secure/test/controlplane/tables"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	cancel()
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: generate tables: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	root, err := harness.RepositoryRoot(ctx)
	if err != nil {
		return err
	}
	files, err := tables.Generate(ctx, func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, format+"\n", args...)
	})
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(root, name), content, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
