package rbac_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// ofDump is a role as a server returned it.
func ofDump(role string) string { return replace(role, "metadata: {", "metadata: {uid: u, ") }

// vera is bound to view.
const vera = `
kind: RoleBinding
metadata: {name: viewers, namespace: dev}
roleRef: {kind: ClusterRole, name: view}
subjects: [{kind: User, name: vera}]
---`

// TestUnsettledRoles: an answer that differs once the aggregation controller
// has run is told to, and proves no assertion.
func TestUnsettledRoles(t *testing.T) {
	const toView = `{matchLabels: {to: view}}`
	view := func(resources ...string) string { return aggregated("view", "", stored(resources...), toView) }
	named := strings.Replace(plain("a", "to: view", "secrets"), "verbs:", "resourceNames: [tls], verbs:", 1)
	ring := func(rules string) string {
		return aggregated("view", "to: other", rules, toView) + aggregated("other", "to: view", rules, `{matchLabels: {to: other}}`)
	}
	const may, lose, both = "may add rules to it that", "may remove rules from it that", "may add rules to it and remove some that"
	tests := []struct {
		name, objects string
		source        snapshot.SourceKind
		with, without string
		pods, secrets string // what may change, "" for nothing
	}{
		{name: "stored as selected", objects: view("pods") + plain("a", "to: view", "pods")},
		{name: "computed", objects: view() + plain("a", "to: view", "pods")},
		{name: "a source says more", objects: view("pods") + plain("a", "to: view", "secrets") + plain("b", "to: view", "pods"), secrets: may},
		{name: "for some names", objects: view("pods") + named + plain("b", "to: view", "pods"), secrets: may},
		{name: "a source says other things", objects: view("pods") + plain("a", "to: view", "secrets"), pods: lose, secrets: may},
		{
			name:    "other rules for the same type",
			objects: view("pods") + strings.Replace(plain("a", "to: view", "pods"), "verbs: [get]", "verbs: [get, list]", 1), pods: both,
		},
		{name: "no source says it", objects: view("pods"), pods: lose},
		{name: "in a dump of some roles", objects: ofDump(view("pods"))},
		{name: "in a dump, and a source says more", objects: ofDump(view("pods")) + plain("a", "to: view", "secrets"), secrets: may},
		{name: "on a server", objects: view("pods") + plain("a", "to: view", "secrets"), source: snapshot.FromSaved},
		{
			name:    "what it selects is not settled",
			objects: view() + aggregated("mid", "to: view", stored("pods"), `{matchLabels: {to: mid}}`) + plain("a", "to: mid", "secrets"), pods: lose, secrets: may,
		},
		{name: "an invalid rule changes nothing", objects: aggregated("view", "", stored("pods"), `{matchExpressions: [{key: to, operator: Near, values: [x]}]}`)},
		{
			name:    "the last source of a rule is removed",
			objects: ofDump(view("pods", "secrets")) + plain("a", "to: view", "secrets"), without: "a", secrets: lose,
		},
		{
			name:    "on a server too",
			objects: view("pods", "secrets") + plain("a", "to: view", "secrets"), without: "a", source: snapshot.FromSaved, pods: lose, secrets: lose,
		},
		{
			name:    "a source is removed of a role that has the rules of its sources",
			objects: view("pods", "secrets") + plain("a", "to: view", "secrets") + plain("b", "to: view", "pods"), without: "a",
		},
		{
			name:    "an overlay that has nothing to do with it, on a server",
			objects: view("pods") + plain("a", "to: view", "secrets"), with: plain("x", "", "nodes"), source: snapshot.FromSaved,
		},
		{name: "on manifests", objects: view("pods"), with: plain("x", "", "nodes"), pods: lose},
		{name: "on a dump of some roles", objects: ofDump(view("pods")), with: plain("x", "", "nodes")},
		{name: "a new role of another cluster", objects: plain("a", "to: view", "pods"), with: view("secrets"), secrets: lose},
		{name: "a ring", objects: ring("") + plain("a", "to: view", "pods")},
		{name: "a ring loses its source", objects: ring(stored("pods")) + plain("a", "to: view", "pods"), without: "a", source: snapshot.FromSaved, pods: lose},
		{name: "a ring gets one", objects: ring(stored("pods")) + plain("a", "to: view", "pods"), with: plain("x", "to: view", "secrets"), source: snapshot.FromSaved},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.source == "" {
				tt.source = snapshot.FromFiles
			}
			s := snapshotOf(t, snapshot.Info{Source: tt.source}, tt.objects+vera)
			var without []snapshot.Ref
			if tt.without != "" {
				without = append(without, clusterRoleRef(tt.without))
			}
			if tt.with+tt.without != "" {
				var err error
				if s, err = s.Overlay(snapshotOf(t, snapshot.Info{}, tt.with), without); err != nil {
					t.Fatal(err)
				}
			}
			x := rbac.NewIndex(s, nil)
			for resource, want := range map[string]string{"pods": tt.pods, "secrets": tt.secrets} {
				p := rbac.Plan{Request: getIn(resource, "dev")}
				got := fmt.Sprint(details(x.UnsettledFor(p)))
				if want == "" && got != "[]" || !strings.Contains(got, want) {
					t.Errorf("%s: gaps %s, want %q", resource, got, want)
				}
				for _, a := range []rbac.Assertion{
					{Plans: []rbac.Plan{p}},
					{Plans: []rbac.Plan{p}, Who: []rbac.Subject{rbac.User("vera")}},
					{Plans: []rbac.Plan{p}, Who: []rbac.Subject{rbac.User("vera")}, Allowed: true},
				} {
					// Rights to some names are none to all; that is no doubt about "can".
					turns := want != "" && want != both && (!a.Allowed || tt.name != "for some names")
					if out := x.Check(a); out.Unproven != turns {
						t.Errorf("%s: %+v is unproven: %v, want %v", resource, a, out.Unproven, turns)
					}
				}
			}
		})
	}
}

