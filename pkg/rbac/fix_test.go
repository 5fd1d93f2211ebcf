package rbac_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// applied returns the index of the snapshot with the objects of a fix.
func applied(t *testing.T, x *rbac.Index, known rbac.Membership, fix *rbac.Fix) *rbac.Index {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(fix.Objects...)
	with, err := b.Build(snapshot.Info{})
	if err != nil {
		t.Fatal(err)
	}
	changed, err := x.Snapshot().Overlay(with, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rbac.NewIndex(changed, known)
}

// A fix allows the subject the request where it was asked, and changes no
// other answer: not of other subjects, not of other requests.
func TestFixAllowsExactlyTheRequest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	known := rbac.Membership{"g": {"u1", "system:serviceaccount:n2:a"}}
	kinds := map[rbac.FixKind]int{}
	unsafe := 0
	for range 250 {
		x := rbac.NewIndex(randomCluster(t, rnd), known)
		r := randomRequest(rnd)
		subjects := append(slices.Clone(x.Subjects()), rbac.User("new"), rbac.ServiceAccount("n1", "new"))
		id := rbac.Identity{Subject: subjects[rnd.IntN(len(subjects))]}
		x = withRolesOfOnesOwn(t, x, known, id.Subject, r, rnd)
		e := x.Why(id, r, false)
		if e.Allowed() {
			continue
		}
		fix, err := x.Fix(e, r, false)
		if errors.Is(err, rbac.ErrNoSafeFix) {
			unsafe++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		kinds[fix.Kind]++
		after := applied(t, x, known, fix)
		if !after.Why(id, r, false).Allowed() {
			t.Fatalf("%s is not allowed %+v after %+v", id.Subject, r, fix.Objects)
		}
		for range 60 {
			other := randomRequest(rnd)
			for _, s := range subjects {
				same := other
				if r.Namespace == "" {
					same.Namespace = "" // what is allowed in the cluster is in every namespace
				}
				if same.Name != "" && r.Name == "" {
					same.Name = "" // and without a name, with every one
				}
				if same == r && (s == id.Subject || isMember(after, s, id.Subject)) {
					continue
				}
				before := x.ScopesOf(rbac.Identity{Subject: s}, other, false)
				now := after.ScopesOf(rbac.Identity{Subject: s}, other, false)
				if (len(before) > 0) != (len(now) > 0) {
					t.Fatalf("after the change for %s %+v, %s gains %+v:\n%+v", id.Subject, r, s, other, fix.Objects)
				}
			}
		}
	}
	t.Logf("fixes: %v, none safe: %d", kinds, unsafe)
	for _, kind := range []rbac.FixKind{rbac.FixExtendRole, rbac.FixBindExisting, rbac.FixNewRole} {
		if kinds[kind] < 10 {
			t.Errorf("only %d fixes of kind %s", kinds[kind], kind)
		}
	}
	if unsafe > 5 {
		t.Errorf("no safe fix for %d requests", unsafe)
	}
}

// withRolesOfOnesOwn adds what random clusters seldom have: a role that only
// the subject has, and one that gives just the request.
func withRolesOfOnesOwn(t *testing.T, x *rbac.Index, known rbac.Membership, s rbac.Subject, r rbac.Request, rnd *rand.Rand) *rbac.Index {
	t.Helper()
	var objects []snapshot.Object
	subject := rbacv1.Subject{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name}
	if rnd.IntN(3) == 0 {
		objects = append(objects, testkit.ClusterRole("own", testkit.Rule("get", "", "configmaps")), testkit.ClusterRoleBinding("own", "own", subject))
		for _, namespace := range namespaces() {
			objects = append(objects, testkit.Role(namespace, "own", testkit.Rule("get", "", "configmaps")), testkit.RoleBinding(namespace, "own", "Role/own", subject))
		}
	}
	if r.Path == "" && rnd.IntN(3) == 0 {
		resource, names := r.Resource, []string{r.Name}
		if r.Subresource != "" {
			resource += "/" + r.Subresource
		}
		if r.Name == "" {
			names = nil
		}
		objects = append(objects, testkit.ClusterRole("just", testkit.Rule(r.Verb, r.APIGroup, resource, names...)))
	}
	return applied(t, x, known, &rbac.Fix{Objects: objects})
}

func isMember(x *rbac.Index, s, group rbac.Subject) bool {
	return slices.ContainsFunc(x.GroupsOf(rbac.Identity{Subject: s}), func(g rbac.InGroup) bool { return rbac.Group(g.Name) == group })
}

func TestFix(t *testing.T) {
	app := rbac.ServiceAccount("dev", "app")
	list := rbac.Request{Verb: "list", Resource: "pods", Namespace: "dev"}
	helm := testkit.Role("dev", "app", testkit.Rule("get", "", "pods"))
	helm.Labels = map[string]string{"app.kubernetes.io/managed-by": "Helm"}
	helm.Annotations = map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "keep"}
	for _, tt := range []struct {
		name    string
		objects []snapshot.Object
		id      rbac.Subject
		r       rbac.Request
		kind    rbac.FixKind
		want    []string // KIND/NAME of the objects
		rules   []rbacv1.PolicyRule
		remarks int
	}{
		{
			"a role of one's own: the verb joins its rule",
			[]snapshot.Object{helm, testkit.RoleBinding("dev", "b", "Role/app", testkit.SA("dev", "app"))},
			app, list, rbac.FixExtendRole,
			[]string{"Role/app"},
			[]rbacv1.PolicyRule{testkit.Rule("get,list", "", "pods")},
			1,
		},
		{
			"a role of one's own for something else: a rule is added",
			[]snapshot.Object{testkit.Role("dev", "app", testkit.Rule("get", "", "pods", "a")), testkit.RoleBinding("dev", "b", "Role/app", testkit.SA("dev", "app"))},
			app, list, rbac.FixExtendRole,
			[]string{"Role/app"},
			[]rbacv1.PolicyRule{testkit.Rule("get", "", "pods", "a"), testkit.Rule("list", "", "pods")},
			0,
		},
		{
			"a shared role is left alone",
			[]snapshot.Object{testkit.Role("dev", "app", testkit.Rule("get", "", "pods")), testkit.RoleBinding("dev", "b", "Role/app", testkit.SA("dev", "app"), testkit.User("eve"))},
			app, list, rbac.FixNewRole,
			[]string{"Role/app-list-pods", "RoleBinding/app-list-pods"},
			[]rbacv1.PolicyRule{testkit.Rule("list", "", "pods")},
			0,
		},
		{
			"a role with two bindings is left alone",
			[]snapshot.Object{
				testkit.ClusterRole("app", testkit.Rule("get", "", "pods")),
				testkit.RoleBinding("dev", "b", "ClusterRole/app", testkit.SA("dev", "app")), testkit.RoleBinding("prod", "b", "ClusterRole/app", testkit.SA("dev", "app")),
			},
			app, list, rbac.FixNewRole,
			[]string{"Role/app-list-pods", "RoleBinding/app-list-pods"},
			[]rbacv1.PolicyRule{testkit.Rule("list", "", "pods")},
			0,
		},
		{
			"a role that gives just this is bound",
			[]snapshot.Object{testkit.Role("dev", "lister", testkit.Rule("list", "", "pods")), testkit.ClusterRole("view", testkit.Rule("get,list", "", "pods"))},
			app, list, rbac.FixBindExisting,
			[]string{"RoleBinding/app-list-pods"},
			nil, 0,
		},
		{
			"what the subject has already does not count as more",
			[]snapshot.Object{
				testkit.ClusterRole("view", testkit.Rule("get,list", "", "pods")), testkit.Role("dev", "get", testkit.Rule("get", "", "pods")),
				testkit.RoleBinding("dev", "all", "Role/get", testkit.Group("system:serviceaccounts")),
			},
			app, list, rbac.FixBindExisting,
			[]string{"RoleBinding/app-list-pods"},
			nil, 0,
		},
		{
			"a role for all names is more than one for a name",
			[]snapshot.Object{testkit.Role("dev", "lister", testkit.Rule("get", "", "secrets"))},
			app,
			rbac.Request{Verb: "get", Resource: "secrets", Name: "db", Namespace: "dev"},
			rbac.FixNewRole,
			[]string{"Role/app-get-secrets", "RoleBinding/app-get-secrets"},
			[]rbacv1.PolicyRule{testkit.Rule("get", "", "secrets", "db")},
			1, // secrets
		},
		{
			"nameless access does not make a role for all names harmless",
			[]snapshot.Object{
				testkit.Role("dev", "all", testkit.Rule("get,list", "", "secrets")), testkit.Role("dev", "nameless", testkit.Rule("get", "", "secrets", "")),
				testkit.RoleBinding("dev", "n", "Role/nameless", testkit.SA("dev", "app"), testkit.User("eve")),
			},
			app,
			rbac.Request{Verb: "list", Resource: "secrets", Namespace: "dev"},
			rbac.FixNewRole,
			[]string{"Role/app-list-secrets", "RoleBinding/app-list-secrets"},
			[]rbacv1.PolicyRule{testkit.Rule("list", "", "secrets")},
			1, // secrets
		},
		{
			"names that are taken get a number",
			[]snapshot.Object{testkit.Role("dev", "app-list-pods"), testkit.RoleBinding("dev", "app-list-pods-2", "Role/gone")},
			app, list, rbac.FixNewRole,
			[]string{"Role/app-list-pods-3", "RoleBinding/app-list-pods-3"},
			[]rbacv1.PolicyRule{testkit.Rule("list", "", "pods")},
			0,
		},
		{
			"cluster-scoped, a user, and a name that needs cleaning",
			nil, rbac.User("Bob \x1b[31m@x"),
			rbac.Request{Verb: "get", Resource: "nodes"},
			rbac.FixNewRole,
			[]string{"ClusterRole/bob-31m-x-get-nodes", "ClusterRoleBinding/bob-31m-x-get-nodes"},
			[]rbacv1.PolicyRule{testkit.Rule("get", "", "nodes")},
			0,
		},
		{
			"URL", nil, rbac.Group("sre"),
			rbac.Request{Verb: "get", Path: "/metrics/slis"},
			rbac.FixNewRole,
			[]string{"ClusterRole/sre-get-metrics-slis", "ClusterRoleBinding/sre-get-metrics-slis"},
			[]rbacv1.PolicyRule{testkit.URLRule("get", "/metrics/slis")},
			0,
		},
		{
			"one namespace object through a RoleBinding",
			nil, rbac.User("bob"),
			rbac.Request{Verb: "get", Resource: "namespaces", Name: "prod", Namespace: "prod"},
			rbac.FixNewRole,
			[]string{"Role/bob-get-namespaces", "RoleBinding/bob-get-namespaces"},
			[]rbacv1.PolicyRule{testkit.Rule("get", "", "namespaces", "prod")},
			0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := build(t, nil, tt.objects...)
			e := x.Why(rbac.Identity{Subject: tt.id}, tt.r, false)
			fix, err := x.Fix(e, tt.r, false)
			if err != nil {
				t.Fatal(err)
			}
			if fix.Kind != tt.kind {
				t.Errorf("kind %s, want %s", fix.Kind, tt.kind)
			}
			var names []string
			for _, o := range fix.Objects {
				names = append(names, o.GetObjectKind().GroupVersionKind().Kind+"/"+o.GetName())
			}
			if diff := cmp.Diff(tt.want, names); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.rules, rulesOf(fix.Objects[0]), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if len(fix.Remarks) != tt.remarks {
				t.Errorf("remarks %q", fix.Remarks)
			}
			if !applied(t, x, nil, fix).Why(rbac.Identity{Subject: tt.id}, tt.r, false).Allowed() {
				t.Error("not allowed after the change")
			}
		})
	}
}

