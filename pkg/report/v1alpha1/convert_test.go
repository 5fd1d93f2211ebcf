package v1alpha1_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func build(t *testing.T, info snapshot.Info, objects ...snapshot.Object) *snapshot.Snapshot {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(objects...)
	s, err := b.Build(info)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Where there is nothing to tell, arrays are empty and never null.
func TestNothingIsEmptyArrays(t *testing.T) {
	diff := &v1alpha1.SnapshotDiffReport{}
	diff.SetDiff(rbac.Diff{Subjects: []rbac.SubjectDiff{{Gained: []rbac.Change{{}}}}, Members: []rbac.MemberDiff{{Group: "g"}}})
	check := &v1alpha1.CheckReport{}
	check.Add(v1alpha1.Assertion{File: "f", Line: 1, Text: "text"}, rbac.Outcome{Violations: []rbac.Violation{{}}})
	role := build(t, snapshot.Info{}, testkit.ClusterRole("r", rbacv1.PolicyRule{}), testkit.ClusterRoleBinding("b", "r", testkit.User("u")))
	grants := rbac.NewIndex(role, nil).WhatCan(rbac.Identity{Subject: rbac.User("u")}).Grants

	const subject, query = `{"kind":"","namespace":"","name":""}`, `{"verb":"","apiGroup":"","resource":"","subresource":"","name":"","namespace":"","allNamespaces":false,"nonResourceURL":""}`
	for _, tt := range []struct {
		name string
		got  any
		want string
	}{
		{"coverage", v1alpha1.NewCoverage(build(t, snapshot.Info{}), nil, nil), `{"incomplete":false,"gaps":[],"source":{"kind":"","serverVersion":"","coverageKnown":true},"notes":[]}`},
		{"scopes", v1alpha1.NewScopes(nil), `[]`},
		{"scope", v1alpha1.NewScopes([]rbac.Scope{{}}), `[{"namespace":"","via":[]}]`},
		{"named access", v1alpha1.NewNamedAccess(nil), `[]`},
		{"near misses", v1alpha1.NewNearMisses(nil), `[]`},
		{"groups", v1alpha1.NewSubjectGroups(nil), `[]`},
		{"rule scopes", v1alpha1.NewRuleScopes(nil, role.Catalog()), `[]`},
		{"fix", v1alpha1.NewFix(&rbac.Fix{}).Objects, `[]`},
		{"remarks of a fix", v1alpha1.NewFix(&rbac.Fix{}).Remarks, `[]`},
		{"changes of subjects", diff.Subjects, `[{"kind":"","namespace":"","name":"","gained":[{"namespace":"","verb":"","apiGroup":"","resource":"","name":null,"nonResourceURL":"","except":[],"shared":[],"unproven":false,"via":[]}],"lost":[]}]`},
		{"changes of members", diff.Members, `[{"group":"g","joined":[],"left":[]}]`},
		{"new accounts", diff.NewAccounts, `[]`},
		{"gone accounts", diff.GoneAccounts, `[]`},
		{"violations", check.Assertions[0].Violations, `[{"query":` + query + `,"subject":` + subject + `,"scopes":[]}]`},
		{"by name", check.Assertions[0].ByName, `[]`},
		{"notes of an assertion", check.Assertions[0].Notes, `[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, marshal(t, tt.got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, scope := range v1alpha1.NewRuleScopes(grants, role.Catalog()) {
		for _, rule := range scope.Rules {
			if rule.Verbs == nil || rule.APIGroups == nil || rule.Resources == nil || rule.ResourceNames == nil || rule.NonResourceURLs == nil || rule.Dead == nil {
				t.Errorf("a rule has null: %s", marshal(t, rule))
			}
		}
	}
}

func TestRefIsWhatCommandsTake(t *testing.T) {
	for want, subject := range map[string]rbac.Subject{
		"user/alice": rbac.User("alice"), "group/ops": rbac.Group("ops"), "sa/shop/web": rbac.ServiceAccount("shop", "web"),
	} {
		if got := v1alpha1.NewSubject(subject).Ref(); got != want {
			t.Errorf("Ref() = %q, want %q", got, want)
		}
	}
}

func TestVia(t *testing.T) {
	s := build(t, snapshot.Info{}, testkit.ClusterRole("r", testkit.Rule("get", "", "nodes"), testkit.Rule("get", "", "pods")), testkit.RoleBinding("dev", "b", "ClusterRole/r", testkit.User("u")))
	x := rbac.NewIndex(s, nil)
	for _, tt := range []struct {
		name string
		via  rbac.Via
		want string
	}{
		{
			"a binding that names the subject",
			rbac.Via{Binding: &x.Bindings()[0], Rule: 1},
			`{"binding":{"kind":"RoleBinding","namespace":"dev","name":"b"},"role":{"kind":"ClusterRole","namespace":"","name":"r"},"rule":1,"through":""}`,
		},
		{
			"the first rule, through a group",
			rbac.Via{Binding: &x.Bindings()[0], Through: "g"},
			`{"binding":{"kind":"RoleBinding","namespace":"dev","name":"b"},"role":{"kind":"ClusterRole","namespace":"","name":"r"},"rule":0,"through":"g"}`,
		},
		{"built in", rbac.Via{}, `{"builtin":"system:masters"}`},
		{"built in, through the group", rbac.Via{Through: rbac.GroupMasters}, `{"through":"system:masters","builtin":"system:masters"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, marshal(t, v1alpha1.NewVia(tt.via))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Of a live cluster the time is that of the answer: it is not said. Saved ones
// tell when they were taken, in UTC.
func TestCoverageTellsOfTheSource(t *testing.T) {
	taken := time.Date(2026, 11, 20, 9, 0, 0, 0, time.FixedZone("CET", 3600))
	gaps := []snapshot.Gap{{Resource: "pods", Reason: snapshot.Forbidden}}
	for kind, want := range map[snapshot.SourceKind]string{
		snapshot.FromServer: `{"kind":"server","serverVersion":"v1.36.1","coverageKnown":true}`,
		snapshot.FromSaved:  `{"kind":"saved","serverVersion":"v1.36.1","taken":"2026-11-20T08:00:00Z","coverageKnown":true}`,
		snapshot.FromFiles:  `{"kind":"files","serverVersion":"v1.36.1","coverageKnown":false}`,
	} {
		c := v1alpha1.NewCoverage(build(t, snapshot.Info{Source: kind, Taken: taken, ServerVersion: "v1.36.1"}), gaps, []string{"n"})
		if got := marshal(t, c.Source); got != want {
			t.Errorf("source %s, want %s", got, want)
		}
		if !c.IsIncomplete() || len(c.Gaps) != 1 || len(c.Notes) != 1 {
			t.Errorf("coverage %+v", c)
		}
	}
	side := v1alpha1.NewDiffSide("a.json", build(t, snapshot.Info{Source: snapshot.FromSaved, Taken: taken, ClusterID: "id", User: "me", Redacted: true}))
	want := `{"name":"a.json","source":{"kind":"saved","serverVersion":"","taken":"2026-11-20T08:00:00Z","coverageKnown":true},"identity":{"taken":"2026-11-20T08:00:00Z","serverVersion":"","clusterID":"id","user":"me","redacted":true},"gaps":0}`
	if diff := cmp.Diff(want, marshal(t, side)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := v1alpha1.NewSnapshotIdentity(snapshot.Info{}).Taken; got != nil {
		t.Errorf("taken %v, want null where it is not known", got)
	}
}

func TestCheckCounts(t *testing.T) {
	r := &v1alpha1.CheckReport{}
	failed := rbac.Outcome{Violations: []rbac.Violation{{Request: rbac.Request{Verb: "get", Resource: "pods"}, Subject: rbac.User("u")}}}
	unproven := rbac.Outcome{Unproven: true}
	r.Add(v1alpha1.Assertion{Text: "a"}, rbac.Outcome{})
	r.Add(v1alpha1.Assertion{Text: "b"}, failed)
	r.Add(v1alpha1.Assertion{Text: "c", Why: "because", Notes: []string{"n"}}, unproven)
	if r.Passed != 2 || r.Failed != 1 || r.Unproven != 1 || len(r.Assertions) != 3 {
		t.Errorf("%d passed, %d failed, %d unproven of %d", r.Passed, r.Failed, r.Unproven, len(r.Assertions))
	}
	if a := r.Assertions[1]; a.Passed || a.Violations[0].Query.Resource != "pods" || a.Violations[0].Subject.Ref() != "user/u" {
		t.Errorf("failed assertion %+v", a)
	}
	if a := r.Assertions[2]; !a.Passed || !a.Unproven || a.Why != "because" || a.Notes[0] != "n" {
		t.Errorf("unproven assertion %+v", a)
	}
}

// Strict counts what is doubtful as failed, and only that.
func TestStrictCheck(t *testing.T) {
	for _, strict := range []bool{false, true} {
		r := &v1alpha1.CheckReport{Strict: strict}
		r.Add(v1alpha1.Assertion{Notes: []string{"n"}}, rbac.Outcome{})
		r.Add(v1alpha1.Assertion{Notes: []string{"d"}, Doubts: []string{"d"}}, rbac.Outcome{})
		if !r.Assertions[0].Passed || r.Assertions[1].Passed == strict {
			t.Errorf("strict %v: %+v", strict, r)
		}
	}
}

// Rules that are equal within a scope are one entry, with each grant.
func TestRuleScopes(t *testing.T) {
	pods := testkit.Rule("get", "", "pods")
	s := build(
		t, snapshot.Info{}, testkit.ClusterRole("a", pods, testkit.Rule("list", "", "pods")), testkit.ClusterRole("b", pods),
		testkit.ClusterRoleBinding("a", "a", testkit.User("u")), testkit.ClusterRoleBinding("b", "b", testkit.User("u")),
		testkit.RoleBinding("dev", "a", "ClusterRole/a", testkit.User("u")),
	)
	var got []string
	for _, scope := range v1alpha1.NewRuleScopes(rbac.NewIndex(s, nil).WhatCan(rbac.Identity{Subject: rbac.User("u")}).Grants, s.Catalog()) {
		for _, rule := range scope.Rules {
			line := scope.Namespace + " " + rule.Verbs[0]
			for _, via := range rule.Via {
				line += " " + via.Role.Name
			}
			got = append(got, line)
		}
	}
	if diff := cmp.Diff([]string{" get a b", " list a", "dev get a", "dev list a"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A binding to a role that does not exist has neither role nor rule.
func TestNearMisses(t *testing.T) {
	s := build(
		t, snapshot.Info{}, testkit.ClusterRole("r", testkit.Rule("list", "", "pods")),
		testkit.ClusterRoleBinding("r", "r", testkit.User("u")), testkit.RoleBinding("dev", "gone", "Role/gone", testkit.User("u")),
	)
	why := rbac.NewIndex(s, nil).Why(rbac.Identity{Subject: rbac.User("u")}, rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}, false)
	found := map[string]v1alpha1.NearMiss{}
	for _, miss := range v1alpha1.NewNearMisses(why.NearMisses) {
		found[miss.Binding.Name] = miss
	}
	if miss := found["r"]; miss.Role == nil || miss.Role.Name != "r" || miss.Rule != 0 || miss.PolicyRule == nil || len(miss.Failing) != 1 || miss.Failing[0].Dimension != "verb" || miss.Distance != 1 {
		t.Errorf("near miss of r: %s", marshal(t, miss))
	}
	if miss := found["gone"]; miss.Role != nil || miss.Rule != -1 || miss.PolicyRule != nil || miss.RoleRef.Name != "gone" {
		t.Errorf("near miss of a role that does not exist: %s", marshal(t, miss))
	}
}

func TestPermissionChanges(t *testing.T) {
	change := func(p rbac.Permission) v1alpha1.PermissionChange {
		r := &v1alpha1.SnapshotDiffReport{}
		r.SetDiff(rbac.Diff{
			Subjects:    []rbac.SubjectDiff{{Subject: rbac.User("u"), Lost: []rbac.Change{{Permission: p, Namespace: "dev", Via: []rbac.Via{{}}, Except: []string{"x"}}}}},
			NewAccounts: []rbac.Subject{rbac.ServiceAccount("shop", "web")},
		})
		if r.NewAccounts[0].Ref() != "sa/shop/web" || r.Subjects[0].Ref() != "user/u" {
			t.Errorf("diff %s", marshal(t, r))
		}
		return r.Subjects[0].Lost[0]
	}
	for want, p := range map[string]rbac.Permission{
		`{"namespace":"dev","verb":"get","apiGroup":"","resource":"pods","name":null,"nonResourceURL":"","except":["x"],"shared":[],"unproven":false,"via":[{"builtin":"system:masters"}]}`: {Verb: "get", Resource: "pods"},
		`{"namespace":"dev","verb":"get","apiGroup":"","resource":"pods","name":"a","nonResourceURL":"","except":["x"],"shared":[],"unproven":false,"via":[{"builtin":"system:masters"}]}`:  {Verb: "get", Resource: "pods", Named: true, Name: "a"},
		`{"namespace":"dev","verb":"get","apiGroup":"","resource":"pods","name":"","nonResourceURL":"","except":["x"],"shared":[],"unproven":false,"via":[{"builtin":"system:masters"}]}`:   {Verb: "get", Resource: "pods", Named: true},
	} {
		if diff := cmp.Diff(want, marshal(t, change(p))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
