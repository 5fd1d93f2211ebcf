package file

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// SaveFile writes the snapshot to a file, gzipped when the name ends in .gz.
// The file appears whole or not at all, and only its owner may read it: the
// permissions of a cluster are a map for attackers.
func SaveFile(name string, s *snapshot.Snapshot, includeConfig bool) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("save the snapshot to %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			_ = temporary.Close() // the first error counts
			_ = os.Remove(temporary.Name())
			err = fmt.Errorf("save the snapshot to %s: %w", name, err)
		}
	}()
	opts := SaveOptions{IncludeConfig: includeConfig, Gzip: strings.HasSuffix(name, ".gz")}
	if err := Save(temporary, s, opts); err != nil {
		return err
	}
	if err := temporary.Sync(); err != nil {
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), name)
}