func details(gaps []snapshot.Gap) []string {
	list := []string{}
	for _, g := range gaps {
		list = append(list, g.Detail)
	}
	return list
}

// TestUnsettledRolesConcern: only bindings that have a say are looked at.
func TestUnsettledRolesConcern(t *testing.T) {
	x := indexOf(t, aggregated("view", "", stored("pods"), `{matchLabels: {to: view}}`)+vera+`
kind: RoleBinding
metadata: {name: team, namespace: test}
roleRef: {kind: ClusterRole, name: view}
subjects: [{kind: Group, name: devs}]
---`)
	plan := func(namespace string) rbac.Plan { return rbac.Plan{Request: getIn("pods", namespace)} }
	who := func(name string, groups ...string) rbac.Identity {
		return rbac.Identity{Subject: rbac.User(name), Groups: groups}
	}
	anywhere := rbac.Plan{Request: getIn("pods", ""), Anywhere: true}
	got := map[string]int{
		"in its namespace":         len(x.UnsettledFor(plan("dev"))),
		"in another":               len(x.UnsettledFor(plan("prod"))),
		"for the cluster":          len(x.UnsettledFor(plan(""))),
		"anywhere":                 len(x.UnsettledFor(anywhere)),
		"another verb":             len(x.UnsettledFor(rbac.Plan{Request: rbac.Request{Verb: "list", Resource: "pods", Namespace: "dev"}})),
		"the one who has it":       len(x.UnsettledFor(plan("dev"), who("vera"))),
		"someone else":             len(x.UnsettledFor(plan("dev"), who("al"))),
		"through a group":          len(x.UnsettledFor(plan("test"), who("al", "devs"))),
		"all rights":               len(x.UnsettledOf(who("vera"), "")),
		"all rights, namespace":    len(x.UnsettledOf(who("vera"), "dev")),
		"all rights elsewhere":     len(x.UnsettledOf(who("vera"), "test")),
		"all rights of others":     len(x.UnsettledOf(who("al"), "")),
		"all rights through group": len(x.UnsettledOf(who("al", "devs"), "test")),
	}
	want := map[string]int{
		"in its namespace": 1, "in another": 0, "for the cluster": 0, "anywhere": 1, "another verb": 0,
		"the one who has it": 1, "someone else": 0, "through a group": 1,
		"all rights": 1, "all rights, namespace": 1, "all rights elsewhere": 0, "all rights of others": 0, "all rights through group": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

// TestUnsettledProof: what is allowed in another way too is proven.
func TestUnsettledProof(t *testing.T) {
	x := indexOf(t, aggregated("view", "", stored("pods"), `{matchLabels: {to: view}}`)+vera+plain("reader", "", "pods")+`
kind: ClusterRoleBinding
metadata: {name: readers}
roleRef: {kind: ClusterRole, name: reader}
subjects: [{kind: User, name: vera}]
---`)
	a := rbac.Assertion{Plans: []rbac.Plan{{Request: getIn("pods", "dev")}}, Who: []rbac.Subject{rbac.User("vera")}, Allowed: true}
	if out := x.Check(a); !out.Holds() || out.Unproven {
		t.Errorf("holds %v, unproven %v", out.Holds(), out.Unproven)
	}
}