func rulesOf(o snapshot.Object) []rbacv1.PolicyRule {
	switch role := o.(type) {
	case *rbacv1.Role:
		return role.Rules
	case *rbacv1.ClusterRole:
		return role.Rules
	}
	return nil
}

// What the API server fills in, and what kubectl keeps, has no place in a
// manifest; labels and annotations have.
func TestExtendedRoleIsAManifest(t *testing.T) {
	role := testkit.Role("dev", "app", testkit.Rule("get", "", "pods"))
	role.ResourceVersion, role.Labels = "7", map[string]string{"a": "b"}
	role.Annotations = map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "keep"}
	x := build(t, nil, role, testkit.RoleBinding("dev", "b", "Role/app", testkit.User("bob")))
	r := rbac.Request{Verb: "list", Resource: "pods", Namespace: "dev"}
	fix, err := x.Fix(x.Why(rbac.Identity{Subject: rbac.User("bob")}, r, false), r, false)
	if err != nil {
		t.Fatal(err)
	}
	want := testkit.Role("dev", "app", testkit.Rule("get,list", "", "pods"))
	want.UID, want.Labels, want.Annotations = "", map[string]string{"a": "b"}, map[string]string{"note": "keep"}
	want.APIVersion, want.Kind = "rbac.authorization.k8s.io/v1", "Role"
	if diff := cmp.Diff(snapshot.Object(want), fix.Objects[0]); diff != "" {
		t.Error(diff)
	}
	if len(role.Rules[0].Verbs) != 1 {
		t.Error("the stored role was changed")
	}
}

