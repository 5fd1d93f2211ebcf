package snapshot_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestBuildMergesIdenticalObjects(t *testing.T) {
	b := snapshot.NewBuilder()
	b.AddFrom(role("n", "x", "get"), snapshot.Origin{File: "a", Line: 1})
	b.AddFrom(role("n", "y"), snapshot.Origin{File: "a", Line: 2})
	b.AddFrom(role("n", "x", "get"), snapshot.Origin{File: "b", Line: 3})
	empty := role("n", "y")
	empty.Labels = map[string]string{} // means the same as none
	b.AddFrom(empty, snapshot.Origin{File: "b", Line: 4})
	s, err := b.Build(snapshot.Info{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for obj, origin := range s.All() {
		got = append(got, origin.String()+" "+obj.GetName())
	}
	if diff := cmp.Diff([]string{"a:1 x", "a:2 y"}, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestBuildRefusesDifferingObjects(t *testing.T) {
	tests := []struct {
		name string
		objs []snapshot.Object
		want string
	}{
		{"built-in type", []snapshot.Object{role("n", "x", "get"), role("n", "x", "list")}, "two different objects Role/n/x: f:1 and f:2"},
		{"the third differs", []snapshot.Object{role("n", "x"), role("n", "x"), role("n", "x", "get")}, "two different objects Role/n/x: f:2 and f:3"},
		{"custom resource", []snapshot.Object{custom("x.io/v1", "X", "", "x"), custom("x.io/v2", "X", "", "x")}, "two different objects X/x: f:1 and f:2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := snapshot.NewBuilder()
			for i, obj := range tt.objs {
				b.AddFrom(obj, snapshot.Origin{File: "f", Line: i + 1})
			}
			s, err := b.Build(snapshot.Info{})
			var duplicate *snapshot.DuplicateError
			if s != nil || !errors.As(err, &duplicate) || err.Error() != tt.want {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// What is to count in one namespace must not count in all.
func TestBuildLeavesOutWhatLacksItsNamespace(t *testing.T) {
	named := metav1.ObjectMeta{Name: "x"}
	tests := []struct {
		obj    snapshot.Object
		origin snapshot.Origin
		want   snapshot.Gap
	}{
		{&rbacv1.Role{ObjectMeta: named}, snapshot.Origin{}, snapshot.Gap{Group: rbacv1.GroupName, Resource: "roles", Reason: snapshot.Unparsable, Detail: "Role x has no namespace"}},
		{&rbacv1.RoleBinding{ObjectMeta: named}, snapshot.Origin{File: "f", Line: 7}, snapshot.Gap{Group: rbacv1.GroupName, Resource: "rolebindings", Reason: snapshot.Unparsable, Detail: "f:7: RoleBinding x has no namespace"}},
		{&corev1.ServiceAccount{ObjectMeta: named}, snapshot.Origin{}, snapshot.Gap{Resource: "serviceaccounts", Reason: snapshot.Unparsable, Detail: "ServiceAccount x has no namespace"}},
	}
	for _, tt := range tests {
		t.Run(tt.want.Resource, func(t *testing.T) {
			b := snapshot.NewBuilder()
			b.AddFrom(tt.obj, tt.origin)
			b.Add(&rbacv1.ClusterRole{ObjectMeta: named}, role("n", "x"))
			s, err := b.Build(snapshot.Info{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]snapshot.Gap{tt.want}, s.Gaps()); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"/x", "n/x"}, names(s)); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBuildKeepsTypesApart(t *testing.T) {
	s := build(t, role("n", "x", "get"), &rbacv1.RoleBinding{ObjectMeta: role("n", "x").ObjectMeta},
		custom("x.io/v1", "Role", "n", "x"), role("m", "x", "list"))
	if got := names(s); len(got) != 4 {
		t.Errorf("objects %q", got)
	}
}

func TestGapsAndWarnings(t *testing.T) {
	b := snapshot.NewBuilder()
	pods := snapshot.Gap{Resource: "pods", Reason: snapshot.Forbidden}
	b.Gap(
		snapshot.Gap{Group: "b"}, pods, snapshot.Gap{Resource: "pods", Namespace: "n", Reason: snapshot.Forbidden},
		snapshot.Gap{Resource: "pods", Reason: snapshot.Expired}, pods, snapshot.Gap{Resource: "nodes", Detail: "2"}, snapshot.Gap{Resource: "nodes", Detail: "1"},
	)
	b.Warn("%d%%", 5)
	s, err := b.Build(snapshot.Info{})
	if err != nil {
		t.Fatal(err)
	}
	want := []snapshot.Gap{
		{Resource: "nodes", Detail: "1"},
		{Resource: "nodes", Detail: "2"},
		{Resource: "pods", Reason: snapshot.Expired},
		pods,
		{Resource: "pods", Namespace: "n", Reason: snapshot.Forbidden},
		{Group: "b"},
	}
	if diff := cmp.Diff(want, s.Gaps()); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"5%"}, s.Warnings()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if none := build(t).Gaps(); none == nil || len(none) != 0 {
		t.Errorf("without gaps: %#v", none)
	}
}

func TestOriginString(t *testing.T) {
	if got := (snapshot.Origin{File: "-", Line: 7}).String(); got != "-:7" {
		t.Error(got)
	}
	if got := (snapshot.Origin{}).String(); got != "" {
		t.Error(got)
	}
}
