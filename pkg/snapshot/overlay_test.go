package snapshot_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func roleKind() schema.GroupKind {
	return schema.GroupKind{Group: "rbac.authorization.k8s.io", Kind: "Role"}
}

func TestOverlay(t *testing.T) {
	thing := schema.GroupKind{Group: "x.io", Kind: "Thing"}
	tests := []struct {
		name    string
		with    []snapshot.Object
		without []snapshot.Ref
		want    []string
		roles   bool // roles are overlaid
	}{
		{name: "nothing", want: []string{"n/a", "n/b", "n/t"}},
		{name: "add", with: []snapshot.Object{role("n", "c")}, want: []string{"n/a", "n/b", "n/c", "n/t"}, roles: true},
		{name: "replace", with: []snapshot.Object{role("n", "a", "new")}, want: []string{"n/a new", "n/b", "n/t"}, roles: true},
		{name: "other namespace", with: []snapshot.Object{role("m", "a")}, want: []string{"m/a", "n/a", "n/b", "n/t"}, roles: true},
		{name: "remove", without: []snapshot.Ref{{Kind: roleKind(), Namespace: "n", Name: "b"}}, want: []string{"n/a", "n/t"}, roles: true},
		{name: "remove, then add", with: []snapshot.Object{role("n", "c")}, without: []snapshot.Ref{{Kind: roleKind(), Namespace: "n", Name: "c"}}, want: []string{"n/a", "n/b", "n/c", "n/t"}, roles: true},
		{name: "remove a custom resource", without: []snapshot.Ref{{Kind: thing, Namespace: "n", Name: "t"}}, want: []string{"n/a", "n/b"}},
		{name: "replace a custom resource", with: []snapshot.Object{custom("x.io/v2", "Thing", "n", "t")}, want: []string{"n/a", "n/b", "n/t"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := build(t, role("n", "a"), role("n", "b"), custom("x.io/v1", "Thing", "n", "t"))
			var with *snapshot.Snapshot
			if tt.with != nil {
				with = build(t, tt.with...)
			}
			got, err := base.Overlay(with, tt.without)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for obj := range got.All() {
				line := obj.GetNamespace() + "/" + obj.GetName()
				if r, ok := obj.(*rbacv1.Role); ok && len(r.Rules[0].Verbs) > 0 {
					line += " " + r.Rules[0].Verbs[0]
				}
				lines = append(lines, line)
			}
			if diff := cmp.Diff(tt.want, lines); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			if snapshot.Overlaid[rbacv1.Role](got) != tt.roles || snapshot.Overlaid[rbacv1.RoleBinding](got) {
				t.Errorf("Overlaid: roles %v", snapshot.Overlaid[rbacv1.Role](got))
			}
			if diff := cmp.Diff([]string{"n/a", "n/b", "n/t"}, names(base)); diff != "" {
				t.Errorf("the base has changed:\n%s", diff)
			}
		})
	}
}