// Default roles are the API server's own: it undoes changes to them. Roles
// that are gathered into others give to whoever has those.
func TestRolesThatAreNotExtended(t *testing.T) {
	list := rbac.Request{Verb: "list", Resource: "nodes"}
	defaults := testkit.ClusterRole("mine", testkit.Rule("get", "", "nodes"))
	defaults.Labels = map[string]string{"kubernetes.io/bootstrapping": "rbac-defaults"}
	part := testkit.ClusterRole("mine", testkit.Rule("get", "", "nodes"))
	part.Labels = map[string]string{"join": "big"}
	big := testkit.ClusterRole("big")
	big.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"join": "big"}}}}
	big.Rules = part.Rules
	for _, tt := range []struct {
		name    string
		objects []snapshot.Object
	}{
		{"default role", []snapshot.Object{defaults}},
		{"system: role", []snapshot.Object{testkit.ClusterRole("system:x", testkit.Rule("get", "", "nodes")), testkit.ClusterRoleBinding("x", "system:x", testkit.User("bob"))}},
		{"part of an aggregated role", []snapshot.Object{part, big, testkit.ClusterRoleBinding("big", "big", testkit.User("eve"))}},
		{"aggregated role", []snapshot.Object{big, testkit.ClusterRoleBinding("big", "big", testkit.User("bob"))}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := build(t, nil, append(tt.objects, testkit.ClusterRoleBinding("b", "mine", testkit.User("bob")))...)
			fix, err := x.Fix(x.Why(rbac.Identity{Subject: rbac.User("bob")}, list, false), list, false)
			if err != nil {
				t.Fatal(err)
			}
			if fix.Kind != rbac.FixNewRole {
				t.Errorf("kind %s: %+v", fix.Kind, fix.Objects)
			}
		})
	}
}

