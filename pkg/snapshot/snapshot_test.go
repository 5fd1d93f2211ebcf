package snapshot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestEachIsSortedByNamespaceAndName(t *testing.T) {
	s := build(t, role("b", "x"), role("a", "z"), role("a", "y"), role("a-b", "w"),
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "v"}})
	var got []string
	for r := range snapshot.Each[rbacv1.Role](s) {
		got = append(got, r.Namespace+"/"+r.Name)
	}
	if diff := cmp.Diff([]string{"a/y", "a/z", "a-b/w", "b/x"}, got); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	for range snapshot.Each[rbacv1.Role](s) {
		break // stops
	}
	if n := snapshot.Count[rbacv1.Role](s); n != 4 {
		t.Errorf("Count: %d roles", n)
	}
	if n := snapshot.Count[corev1.Pod](s); n != 0 {
		t.Errorf("Count: %d pods", n)
	}
}

func TestGet(t *testing.T) {
	s := build(t, role("a", "x", "get"), role("b", "x", "list"), role("a", "y"))
	tests := []struct {
		name, namespace, object string
		want                    string
	}{
		{"first", "a", "x", "get"},
		{"same name elsewhere", "b", "x", "list"},
		{"no such name", "b", "y", "nil"},
		{"no such namespace", "", "x", "nil"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := "nil"
			if r := snapshot.Get[rbacv1.Role](s, tt.namespace, tt.object); r != nil {
				got = r.Rules[0].Verbs[0]
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEachCustomKeepsGroupsApart(t *testing.T) {
	s := build(t, custom("x.io/v1", "Role", "n", "b"), custom("x.io/v2", "Role", "n", "a"),
		custom("y.io/v1", "Role", "n", "c"), role("n", "d"))
	var got []string
	for obj := range s.EachCustom(schema.GroupKind{Group: "x.io", Kind: "Role"}) {
		got = append(got, obj.GetName())
	}
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	for range s.EachCustom(schema.GroupKind{Group: "x.io", Kind: "Role"}) {
		break
	}
	if n := snapshot.Count[rbacv1.Role](s); n != 1 {
		t.Errorf("%d built-in roles", n)
	}
}

func TestAllHasAFixedOrder(t *testing.T) {
	objs := []snapshot.Object{
		custom("y.io/v1", "B", "", "1"), custom("x.io/v1", "B", "", "2"), role("n", "3"),
		&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "4"}}, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "5"}},
		&eventsv1.Event{ObjectMeta: metav1.ObjectMeta{Name: "6"}}, &corev1.Event{ObjectMeta: metav1.ObjectMeta{Name: "7"}},
	}
	want := []string{"/5", "/7", "/6", "/4", "n/3", "/2", "/1"}
	for range 20 {
		if diff := cmp.Diff(want, names(build(t, objs...))); diff != "" {
			t.Fatalf("objects (-want +got):\n%s", diff)
		}
	}
	for range build(t, objs...).All() {
		break
	}
}

func TestInfo(t *testing.T) {
	tests := []struct {
		source                snapshot.SourceKind
		coverageKnown, stored bool
	}{
		{snapshot.FromServer, true, true},
		{snapshot.FromSaved, true, true},
		{snapshot.FromFiles, false, false},
		{snapshot.FromDemo, true, false},
	}
	for _, tt := range tests {
		info := snapshot.Info{Source: tt.source}
		if info.CoverageKnown() != tt.coverageKnown || info.Stored() != tt.stored {
			t.Errorf("%s: CoverageKnown %v, Stored %v", tt.source, info.CoverageKnown(), info.Stored())
		}
	}
}

func TestCatalogHasDefinedAndDiscoveredTypes(t *testing.T) {
	b := snapshot.NewBuilder()
	b.Add(definition(map[string]any{
		"group": "x.io", "scope": "Cluster", "names": map[string]any{"plural": "as", "kind": "A"},
	}))
	s, err := b.Build(snapshot.Info{Resources: []apiresource.Resource{{Group: "y.io", Name: "bs", Kind: "B", Namespaced: true}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		arg, group string
		namespaced bool
	}{{"as", "x.io", false}, {"b", "y.io", true}, {"pods", "", true}} {
		r, err := s.Catalog().Resolve(want.arg)
		if err != nil || r.Group != want.group || r.Namespaced != want.namespaced {
			t.Errorf("%s: %+v, %v", want.arg, r, err)
		}
	}
	if first, second := s.Catalog(), s.Catalog(); first != second {
		t.Error("the catalog is built twice")
	}
}
