package harness

import (
	"fmt"
	"os"
	"path/filepath"
)

// maxSocketPath is the longest path of a unix socket that every system takes.
const maxSocketPath = 100

// paths names the files of one control plane, all below one directory.
type paths struct {
	dir               string
	caCert, caKey     string
	servingCert       string
	servingKey        string
	serviceAccountKey string
	tokens            string
	auditPolicy       string
	auditLog          string
	encryptionConfig  string
	etcdSocket        string
	peerSocket        string
}

// newPaths makes the directory. It is not testing.TB.TempDir, whose name
// contains the test's and is soon too long for a unix socket.
func newPaths() (paths, error) {
	dir, err := os.MkdirTemp("", "controlplane-")
	if err != nil {
		return paths{}, fmt.Errorf("make the directory of the control plane: %w", err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	p := paths{
		dir:               dir,
		caCert:            in("ca.crt"),
		caKey:             in("ca.key"),
		servingCert:       in("serving.crt"),
		servingKey:        in("serving.key"),
		serviceAccountKey: in("service-account.key"),
		tokens:            in("tokens.csv"),
		auditPolicy:       in("audit-policy.yaml"),
		auditLog:          in("audit.log"),
		encryptionConfig:  in("encryption.yaml"),
		etcdSocket:        in("etcd.sock"),
		peerSocket:        in("peer.sock"),
	}
	if len(p.etcdSocket) > maxSocketPath {
		_ = os.RemoveAll(dir)
		return paths{}, fmt.Errorf("make the directory of the control plane: %s is too long for a unix socket, set TMPDIR to a shorter one", p.etcdSocket)
	}
	return p, nil
}
