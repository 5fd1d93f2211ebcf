package snapshot_test

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func role(namespace, name string, verbs ...string) *rbacv1.Role {
	return &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Rules:      []rbacv1.PolicyRule{{Verbs: verbs}},
	}
}

func custom(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	obj := &unstructured.Unstructured{}
	obj.SetAPIVersion(apiVersion)
	obj.SetKind(kind)
	obj.SetNamespace(namespace)
	obj.SetName(name)
	return obj
}

func build(t *testing.T, objs ...snapshot.Object) *snapshot.Snapshot {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(objs...)
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// names lists NAMESPACE/NAME of every object.
func names(s *snapshot.Snapshot) []string {
	var out []string
	for obj := range s.All() {
		out = append(out, obj.GetNamespace()+"/"+obj.GetName())
	}
	return out
}
