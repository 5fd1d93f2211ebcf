package source

import (
	"context"
	"fmt"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// LoadBase reads the files of a state to compare with, named as it was typed.
func (s *Source) LoadBase(ctx context.Context, flag string, paths []string) (*snapshot.Snapshot, error) {
	namespace, _, err := s.Namespace()
	if err != nil {
		return nil, err
	}
	base, err := dir.Load(ctx, dir.Options{Paths: paths, Stdin: s.env.In, DefaultNamespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, loadHelp(err))
	}
	return base, nil
}
