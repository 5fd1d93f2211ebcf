package rbac_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

const app = "system:serviceaccount:dev:app"

func TestParseForbidden(t *testing.T) {
	listPods := rbac.Request{Verb: "list", Resource: "pods", Namespace: "x"}
	for _, tt := range []struct {
		name, text string
		user       string
		want       rbac.Request
		reason     string
	}{
		{"kubectl", `Error from server (Forbidden): pods is forbidden: User "` + app + `" cannot list resource "pods" in API group "" in the namespace "x"`, app, listPods, ""},
		{"cluster scope", `nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope`, "bob", rbac.Request{Verb: "list", Resource: "nodes"}, ""},
		{"name and subresource", `pods "web-1" is forbidden: User "bob" cannot get resource "pods/log" in API group "" in the namespace "x"`, "bob", rbac.Request{Verb: "get", Resource: "pods", Subresource: "log", Name: "web-1", Namespace: "x"}, ""},
		{"group and name", `deployments.apps "web" is forbidden: User "bob" cannot patch resource "deployments" in API group "apps" in the namespace "x"`, "bob", rbac.Request{Verb: "patch", APIGroup: "apps", Resource: "deployments", Name: "web", Namespace: "x"}, ""},
		{"URL", `Error from server (Forbidden): forbidden: User "system:anonymous" cannot get path "/metrics"`, "system:anonymous", rbac.Request{Verb: "get", Path: "/metrics"}, ""},
		{"dangling role", `pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "x": RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found`, "bob", listPods, `RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found`},
		{"GKE", `pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "x": requires one of ["container.pods.list"] permission(s).`, "bob", listPods, `requires one of ["container.pods.list"] permission(s).`},
		{"node authorizer", `secrets "db" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "x": no relationship found between node 'n1' and this object`, "system:node:n1", rbac.Request{Verb: "get", Resource: "secrets", Name: "db", Namespace: "x"}, "no relationship found between node 'n1' and this object"},
		{"impersonation", `users "root" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope`, "bob", rbac.Request{Verb: "impersonate", Resource: "users", Name: "root"}, ""},
		{"impersonated extra", `userextras.authentication.k8s.io "a" is forbidden: User "bob" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope`, "bob", rbac.Request{Verb: "impersonate", APIGroup: "authentication.k8s.io", Resource: "userextras", Subresource: "scopes", Name: "a"}, ""},
		{"constrained impersonation", `users.authentication.k8s.io "root" is forbidden: User "bob" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope`, "bob", rbac.Request{Verb: "impersonate:user-info", APIGroup: "authentication.k8s.io", Resource: "users", Name: "root"}, ""},
		{"user with backslash", `pods is forbidden: User "CORP\\bob" cannot list resource "pods" in API group "" in the namespace "x"`, `CORP\bob`, listPods, ""},
		{"user with quotes", `pods is forbidden: User "a\"b" cannot list resource "pods" in API group "" in the namespace "x"`, `a"b`, listPods, ""},
		{"user with entities", `pods is forbidden: User "a&lt;b&gt;&amp;c" cannot list resource "pods" in API group "" in the namespace "x"`, "a<b>&c", listPods, ""},
		{"user that imitates", `pods is forbidden: User "x\" cannot get path \"/\"" cannot list resource "pods" in API group "" in the namespace "x"`, `x" cannot get path "/"`, listPods, ""},
		{"client-go log", "E1123 08:50:00.000000       1 reflector.go:166] \"Unhandled Error\" err=\"k8s.io/client-go/informers/factory.go:160: Failed to watch *v1.Pod: failed to list *v1.Pod: pods is forbidden: User \\\"bob\\\" cannot list resource \\\"pods\\\" in API group \\\"\\\" in the namespace \\\"x\\\"\" logger=\"UnhandledError\"", "bob", listPods, ""},
		{"line breaks", "pods is forbidden: User \"bob\" cannot list\n  resource \"pods\" in API group \"\"\n  in the namespace \"x\"", "bob", listPods, ""},
		{"quotes of a chat", "pods is forbidden: User “bob” cannot list resource “pods” in API group “” in the namespace “x”", "bob", listPods, ""},
		{"quotes that a shell took", `pods is forbidden: User bob cannot list resource pods in API group  in the namespace x`, "bob", listPods, ""},
		{"quotes taken, name and group", `deployments.apps web is forbidden: User bob cannot get resource deployments in API group apps in the namespace x`, "bob", rbac.Request{Verb: "get", APIGroup: "apps", Resource: "deployments", Name: "web", Namespace: "x"}, ""},
		{"without the beginning", `User "bob" cannot list resource "pods" in API group "" in the namespace "x"`, "bob", listPods, ""},
		{"a pod named pods", `pods "pods" is forbidden: User "bob" cannot get resource "pods" in API group "" in the namespace "x"`, "bob", rbac.Request{Verb: "get", Resource: "pods", Name: "pods", Namespace: "x"}, ""},
		{"old servers", `User "bob" cannot list deployments.apps in the namespace "x".`, "bob", rbac.Request{Verb: "list", APIGroup: "apps", Resource: "deployments", Namespace: "x"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rbac.ParseForbidden(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			want := []rbac.Denial{{Kind: rbac.DeniedByAuthorizer, User: tt.user, Request: tt.want, Reason: tt.reason}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// wording is the API server's: ForbiddenStatusError in
// apiserver/pkg/endpoints/handlers/responsewriters/errors.go.
func wording(user string, r rbac.Request, reason string) string {
	msg := fmt.Sprintf("User %q cannot %s path %q", user, r.Verb, r.Path)
	if r.Path == "" {
		resource := r.Resource
		if r.Subresource != "" {
			resource += "/" + r.Subresource
		}
		msg = fmt.Sprintf("User %q cannot %s resource %q in API group %q at the cluster scope", user, r.Verb, resource, r.APIGroup)
		if r.Namespace != "" {
			msg = fmt.Sprintf("User %q cannot %s resource %q in API group %q in the namespace %q", user, r.Verb, resource, r.APIGroup, r.Namespace)
		}
	}
	msg = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(msg)
	if reason != "" {
		msg += ": " + reason
	}
	return apierrors.NewForbidden(schema.GroupResource{Group: r.APIGroup, Resource: r.Resource}, r.Name, errors.New(msg)).Error()
}

// Whatever the API server writes comes back, also out of JSON in JSON.
func FuzzParseForbidden(f *testing.F) {
	f.Add("bob", "list", "apps", "deployments", "scale", "web", "dev", "", 0)
	f.Add(`CORP\bob "x"`, "get", "", "pods", "", "", "", "", 1)
	f.Add("a<b>&c", "impersonate-on:user-info:list", "", "", "", "", "", "/metrics", 2)
	f.Fuzz(func(t *testing.T, user, verb, group, resource, sub, name, namespace, path string, layers int) {
		r := rbac.Request{Verb: verb, APIGroup: group, Resource: resource, Subresource: sub, Name: name, Namespace: namespace}
		if strings.HasPrefix(path, "/") {
			r = rbac.Request{Verb: verb, Path: path}
		}
		text := wording(user, r, "")
		_, _ = rbac.ParseForbidden(user + "\n" + text + "\n" + name) // no panic on anything
		if !plausible(user, r) {
			return
		}
		for range layers % 3 {
			data, err := json.Marshal(map[string]string{"log": text, "z": "is forbidden: no"})
			if err != nil {
				t.Fatal(err)
			}
			text = string(data)
		}
		got, err := rbac.ParseForbidden(text)
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		want := []rbac.Denial{{Kind: rbac.DeniedByAuthorizer, User: user, Request: r}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", text, diff)
		}
	})
}

// plausible keeps to names that an API server accepts; user names may hold
// anything printable but what is taken for an entity or a quoting itself.
func plausible(user string, r rbac.Request) bool {
	word := func(s string, empty bool) bool {
		return (s != "" || empty) && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.:") == ""
	}
	dns := func(s string, empty bool) bool { return word(s, empty) && !strings.Contains(s, ":") }
	for _, c := range user {
		if c < ' ' || c > '~' || c == '&' || c == '\\' || c == '"' {
			return false
		}
	}
	if user == "" || strings.TrimSpace(user) != user || !word(r.Verb, false) {
		return false
	}
	if r.Path != "" {
		return strings.Trim(r.Path, "abcdefghijklmnopqrstuvwxyz/-") == ""
	}
	return dns(r.APIGroup, true) && dns(r.Resource, false) && dns(r.Subresource, true) && word(r.Name, true) && dns(r.Namespace, true)
}

func TestSeveralDenials(t *testing.T) {
	text := strings.Join([]string{
		"starting", wording("bob", rbac.Request{Verb: "list", Resource: "pods", Namespace: "x"}, ""),
		"retrying", wording("bob", rbac.Request{Verb: "list", Resource: "pods", Namespace: "x"}, ""),
		wording("bob", rbac.Request{Verb: "get", Path: "/healthz"}, "RBAC: x"), "done",
	}, "\n")
	got, err := rbac.ParseForbidden(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []rbac.Denial{
		{Kind: rbac.DeniedByAuthorizer, User: "bob", Request: rbac.Request{Verb: "list", Resource: "pods", Namespace: "x"}},
		{Kind: rbac.DeniedByAuthorizer, User: "bob", Request: rbac.Request{Verb: "get", Path: "/healthz"}, Reason: "RBAC: x"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEscalation(t *testing.T) {
	text := `Error from server (Forbidden): roles.rbac.authorization.k8s.io "r" is forbidden: user "bob" (groups=["a b" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["get"]}
{APIGroups:["apps"], Resources:["deployments"], Verbs:["*"]}
next line`
	want := []rbac.Denial{{
		Kind: rbac.DeniedEscalation, User: "bob", Groups: []string{"a b", "system:authenticated"},
		Reason: "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\"]}\n{APIGroups:[\"apps\"], Resources:[\"deployments\"], Verbs:[\"*\"]}",
	}}
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{text, string(quoted)} {
		got, err := rbac.ParseForbidden(given)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", given, diff)
		}
	}
}