// RoleBindings that could not be read may give the ClusterRole to others.
func TestClusterRoleThatOthersMayHaveIsNotExtended(t *testing.T) {
	list := rbac.Request{Verb: "list", Resource: "pods", Namespace: "dev"}
	others := gapIn(rbacAPI, "rolebindings", "")
	others.Except = []string{"dev"}
	for _, tt := range []struct {
		name string
		role string
		gaps []snapshot.Gap
		want rbac.FixKind
	}{
		{"Role", "Role/mine", []snapshot.Gap{others}, rbac.FixExtendRole},
		{"ClusterRole, all read", "ClusterRole/mine", nil, rbac.FixExtendRole},
		{"ClusterRole", "ClusterRole/mine", []snapshot.Gap{others}, rbac.FixNewRole},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rule := testkit.Rule("get", "", "pods")
			b := snapshot.NewBuilder()
			b.Add(testkit.Role("dev", "mine", rule), testkit.ClusterRole("mine", rule), testkit.RoleBinding("dev", "b", tt.role, testkit.User("bob")))
			b.Gap(tt.gaps...)
			s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
			if err != nil {
				t.Fatal(err)
			}
			x := rbac.NewIndex(s, nil)
			fix, err := x.Fix(x.Why(rbac.Identity{Subject: rbac.User("bob")}, list, false), list, false)
			if err != nil {
				t.Fatal(err)
			}
			if fix.Kind != tt.want {
				t.Errorf("%s, want %s", fix.Kind, tt.want)
			}
		})
	}
}

func TestNoFixForAnyNamespace(t *testing.T) {
	x := build(t, nil)
	r := rbac.Request{Verb: "list", Resource: "pods"}
	if _, err := x.Fix(x.Why(rbac.Identity{Subject: rbac.User("bob")}, r, true), r, true); !errors.Is(err, rbac.ErrAllNamespaces) {
		t.Errorf("error %v", err)
	}
}

// A role that selects everything would take the new one in.
func TestNoSafeFix(t *testing.T) {
	greedy := testkit.ClusterRole("greedy", testkit.Rule("get", "", "secrets"))
	greedy.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{}}}
	x := build(t, nil, greedy, testkit.ClusterRoleBinding("g", "greedy", testkit.User("eve")))
	r := rbac.Request{Verb: "get", Resource: "nodes"}
	if fix, err := x.Fix(x.Why(rbac.Identity{Subject: rbac.User("bob")}, r, false), r, false); !errors.Is(err, rbac.ErrNoSafeFix) {
		t.Errorf("fix %+v, error %v", fix, err)
	}
}
