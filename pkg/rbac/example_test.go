package rbac_test

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// A service account is allowed through a group that names nobody.
func ExampleIndex_WhoCan() {
	b := snapshot.NewBuilder()
	b.Add(
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"}},
		&rbacv1.Role{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "reader"},
			Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}}},
		},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "readers"},
			RoleRef:    rbacv1.RoleRef{Kind: "Role", Name: "reader"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.GroupKind, Name: "system:serviceaccounts:shop"}},
		},
	)
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := rbac.Request{Verb: "get", Resource: "secrets", Name: "db", Namespace: "shop"}
	for _, access := range rbac.NewIndex(s, nil).WhoCan(request, false) {
		fmt.Printf("%s through %q\n", access.Subject, access.Scopes[0].Via[0].Through)
	}
	// Output:
	// Group/system:masters through ""
	// Group/system:serviceaccounts:shop through ""
	// ServiceAccount/shop/web through "system:serviceaccounts:shop"
}

// What looks like a wildcard, a group or a verb often is none.
func ExampleAllows() {
	exec := rbac.Request{Verb: "create", Resource: "pods", Subresource: "exec", Name: "web", Namespace: "shop"}
	list := rbac.Request{Verb: "list", Resource: "secrets", Namespace: "shop"}
	show := func(what string, rule rbacv1.PolicyRule, r rbac.Request) {
		fmt.Printf("%s: %t\n", what, rbac.Allows(&rule, r))
	}
	core := []string{""}
	show("pods/*", rbacv1.PolicyRule{APIGroups: core, Resources: []string{"pods/*"}, Verbs: []string{"*"}}, exec)
	show("*/exec", rbacv1.PolicyRule{APIGroups: core, Resources: []string{"*/exec"}, Verbs: []string{"*"}}, exec)
	show("pods", rbacv1.PolicyRule{APIGroups: core, Resources: []string{"pods"}, Verbs: []string{"*"}}, exec)
	show("Create", rbacv1.PolicyRule{APIGroups: core, Resources: []string{"*"}, Verbs: []string{"Create"}}, exec)
	show("core", rbacv1.PolicyRule{APIGroups: []string{"core"}, Resources: []string{"*"}, Verbs: []string{"*"}}, exec)
	secrets := rbacv1.PolicyRule{APIGroups: core, Resources: []string{"secrets"}, Verbs: []string{"list"}}
	secrets.ResourceNames = []string{"db"}
	show("list, but one secret by name", secrets, list)
	secrets.ResourceNames = []string{""}
	show("list, the empty name", secrets, list)
	// Output:
	// pods/*: false
	// */exec: true
	// pods: false
	// Create: false
	// core: false
	// list, but one secret by name: false
	// list, the empty name: true
}

// A Namespace object is in the namespace of its name.
func ExampleQuestion_Plan() {
	target, err := rbac.ParseTarget([]string{"namespaces/shop"}, "", types().Resolve)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, verb := range []string{"delete", "list"} {
		p := rbac.Question{Verb: verb, Target: target, Namespace: "default"}.Plan()
		fmt.Printf("%s: namespace %q, name %q\n", verb, p.Request.Namespace, p.Request.Name)
	}
	// Output:
	// delete: namespace "shop", name "shop"
	// list: namespace "", name "shop"
}
