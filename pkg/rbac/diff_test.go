package rbac_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// changesAllow reports whether one of the changes allows the request.
func changesAllow(changes []rbac.Change, r rbac.Request) bool {
	return slices.ContainsFunc(changes, func(c rbac.Change) bool {
		if c.Namespace != "" && (c.Namespace != r.Namespace || r.Path != "") {
			return false
		}
		rule := ruleOf(c.Permission)
		return rbac.Allows(&rule, r)
	})
}

func ruleOf(p rbac.Permission) rbacv1.PolicyRule {
	if p.URL != "" {
		return rbacv1.PolicyRule{Verbs: []string{p.Verb}, NonResourceURLs: []string{p.URL}}
	}
	rule := rbacv1.PolicyRule{Verbs: []string{p.Verb}, APIGroups: []string{p.APIGroup}, Resources: []string{p.Resource}}
	if p.Named {
		rule.ResourceNames = []string{p.Name}
	}
	return rule
}

// witness returns a request that the permission allows and that no narrower
// permission of the generator's vocabulary does.
func witness(c rbac.Change) rbac.Request {
	const fresh = "zz-fresh"
	p := c.Permission
	r := rbac.Request{Verb: p.Verb, APIGroup: p.APIGroup, Resource: p.Resource, Name: fresh, Namespace: c.Namespace}
	if p.Verb == "*" {
		r.Verb = fresh
	}
	if p.URL != "" {
		path := p.URL
		if path[len(path)-1] == '*' {
			path = path[:len(path)-1] + fresh
		}
		return rbac.Request{Verb: r.Verb, Path: path}
	}
	if p.APIGroup == "*" {
		r.APIGroup = fresh
	}
	for i := range p.Resource {
		if p.Resource[i] == '/' {
			r.Resource, r.Subresource = p.Resource[:i], p.Resource[i+1:]
		}
	}
	if r.Resource == "*" {
		r.Resource = fresh
	}
	if p.Named {
		r.Name = p.Name
	}
	return r
}

func allows(x *rbac.Index, s rbac.Subject, r rbac.Request) bool {
	return len(x.WhatCan(rbac.Identity{Subject: s}).Allows(r)) > 0
}

// A permission is reported as gained exactly when the second snapshot allows
// it and the first does not: at the subject, or at a group that it is in.
func TestCompareAgreesWithTheAuthorizer(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	gained, witnesses, shared := 0, 0, 0
	for range 300 {
		from, to := rbac.NewIndex(randomCluster(t, rnd), nil), rbac.NewIndex(randomCluster(t, rnd), nil)
		d := rbac.Compare(from, to)
		changes := map[rbac.Subject]rbac.SubjectDiff{}
		for _, entry := range d.Subjects {
			changes[entry.Subject] = entry
			for _, c := range entry.Gained {
				witnesses++
				if r := witness(c); !allows(to, entry.Subject, r) || allows(from, entry.Subject, r) {
					t.Fatalf("%s is said to gain %+v: before %v, after %v", entry.Subject, c.Permission, allows(from, entry.Subject, r), allows(to, entry.Subject, r))
				}
			}
			for _, c := range slices.Concat(entry.Gained, entry.Lost) {
				for _, part := range c.Shared {
					shared++
					if r := witness(rbac.Change{Permission: part.Permission, Namespace: part.Namespace}); !allows(from, entry.Subject, r) || !allows(to, entry.Subject, r) {
						t.Fatalf("both sides are said to allow %s %+v: before %v, after %v", entry.Subject, part, allows(from, entry.Subject, r), allows(to, entry.Subject, r))
					}
				}
			}
			for _, c := range entry.Lost {
				if r := witness(c); allows(to, entry.Subject, r) || !allows(from, entry.Subject, r) {
					t.Fatalf("%s is said to lose %+v: before %v, after %v", entry.Subject, c.Permission, allows(from, entry.Subject, r), allows(to, entry.Subject, r))
				}
			}
		}
		for _, s := range append(slices.Clone(from.Subjects()), to.Subjects()...) {
			for range 40 {
				r := randomRequest(rnd)
				before, after := allows(from, s, r), allows(to, s, r)
				reportedGain, reportedLoss := changesAllow(changes[s].Gained, r), changesAllow(changes[s].Lost, r)
				for _, group := range s.BuiltinGroups() {
					reportedGain = reportedGain || changesAllow(changes[rbac.Group(group)].Gained, r)
					reportedLoss = reportedLoss || changesAllow(changes[rbac.Group(group)].Lost, r)
				}
				if after && !before {
					gained++
				}
				if after && !before && !reportedGain || before && !after && !reportedLoss {
					t.Fatalf("%s, %+v: before %v, after %v, gain reported %v, loss %v", s, r, before, after, reportedGain, reportedLoss)
				}
			}
		}
	}
	t.Logf("%d sampled gains, %d reported gains with a witness, %d parts that both have", gained, witnesses, shared)
	if gained < 1000 || witnesses < 1000 || shared < 50 {
		t.Error("the sample has too few changes")
	}
}

