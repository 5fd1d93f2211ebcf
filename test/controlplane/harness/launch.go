package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
)

// ControlPlane is a running control plane. All methods may be called at the
// same time.
type ControlPlane struct {
	// URL is the address of the API server, https://127.0.0.1:PORT.
	URL string
	// CAFile holds the certificate that the API server's is signed by, in PEM.
	CAFile string
	// Dir is the directory of this control plane. Stop removes it.
	Dir string
	// AuditLog is the file of audit events, one JSON object a line; empty
	// without [Options.AuditPolicy].
	AuditLog string
	// EtcdEndpoint is the address of etcd for a client, a unix:// URL.
	EtcdEndpoint string

	credentials map[string]credential
	controllers bool

	mu        sync.Mutex
	processes []*process // in the order of their start
	port      *port
	stopped   bool
}

// Start starts a control plane that ends with the test, and fails the test if
// that is not possible or if one of its programs ended before.
func Start(t testing.TB, o Options) *ControlPlane {
	t.Helper()
	if o.Logf == nil {
		o.Logf = t.Logf
	}
	cp, err := Launch(t.Context(), o)
	if err != nil {
		t.Fatalf("start the control plane: %v", err)
	}
	t.Cleanup(func() {
		if err := cp.Stop(); err != nil {
			t.Errorf("stop the control plane: %v", err)
		}
	})
	return cp
}

// Launch starts a control plane and waits until it is ready. The caller must
// call Stop. If the calling process ends without that, the control plane ends
// and is removed too.
func Launch(ctx context.Context, o Options) (*ControlPlane, error) {
	binary := o.Binary
	if binary == "" {
		var err error
		if binary, err = Build(ctx, o.logf); err != nil {
			return nil, err
		}
	}
	p, err := newPaths()
	if err != nil {
		return nil, err
	}
	cp := &ControlPlane{Dir: p.dir, CAFile: p.caCert, EtcdEndpoint: "unix://" + p.etcdSocket, controllers: o.ControllerManager}
	if err := cp.launch(ctx, binary, p, o); err != nil {
		return nil, errors.Join(err, cp.Stop())
	}
	return cp, nil
}

func (cp *ControlPlane) launch(ctx context.Context, binary string, p paths, o Options) error {
	var err error
	if cp.port, err = reservePort(); err != nil {
		return err
	}
	cp.URL = fmt.Sprintf("https://127.0.0.1:%d", cp.port.number)
	if cp.credentials, err = newCredentials(o.Users); err != nil {
		return err
	}
	if err := cp.writeFiles(p, o); err != nil {
		return err
	}
	if err := cp.start(binary, "etcd", etcdFlags(p), p.dir); err != nil {
		return err
	}
	// The API server waits for etcd by itself.
	if err := cp.start(binary, "kube-apiserver", apiServerFlags(p, cp.port.number, o), ""); err != nil {
		return err
	}
	if err := cp.waitReady(ctx); err != nil {
		return err
	}
	if !o.ControllerManager {
		return nil
	}
	if err := cp.start(binary, "kube-controller-manager", controllerManagerFlags(p, cp.Kubeconfig(Admin), o), ""); err != nil {
		return err
	}
	return cp.waitControllers(ctx)
}

func (cp *ControlPlane) writeFiles(p paths, o Options) error {
	if err := writeCertificates(p); err != nil {
		return err
	}
	if err := writeTokens(p.tokens, cp.credentials); err != nil {
		return err
	}
	if o.AuditPolicy != "" {
		cp.AuditLog = p.auditLog
		if err := os.WriteFile(p.auditPolicy, []byte(o.AuditPolicy), 0o600); err != nil {
			return fmt.Errorf("write the audit policy: %w", err)
		}
	}
	if o.EncryptionConfig != "" {
		if err := os.WriteFile(p.encryptionConfig, []byte(o.EncryptionConfig), 0o600); err != nil {
			return fmt.Errorf("write the encryption configuration: %w", err)
		}
	}
	for name := range cp.credentials {
		if err := cp.writeKubeconfig(name); err != nil {
			return err
		}
	}
	return nil
}

func (cp *ControlPlane) start(binary, name string, flags []string, leashDir string) error {
	p, err := startProcess(binary, name, flags, cp.Dir, leashDir)
	if err != nil {
		return err
	}
	cp.mu.Lock()
	defer cp.mu.Unlock()
	cp.processes = append(cp.processes, p)
	return nil
}

// Stop ends the programs and removes the directory. It returns an error if a
// program had ended on its own before. Further calls do nothing.
func (cp *ControlPlane) Stop() error {
	cp.mu.Lock()
	defer cp.mu.Unlock()
	if cp.stopped {
		return nil
	}
	cp.stopped = true
	var errs []error
	for _, p := range cp.processes {
		errs = append(errs, p.ended())
	}
	// Backwards, so that no program complains about the one it depends on.
	for _, p := range slices.Backward(cp.processes) {
		p.stop()
	}
	if cp.port != nil {
		cp.port.release()
	}
	if err := os.RemoveAll(cp.Dir); err != nil {
		errs = append(errs, fmt.Errorf("remove %s: %w", cp.Dir, err))
	}
	return errors.Join(errs...)
}

// dead returns an error if one of the programs has ended.
func (cp *ControlPlane) dead() error {
	cp.mu.Lock()
	defer cp.mu.Unlock()
	for _, p := range cp.processes {
		if err := p.ended(); err != nil {
			return err
		}
	}
	return nil
}

// Client returns a configuration that authenticates as a user: Admin or one
// of [Options.Users]. Any other name is a mistake in the test and panics.
// Requests are not throttled by the client.
func (cp *ControlPlane) Client(user string) *rest.Config {
	return &rest.Config{
		Host:            cp.URL,
		BearerToken:     cp.Token(user),
		TLSClientConfig: rest.TLSClientConfig{CAFile: cp.CAFile},
		QPS:             -1,
	}
}

// Token returns the bearer token of a user. It panics for a user that was not
// in the options.
func (cp *ControlPlane) Token(user string) string {
	c, ok := cp.credentials[user]
	if !ok {
		panic(fmt.Sprintf("harness: user %q is not in the options of this control plane", user))
	}
	return c.token
}
