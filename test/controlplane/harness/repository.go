package harness

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// RepositoryRoot returns the directory of the product's module: the nearest
// one above this module that has a go.mod.
func RepositoryRoot(ctx context.Context) (string, error) {
	module, err := goCommand(ctx, "", "", "list", "-m", "-f", "{{.Dir}}", modulePath)
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for dir := filepath.Dir(module); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("find the repository: no go.mod above %s", module)
		}
	}
}
