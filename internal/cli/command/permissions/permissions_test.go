package permissions_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/permissions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

type result struct {
	out, errOut string
	err         error
}

func run(t *testing.T, args ...string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	e := &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut},
		Name:      "kubectl secure",
		Getenv:    func(string) string { return "" },
	}
	cluster := genericclioptions.NewConfigFlags(true)
	root := &cobra.Command{Use: "kubectl-secure", SilenceErrors: true, SilenceUsage: true}
	cluster.AddFlags(root.PersistentFlags())
	root.AddCommand(permissions.NewCmd(e, cluster))
	root.SetArgs(append([]string{"permissions"}, args...))
	err := root.ExecuteContext(t.Context())
	return result{out.String(), errOut.String(), err}
}

// kubeconfig writes the way to a server and returns the flag for it.
func kubeconfig(t *testing.T, server *apiserver.Server) string {
	t.Helper()
	config := server.Config()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"c": {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"u": {Token: "t"}},
		Contexts:       map[string]*clientcmdapi.Context{"c": {Cluster: "c", AuthInfo: "u"}},
		CurrentContext: "c",
	}, file); err != nil {
		t.Fatal(err)
	}
	return "--kubeconfig=" + file
}

// authorizer answers SelfSubjectAccessReviews: everything is allowed but the
// resources named.
func authorizer(t *testing.T, refused ...string) apiserver.Fault {
	t.Helper()
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var review authorizationv1.SelfSubjectAccessReview
			if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
				t.Errorf("decode the review: %v", err)
			}
			review.Status.Allowed = true
			if a := review.Spec.ResourceAttributes; a != nil {
				for _, resource := range refused {
					if a.Resource == resource || a.Resource+" in "+a.Namespace == resource {
						review.Status = authorizationv1.SubjectAccessReviewStatus{Reason: "no"}
					}
				}
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_ = json.NewEncoder(w).Encode(review)
		})
	}
}

const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

func TestWithoutCluster(t *testing.T) {
	r := run(t, "who-can", "--demo")
	if r.err != nil {
		t.Fatal(r.err)
	}
	for _, part := range []string{"What kubectl secure who-can needs   12 permissions, not checked", "?     list roles.rbac.authorization.k8s.io", "may be left out: for who-can (-o wide)", "kind: ClusterRole"} {
		if !strings.Contains(r.out, part) {
			t.Errorf("%q is not in:\n%s", part, r.out)
		}
	}
	if want := "note: not checked: no cluster was asked\n"; r.errOut != want {
		t.Errorf("stderr %q, want %q", r.errOut, want)
	}
}

func TestYAMLIsTheClusterRole(t *testing.T) {
	r := run(t, "snapshot", "save", "-o", "yaml", "--demo")
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(r.out), &role); err != nil || r.err != nil {
		t.Fatalf("%v, %v:\n%s", err, r.err, r.out)
	}
	if role.Name != "kubectl-secure-snapshot-save" || len(role.Rules) < 5 {
		t.Errorf("role %s has %d rules", role.Name, len(role.Rules))
	}
	if !strings.Contains(r.errOut, "RBAC cannot allow the names of Secrets without their values") {
		t.Errorf("stderr does not tell of secrets: %s", r.errOut)
	}
}

