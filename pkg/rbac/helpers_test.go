package rbac_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// decodeAll turns YAML documents into the objects that loaders make of them.
func decodeAll(t testing.TB, documents string) []snapshot.Object {
	t.Helper()
	var objects []snapshot.Object
	for doc := range strings.SplitSeq(documents, "\n---\n") {
		var kind struct{ Kind string }
		if err := yaml.Unmarshal([]byte(doc), &kind); err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		var obj snapshot.Object
		switch kind.Kind {
		case "":
			continue
		case "ClusterRole":
			obj = &rbacv1.ClusterRole{}
		case "Role":
			obj = &rbacv1.Role{}
		case "ClusterRoleBinding":
			obj = &rbacv1.ClusterRoleBinding{}
		case "RoleBinding":
			obj = &rbacv1.RoleBinding{}
		case "ServiceAccount":
			obj = &corev1.ServiceAccount{}
		case "ConfigMap":
			obj = &corev1.ConfigMap{}
		default:
			obj = &unstructured.Unstructured{}
		}
		if err := yaml.UnmarshalStrict([]byte(doc), obj); err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		if _, custom := obj.(*unstructured.Unstructured); !custom {
			obj.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{}) // the tests leave out apiVersion
		}
		objects = append(objects, obj)
	}
	return objects
}

func snapshotOf(t testing.TB, info snapshot.Info, documents string) *snapshot.Snapshot {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(decodeAll(t, documents)...)
	s, err := b.Build(info)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// indexOf makes an index of manifests.
func indexOf(t testing.TB, documents string) *rbac.Index {
	t.Helper()
	return rbac.NewIndex(snapshotOf(t, snapshot.Info{Source: snapshot.FromFiles}, documents), nil)
}

// scopeLines writes an answer as one line a scope:
// SUBJECT in SCOPE: BINDING ROLE RULE[ through GROUP], …
func scopeLines(answer []rbac.Access) []string {
	lines := []string{}
	for _, access := range answer {
		for _, scope := range access.Scopes {
			where := scope.Namespace
			if where == "" {
				where = "*"
			}
			lines = append(lines, fmt.Sprintf("%s in %s: %s", access.Subject, where, strings.Join(chainsOf(scope), ", ")))
		}
	}
	return lines
}

// grantLines is scopeLines without the line of system:masters, which every
// answer has.
func grantLines(answer []rbac.Access) []string {
	lines := []string{}
	for _, line := range scopeLines(answer) {
		if line != "Group/system:masters in *: builtin" {
			lines = append(lines, line)
		}
	}
	return lines
}

func chainsOf(scope rbac.Scope) []string {
	var list []string
	for _, via := range scope.Via {
		link := "builtin"
		if !via.Builtin() {
			b := via.Binding
			link = fmt.Sprintf("%s %s %d", objectName(b.Kind, b.Namespace, b.Name), objectName(b.Role.Kind, b.Role.Namespace, b.Role.Name), via.Rule)
		}
		if via.Through != "" {
			link += " through " + via.Through
		}
		list = append(list, link)
	}
	return list
}

func objectName(kind, namespace, name string) string {
	if namespace == "" {
		return kind + "/" + name
	}
	return kind + "/" + namespace + "/" + name
}

// getIn is the request of most tests.
func getIn(resource, namespace string) rbac.Request {
	return rbac.Request{Verb: "get", Resource: resource, Namespace: namespace}
}

func replace(text string, oldnew ...string) string {
	return strings.NewReplacer(oldnew...).Replace(text)
}
