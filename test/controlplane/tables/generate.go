package tables

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// The generated files, relative to the root of the repository.
const (
	builtinFile       = "pkg/apiresource/zz_generated_builtin.go"
	bootstrapFile     = "pkg/snapshot/bootstrap/bootstrap.yaml"
	bootstrapCodeFile = "pkg/snapshot/bootstrap/bootstrap.go"
)

// Generate starts the API servers that it needs, with default settings and
// with everything switched on, and returns the content of each generated file
// by its path relative to the root of the repository.
func Generate(ctx context.Context, logf func(format string, args ...any)) (files map[string][]byte, err error) {
	binary, err := harness.Build(ctx, logf)
	if err != nil {
		return nil, err
	}
	var servers [2]server
	defer func() {
		for _, s := range servers {
			if s.cp != nil {
				err = errors.Join(err, s.cp.Stop())
			}
		}
	}()
	group, startCtx := errgroup.WithContext(ctx)
	for i, o := range []harness.Options{
		{Binary: binary, ControllerManager: true},
		{Binary: binary, APIServerFlags: []string{"--runtime-config=api/all=true", "--feature-gates=AllAlpha=true,AllBeta=true"}},
	} {
		group.Go(func() error { return servers[i].start(startCtx, o) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return generate(ctx, servers[0].client, servers[1].client)
}

// server is one running API server.
type server struct {
	cp     *harness.ControlPlane
	client kubernetes.Interface
}

func (s *server) start(ctx context.Context, o harness.Options) (err error) {
	if s.cp, err = harness.Launch(ctx, o); err != nil {
		return err
	}
	s.client, err = kubernetes.NewForConfig(s.cp.Client(harness.Admin))
	return err
}

func generate(ctx context.Context, defaults, everything kubernetes.Interface) (map[string][]byte, error) {
	version, err := defaults.Discovery().ServerVersion()
	if err != nil {
		return nil, fmt.Errorf("version of the API server: %w", err)
	}
	on, err := discover(ctx, defaults)
	if err != nil {
		return nil, err
	}
	all, err := discover(ctx, everything)
	if err != nil {
		return nil, err
	}
	table, err := renderTable(builtin(on, all), version.GitVersion)
	if err != nil {
		return nil, err
	}
	objects, err := bootstrap(ctx, defaults)
	if err != nil {
		return nil, err
	}
	text, err := renderObjects(objects, version.GitVersion)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		builtinFile:       table,
		bootstrapFile:     text,
		bootstrapCodeFile: []byte(bootstrapCode),
	}, nil
}
