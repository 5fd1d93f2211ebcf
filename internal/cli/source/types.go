package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

// Resolve finds the API type that a user typed in a question with the verb.
// Built-in types need no request; for others, and for names that RBAC's own
// types may share with others, a live source asks discovery, which kubectl's
// cache answers for most of the day.
func (s *Source) Resolve(ctx context.Context, verb, typed string) (apiresource.Resource, error) {
	catalog, err := s.catalog(ctx)
	if err != nil {
		return apiresource.Resource{}, err
	}
	resource, err := catalog.ResolveFor(verb, typed)
	if s.Live() && !s.asked && (err != nil || resource.Unknown || resource.Virtual) {
		switch discoverErr := s.discover(ctx); {
		case discoverErr == nil:
			return s.Resolve(ctx, verb, typed)
		case err != nil || !resource.IsCheckedWith(verb): // else only a note about namesakes is lost
			return apiresource.Resource{}, discoverErr
		}
	}
	return resource, s.typeFault(err)
}

// catalog has the types that are known without a request; of a live source
// that has asked discovery, those of the server and of --with too.
func (s *Source) catalog(ctx context.Context) (*apiresource.Catalog, error) {
	switch {
	case s.Live() && !s.asked:
		return apiresource.NewCatalog(), nil
	case s.Live():
		with, err := s.applied(ctx, s.served)
		if err != nil || with == nil {
			return apiresource.NewCatalog(s.served...), err
		}
		return apiresource.NewCatalog(slices.Concat(s.served, with.CustomTypes())...), nil
	}
	snap, err := s.files(ctx)
	if err != nil {
		return nil, err
	}
	if len(s.flags.With) > 0 {
		if snap, err = s.overlay(ctx, snap, nil); err != nil {
			return nil, err
		}
	}
	return snap.Catalog(), nil
}

func (s *Source) discover(ctx context.Context) error {
	client, err := s.flags.cluster.ToDiscoveryClient()
	if err != nil {
		return connectFault(err)
	}
	served, gaps, err := live.Discover(ctx, client)
	if err != nil {
		return connectFault(err)
	}
	s.served, s.unread, s.asked = served, gaps, true
	return nil
}

// typeFault adds what to type instead of an unknown type, and which groups
// could not be asked for it.
func (s *Source) typeFault(err error) error {
	var unknown *apiresource.UnknownTypeError
	if !errors.As(err, &unknown) {
		return err
	}
	help := slices.Clone(unknown.Similar)
	for i, name := range help {
		help[i] = "did you mean " + name + "?"
	}
	for _, gap := range s.unread {
		help = append(help, fmt.Sprintf("the types of %s are not known, it did not answer: %s", cmp.Or(gap.Group, "a group"), gap.Detail))
	}
	return fault.WithHelp(err, append(help, fmt.Sprintf("TYPE.GROUP names any type, also one that is not installed: %s.example.org", unknown.Type))...)
}
