package source

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/progress"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

// Source is where a command's snapshot comes from. It is for one command run
// and not safe for concurrent use.
type Source struct {
	flags          *Flags
	env            *env.Env
	version        string // from --server-version, "" if not given
	namespaceTyped bool

	offline *snapshot.Snapshot // memoized: files are read once
	with    *snapshot.Snapshot // of --with; memoized: - is read once
	unread  []snapshot.Gap     // groups that discovery did not tell of
	asked   bool               // discovery was
	served  []apiresource.Resource
	also    []string // namespaces to read where not all may be
	whole   bool     // read also who asks, which cluster this is and what it serves
}

// Live reports whether the snapshot is read from an API server.
func (s *Source) Live() bool { return !s.flags.Demo && len(s.flags.Filenames) == 0 }

// RequireLive returns a usage error for what must ask a server, named as it
// was typed, under --demo or -f.
func (s *Source) RequireLive(what string) error {
	if s.Live() {
		return nil
	}
	return fault.Usage("%s asks an API server: it cannot be used with --demo or --filename", what)
}

// kubeconfig returns what the kubeconfig files say; the context of --context
// must be among it.
func (s *Source) kubeconfig() (clientcmdapi.Config, error) {
	raw, err := s.flags.cluster.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return raw, kubeconfigFault(err)
	}
	name := *s.flags.cluster.Context
	if _, ok := raw.Contexts[name]; name != "" && !ok {
		return raw, fault.WithHelp(fmt.Errorf("the kubeconfig has no context %q", name), "kubectl config get-contexts")
	}
	return raw, nil
}

// RESTConfig returns the client configuration of a live source.
func (s *Source) RESTConfig() (*rest.Config, error) {
	raw, err := s.kubeconfig()
	if err != nil {
		return nil, err
	}
	config, err := s.flags.cluster.ToRESTConfig()
	if err != nil {
		return nil, connectFault(err)
	}
	// cli-runtime falls back to localhost:8080, where a kube-apiserver listened
	// in the early days: nobody means that.
	if len(raw.Clusters) == 0 && config.Host == defaultHost && *s.flags.cluster.APIServer == "" {
		return nil, connectFault(clientcmd.ErrEmptyConfig)
	}
	return config, nil
}

// defaultHost is cli-runtime's address of last resort.
const defaultHost = "http://localhost:8080"

// Load returns the snapshot, with --with and --without applied. Live sources
// list what is needed and nothing else.
func (s *Source) Load(ctx context.Context, needs []snapshot.Need) (*snapshot.Snapshot, error) {
	base, err := s.base(ctx, needs)
	if err != nil {
		return nil, err
	}
	return s.overlay(ctx, base, needs)
}

// LoadOnly returns what is needed from an API server, without overlays.
func (s *Source) LoadOnly(ctx context.Context, needs []snapshot.Need) (*snapshot.Snapshot, error) {
	return s.base(ctx, needs)
}

func (s *Source) base(ctx context.Context, needs []snapshot.Need) (*snapshot.Snapshot, error) {
	if !s.Live() {
		return s.files(ctx)
	}
	config, err := s.RESTConfig()
	if err != nil {
		return nil, err
	}
	namespace, _, err := s.Namespace()
	if err != nil {
		return nil, err
	}
	discovery, err := s.wholeDiscovery()
	if err != nil {
		return nil, err
	}
	line := progress.Start(s.env)
	snap, err := live.Load(ctx, live.Options{
		Config: config, Needs: needs, Namespace: namespace, Now: s.env.Now,
		Also: slices.Concat(s.also, s.withoutIn()), Identify: s.whole, Whole: s.whole, Discovery: discovery,
		Warn: func(text string) {
			fmt.Fprintf(s.env.ErrOut, "warning: the API server says: %s\n", printer.Escape(text))
		},
		Progress: func(p live.Progress) {
			line.Show("reading the cluster: %d objects, %d of %d types", p.Objects, p.TypesDone, p.Types)
		},
	})
	line.Erase()
	if err != nil {
		return nil, connectFault(err)
	}
	return snap, nil
}

// ReadAlso names namespaces, beside the one to work in, that the question is
// about: where not all may be listed, they are read.
func (s *Source) ReadAlso(namespaces ...string) { s.also = append(s.also, namespaces...) }

// withoutIn are the namespaces that --without names.
func (s *Source) withoutIn() []string {
	var names []string
	for _, typed := range s.flags.Without {
		if parts := strings.Split(typed, "/"); len(parts) == 3 {
			names = append(names, parts[0])
		}
	}
	return names
}

// HasOverlay reports whether --with or --without change what was read.
func (s *Source) HasOverlay() bool { return len(s.flags.With)+len(s.flags.Without) > 0 }

// Applied returns the objects of --with, nil without it. It is known after
// Load.
func (s *Source) Applied() *snapshot.Snapshot { return s.with }