func TestChecked(t *testing.T) {
	server := apiserver.Start(t)
	server.Inject(reviews, authorizer(t, "roles", "pods"))
	r := run(t, "who-can", "-o", "json", kubeconfig(t, server))
	var report v1alpha1.PermissionsReport
	if err := json.Unmarshal([]byte(r.out), &report); err != nil || r.err != nil {
		t.Fatalf("%v, %v:\n%s", err, r.err, r.out)
	}
	if !report.Checked || report.Missing != 2 || report.Incomplete {
		t.Errorf("checked %v, missing %d, incomplete %v", report.Checked, report.Missing, report.Incomplete)
	}
	refused := map[string]bool{}
	for _, p := range report.Permissions {
		if p.Allowed == nil {
			t.Errorf("no answer for %+v", p)
		} else if !*p.Allowed {
			refused[p.Verb+" "+p.Resource] = true
		}
	}
	if diff := cmp.Diff(map[string]bool{"list roles": true, "list pods": true}, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	table := run(t, "who-can", kubeconfig(t, server))
	for _, part := range []string{"12 permissions, you lack 2", "✗ no    list roles.rbac.authorization.k8s.io", "✓ yes   list clusterroles.rbac.authorization.k8s.io"} {
		if !strings.Contains(table.out, part) {
			t.Errorf("%q is not in:\n%s", part, table.out)
		}
	}
}

func TestNamespaceIsAskedFor(t *testing.T) {
	server := apiserver.Start(t)
	server.Inject(reviews, authorizer(t, "roles in dev", "clusterroles in dev"))
	r := run(t, "what-can", "-n", "dev", kubeconfig(t, server))
	if !strings.Contains(r.out, "you lack 1") || !strings.Contains(r.out, "✗ no    list roles.rbac.authorization.k8s.io                 dev") {
		t.Errorf("types with namespaces are to be asked about in dev, others not:\n%s", r.out)
	}
}

func TestUnansweredReviews(t *testing.T) {
	server := apiserver.Start(t)
	server.Inject(reviews, apiserver.Forbidden("bob"))
	r := run(t, "who-can", "--require-complete", kubeconfig(t, server))
	if fault.Code(r.err) != fault.ExitIncomplete {
		t.Errorf("error %v, want exit code 4", r.err)
	}
	if !strings.Contains(r.out, "?     list roles") || !strings.Contains(r.errOut, "what is marked with a question mark could not be checked: ") {
		t.Errorf("stdout:\n%s\nstderr:\n%s", r.out, r.errOut)
	}
	if !strings.Contains(r.out, "12 permissions, none could be checked") || strings.Contains(r.out, "you lack") {
		t.Errorf("stdout:\n%s", r.out)
	}
	var report v1alpha1.PermissionsReport
	if err := json.Unmarshal([]byte(run(t, "who-can", "-o", "json", kubeconfig(t, server)).out), &report); err != nil || report.Unchecked != 12 || report.Missing != 0 {
		t.Errorf("%v, unchecked %d, missing %d", err, report.Unchecked, report.Missing)
	}
}

func TestSomeUnansweredReviews(t *testing.T) {
	server := apiserver.Start(t)
	var asked atomic.Int32
	answer := authorizer(t, "roles")
	server.Inject(reviews, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) == 1 { // the one about service accounts, which goes ahead
				apiserver.Forbidden("bob")(next).ServeHTTP(w, r)
				return
			}
			answer(next).ServeHTTP(w, r)
		})
	})
	r := run(t, "who-can", kubeconfig(t, server))
	if !strings.Contains(r.out, "12 permissions, you lack 1, 1 could not be checked") {
		t.Errorf("stdout:\n%s", r.out)
	}
}

// Not every rule of the role is needed: the role does not claim to be the
// smallest, and says which rules are not.
func TestRoleSaysWhatMayBeLeftOut(t *testing.T) {
	r := run(t, "who-can", "--demo")
	for _, part := range []string{"A ClusterRole for all of this   comments say what each rule is for", "# for who-can (--verify)\n- apiGroups", "# may be left out: for who-can\n- apiGroups"} {
		if !strings.Contains(r.out, part) {
			t.Errorf("%q is not in:\n%s", part, r.out)
		}
	}
	if strings.Contains(r.out, "smallest") {
		t.Errorf("the role is called the smallest:\n%s", r.out)
	}
	if r := run(t, "permissions", "--demo"); !strings.Contains(r.out, "1 permission, not checked") {
		t.Errorf("stdout:\n%s", r.out)
	}
}

func TestUnreachable(t *testing.T) {
	server := apiserver.Start(t)
	server.Inject("/*", apiserver.Unauthorized())
	for name, flag := range map[string]string{
		"unauthorized": kubeconfig(t, server), "no such file": "--kubeconfig=" + filepath.Join(t.TempDir(), "none"), "refused": "--server=http://127.0.0.1:1",
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, "who-can", flag)
			if r.err != nil || !strings.Contains(r.out, "not checked") || !strings.Contains(r.out, "kind: ClusterRole") {
				t.Errorf("error %v, stdout:\n%s", r.err, r.out)
			}
			if !strings.Contains(r.errOut, "note: not checked, the API server could not be asked: ") || strings.Count(r.errOut, "\n") != 1 {
				t.Errorf("stderr: %s", r.errOut)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"foo"}, {"--demo", "--context", "x"}, {"-o", "nope"}, {"--demo", "-f", file}} {
		if r := run(t, args...); fault.Code(r.err) != fault.ExitUsage {
			t.Errorf("%q: error %v, want a usage error", args, r.err)
		}
	}
}
