package rbac_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// planOf plans a question as it is typed, in the namespace dev.
func planOf(t *testing.T, text string, change func(*rbac.Question)) rbac.Plan {
	t.Helper()
	parts := strings.Fields(text)
	target, err := rbac.ParseTarget(parts[1:], "", types().Resolve)
	if err != nil {
		t.Fatal(err)
	}
	q := rbac.Question{Verb: parts[0], Target: target, Namespace: "dev"}
	if change != nil {
		change(&q)
	}
	return q.Plan()
}

func inAll(q *rbac.Question)     { q.AllNamespaces = true }
func nsTyped(q *rbac.Question)   { q.NamespaceTyped = true }
func byApply(q *rbac.Question)   { q.Apply = true }
func withoutNS(q *rbac.Question) { q.Namespace = "" }

// knownType is for names that ParseTarget would refuse.
func knownType(q *rbac.Question) {
	q.Target.Resource.Unknown, q.Target.Resource.Verbs = false, []string{q.Verb}
}
func namesake(q *rbac.Question) { q.Target.Resource.Namesakes = []string{"users.acme.io"} }
func withSub(name string) func(*rbac.Question) {
	return func(q *rbac.Question) { q.Target.Subresource = name }
}

func TestPlan(t *testing.T) {
	const rbacGroup = "rbac.authorization.k8s.io"
	const authn = "authentication.k8s.io"
	tests := []struct {
		name, question string
		change         func(*rbac.Question)
		want           rbac.Request
		anywhere       bool
		note           string // part of the only note
	}{
		{"namespaced", "get pods", nil, rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}, false, ""},
		{"named", "get pods/web", nil, rbac.Request{Verb: "get", Resource: "pods", Name: "web", Namespace: "dev"}, false, ""},
		{"all namespaces", "get pods", inAll, rbac.Request{Verb: "get", Resource: "pods"}, true, ""},
		{"cluster-scoped", "get nodes/n1", nil, rbac.Request{Verb: "get", Resource: "nodes", Name: "n1"}, false, ""},
		{"cluster-scoped in all namespaces", "get nodes", inAll, rbac.Request{Verb: "get", Resource: "nodes"}, false, ""},
		{"subresource", "get pods/log", nil, rbac.Request{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "dev"}, false, ""},
		{"every type", "* *", nil, rbac.Request{Verb: "*", APIGroup: "*", Resource: "*", Namespace: "dev"}, false, ""},

		{"a create has no name", "create pods/web", nil, rbac.Request{Verb: "create", Resource: "pods", Namespace: "dev"}, false, "carries no name"},
		{"an apply that creates has one", "create pods/web", byApply, rbac.Request{Verb: "create", Resource: "pods", Name: "web", Namespace: "dev"}, false, ""},
		{"a create of a subresource has one", "create pods/exec web", nil, rbac.Request{Verb: "create", Resource: "pods", Subresource: "exec", Name: "web", Namespace: "dev"}, false, ""},
		{"deletecollection has none", "deletecollection pods/web", nil, rbac.Request{Verb: "deletecollection", Resource: "pods", Namespace: "dev"}, false, "carries no name"},
		{"a list by name is a field selector", "list secrets/db", nil, rbac.Request{Verb: "list", Resource: "secrets", Name: "db", Namespace: "dev"}, false, "metadata.name=db"},
		{"so is a watch", "watch secrets/db", nil, rbac.Request{Verb: "watch", Resource: "secrets", Name: "db", Namespace: "dev"}, false, "metadata.name=db"},

		{"a list by what is no name", "list widgets.v1.example.org a/b", knownType, rbac.Request{Verb: "list", APIGroup: "example.org", Resource: "widgets", Namespace: "dev"}, false, `"a/b" cannot be the name of an object`},
		{"a watch by what is no name", "watch widgets.v1.example.org ..", knownType, rbac.Request{Verb: "watch", APIGroup: "example.org", Resource: "widgets", Namespace: "dev"}, false, `".." cannot be the name of an object`},
		{"others keep it", "approve widgets.v1.example.org a/b", knownType, rbac.Request{Verb: "approve", APIGroup: "example.org", Resource: "widgets", Name: "a/b", Namespace: "dev"}, false, ""},

		{"a namespace is in itself", "delete namespaces/prod", nil, rbac.Request{Verb: "delete", Resource: "namespaces", Name: "prod", Namespace: "prod"}, false, ""},
		{"whatever -A says", "delete namespaces/prod", inAll, rbac.Request{Verb: "delete", Resource: "namespaces", Name: "prod", Namespace: "prod"}, false, ""},
		{"its status too", "update namespaces/status prod", nil, rbac.Request{Verb: "update", Resource: "namespaces", Subresource: "status", Name: "prod", Namespace: "prod"}, false, ""},
		{"its finalize too", "update namespaces/prod", withSub("finalize"), rbac.Request{Verb: "update", Resource: "namespaces", Subresource: "finalize", Name: "prod", Namespace: "prod"}, false, ""},
		{"other parts would be types in it", "get namespaces/prod", withSub("pods"), rbac.Request{Verb: "get", Resource: "namespaces", Subresource: "pods", Name: "prod"}, false, `serves no subresource "pods"`},
		{"a list of namespaces is in none", "list namespaces", nil, rbac.Request{Verb: "list", Resource: "namespaces"}, false, ""},
		{"not even by name", "list namespaces/prod", nil, rbac.Request{Verb: "list", Resource: "namespaces", Name: "prod"}, false, "metadata.name=prod"},
		{"a create of one is in none", "create namespaces", nil, rbac.Request{Verb: "create", Resource: "namespaces"}, false, ""},
		{"an apply of one is in it", "create namespaces/prod", byApply, rbac.Request{Verb: "create", Resource: "namespaces", Name: "prod", Namespace: "prod"}, false, ""},
		{"delete of any namespace", "delete namespaces", nil, rbac.Request{Verb: "delete", Resource: "namespaces"}, false, "ask for namespaces/NAME"},

		{"bind of a ClusterRole without -n", "bind clusterroles/admin", nil, rbac.Request{Verb: "bind", APIGroup: rbacGroup, Resource: "clusterroles", Name: "admin"}, false, "-n NAMESPACE asks for RoleBindings"},
		{"bind of a ClusterRole in a namespace", "bind clusterroles/admin", nsTyped, rbac.Request{Verb: "bind", APIGroup: rbacGroup, Resource: "clusterroles", Name: "admin", Namespace: "dev"}, false, ""},
		{"bind of a ClusterRole anywhere", "bind clusterroles/admin", inAll, rbac.Request{Verb: "bind", APIGroup: rbacGroup, Resource: "clusterroles", Name: "admin"}, true, ""},
		{"escalate is not bind", "escalate clusterroles/admin", nsTyped, rbac.Request{Verb: "escalate", APIGroup: rbacGroup, Resource: "clusterroles", Name: "admin"}, false, ""},

		{"impersonation of an account", "impersonate serviceaccounts/app", nil, rbac.Request{Verb: "impersonate", Resource: "serviceaccounts", Name: "app", Namespace: "dev"}, false, ""},
		{"impersonation of a user", "impersonate users/alice", nil, rbac.Request{Verb: "impersonate", Resource: "users", Name: "alice"}, false, ""},
		{"constrained impersonation of a user", "impersonate:user-info users/alice", nil, rbac.Request{Verb: "impersonate:user-info", APIGroup: authn, Resource: "users", Name: "alice"}, false, "impersonate-on:user-info:VERB"},
		{"constrained impersonation of an account", "impersonate:serviceaccount serviceaccounts/app", nil, rbac.Request{Verb: "impersonate:serviceaccount", APIGroup: authn, Resource: "serviceaccounts", Name: "app", Namespace: "dev"}, false, "impersonate-on:serviceaccount:VERB"},
		{"the other half keeps its type", "impersonate-on:user-info:list pods", nil, rbac.Request{Verb: "impersonate-on:user-info:list", Resource: "pods", Namespace: "dev"}, false, "impersonate:user-info of the identity"},
		{"signer", "approve signers/example.org/web", nil, rbac.Request{Verb: "approve", APIGroup: "certificates.k8s.io", Resource: "signers", Name: "example.org/web"}, false, "signers/example.org/*"},
		{"signers of a domain", "approve signers/example.org/*", nil, rbac.Request{Verb: "approve", APIGroup: "certificates.k8s.io", Resource: "signers", Name: "example.org/*"}, false, ""},

		{"unknown type", "get widgets.example.org", nil, rbac.Request{Verb: "get", APIGroup: "example.org", Resource: "widgets", Namespace: "dev"}, false, "is not known here"},
		{"unknown type with a version", "get widgets.v1.example.org", nil, rbac.Request{Verb: "get", APIGroup: "example.org", Resource: "widgets", Namespace: "dev"}, false, "v1 as its version"},
		{"verb that no check asks of users", "list users", nil, rbac.Request{Verb: "list", Resource: "users"}, false, `no check asks for the verb "list" on users, only for impersonate`},
		{"every verb on users", "* users", nil, rbac.Request{Verb: "*", Resource: "users"}, false, ""},
		{"a name that two types share", "impersonate users", namesake, rbac.Request{Verb: "impersonate", Resource: "users"}, false, `"users.acme.io" asks about another type of that name`},
		{"verb that nobody serves", "fry pods", nil, rbac.Request{Verb: "fry", Resource: "pods", Namespace: "dev"}, false, `no API server serves the verb "fry"`},
		{"subresource that nobody serves", "get secrets/db", withSub("log"), rbac.Request{Verb: "get", Resource: "secrets", Subresource: "log", Name: "db", Namespace: "dev"}, false, `serves no subresource "log"`},

		{"URL of a resource", "get /apis/apps/v1/deployments", nil, rbac.Request{Verb: "get", Path: "/apis/apps/v1/deployments"}, false, "ask for its type instead"},
		{"URL of a group", "get /apis/apps/v1", nil, rbac.Request{Verb: "get", Path: "/apis/apps/v1"}, false, ""},
		{"URL", "get /metrics", nil, rbac.Request{Verb: "get", Path: "/metrics"}, false, ""},
		{"URL in all namespaces", "get /metrics", inAll, rbac.Request{Verb: "get", Path: "/metrics"}, false, ""},
		{"URL with a query", "get /metrics?x=1", nil, rbac.Request{Verb: "get", Path: "/metrics"}, false, `query string "?x=1"`},
		{"URL with a verb of resources", "list /metrics", nil, rbac.Request{Verb: "list", Path: "/metrics"}, false, `"list" is none`},
		{"no namespace", "get pods", withoutNS, rbac.Request{Verb: "get", Resource: "pods"}, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := planOf(t, tt.question, tt.change)
			if diff := cmp.Diff(tt.want, got.Request); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if got.Anywhere != tt.anywhere {
				t.Errorf("anywhere is %t", got.Anywhere)
			}
			notes := strings.Join(got.Notes, "\n")
			if tt.note == "" && notes != "" || !strings.Contains(notes, tt.note) || strings.Contains(notes, "\n") {
				t.Errorf("notes %q, want one with %q", notes, tt.note)
			}
		})
	}
}

// TestPlanNeverRefuses: an invented verb or an odd type is answered, at most
// with a note.
func TestPlanNeverRefuses(t *testing.T) {
	for _, question := range []string{
		"escalate roles", "bind roles/x", "approve signers/example.org/x", "use podsecuritypolicies.policy/x",
		"unsafe-delete-ignore-read-errors secrets/x", "get users", "deletecollection nodes", "* pods/log", "GET pods",
	} {
		p := planOf(t, question, nil)
		verb, _, _ := strings.Cut(question, " ")
		if p.Request.Verb != verb || p.Request.Resource == "" {
			t.Errorf("%s: %+v", question, p.Request)
		}
	}
}
