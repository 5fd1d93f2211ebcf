package source

import (
	"context"
	"errors"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// parseRef reads TYPE/NAME (in the namespace) or NAMESPACE/TYPE/NAME.
func (s *Source) parseRef(ctx context.Context, typed, namespace string) (snapshot.Ref, apiresource.Resource, error) {
	parts := strings.Split(typed, "/")
	if len(parts) == 3 {
		namespace, parts = parts[0], parts[1:]
	}
	if len(parts) != 2 || parts[0] == "" || parts[1] == "" {
		return snapshot.Ref{}, apiresource.Resource{}, fault.Usage("%q does not name an object: write TYPE/NAME or NAMESPACE/TYPE/NAME", typed)
	}
	resource, err := s.resolveForRef(ctx, parts[0])
	if err != nil {
		return snapshot.Ref{}, resource, err
	}
	ref := snapshot.Ref{Kind: resource.GroupKind(), Namespace: namespace, Name: parts[1]}
	if !resource.Namespaced {
		ref.Namespace = ""
	}
	return ref, resource, nil
}

// resolveForRef resolves without the overlays, which are being read. An object
// is never one of the types that exist in RBAC rules only.
func (s *Source) resolveForRef(ctx context.Context, typed string) (apiresource.Resource, error) {
	if s.Live() {
		return s.Resolve(ctx, "delete", typed)
	}
	snap, err := s.files(ctx)
	if err != nil {
		return apiresource.Resource{}, err
	}
	resource, err := snap.Catalog().ResolveFor("delete", typed)
	return resource, s.typeFault(err)
}

// ServerVersion returns the version to answer for: --server-version, else
// the snapshot's own; "" where neither tells.
func (s *Source) ServerVersion(snap *snapshot.Snapshot) string {
	if s.version != "" {
		return s.version
	}
	return snap.Info().ServerVersion
}

// loadHelp is the advice for input that cannot be used.
func loadHelp(err error) error {
	var duplicate *snapshot.DuplicateError
	var mixed *dir.MixedInputError
	var empty *dir.NoObjectsError
	switch {
	case errors.As(err, &duplicate):
		return fault.WithHelp(err, "to replace an object of the input by another one, give the other file with --with")
	case errors.As(err, &mixed):
		return fault.WithHelp(err, "give the snapshot with --filename and the manifests with --with")
	case errors.As(err, &empty):
		return fault.WithHelp(err, "what it reads: manifests, \"kubectl get -o json\" and \"snapshot save\" files, in YAML or JSON")
	default:
		return err
	}
}