func TestCompareIdentical(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		x := rbac.NewIndex(randomCluster(t, rnd), rbac.Membership{"g": {"u1"}})
		if d := rbac.Compare(x, x); !d.Empty() {
			t.Fatalf("a snapshot differs from itself: %+v", d)
		}
	}
}

func TestCompare(t *testing.T) {
	viewer := testkit.ClusterRole("viewer", testkit.Rule("get,list", "", "pods"))
	base := []snapshot.Object{viewer, testkit.ServiceAccount("shop", "web")}
	with := func(more ...snapshot.Object) []snapshot.Object { return append(slices.Clone(base), more...) }
	tests := []struct {
		name     string
		from, to []snapshot.Object
		known    [2]rbac.Membership
		want     []string
	}{
		{"nothing", base, base, [2]rbac.Membership{}, nil},
		{
			"the same permission another way", with(testkit.RoleBinding("shop", "a", "ClusterRole/viewer", testkit.User("u"))),
			with(
				testkit.Role("shop", "pods", testkit.Rule("list,get", "", "pods")),
				testkit.RoleBinding("shop", "b", "Role/pods", testkit.User("u")),
			),
			[2]rbac.Membership{},
			nil,
		},
		{
			"a group's gain is not its members'", base, with(testkit.ClusterRoleBinding("a", "viewer", testkit.Group("system:serviceaccounts"))),
			[2]rbac.Membership{},
			[]string{`Group/system:serviceaccounts + get pods in ""`, `Group/system:serviceaccounts + list pods in ""`},
		},
		{
			"what a group gave before is no gain", with(testkit.ClusterRoleBinding("a", "viewer", testkit.Group("system:serviceaccounts"))),
			with(
				testkit.ClusterRoleBinding("a", "viewer", testkit.Group("system:serviceaccounts")),
				testkit.RoleBinding("shop", "b", "ClusterRole/viewer", testkit.SA("shop", "web")),
			),
			[2]rbac.Membership{},
			nil,
		},
		{
			"names are widened", with(testkit.Role("shop", "r", testkit.Rule("get", "", "secrets", "db")), testkit.RoleBinding("shop", "b", "Role/r", testkit.User("u"))),
			with(testkit.Role("shop", "r", testkit.Rule("get", "", "secrets")), testkit.RoleBinding("shop", "b", "Role/r", testkit.User("u"))),
			[2]rbac.Membership{},
			[]string{`User/u + get secrets in "shop" but [db]`},
		},
		{
			"dead rules grant nothing", base,
			with(testkit.Role("shop", "r", testkit.Rule("get", "", "nodes,pods/*"), testkit.Rule("Get", "core", "pods")), testkit.RoleBinding("shop", "b", "Role/r", testkit.User("u"))),
			[2]rbac.Membership{},
			nil,
		},
		{
			"everything says it all", base,
			with(testkit.ClusterRole("admin", testkit.Rule("*", "*", "*"), testkit.Rule("get", "", "pods")), testkit.ClusterRoleBinding("b", "admin", testkit.User("u"))),
			[2]rbac.Membership{},
			[]string{`User/u + * *.* in ""`},
		},
		{
			"two ways to write one prefix", base,
			with(testkit.ClusterRole("urls", testkit.URLRule("get", "/a*,/a**,/ab")), testkit.ClusterRoleBinding("b", "urls", testkit.User("u"))),
			[2]rbac.Membership{},
			[]string{`User/u + get /a* in ""`},
		},
		{
			"narrowed from the cluster to a namespace", with(testkit.ClusterRoleBinding("b", "viewer", testkit.User("u"))),
			with(testkit.RoleBinding("shop", "b", "ClusterRole/viewer", testkit.User("u"))),
			[2]rbac.Membership{},
			[]string{`User/u - get pods in "", still get pods in "shop"`, `User/u - list pods in "", still list pods in "shop"`},
		},
		{
			"accounts and members come and go", with(testkit.ServiceAccount("shop", "old")), with(testkit.ServiceAccount("shop", "new")),
			[2]rbac.Membership{{"ops": {"alice"}}, {"ops": {"bob"}}},
			[]string{"new ServiceAccount/shop/new", "gone ServiceAccount/shop/old", "ops joined bob", "ops left alice"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := rbac.Compare(build(t, tt.known[0], tt.from...), build(t, tt.known[1], tt.to...))
			if diff := cmp.Diff(tt.want, diffText(d)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A wildcard that is lost in part is not lost whole.
func TestCompareNamesWhatBothSidesHave(t *testing.T) {
	role := func(verbs, group, resources string, names ...string) snapshot.Object {
		return testkit.ClusterRole("r", testkit.Rule(verbs, group, resources, names...))
	}
	everything := role("*", "*", "*")
	cluster, shop := testkit.ClusterRoleBinding("b", "r", testkit.User("u")), testkit.RoleBinding("shop", "b", "ClusterRole/r", testkit.User("u"))
	tests := []struct {
		name     string
		from, to []snapshot.Object
		want     []string
	}{
		{"a verb stays", []snapshot.Object{everything, cluster}, []snapshot.Object{role("get", "", "*"), cluster}, []string{`User/u - * *.* in "", still get * (core) in ""`}},
		{"a name stays", []snapshot.Object{everything, shop}, []snapshot.Object{role("get", "", "secrets", "db"), shop}, []string{`User/u - * *.* in "shop", still get secrets in "shop"`}},
		{"single types before", []snapshot.Object{role("get,list", "", "pods"), cluster}, []snapshot.Object{role("*", "", "pods"), cluster}, []string{`User/u + * pods in "", still get pods in "", still list pods in ""`}},
		{"in one namespace", []snapshot.Object{everything, cluster}, []snapshot.Object{everything, shop}, []string{`User/u - * *.* in "", still * *.* in "shop"`}},
		{
			"its own come before those of groups",
			[]snapshot.Object{everything, cluster},
			[]snapshot.Object{
				role("list", "", "services"), cluster,
				testkit.ClusterRole("all", testkit.Rule("get", "", "pods")), testkit.ClusterRoleBinding("all", "all", testkit.Group("system:authenticated")),
			},
			[]string{`User/u - * *.* in "", still list services in "", still get pods in ""`, `Group/system:authenticated + get pods in ""`},
		},
		{"nothing stays", []snapshot.Object{everything, cluster}, nil, []string{`User/u - * *.* in ""`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := rbac.Compare(build(t, nil, tt.from...), build(t, nil, tt.to...))
			if diff := cmp.Diff(tt.want, diffText(d)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What only one side could read is no proven difference.
func TestCompareWithGaps(t *testing.T) {
	everything := func(source snapshot.SourceKind, gaps []snapshot.Gap, objects ...snapshot.Object) *rbac.Index {
		b := snapshot.NewBuilder()
		b.Add(objects...)
		b.Gap(gaps...)
		s, err := b.Build(snapshot.Info{Source: source})
		if err != nil {
			t.Fatal(err)
		}
		return rbac.NewIndex(s, nil)
	}
	viewer := testkit.ClusterRole("viewer", testkit.Rule("get", "", "pods"))
	cluster, shop := testkit.ClusterRoleBinding("b", "viewer", testkit.User("u")), testkit.RoleBinding("shop", "b", "ClusterRole/viewer", testkit.User("u"))
	elsewhere := testkit.RoleBinding("dev", "b", "ClusterRole/absent", testkit.User("u"))
	const rbacGroup = "rbac.authorization.k8s.io"
	unparsable := snapshot.Gap{Reason: snapshot.Unparsable}
	tests := []struct {
		name    string
		source  snapshot.SourceKind
		gap     snapshot.Gap
		without []snapshot.Object // the side with the gap
		with    []snapshot.Object
		proven  bool
	}{
		{"no binding of the cluster was read", snapshot.FromSaved, gapIn(rbacGroup, "clusterrolebindings", ""), []snapshot.Object{viewer}, []snapshot.Object{viewer, cluster}, false},
		{"no binding of the namespace was read", snapshot.FromSaved, gapIn(rbacGroup, "rolebindings", "shop"), []snapshot.Object{viewer}, []snapshot.Object{viewer, shop}, false},
		{"no binding of another namespace was read", snapshot.FromSaved, gapIn(rbacGroup, "rolebindings", "dev"), []snapshot.Object{viewer}, []snapshot.Object{viewer, shop}, true},
		{"RoleBindings cannot explain cluster-wide permissions", snapshot.FromSaved, gapIn(rbacGroup, "rolebindings", ""), []snapshot.Object{viewer}, []snapshot.Object{viewer, cluster}, true},
		{"a document of no known type", snapshot.FromFiles, unparsable, []snapshot.Object{viewer}, []snapshot.Object{viewer, cluster}, false},
		{"the role was not read", snapshot.FromSaved, gapIn(rbacGroup, "clusterroles", ""), []snapshot.Object{cluster}, []snapshot.Object{viewer, cluster}, false},
		{"roles were not read, and none is bound", snapshot.FromSaved, gapIn(rbacGroup, "clusterroles", ""), nil, []snapshot.Object{viewer, cluster}, true},
		{"manifests do not hold the role", snapshot.FromFiles, snapshot.Gap{}, []snapshot.Object{cluster}, []snapshot.Object{viewer, cluster}, false},
		{"manifests do not hold a role bound elsewhere", snapshot.FromFiles, snapshot.Gap{}, []snapshot.Object{viewer, elsewhere}, []snapshot.Object{viewer, elsewhere, shop}, true},
		{"pods were not read", snapshot.FromSaved, gapIn("", "pods", ""), []snapshot.Object{viewer}, []snapshot.Object{viewer, cluster}, true},
		{"discovery failed", snapshot.FromServer, snapshot.Gap{Reason: snapshot.NotServed}, []snapshot.Object{viewer}, []snapshot.Object{viewer, cluster}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var gaps []snapshot.Gap
			if tt.gap.Reason != "" {
				gaps = []snapshot.Gap{tt.gap}
			}
			less, more := everything(tt.source, gaps, tt.without...), everything(tt.source, nil, tt.with...)
			gain, loss := rbac.Compare(less, more), rbac.Compare(more, less)
			if len(gain.Subjects) != 1 || len(loss.Subjects) != 1 {
				t.Fatalf("gain %+v, loss %+v", gain, loss)
			}
			if got := gain.Subjects[0].Gained[0].Unproven; got == tt.proven {
				t.Errorf("gained: unproven %v, proven %v", got, tt.proven)
			}
			if got := loss.Subjects[0].Lost[0].Unproven; got == tt.proven {
				t.Errorf("lost: unproven %v, proven %v", got, tt.proven)
			}
		})
	}
}

// Accounts and members do not come or go where one side could not read them.
func TestCompareUnreadAccountsAndMembers(t *testing.T) {
	full := build(t, rbac.Membership{"ops": {"alice"}}, testkit.ServiceAccount("shop", "web"))
	empty := withGaps(t, "", gapIn("", "serviceaccounts", ""), gapIn("", "configmaps", ""))
	for _, d := range []rbac.Diff{rbac.Compare(full, empty), rbac.Compare(empty, full)} {
		if !d.Empty() {
			t.Errorf("%+v", d)
		}
	}
}

// Who lost a group may have lost nothing where the records of groups were not
// read: only members of recorded groups are concerned.
func TestCompareWithoutRecordsOfGroups(t *testing.T) {
	objects := []snapshot.Object{
		testkit.ClusterRole("viewer", testkit.Rule("get", "", "pods")),
		testkit.ClusterRoleBinding("b", "viewer", testkit.User("alice"), testkit.User("bob")),
	}
	b := snapshot.NewBuilder()
	b.Add(objects...)
	full, err := b.Build(snapshot.Info{Source: snapshot.FromSaved})
	if err != nil {
		t.Fatal(err)
	}
	unread := withGaps(t, "", gapIn("", "configmaps", ""))
	for _, entry := range rbac.Compare(rbac.NewIndex(full, rbac.Membership{"ops": {"alice"}}), unread).Subjects {
		for _, c := range entry.Lost {
			if alice := entry.Subject.Name == "alice"; c.Unproven != alice {
				t.Errorf("%s loses %v: unproven %v", entry.Subject, c.Permission, c.Unproven)
			}
		}
	}
}

func diffText(d rbac.Diff) []string {
	var lines []string
	add := func(s rbac.Subject, sign string, changes []rbac.Change) {
		for _, c := range changes {
			line := s.String() + " " + sign + " " + c.Permission.Verb + " " + c.Permission.What() + ` in "` + c.Namespace + `"`
			if len(c.Except) > 0 {
				line += " but [" + c.Except[0] + "]"
			}
			for _, shared := range c.Shared {
				line += ", still " + shared.Permission.Verb + " " + shared.Permission.What() + ` in "` + shared.Namespace + `"`
			}
			if c.Unproven {
				line += "?"
			}
			lines = append(lines, line)
		}
	}
	for _, entry := range d.Subjects {
		add(entry.Subject, "+", entry.Gained)
		add(entry.Subject, "-", entry.Lost)
	}
	for _, s := range d.NewAccounts {
		lines = append(lines, "new "+s.String())
	}
	for _, s := range d.GoneAccounts {
		lines = append(lines, "gone "+s.String())
	}
	for _, m := range d.Members {
		for _, user := range m.Joined {
			lines = append(lines, m.Group+" joined "+user)
		}
		for _, user := range m.Left {
			lines = append(lines, m.Group+" left "+user)
		}
	}
	return lines
}
