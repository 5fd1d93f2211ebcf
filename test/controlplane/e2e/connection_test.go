package e2e

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// TestConnectionErrors: a server that cannot be asked is one clear line and no
// answer, for there is nothing that an answer could be made of.
func TestConnectionErrors(t *testing.T) {
	t.Parallel()
	silent := silentServer(t)
	tests := []struct {
		name   string
		change func(cluster *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo)
		want   []string
		args   []string
	}{
		{
			name: "wrong certificate authority",
			change: func(c *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) {
				c.CertificateAuthority = foreignAuthority(t)
			},
			want: []string{"certificate"},
		},
		{
			name: "nobody listens",
			change: func(c *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) {
				c.Server = "https://" + closedAddress(t)
			},
			want: []string{"refused"},
		},
		{
			name: "a server that does not answer",
			change: func(c *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) {
				c.Server = "https://" + silent
			},
			args: []string{"--request-timeout=1s"},
			want: []string{silent},
		},
		{
			name: "a token that is not valid",
			change: func(_ *clientcmdapi.Cluster, u *clientcmdapi.AuthInfo) {
				u.Token = "expired"
			},
			want: []string{"nauthorized"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := shared.cluster.KubeconfigObject(auditor)
			context := config.Contexts[config.CurrentContext]
			tt.change(config.Clusters[context.Cluster], config.AuthInfos[context.AuthInfo])
			file := filepath.Join(t.TempDir(), "config")
			if err := clientcmd.WriteToFile(*config, file); err != nil {
				t.Fatal(err)
			}
			args := append([]string{"who-can", "get", "pods"}, tt.args...)
			stdout, stderr, exit := command{kubeconfig: file, args: args}.run(t)
			if exit != 1 || stdout != "" || !strings.HasPrefix(stderr, "error: ") {
				t.Errorf("exit %d, want 1; stdout %q, want none; stderr, want error: …\n%s", exit, stdout, stderr)
			}
			for _, w := range tt.want {
				if !strings.Contains(stderr, w) {
					t.Errorf("stderr does not say %q:\n%s", w, stderr)
				}
			}
		})
	}
}

// foreignAuthority returns the certificate of another control plane.
func foreignAuthority(t *testing.T) string {
	t.Helper()
	authority, err := os.ReadFile(largeCluster(t).CAFile)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(file, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// closedAddress returns an address of the loopback interface that nobody
// listens at.
func closedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// silentServer takes connections and says nothing, as a hanging proxy does.
func silentServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}
