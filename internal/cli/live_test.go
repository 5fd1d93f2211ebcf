package cli_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
)

const rbacPath = "/apis/rbac.authorization.k8s.io/v1/"

func TestLiveAnswer(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	r := live(t, server.Config(), "who-can", "get", "secrets")
	r.wantCode(t, 0)
	want := `Who can get secrets in namespace shop   4 subjects, 2 cluster-wide

SUBJECT                SCOPE     VIA
group/system:masters   cluster   built in
user/alice             shop      RoleBinding/readers → ClusterRole/secret-reader
sa/ops/operator        cluster   ClusterRoleBinding/operator → ClusterRole/secret-reader
sa/shop/web            shop      RoleBinding/web → Role/web
`
	if r.stdout != want || strings.Contains(r.stderr, "warning") {
		t.Errorf("stdout:\n%s\nwant:\n%s\nstderr:\n%s", r.stdout, want, r.stderr)
	}
	for _, path := range []string{"/api/v1/secrets*", "/api/v1/namespaces/shop/secrets*", "/api/v1/pods*", "/apis", "/api"} {
		if asked := server.Requests(path); len(asked) > 0 {
			t.Errorf("the answer does not need %s: asked %d times", path, len(asked))
		}
	}
	for _, request := range server.Requests("/*") {
		if request.Method != http.MethodGet {
			t.Errorf("%s %s: answering must only read", request.Method, request.Path)
		}
	}
}

func TestLiveWideShowsPods(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	r := live(t, server.Config(), "who-can", "get", "secrets", "-o", "wide")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "web-1")
}

func TestLiveAllNamespaces(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	r := live(t, server.Config(), "who-can", "get", "secrets", "-A")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "in any namespace", "user/dora", "user/alice")
	r = live(t, server.Config(), "who-can", "get", "secrets", "-n", "dev")
	wantIn(t, r.stdout, "in namespace dev", "user/dora")
	wantNotIn(t, r.stdout, "user/alice")
}

func TestLiveForbidden(t *testing.T) {
	tests := []struct {
		name   string
		path   string
		args   []string
		stderr []string
		stdout []string
		code   int
	}{
		{
			name: "cluster role bindings", path: rbacPath + "clusterrolebindings",
			stderr: []string{"these could not be read:", "clusterrolebindings.rbac.authorization.k8s.io: forbidden"},
			stdout: []string{"at least 3 subjects", "user/alice", "sa/shop/web"},
		},
		{
			name: "exit code of --require-complete", path: rbacPath + "clusterrolebindings", args: []string{"--require-complete"}, code: 4,
			stderr: []string{"forbidden"}, stdout: []string{"user/alice"},
		},
		{
			name: "json", path: rbacPath + "clusterroles", args: []string{"-o", "json"},
			stderr: []string{"forbidden"}, stdout: []string{`"incomplete": true`, `"resource": "clusterroles"`, `"reason": "forbidden"`},
		},
		{
			name: "one namespace only", path: rbacPath + "rolebindings", args: []string{"-A"},
			stdout: []string{"user/alice", "user/dora"}, // read in each namespace
		},
		{
			name: "service accounts", path: "/api/v1/serviceaccounts",
			stdout: []string{"user/alice", "sa/shop/web"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t, shop()...)
			server.Inject(tt.path, apiserver.Forbidden("me"))
			r := live(t, server.Config(), append([]string{"who-can", "get", "secrets"}, tt.args...)...)
			r.wantCode(t, tt.code)
			wantIn(t, r.stdout, tt.stdout...)
			wantIn(t, r.stderr, tt.stderr...)
			wantNotIn(t, r.stderr, "error:")
		})
	}
}

// A user who may list in one namespace only still gets what is there.
func TestLiveOneNamespaceOnly(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	for _, path := range []string{
		rbacPath + "clusterrolebindings", rbacPath + "clusterroles", rbacPath + "rolebindings", rbacPath + "roles",
		rbacPath + "namespaces/dev/*", "/api/v1/serviceaccounts", "/api/v1/namespaces", "/api/v1/namespaces/dev/*", "/api/v1/namespaces/kube-system/*",
	} {
		server.Inject(path, apiserver.Forbidden("me"))
	}
	r := live(t, server.Config(), "who-can", "get", "secrets")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "at least 2 subjects", "sa/shop/web")
	wantIn(t, r.stderr, "clusterroles.rbac.authorization.k8s.io: forbidden", "clusterrolebindings.rbac.authorization.k8s.io: forbidden")
	wantIn(t, r.stderr, "note: bindings whose roles could not be read may allow more: shop/RoleBinding/readers names ClusterRole/secret-reader")
	wantNotIn(t, r.stderr, "aws-auth", "configmaps", "groups.user.openshift.io", "do not exist")
}

