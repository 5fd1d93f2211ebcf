package harness_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

const encryption = `
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - secretbox: {keys: [{name: key1, secret: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}]}
  - identity: {}
`

// TestEncryptionConfig reads what etcd really holds, with and without
// encryption.
func TestEncryptionConfig(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, config, prefix string
		readable             bool
	}{
		{"without", "", "k8s\x00", true},
		{"with secretbox", encryption, "k8s:enc:secretbox:v1:key1:", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cp := harness.Start(t, harness.Options{EncryptionConfig: tt.config})
			secret := &corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "s"},
				Data:       map[string][]byte{"password": []byte("correct horse")},
			}
			if err := cp.Apply(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
			raw := etcdValue(t.Context(), t, cp, "/registry/secrets/default/s")
			if !strings.HasPrefix(raw, tt.prefix) || strings.Contains(raw, "correct horse") != tt.readable {
				t.Errorf("etcd holds %q, want it to start with %q and the value readable: %t", raw, tt.prefix, tt.readable)
			}
		})
	}
}

func etcdValue(ctx context.Context, t *testing.T, cp *harness.ControlPlane, key string) string {
	t.Helper()
	c, err := clientv3.New(clientv3.Config{Endpoints: []string{cp.EtcdEndpoint}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := c.Get(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Kvs) != 1 {
		t.Fatalf("etcd has %d values for %s, want 1", len(got.Kvs), key)
	}
	return string(got.Kvs[0].Value)
}

func TestAuditPolicy(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{AuditPolicy: `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources: [{group: "", resources: [configmaps]}]
- level: None
`})
	if err := cp.Apply(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "seen"}}); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(cp.AuditLog)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var event struct {
			Verb      string
			User      struct{ Username string }
			ObjectRef struct{ Resource, Name string }
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			t.Fatalf("audit event %q: %v", lines.Text(), err)
		}
		if event.Verb == "create" && event.ObjectRef.Name == "seen" && event.User.Username == harness.Admin {
			return
		}
	}
	t.Error("the audit log has no event of the created config map")
}
