package rbac_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

const rbacAPI = "rbac.authorization.k8s.io"

func gapIn(group, resource, namespace string) snapshot.Gap {
	return snapshot.Gap{Group: group, Resource: resource, Namespace: namespace, Reason: snapshot.Forbidden}
}

// lost is a gap of what should have been there.
func lost(group, resource, namespace string) snapshot.Gap {
	return snapshot.Gap{Group: group, Resource: resource, Namespace: namespace, Reason: snapshot.TimedOut}
}

// withGaps makes an index of the objects, of which the gaps are missing.
func withGaps(t *testing.T, objects string, gaps ...snapshot.Gap) *rbac.Index {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(decodeAll(t, objects)...)
	b.Gap(gaps...)
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	return rbac.NewIndex(s, nil)
}

func TestRelevantGaps(t *testing.T) {
	tests := []struct {
		name           string
		gap            snapshot.Gap
		inDev, overall bool // whether it hides access in dev, and in all namespaces
	}{
		{"cluster roles", gapIn(rbacAPI, "clusterroles", ""), true, true},
		{"cluster role bindings", gapIn(rbacAPI, "clusterrolebindings", ""), true, true},
		{"roles everywhere", gapIn(rbacAPI, "roles", ""), true, true},
		{"role bindings of the namespace", gapIn(rbacAPI, "rolebindings", "dev"), true, true},
		{"role bindings of another namespace", gapIn(rbacAPI, "rolebindings", "prod"), false, true},
		{"service accounts: bindings name them", gapIn("", "serviceaccounts", "prod"), false, false},
		{"input that could not be read", snapshot.Gap{Reason: snapshot.Unparsable}, true, true},
		{"types of a group that is down", snapshot.Gap{Group: "metrics.k8s.io", Reason: snapshot.TimedOut}, false, false},
		{"members of groups on EKS", lost("", "configmaps", "kube-system"), true, true},
		{"members of groups on OpenShift", lost("user.openshift.io", "groups", ""), true, true},
		{"configuration of others", lost("", "configmaps", "dev"), false, false},
		{"members that one may not read", gapIn("", "configmaps", "kube-system"), false, false},
		{"members that are not served", gapIn("user.openshift.io", "groups", ""), false, false},
		{"pods grant nothing", gapIn("", "pods", "dev"), false, false},
		{"service accounts of another group", gapIn("example.org", "serviceaccounts", ""), false, false},
		{"other types of the group", gapIn(rbacAPI, "widgets", ""), false, false},
		{"roles of another group", gapIn("iam.example.org", "roles", ""), false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := withGaps(t, "", tt.gap)
			for namespace, want := range map[string]bool{"dev": tt.inDev, "": tt.overall} {
				var gaps []snapshot.Gap
				if want {
					gaps = []snapshot.Gap{tt.gap}
				}
				if diff := cmp.Diff(gaps, x.RelevantGaps(namespace)); diff != "" {
					t.Errorf("namespace %q (-want +got):\n%s", namespace, diff)
				}
			}
		})
	}
}

