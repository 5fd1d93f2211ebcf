package access

import (
	"context"
	"errors"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// ParseTarget reads what a question with the verb is about, asking the source
// for types that are not built in.
func ParseTarget(ctx context.Context, src *source.Source, verb string, words []string, subresource string) (rbac.Target, error) {
	var resolveErr error
	target, err := rbac.ParseTarget(words, subresource, func(typed string) (apiresource.Resource, error) {
		resource, err := src.Resolve(ctx, verb, typed)
		resolveErr = err
		return resource, err
	})
	var typed *fault.Error
	switch {
	case err == nil:
		return target, nil
	case resolveErr != nil, errors.As(err, &typed):
		return rbac.Target{}, err
	default:
		return rbac.Target{}, fault.Usage("%w", err)
	}
}
