package rbac_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// stored writes rules that get one type each.
func stored(resources ...string) string {
	rules := make([]string, 0, len(resources))
	for _, r := range resources {
		rules = append(rules, `{apiGroups: [""], resources: [`+r+`], verbs: [get]}`)
	}
	return strings.Join(rules, ", ")
}

// TestAggregationOfPartialInput: a dump need not have the roles from which an
// aggregated one took its rules.
func TestAggregationOfPartialInput(t *testing.T) {
	const toView, toAdmin = `{matchLabels: {to: view}}`, `{matchLabels: {to: admin}}`
	view := func(resources ...string) string { return aggregated("view", "to: admin", stored(resources...), toView) }
	const differ = "its stored rules differ from what its aggregationRule selects in the input; the stored ones are used"
	const keptNote = "ClusterRole/view: it cannot be recomputed"
	const bothNote = "ClusterRole/view: its rules differ from what its aggregationRule selects in the input; both are used"
	tests := []struct {
		name, objects, with string
		without             string
		source              snapshot.SourceKind
		role                string
		want                []string
		warning             string // part of the only warning
		lost                string
	}{
		{
			name: "an overlay that has nothing to do with it", objects: view("pods"), with: plain("x", "", "nodes"),
			role: "view", want: words("get pods"), warning: differ,
		},
		{
			name: "of a server too, where a difference is no news", objects: view("pods"), with: plain("x", "", "nodes"), source: snapshot.FromSaved,
			role: "view", want: words("get pods"),
		},
		{
			name: "a new role flows in", objects: view("pods"), with: plain("x", "to: view", "nodes"),
			role: "view", want: words("get pods", "get nodes"), warning: keptNote,
		},
		{
			name: "into what a server stored too", objects: view("pods"), with: plain("x", "to: view", "nodes"), source: snapshot.FromServer,
			role: "view", want: words("get pods", "get nodes"), warning: keptNote,
		},
		{
			name: "a source that stays adds nothing that is not stored", objects: view("pods") + plain("a", "to: view", "secrets"), with: plain("x", "to: view", "nodes"),
			role: "view", want: words("get pods", "get nodes"), warning: keptNote,
		},
		{
			name: "a changed source", objects: view("pods", "nodes") + plain("a", "to: view", "nodes"), with: plain("a", "to: view", "secrets"),
			role: "view", want: words("get pods", "get nodes", "get secrets"), warning: keptNote, lost: "from a is not known",
		},
		{
			name: "a source that is no longer selected", objects: view("pods", "nodes") + plain("a", "to: view", "nodes"), with: plain("a", "to: none", "nodes"),
			role: "view", want: words("get pods", "get nodes"), warning: keptNote, lost: "from a is not known",
		},
		{
			name: "a removed source", objects: view("pods", "nodes") + plain("a", "to: view", "nodes") + plain("b", "to: view", "nodes"), without: "a",
			role: "view", want: words("get pods", "get nodes"), warning: differ,
		},
		{
			name: "the last source of a rule", objects: view("pods", "nodes") + plain("a", "to: view", "nodes"), without: "a",
			role: "view", want: words("get pods", "get nodes"), warning: keptNote, lost: "from a is not known",
		},
		{
			name: "one of two sources of a rule", objects: view("pods", "nodes") + plain("a", "to: view", "nodes") + plain("b", "to: view", "nodes"), with: plain("x", "to: view", "secrets"), without: "a",
			role: "view", want: words("get pods", "get nodes", "get secrets"), warning: keptNote,
		},
		{
			name: "a source of a rule that is not stored", objects: view("pods") + plain("a", "to: view", "nodes"), without: "a",
			role: "view", want: words("get pods"), warning: keptNote,
		},
		{
			name: "a removed source of a role that had the rules of its sources", objects: view("nodes", "pods") + plain("a", "to: view", "nodes") + plain("b", "to: view", "pods"), without: "a",
			role: "view", want: words("get pods"),
		},
		{
			name: "without stored rules it is computed", objects: view() + plain("a", "to: view", "nodes"), with: plain("x", "to: view", "secrets"),
			role: "view", want: words("get nodes", "get secrets"),
		},
		{
			name: "what is kept flows on", objects: view("pods") + aggregated("admin", "", stored("pods"), toAdmin), with: plain("x", "to: view", "nodes"),
			role: "admin", want: words("get pods", "get nodes"), warning: keptNote,
		},
		{
			name: "the role itself without rules, as in its manifest", objects: view("pods"), with: view(),
			role: "view", want: words("get pods"), warning: keptNote,
		},
		{
			name: "the role itself with other rules", objects: view("pods"), with: view("secrets"),
			role: "view", want: words("get pods"), warning: keptNote,
		},
		{
			name: "a source keeps a label that it is applied without", objects: view("nodes") + plain("a", "to: view", "nodes"), with: plain("a", "", "secrets"),
			role: "view", want: words("get secrets"),
		},
		{
			name: "an aggregated role is applied with rules alone", objects: view("nodes") + plain("a", "to: view", "nodes"), with: plain("view", "", "secrets"),
			role: "view", want: words("get nodes"),
		},
		{
			name: "a new aggregated role", objects: plain("a", "to: view", "nodes"), with: view(),
			role: "view", want: words("get nodes"),
		},
		{
			name: "with the rules of another cluster", objects: plain("a", "to: view", "nodes"), with: view("pods"),
			role: "view", want: words("get pods", "get nodes"), warning: bothNote,
		},
		{
			name: "with those that it selects", objects: plain("a", "to: view", "nodes"), with: view("nodes"),
			role: "view", want: words("get nodes"),
		},
		{
			name: "on a server, whose controller overwrites them", objects: plain("a", "to: view", "nodes"), with: view("pods"), source: snapshot.FromServer,
			role: "view", want: words("get nodes"),
		},
		{
			name: "that was a plain one", objects: plain("view", "", "secrets") + plain("a", "to: view", "nodes"), with: view("pods"),
			role: "view", want: words("get pods", "get nodes"), warning: bothNote,
		},
		{
			name: "an invalid rule is left alone", objects: view("pods"), with: aggregated("view", "", stored("pods"), `{matchExpressions: [{key: to, operator: Near, values: [x]}]}`),
			role: "view", want: words("get pods"), warning: "ClusterRole/view: its aggregationRule is invalid",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.source == "" {
				tt.source = snapshot.FromFiles
			}
			var without []snapshot.Ref
			if tt.without != "" {
				without = append(without, clusterRoleRef(tt.without))
			}
			s, err := snapshotOf(t, snapshot.Info{Source: tt.source}, tt.objects).Overlay(snapshotOf(t, snapshot.Info{}, tt.with), without)
			if err != nil {
				t.Fatal(err)
			}
			x := rbac.NewIndex(s, nil)
			if diff := cmp.Diff(tt.want, rulesText(t, x, tt.role)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			warnings := strings.Join(x.Warnings(), "\n")
			if tt.warning == "" && warnings != "" || !strings.Contains(warnings, tt.warning) || strings.Contains(warnings, "\n") {
				t.Errorf("warnings %q, want one with %q", warnings, tt.warning)
			}
			if strings.Contains(warnings, "is not known") != (tt.lost != "") || !strings.Contains(warnings, tt.lost) {
				t.Errorf("warnings %q, want %q", warnings, tt.lost)
			}
		})
	}
}

// TestAggregationOfUnreadRoles: without the list of ClusterRoles it is not
// known what the controller would select.
func TestAggregationOfUnreadRoles(t *testing.T) {
	b := snapshot.NewBuilder()
	b.Gap(snapshot.Gap{Group: "rbac.authorization.k8s.io", Resource: "clusterroles", Reason: snapshot.Forbidden})
	base, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	s, err := base.Overlay(snapshotOf(t, snapshot.Info{}, aggregated("view", "", stored("pods"), `{matchLabels: {to: view}}`)), nil)
	if err != nil {
		t.Fatal(err)
	}
	x := rbac.NewIndex(s, nil)
	if diff := cmp.Diff(words("get pods"), rulesText(t, x, "view")); diff != "" || len(x.Warnings()) != 1 {
		t.Errorf("rules (-want +got):\n%s\nwarnings %q", diff, x.Warnings())
	}
}
