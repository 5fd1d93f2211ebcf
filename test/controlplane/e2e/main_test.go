package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// BinaryEnv names the environment variable that may point to a kubectl-secure
// built before, for example one from a release archive.
const BinaryEnv = "KUBECTL_SECURE_BINARY"

// suite is what TestMain prepares. It does not change while tests run.
type suite struct {
	product      string // the kubectl-secure binary
	controlPlane string // the control plane binary
	cluster      *harness.ControlPlane
	// Started by the first call.
	large, audited, demo func() (*harness.ControlPlane, error)

	stops []func() error
	mu    sync.Mutex // guards stops
}

// shared is set by TestMain before any test starts.
var shared *suite

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintf(os.Stderr, "e2e: %v\n", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	s := &suite{}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := s.prepare(context.Background(), dir); err != nil {
		return 1, err
	}
	shared = s
	return m.Run(), nil
}

func (s *suite) prepare(ctx context.Context, dir string) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		s.product, err = buildProduct(groupCtx, dir)
		return err
	})
	group.Go(func() (err error) {
		s.controlPlane, err = harness.Build(groupCtx, logf)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	manifests, err := os.ReadFile("testdata/cluster.yaml")
	if err != nil {
		return err
	}
	if s.cluster, err = s.launch(ctx); err != nil {
		return err
	}
	if err := s.cluster.ApplyYAML(ctx, manifests); err != nil {
		return fmt.Errorf("load testdata/cluster.yaml: %w", err)
	}
	s.large = sync.OnceValues(func() (*harness.ControlPlane, error) {
		cp, err := s.launch(ctx)
		if err != nil {
			return nil, err
		}
		return cp, cp.Apply(ctx, largeObjects()...)
	})
	s.audited = sync.OnceValues(func() (*harness.ControlPlane, error) { return s.launchAudited(ctx) })
	s.demo = sync.OnceValues(func() (*harness.ControlPlane, error) { return s.launchDemo(ctx) })
	return nil
}

// launch starts a control plane that ends with the whole test run.
func (s *suite) launch(ctx context.Context) (*harness.ControlPlane, error) {
	return s.keep(harness.Launch(ctx, harness.Options{
		Binary:            s.controlPlane,
		ControllerManager: true,
		Users:             users(),
		Logf:              logf,
	}))
}

// keep remembers a control plane that was started, to end it.
func (s *suite) keep(cp *harness.ControlPlane, err error) (*harness.ControlPlane, error) {
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stops = append(s.stops, cp.Stop)
	return cp, nil
}

func (s *suite) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stop := range s.stops {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}

// buildProduct builds kubectl-secure from this tree.
func buildProduct(ctx context.Context, dir string) (string, error) {
	if binary := os.Getenv(BinaryEnv); binary != "" {
		return filepath.Abs(binary)
	}
	root, err := harness.RepositoryRoot(ctx)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "kubectl-secure")
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", binary, "./cmd/kubectl-secure")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build kubectl-secure: %w\n%s", err, out)
	}
	return binary, nil
}

func logf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "e2e: "+format+"\n", args...)
}