func TestLiveUnauthorized(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/*", apiserver.Unauthorized())
	r := live(t, server.Config(), "who-can", "get", "secrets")
	r.wantCode(t, 1)
	wantIn(t, r.stderr, "error: ", "help: log in again; check with: kubectl auth whoami")
	if r.stdout != "" {
		t.Errorf("stdout: %s", r.stdout)
	}
}

func TestLiveRefused(t *testing.T) {
	server := apiserver.Start(t)
	config := server.Config()
	config.Host = "https://127.0.0.1:1"
	r := live(t, config, "who-can", "get", "secrets")
	r.wantCode(t, 1)
	wantIn(t, r.stderr, "error: ", "127.0.0.1:1", "refused", "--context NAME", "--demo")
	if lines := strings.Count(strings.Split(r.stderr, "help:")[0], "\n"); lines != 1 {
		t.Errorf("the error has %d lines:\n%s", lines, r.stderr)
	}
}

func TestLiveWrongCA(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	config := server.Config()
	config.CAData = apiserver.OtherCA(t)
	r := live(t, config, "who-can", "get", "secrets")
	r.wantCode(t, 1)
	wantIn(t, r.stderr, "error: ", "certificate", "help: check with: kubectl version")
}

func TestLiveRequestTimeout(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/*", apiserver.Hang())
	start := time.Now()
	r := live(t, server.Config(), "who-can", "get", "secrets", "--request-timeout", "300ms")
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %s", took)
	}
	r.wantCode(t, 1)
	wantIn(t, r.stderr, "error: the API server https://127.0.0.1:", " did not answer in time: ", "to wait longer: --request-timeout 2m")
	if r.stdout != "" {
		t.Errorf("stdout: %s", r.stdout)
	}
}

// One list that hangs is a gap; the rest is answered.
func TestLiveOneListHangs(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"clusterrolebindings", apiserver.Hang())
	r := live(t, server.Config(), "who-can", "get", "secrets", "--request-timeout", "500ms")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "at least", "user/alice")
	wantIn(t, r.stderr, "clusterrolebindings.rbac.authorization.k8s.io: no answer in time")
}

func TestLiveImpersonation(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	live(t, server.Config(), "who-can", "get", "secrets", "--as", "alice", "--as-group", "ops", "--as-group", "dev").wantCode(t, 0)
	requests := server.Requests("/*")
	if len(requests) == 0 {
		t.Fatal("no requests")
	}
	for _, request := range requests {
		if user, groups := request.Header.Get("Impersonate-User"), request.Header.Values("Impersonate-Group"); user != "alice" || len(groups) != 2 {
			t.Errorf("%s is asked as %q, groups %q", request.Path, user, groups)
		}
	}
}

func TestLiveWarnings(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/*", apiserver.Warn("rbac is \x1b[31mtired"))
	r := live(t, server.Config(), "who-can", "get", "secrets", "-o", "json")
	r.wantCode(t, 0)
	wantNotIn(t, r.stdout, "tired")
	wantNotIn(t, r.stderr, "\x1b")
	if n := strings.Count(r.stderr, "warning: the API server says: "); n != 1 {
		t.Errorf("the same warning %d times:\n%s", n, r.stderr)
	}
}

// A custom type is found through discovery; what nobody serves is an error.
func TestLiveCustomTypes(t *testing.T) {
	server := apiserver.Start(t, append(shop(), testkit.ClusterRole("w", testkit.Rule("get", "example.org", "widgets")),
		testkit.ClusterRoleBinding("w", "w", testkit.User("wanda")))...)
	server.Serve(schema.GroupVersionResource{Group: "example.org", Version: "v1", Resource: "widgets"})
	setDiscovery(server)
	r := live(t, server.Config(), "who-can", "get", "wdg")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "get widgets.example.org in namespace shop", "user/wanda")
	r = live(t, server.Config(), "who-can", "get", "widgetz")
	r.wantCode(t, 1)
	wantIn(t, r.stderr, `unknown resource type "widgetz"`, "did you mean widgets.example.org?")
}
