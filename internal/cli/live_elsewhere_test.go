package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
)

// Answers for one namespace that also speak of the others have read them.
func TestLiveElsewhere(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	r := live(t, server.Config(), "why", "user/dora", "get", "secrets", "-n", "shop")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "No: user/dora may not get secrets in namespace shop", "the RoleBinding is in dev, not shop")
	wantNotIn(t, r.stderr, "no binding")

	r = live(t, server.Config(), "what-can", "user/dora", "-n", "shop")
	r.wantCode(t, 0)
	wantIn(t, r.stderr, "more is allowed in namespace dev (--all-namespaces)")
	wantNotIn(t, r.stderr, "no binding", "could not be read")
}

// Where they may not be read, the answer for the namespace is whole, and what
// is said of the others is limited.
func TestLiveElsewhereForbidden(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	for _, path := range []string{rbacPath + "rolebindings", rbacPath + "roles"} {
		server.Inject(path, apiserver.Forbidden("me"))
	}
	r := live(t, server.Config(), "why", "user/dora", "get", "secrets", "-n", "shop", "--require-complete")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "No: user/dora may not get secrets in namespace shop", "No binding that could be read names it or a group")

	r = live(t, server.Config(), "what-can", "user/dora", "-n", "shop", "--require-complete")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "no binding that could be read names the user dora")
	wantIn(t, r.stderr, "RoleBindings of other namespaces could not be read: more may be allowed there")

	if asked := server.Requests(rbacPath + "namespaces/dev/*"); len(asked) > 0 {
		t.Errorf("namespaces were asked one by one: %v", asked)
	}
}

// RoleBindings have no say about types of the cluster: the answer is whole
// without them.
func TestLiveWhyClusterScoped(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"rolebindings", apiserver.Forbidden("me"))
	server.Inject(rbacPath+"namespaces/*", apiserver.Forbidden("me"))
	r := live(t, server.Config(), "why", "sa/ops/operator", "get", "nodes", "--require-complete")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "No: sa/ops/operator may not get nodes")
}

// Whom only RoleBindings elsewhere name may be in a group that is allowed.
func TestLiveMembersElsewhere(t *testing.T) {
	server := apiserver.Start(t, append(shop(), everyoneReads()...)...)
	args := []string{"who-can", "list", "configmaps", "-n", "shop", "--expand"}
	r := live(t, server.Config(), args...)
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "user/dora")
	wantNotIn(t, r.stderr, "could not be read")

	server.Inject(rbacPath+"rolebindings", apiserver.Forbidden("me"))
	r = live(t, server.Config(), args...)
	r.wantCode(t, 0)
	wantNotIn(t, r.stdout, "user/dora")
	wantIn(t, r.stderr, "RoleBindings of other namespaces could not be read: subjects that only they name")
}

// The answer stands without the members that a second list would have named.
func TestLiveMembersElsewhereFail(t *testing.T) {
	objects := append(shop(), testkit.ClusterRole("look", testkit.Rule("get", "", "nodes")), testkit.ClusterRoleBinding("all", "look", testkit.Group("system:authenticated")))
	server := apiserver.Start(t, objects...)
	server.Inject(rbacPath+"rolebindings", apiserver.Text(http.StatusInternalServerError, -1, "text/plain", "down"))
	server.Inject(rbacPath+"namespaces/*", apiserver.Text(http.StatusInternalServerError, -1, "text/plain", "down"))
	r := live(t, server.Config(), "who-can", "get", "nodes")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "group/system:authenticated")
	wantIn(t, r.stderr, "RoleBindings of other namespaces could not be read")
}

// A pipe gives its members once, however often the cluster is read.
func TestLiveGroupsFromPipe(t *testing.T) {
	server := apiserver.Start(t, append(shop(), everyoneReads()...)...)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := writer.WriteString("system:authenticated: [zoe]\n"); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	r := live(t, server.Config(), "who-can", "list", "configmaps", "-n", "shop", "--expand", "--groups", fmt.Sprintf("/dev/fd/%d", reader.Fd()))
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "user/zoe", "user/dora")
}

// everyoneReads lets all authenticated users list configmaps in shop.
func everyoneReads() []runtime.Object {
	return []runtime.Object{
		testkit.Role("shop", "open", testkit.Rule("list", "", "configmaps")),
		testkit.RoleBinding("shop", "open", "Role/open", testkit.Group("system:authenticated")),
	}
}

// Who may read in one namespace only gets a whole answer for it, if the roles
// of the cluster may be read too.
func TestLiveWholeForOneNamespace(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	for _, path := range []string{"/api/v1/serviceaccounts", "/api/v1/namespaces", rbacPath + "rolebindings", rbacPath + "roles"} {
		server.Inject(path, apiserver.Forbidden("me"))
	}
	r := live(t, server.Config(), "who-can", "get", "secrets", "-n", "shop", "--require-complete")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "sa/shop/web")
	wantNotIn(t, r.stderr, "forbidden")
	r = live(t, server.Config(), "who-can", "get", "secrets", "-A")
	wantIn(t, r.stderr, "rolebindings.rbac.authorization.k8s.io in other namespaces than shop: forbidden")
}

func TestLiveNothingReadable(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/*", apiserver.Forbidden("me"))
	r := live(t, server.Config(), "who-can", "get", "secrets")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "no binding could be read: this is only what holds in every cluster")
}

func TestLiveNoSuchNamespace(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	r := live(t, server.Config(), "who-can", "get", "secrets", "-n", "shpo")
	wantIn(t, r.stderr, "note: there seems to be no namespace shpo")
	r = live(t, server.Config(), "who-can", "get", "secrets", "-n", "shop")
	wantNotIn(t, r.stderr, "there seems to be no")
}