func TestDangling(t *testing.T) {
	const objects = `
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {kind: ClusterRole, name: gone}
---
kind: RoleBinding
metadata: {name: b, namespace: dev}
roleRef: {kind: Role, name: gone}
---
kind: RoleBinding
metadata: {name: b, namespace: prod}
roleRef: {kind: Role, name: here}
---
kind: RoleBinding
metadata: {name: c, namespace: prod}
roleRef: {kind: Robot, name: here}
---
kind: Role
metadata: {name: here, namespace: prod}
`
	tests := []struct {
		namespace string
		want      []string
	}{
		{"", words("ClusterRoleBinding/b", "RoleBinding/dev/b", "RoleBinding/prod/c")},
		{"dev", words("ClusterRoleBinding/b", "RoleBinding/dev/b")},
		{"prod", words("ClusterRoleBinding/b", "RoleBinding/prod/c")},
		{"test", words("ClusterRoleBinding/b")},
	}
	x := withGaps(t, objects)
	for _, tt := range tests {
		t.Run(tt.namespace, func(t *testing.T) {
			var got []string
			for _, b := range x.Dangling(tt.namespace) {
				got = append(got, objectName(b.Kind, b.Namespace, b.Name))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRoleUnread(t *testing.T) {
	const objects = `
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {kind: ClusterRole, name: gone}
---
kind: RoleBinding
metadata: {name: b, namespace: dev}
roleRef: {kind: Role, name: gone}
---
kind: RoleBinding
metadata: {name: b, namespace: prod}
roleRef: {kind: Role, name: gone}
`
	cluster, dev, prod := "ClusterRoleBinding/b", "RoleBinding/dev/b", "RoleBinding/prod/b"
	except := gapIn(rbacAPI, "roles", "")
	except.Except = []string{"dev"}
	for _, tt := range []struct {
		name string
		gaps []snapshot.Gap
		want []string
	}{
		{"no gap", nil, nil},
		{"roles", []snapshot.Gap{gapIn(rbacAPI, "roles", "")}, []string{dev, prod}},
		{"roles of a namespace", []snapshot.Gap{gapIn(rbacAPI, "roles", "prod")}, []string{prod}},
		{"roles of others", []snapshot.Gap{except}, []string{prod}},
		{"cluster roles", []snapshot.Gap{gapIn(rbacAPI, "clusterroles", "")}, []string{cluster}},
		{"bindings", []snapshot.Gap{gapIn(rbacAPI, "rolebindings", "")}, nil},
		{"not understood", []snapshot.Gap{{Reason: snapshot.Unparsable, Detail: "r.yaml:1: no apiVersion"}}, []string{cluster, dev, prod}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := withGaps(t, objects, tt.gaps...)
			var got []string
			for _, b := range x.Dangling("") {
				if x.RoleUnread(b) {
					got = append(got, objectName(b.Kind, b.Namespace, b.Name))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOthersUnread(t *testing.T) {
	except := gapIn(rbacAPI, "rolebindings", "")
	except.Except = []string{"dev"}
	for _, tt := range []struct {
		name        string
		gap         snapshot.Gap
		dev, prod   bool // gaps relevant there
		othersOfDev bool
	}{
		{"all", gapIn(rbacAPI, "rolebindings", ""), true, true, true},
		{"all but dev", except, false, true, true},
		{"dev", gapIn(rbacAPI, "rolebindings", "dev"), true, false, false},
		{"prod", gapIn(rbacAPI, "rolebindings", "prod"), false, true, true},
		{"roles", gapIn(rbacAPI, "roles", ""), true, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := withGaps(t, "", tt.gap)
			if got := len(x.RelevantGaps("dev")) > 0; got != tt.dev {
				t.Errorf("relevant in dev: %t", got)
			}
			if got := len(x.RelevantGaps("prod")) > 0; got != tt.prod {
				t.Errorf("relevant in prod: %t", got)
			}
			if got := x.OthersUnread("dev"); got != tt.othersOfDev {
				t.Errorf("others than dev unread: %t", got)
			}
		})
	}
}

func TestChainNotes(t *testing.T) {
	tests := []struct{ version, want string }{
		{"v1.36.1-eks-5e0fdde", "EKS"},
		{"v1.35.2-gke.1200", "GKE"},
		{"v1.33.0+openshift.1", "OpenShift"},
		{"v1.37.2", ""},
		{"", ""},
		{"v1.34.1+k3s1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.version, func(t *testing.T) {
			notes := rbac.ChainNotes(tt.version)
			if tt.want == "" {
				if len(notes) > 0 {
					t.Errorf("notes %q", notes)
				}
				return
			}
			if len(notes) != 1 || !strings.HasPrefix(notes[0], "this is "+tt.want+": ") {
				t.Errorf("notes %q, want one about %s", notes, tt.want)
			}
		})
	}
}

func TestAbsentRoles(t *testing.T) {
	const objects = `
kind: ClusterRoleBinding
metadata: {name: a}
roleRef: {kind: ClusterRole, name: gone}
---
kind: RoleBinding
metadata: {name: b, namespace: dev}
roleRef: {kind: Role, name: gone}
---
kind: RoleBinding
metadata: {name: c, namespace: dev}
roleRef: {kind: ClusterRole, name: gone}
---
kind: ClusterRoleBinding
metadata: {name: d}
roleRef: {kind: Role, name: gone}
---
kind: RoleBinding
metadata: {name: e, namespace: dev}
roleRef: {kind: Robot, name: gone}
---
kind: RoleBinding
metadata: {name: f, namespace: dev}
roleRef: {kind: Role, name: here}
---
kind: Role
metadata: {name: here, namespace: dev}
`
	of := func(source snapshot.SourceKind) []string {
		b := snapshot.NewBuilder()
		b.Add(decodeAll(t, objects)...)
		s, err := b.Build(snapshot.Info{Source: source})
		if err != nil {
			t.Fatal(err)
		}
		x := rbac.NewIndex(s, nil)
		var details []string
		for _, gap := range x.AbsentRoles(x.Dangling("")) {
			if gap.Reason != snapshot.Absent || gap.Group != rbacAPI {
				t.Errorf("gap %+v", gap)
			}
			details = append(details, gap.Resource+"/"+gap.Namespace+": "+gap.Detail)
		}
		return details
	}
	want := []string{
		"clusterroles/: ClusterRole gone is bound and not in the input (--assume-bootstrap adds the default roles)",
		"roles/dev: Role gone in namespace dev is bound and not in the input",
	}
	if diff := cmp.Diff(want, of(snapshot.FromFiles)); diff != "" {
		t.Error(diff)
	}
	for _, source := range []snapshot.SourceKind{snapshot.FromServer, snapshot.FromSaved, snapshot.FromDemo} {
		if got := of(source); len(got) > 0 {
			t.Errorf("%s: %q", source, got)
		}
	}
}

// What --without takes away is known to be gone.
func TestAbsentRolesThatWereRemoved(t *testing.T) {
	b := snapshot.NewBuilder()
	b.Add(testkit.ClusterRole("gone"), testkit.ClusterRoleBinding("b", "gone", testkit.User("bob")))
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		t.Fatal(err)
	}
	without, err := s.Overlay(nil, []snapshot.Ref{{Kind: schema.GroupKind{Group: rbacAPI, Kind: "ClusterRole"}, Name: "gone"}})
	if err != nil {
		t.Fatal(err)
	}
	x := rbac.NewIndex(without, nil)
	if gaps := x.AbsentRoles(x.Dangling("")); len(x.Dangling("")) != 1 || len(gaps) > 0 {
		t.Errorf("%d dangling, gaps %v", len(x.Dangling("")), gaps)
	}
}
