package cli_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-secure/kubectl-secure/internal/cli"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
)

// result is what a run of the program left behind.
type result struct {
	stdout, stderr string
	code           int
}

// run runs the program in this process, as "kubectl secure ARGS".
func run(t *testing.T, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Main("kubectl-secure", &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr},
		Args:      args,
		Getenv:    func(string) string { return "" },
		Now:       time.Now,
	})
	return result{stdout.String(), stderr.String(), code}
}

// live runs the program against the server of the configuration, in namespace
// shop.
func live(t *testing.T, config *rest.Config, args ...string) result {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "kubeconfig")
	err := clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"c": {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"u": {Token: "t"}},
		Contexts:       map[string]*clientcmdapi.Context{"c": {Cluster: "c", AuthInfo: "u", Namespace: "shop"}},
		CurrentContext: "c",
	}, file)
	if err != nil {
		t.Fatal(err)
	}
	return run(t, append(args, "--kubeconfig", file, "--cache-dir", filepath.Join(dir, "cache"))...)
}

func (r result) wantCode(t *testing.T, want int) {
	t.Helper()
	if r.code != want {
		t.Errorf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", r.code, want, r.stdout, r.stderr)
	}
}

// wantIn checks that the text, stdout or stderr, has all the parts.
func wantIn(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
}

func wantNotIn(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("%q is in:\n%s", part, text)
		}
	}
}

// shop is a cluster in which the secrets of shop can be read by a user, a
// service account and an operator of the whole cluster.
func shop() []runtime.Object {
	read := testkit.Rule("get,list", "", "secrets")
	return []runtime.Object{
		testkit.Namespace("dev"), testkit.Namespace("shop"),
		testkit.ServiceAccount("shop", "web"), testkit.ServiceAccount("shop", "idle"), testkit.ServiceAccount("ops", "operator"),
		testkit.ClusterRole("secret-reader", read),
		testkit.Role("shop", "web", read),
		testkit.RoleBinding("shop", "readers", "ClusterRole/secret-reader", testkit.User("alice")),
		testkit.RoleBinding("shop", "web", "Role/web", testkit.SA("shop", "web")),
		testkit.RoleBinding("dev", "readers", "ClusterRole/secret-reader", testkit.User("dora")),
		testkit.ClusterRoleBinding("operator", "secret-reader", testkit.SA("ops", "operator")),
		testkit.Pod("shop", "web-1", "web"),
		testkit.Secret("shop", "db", "hunter2"),
	}
}
