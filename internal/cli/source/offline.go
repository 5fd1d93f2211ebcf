package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/bootstrap"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/demo"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// files reads the offline input, once.
func (s *Source) files(ctx context.Context) (*snapshot.Snapshot, error) {
	if s.offline != nil {
		return s.offline, nil
	}
	snap, err := s.readFiles(ctx)
	if err != nil {
		return nil, err
	}
	s.offline = snap
	return snap, nil
}

func (s *Source) readFiles(ctx context.Context) (*snapshot.Snapshot, error) {
	if s.flags.Demo {
		info := snapshot.Info{Source: snapshot.FromDemo, ServerVersion: demo.ServerVersion, Taken: demo.Taken()}
		return dir.LoadFS(ctx, demo.FS(), info, demo.Namespace)
	}
	namespace, _, err := s.Namespace()
	if err != nil {
		return nil, err
	}
	snap, err := dir.Load(ctx, dir.Options{Paths: s.flags.Filenames, Stdin: s.env.In, DefaultNamespace: namespace})
	if err != nil {
		return nil, loadHelp(err)
	}
	if s.flags.AssumeBootstrap {
		return assumeBootstrap(ctx, snap)
	}
	return snap, nil
}

// assumeBootstrap puts the input over the default roles and bindings: what
// the input itself defines wins.
func assumeBootstrap(ctx context.Context, snap *snapshot.Snapshot) (*snapshot.Snapshot, error) {
	defaults, err := dir.Load(ctx, dir.Options{Paths: []string{"-"}, Stdin: bytes.NewReader(bootstrap.YAML()), DefaultNamespace: "default"})
	if err != nil {
		return nil, fmt.Errorf("read the built-in default roles: %w", err)
	}
	if !snap.Info().Stored() {
		if defaults, err = withoutAggregated(defaults); err != nil {
			return nil, err
		}
	}
	return snap.Underlay(defaults)
}

// withoutAggregated takes the rules out of aggregated ClusterRoles, to be
// computed from all roles: those of manifests flow into the defaults too.
func withoutAggregated(defaults *snapshot.Snapshot) (*snapshot.Snapshot, error) {
	b := snapshot.NewBuilder()
	for obj, origin := range defaults.All() {
		if role, ok := obj.(*rbacv1.ClusterRole); ok && role.AggregationRule != nil {
			role = role.DeepCopy()
			role.Rules, obj = nil, role
		}
		b.AddFrom(obj, origin)
	}
	return b.Build(defaults.Info())
}

// overlay applies --with and --without.
//
// Of a live source only the types and namespaces in needs were read: removing
// an object elsewhere cannot change the answer.
func (s *Source) overlay(ctx context.Context, base *snapshot.Snapshot, needs []snapshot.Need) (*snapshot.Snapshot, error) {
	if len(s.flags.With) == 0 && len(s.flags.Without) == 0 {
		return base, nil
	}
	with, err := s.applied(ctx, base.Catalog().Resources())
	if err != nil {
		return nil, err
	}
	namespace, _, err := s.Namespace()
	if err != nil {
		return nil, err
	}
	refs := make([]snapshot.Ref, 0, len(s.flags.Without))
	resources := map[snapshot.Ref]apiresource.Resource{}
	for _, typed := range s.flags.Without {
		ref, resource, err := s.parseRef(ctx, typed, namespace)
		if err != nil {
			return nil, err
		}
		if !s.Live() || base.Has(ref) || wasRead(needs, resource, ref) {
			refs = append(refs, ref)
			resources[ref] = resource
		}
	}
	changed, err := base.Overlay(with, refs)
	if missing, ok := errors.AsType[*snapshot.NotFoundError](err); ok {
		return nil, withoutFault(base, missing, resources[missing.Ref])
	}
	return changed, applyFault(err)
}

// withoutFault is the error for an object of --without that is not there, or
// may be where not all could be read.
func withoutFault(base *snapshot.Snapshot, missing *snapshot.NotFoundError, resource apiresource.Resource) error {
	for _, gap := range base.Gaps() {
		if gap.Group == resource.Group && gap.Resource == resource.Name && gap.Hides(missing.Ref.Namespace) {
			return fmt.Errorf("--without: whether there is a %s is not known, since %s could not be read (%s)", missing.Ref, resource.GroupResource(), gap.Reason)
		}
	}
	return missing
}

// applyFault is the error for objects of --with that cannot be applied.
func applyFault(err error) error {
	var immutable *snapshot.RoleRefError
	var failed *snapshot.ApplyError
	switch {
	case errors.As(err, &immutable):
		ref := strings.ToLower(immutable.Ref.Kind.Kind) + "/" + immutable.Ref.Name
		if immutable.Ref.Namespace != "" {
			ref = immutable.Ref.Namespace + "/" + ref
		}
		return fmt.Errorf("--with: %w: remove it first with --without %s", err, ref)
	case errors.As(err, &failed):
		return fmt.Errorf("--with: %w", err)
	}
	return err
}

// wasRead reports whether the object would be in the snapshot if it existed.
func wasRead(needs []snapshot.Need, resource apiresource.Resource, ref snapshot.Ref) bool {
	return slices.ContainsFunc(needs, func(n snapshot.Need) bool {
		return n.Type.GroupResource() == resource.GroupResource() &&
			(n.Namespace == "" || n.Namespace == ref.Namespace) && (n.Name == "" || n.Name == ref.Name)
	})
}

// applied reads --with, once; nil where there is none. types are the known
// API types beside the built-in ones.
func (s *Source) applied(ctx context.Context, types []apiresource.Resource) (*snapshot.Snapshot, error) {
	if s.with != nil || len(s.flags.With) == 0 {
		return s.with, nil
	}
	namespace, _, err := s.Namespace()
	if err != nil {
		return nil, err
	}
	with, err := dir.Load(ctx, dir.Options{Paths: s.flags.With, Stdin: s.env.In, DefaultNamespace: namespace, Types: types, ToApply: true})
	if err != nil {
		return nil, fmt.Errorf("--with: %w", loadHelp(err))
	}
	s.with = with
	return with, nil
}