func TestOverlayKeepsGapsWarningsAndInfo(t *testing.T) {
	make1 := func(name string, info snapshot.Info) *snapshot.Snapshot {
		b := snapshot.NewBuilder()
		b.Gap(snapshot.Gap{Resource: name})
		b.Warn("%s", name)
		s, err := b.Build(info)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	base, with := make1("base", snapshot.Info{User: "u"}), make1("with", snapshot.Info{})
	got, err := base.Overlay(with, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]snapshot.Gap{{Resource: "base"}, {Resource: "with"}}, got.Gaps()); diff != "" {
		t.Errorf("gaps:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"base", "with"}, got.Warnings()); diff != "" {
		t.Errorf("warnings:\n%s", diff)
	}
	if got.Info().User != "u" {
		t.Errorf("info %+v", got.Info())
	}
	again, err := got.Overlay(build(t, role("n", "x")), nil)
	if err != nil {
		t.Fatal(err)
	}
	third, err := again.Overlay(nil, nil)
	if err != nil || !snapshot.Overlaid[rbacv1.Role](third) {
		t.Errorf("a second overlay forgets the first: %v", err)
	}
	if len(base.Gaps()) != 1 || len(base.Warnings()) != 1 {
		t.Errorf("the base has changed: %v, %v", base.Gaps(), base.Warnings())
	}
}

// Base is what was there before the first overlay.
func TestBase(t *testing.T) {
	base := build(t, role("n", "a"))
	if base.Base() != base {
		t.Error("a snapshot without overlays is not its own base")
	}
	first, err := base.Overlay(build(t, role("n", "b")), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := first.Overlay(nil, []snapshot.Ref{{Kind: roleKind(), Namespace: "n", Name: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	if first.Base() != base || second.Base() != base {
		t.Errorf("bases %v and %v", names(first.Base()), names(second.Base()))
	}
	under, err := second.Underlay(build(t, role("n", "a", "default"), role("n", "z")))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"n/a", "n/z"}, names(under.Base())); diff != "" {
		t.Errorf("base over defaults (-want +got):\n%s", diff)
	}
	if r := snapshot.Get[rbacv1.Role](under.Base(), "n", "a"); len(r.Rules[0].Verbs) > 0 {
		t.Errorf("a default wins over the base: %v", r.Rules)
	}
	plain, err := base.Underlay(build(t, role("n", "z")))
	if err != nil || plain.Base() != plain {
		t.Errorf("defaults are taken for an overlay: %v", err)
	}
}

func TestHas(t *testing.T) {
	s := build(t, role("n", "a"), custom("x.io/v1", "Thing", "", "t"))
	for ref, want := range map[snapshot.Ref]bool{
		{Kind: roleKind(), Namespace: "n", Name: "a"}:                     true,
		{Kind: roleKind(), Namespace: "n", Name: "b"}:                     false,
		{Kind: roleKind(), Namespace: "m", Name: "a"}:                     false,
		{Kind: schema.GroupKind{Kind: "Pod"}, Namespace: "n", Name: "a"}:  false,
		{Kind: schema.GroupKind{Group: "x.io", Kind: "Thing"}, Name: "t"}: true,
		{Kind: schema.GroupKind{Group: "y.io", Kind: "Thing"}, Name: "t"}: false,
	} {
		if got := s.Has(ref); got != want {
			t.Errorf("%s: %t", ref, got)
		}
	}
}

func TestOverlayCannotRemoveWhatIsNotThere(t *testing.T) {
	base := build(t, role("n", "a"), custom("x.io/v1", "Thing", "", "t"))
	typed := role("n", "typed")
	typed.APIVersion, typed.Kind = "rbac.authorization.k8s.io/v1", "Role"
	withKind := build(t, typed)
	tests := []struct {
		name string
		in   *snapshot.Snapshot
		ref  snapshot.Ref
		want string
	}{
		{"name", base, snapshot.Ref{Kind: roleKind(), Namespace: "n", Name: "b"}, "n/Role/b is not in the input"},
		{"namespace", base, snapshot.Ref{Kind: roleKind(), Name: "a"}, "Role/a is not in the input"},
		{"kind", base, snapshot.Ref{Kind: schema.GroupKind{Kind: "Pod"}, Namespace: "n", Name: "a"}, "n/Pod/a is not in the input"},
		{"group of a custom resource", base, snapshot.Ref{Kind: schema.GroupKind{Group: "y.io", Kind: "Thing"}, Name: "t"}, "Thing/t is not in the input"},
		{"group of a built-in type", withKind, snapshot.Ref{Kind: schema.GroupKind{Group: "y.io", Kind: "Role"}, Namespace: "n", Name: "typed"}, "n/Role/typed is not in the input"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.in.Overlay(nil, []snapshot.Ref{tt.ref})
			var notFound *snapshot.NotFoundError
			if !errors.As(err, &notFound) || err.Error() != tt.want {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestRefString(t *testing.T) {
	tests := []struct {
		ref  snapshot.Ref
		want string
	}{
		{snapshot.Ref{Kind: roleKind(), Namespace: "n", Name: "a"}, "n/Role/a"},
		{snapshot.Ref{Kind: schema.GroupKind{Kind: "Node"}, Name: "a"}, "Node/a"},
	}
	for _, tt := range tests {
		if got := tt.ref.String(); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

// Objects of an API server have no type meta: their Go type says the kind.
func TestOverlayRemovesObjectsWithAndWithoutTypeMeta(t *testing.T) {
	for _, withMeta := range []bool{true, false} {
		obj := role("n", "a")
		if withMeta {
			obj.APIVersion, obj.Kind = "rbac.authorization.k8s.io/v1", "Role"
		}
		got, err := build(t, obj, role("n", "b")).Overlay(nil, []snapshot.Ref{{Kind: roleKind(), Namespace: "n", Name: "a"}})
		if err != nil {
			t.Errorf("type meta %v: %v", withMeta, err)
			continue
		}
		if diff := cmp.Diff([]string{"n/b"}, names(got)); diff != "" {
			t.Errorf("type meta %v: objects (-want +got):\n%s", withMeta, diff)
		}
	}
}

// An overlay that came from files replaces what came from the server, also
// where only one of them has type meta.
func TestOverlayReplacesAcrossSources(t *testing.T) {
	typed := role("n", "a", "new")
	typed.APIVersion, typed.Kind = "rbac.authorization.k8s.io/v1", "Role"
	got, err := build(t, role("n", "a", "old")).Overlay(build(t, typed), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := snapshot.Get[rbacv1.Role](got, "n", "a"); snapshot.Count[rbacv1.Role](got) != 1 || r.Rules[0].Verbs[0] != "new" {
		t.Errorf("roles %+v", r)
	}
}
