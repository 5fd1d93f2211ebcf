package source

import (
	"context"

	"k8s.io/client-go/discovery"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// LoadWhole is Load for a snapshot that is to be kept or compared: it also
// has the cluster's and the caller's identity and the types that are served.
func (s *Source) LoadWhole(ctx context.Context, needs []snapshot.Need) (*snapshot.Snapshot, error) {
	s.whole = true
	return s.Load(ctx, needs)
}

// LoadPair returns the snapshot as it is and as --with and --without change
// it, of one reading.
func (s *Source) LoadPair(ctx context.Context, needs []snapshot.Need) (before, after *snapshot.Snapshot, err error) {
	s.whole = true
	if before, err = s.base(ctx, needs); err != nil {
		return nil, nil, err
	}
	after, err = s.overlay(ctx, before, needs)
	return before, after, err
}

// wholeDiscovery is the client to ask for the served types, nil where they
// are not wanted.
func (s *Source) wholeDiscovery() (discovery.DiscoveryInterface, error) {
	if !s.whole {
		return nil, nil // no client: do not ask
	}
	client, err := s.flags.cluster.ToDiscoveryClient()
	if err != nil {
		return nil, connectFault(err)
	}
	return client, nil
}
