package main

import (
	"bytes"
	"fmt"
)

// The objects of the file, in 300 namespaces.
const (
	bigObjects    = 14_000
	bigNamespaces = 300
	bigRoles      = bigObjects * 4 / 10
)

// bigList is a List of Roles and RoleBindings, 5 MB, as "kubectl get
// roles,rolebindings -A -o json | jq -c" prints it: four roles to six
// bindings, each to a role of its own namespace.
func bigList() []byte {
	var out bytes.Buffer
	out.WriteString(`{"apiVersion":"v1","items":[`)
	for i := range bigObjects {
		if i > 0 {
			out.WriteByte(',')
		}
		if i < bigRoles {
			bigRole(&out, i)
		} else {
			bigBinding(&out, i-bigRoles)
		}
	}
	out.WriteString(`],"kind":"List","metadata":{"resourceVersion":""}}` + "\n")
	return out.Bytes()
}

func bigRole(out *bytes.Buffer, i int) {
	verbs := []string{`"get","list","watch"`, `"get"`, `"create","delete","patch","update"`}
	resources := []string{`"pods","deployments"`, `"secrets","configmaps"`, `"services","ingresses"`, `"pods/log","pods/exec"`}
	fmt.Fprintf(out, `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role",%s,"rules":[{"apiGroups":["","apps"],"resources":[%s],"verbs":[%s]}]}`,
		bigMeta("role", i), resources[i%len(resources)], verbs[i%len(verbs)])
}

func bigBinding(out *bytes.Buffer, i int) {
	role := i % bigRoles // of the same namespace: both are numbered through
	if i >= bigRoles {
		role = i % bigNamespaces
	}
	fmt.Fprintf(out, `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding",%s,"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"role-%d"},"subjects":[{"kind":"ServiceAccount","name":"app-%d","namespace":"team-%03d"}]}`,
		bigMeta("binding", i), role, i%40, i%bigNamespaces)
}

// bigMeta has the fields that an API server adds.
func bigMeta(kind string, i int) string {
	return fmt.Sprintf(`"metadata":{"creationTimestamp":"2026-01-02T03:04:05Z","name":"%s-%d","namespace":"team-%03d","resourceVersion":"%d","uid":"%08x-0000-4000-8000-%012x"}`,
		kind, i, i%bigNamespaces, 1000+i, i, len(kind))
}
