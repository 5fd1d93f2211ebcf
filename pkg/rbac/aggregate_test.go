package rbac_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// rulesText writes the rules of a ClusterRole as VERBS RESOURCES, one by one.
func rulesText(t *testing.T, x *rbac.Index, name string) []string {
	t.Helper()
	for _, role := range x.Roles() {
		if role.Kind == "ClusterRole" && role.Name == name {
			return ruleWords(role.Rules)
		}
	}
	t.Fatalf("no ClusterRole %s", name)
	return nil
}

func ruleWords(rules []rbacv1.PolicyRule) []string {
	var text []string
	for _, rule := range rules {
		text = append(text, strings.Join(rule.Verbs, ",")+" "+strings.Join(rule.Resources, ","))
	}
	return text
}

// plain is a ClusterRole with labels that may get one type.
func plain(name, labels, resource string) string {
	return fmt.Sprintf(`
kind: ClusterRole
metadata: {name: %s, labels: {%s}}
rules: [{apiGroups: [""], resources: [%s], verbs: [get]}]
---`, name, labels, resource)
}

// aggregated is a ClusterRole that selects by label expressions.
func aggregated(name, labels, rules string, selectors ...string) string {
	return fmt.Sprintf(`
kind: ClusterRole
metadata: {name: %s, labels: {%s}}
aggregationRule: {clusterRoleSelectors: [%s]}
rules: [%s]
---`, name, labels, strings.Join(selectors, ", "), rules)
}

func TestAggregation(t *testing.T) {
	const toView = `{matchLabels: {to: view}}`
	const toAdmin = `{matchLabels: {to: admin}}`
	tests := []struct {
		name, objects string
		role          string
		want          []string
		warning       string // part of the only warning
	}{
		{
			name:    "roles in the order of their names, not of the input",
			objects: plain("b", "to: view", "pods") + plain("a", "to: view", "nodes") + plain("c", "to: other", "secrets") + aggregated("view", "", "", toView),
			role:    "view", want: words("get nodes", "get pods"),
		},
		{
			name:    "selectors one after the other, a role of both once",
			objects: plain("b", "to: view, also: x", "pods") + plain("a", "also: x", "nodes") + aggregated("view", "", "", toView, `{matchLabels: {also: x}}`),
			role:    "view", want: words("get pods", "get nodes"),
		},
		{
			name:    "equal rules once",
			objects: plain("a", "to: view", "pods") + plain("b", "to: view", "pods") + aggregated("view", "", "", toView),
			role:    "view", want: words("get pods"),
		},
		{
			name: "an absent and an empty list are equal",
			objects: plain("a", "to: view", "pods") + strings.Replace(plain("b", "to: view", "pods"), "verbs:", "resourceNames: [], verbs:", 1) +
				aggregated("view", "", "", toView),
			role: "view", want: words("get pods"),
		},
		{
			name: "rules that only look alike are two",
			objects: strings.Replace(plain("a", "to: view", "pods"), "verbs: [get]", "verbs: [get, list]", 1) +
				strings.Replace(plain("b", "to: view", "pods"), "verbs: [get]", `verbs: ["get list"]`, 1) +
				strings.Replace(plain("c", "to: view", "pods"), `apiGroups: [""], resources: [pods], verbs: [get]`, `verbs: [get], resources: [pods, x]`, 1) +
				strings.Replace(plain("d", "to: view", "pods"), `apiGroups: [""], resources: [pods], verbs: [get]`, `verbs: [get], resources: [pods], resourceNames: [x]`, 1) +
				strings.Replace(plain("e", "to: view", "pods"), "verbs: [get]", "verbs: [getl, ist]", 1) +
				aggregated("view", "", "", toView),
			role: "view", want: words("get,list pods", "get list pods", "get pods,x", "get pods", "getl,ist pods"),
		},
		{
			name:    "nested",
			objects: plain("a", "to: view", "pods") + aggregated("view", "to: admin", "", toView) + plain("z", "to: admin", "secrets") + aggregated("admin", "", "", toAdmin),
			role:    "admin", want: words("get pods", "get secrets"),
		},
		{
			name: "nested twice against the order of names",
			objects: plain("x", "to: z", "pods") + aggregated("z", "to: m", "", `{matchLabels: {to: z}}`) +
				aggregated("m", "to: a", "", `{matchLabels: {to: m}}`) + aggregated("a", "", "", `{matchLabels: {to: a}}`),
			role: "a", want: words("get pods"),
		},
		{
			name:    "itself is left out",
			objects: plain("a", "to: view", "pods") + aggregated("view", "to: view", "", toView),
			role:    "view", want: words("get pods"),
		},
		{
			name: "a ring of roles shares its rules",
			objects: plain("p", "to: one", "pods") + plain("q", "to: two", "secrets") +
				aggregated("one", "to: two", "", `{matchLabels: {to: one}}`) + aggregated("two", "to: one", "", `{matchLabels: {to: two}}`),
			role: "two", want: words("get pods", "get secrets"),
		},
		{
			name:    "the empty selector selects every role",
			objects: plain("a", "", "pods") + plain("b", "to: x", "nodes") + aggregated("all", "", "", `{}`),
			role:    "all", want: words("get pods", "get nodes"),
		},
		{
			name:    "no selectors select nothing",
			objects: plain("a", "", "pods") + aggregated("none", "", ""),
			role:    "none", want: words(),
		},
		{
			name: "expressions",
			objects: plain("a", "tier: x", "pods") + plain("b", "tier: y", "nodes") + plain("c", "", "secrets") +
				aggregated("view", "", "", `{matchExpressions: [{key: tier, operator: In, values: [x, z]}]}`, `{matchExpressions: [{key: tier, operator: DoesNotExist}, {key: kubernetes.io/x, operator: DoesNotExist}]}`),
			role: "view", want: words("get pods", "get secrets"),
		},
		{
			name:    "an invalid selector spoils the whole rule, as in the controller",
			objects: plain("a", "to: view", "pods") + aggregated("view", "", "", toView, `{matchExpressions: [{key: to, operator: Near, values: [x]}]}`),
			role:    "view", want: words(), warning: "ClusterRole/view: its aggregationRule is invalid",
		},
		{
			name:    "stored rules win, with a warning",
			objects: plain("a", "to: view", "pods") + aggregated("view", "", `{apiGroups: [""], resources: [secrets], verbs: [get]}`, toView),
			role:    "view", want: words("get secrets"), warning: "ClusterRole/view: its stored rules differ",
		},
		{
			name:    "stored rules that agree are no reason for a warning",
			objects: plain("a", "to: view", "pods") + plain("b", "to: view", "nodes") + aggregated("view", "", `{apiGroups: [""], resources: [nodes], verbs: [get]}, {apiGroups: [""], resources: [pods], verbs: [get]}`, toView),
			role:    "view", want: words("get nodes", "get pods"),
		},
		{
			name: "a role without rules takes over the stored ones of another",
			objects: aggregated("view", "to: admin", `{apiGroups: [""], resources: [secrets], verbs: [get]}`, toView) +
				aggregated("admin", "", "", toAdmin),
			role: "admin", want: words("get secrets"), warning: "ClusterRole/view: its stored rules differ",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := indexOf(t, tt.objects)
			if diff := cmp.Diff(tt.want, rulesText(t, x, tt.role)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			warnings := strings.Join(x.Warnings(), "\n")
			if tt.warning == "" && warnings != "" || !strings.Contains(warnings, tt.warning) || strings.Contains(warnings, "\n") {
				t.Errorf("warnings %q, want one with %q", warnings, tt.warning)
			}
		})
	}
}

// TestAggregationOfStoredRoles: what a server stored is what its authorizer
// uses, whatever the aggregation rule would select now.
func TestAggregationOfStoredRoles(t *testing.T) {
	objects := plain("a", "to: view", "pods") + aggregated("view", "", "", `{matchLabels: {to: view}}`)
	for _, source := range []snapshot.SourceKind{snapshot.FromServer, snapshot.FromSaved} {
		x := rbac.NewIndex(snapshotOf(t, snapshot.Info{Source: source}, objects), nil)
		if got := rulesText(t, x, "view"); len(got) > 0 {
			t.Errorf("%s: rules %q of a role that is stored empty", source, got)
		}
	}
}

func TestAggregationWithOverlay(t *testing.T) {
	stored := plain("a", "to: view", "pods") + aggregated("view", "", `{apiGroups: [""], resources: [pods], verbs: [get]}`, `{matchLabels: {to: view}}`)
	base := snapshotOf(t, snapshot.Info{Source: snapshot.FromServer}, stored)
	tests := []struct {
		name    string
		with    string
		without []snapshot.Ref
		want    []string
	}{
		{"a new role flows in", plain("b", "to: view", "secrets"), nil, words("get pods", "get secrets")},
		{"a changed label takes a role out", plain("a", "to: other", "pods"), nil, words()},
		{"a removed role is gone", "", []snapshot.Ref{clusterRoleRef("a")}, words()},
		{
			"an overlay of other types leaves stored rules alone",
			"kind: ServiceAccount\nmetadata: {name: app, namespace: dev}", nil, words("get pods"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			overlaid, err := base.Overlay(snapshotOf(t, snapshot.Info{Source: snapshot.FromFiles}, tt.with), tt.without)
			if err != nil {
				t.Fatal(err)
			}
			x := rbac.NewIndex(overlaid, nil)
			if diff := cmp.Diff(tt.want, rulesText(t, x, "view")); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			if len(x.Warnings()) > 0 {
				t.Errorf("warnings %q", x.Warnings())
			}
		})
	}
}

func clusterRoleRef(name string) snapshot.Ref {
	ref := snapshot.Ref{Name: name}
	ref.Kind.Group, ref.Kind.Kind = rbacv1.GroupName, "ClusterRole"
	return ref
}

// TestAggregatedRuleIndex: the rule that an answer names is the one at that
// place of the filled role.
func TestAggregatedRuleIndex(t *testing.T) {
	x := indexOf(t, plain("a", "to: view", "nodes")+plain("b", "to: view", "pods")+aggregated("view", "", "", `{matchLabels: {to: view}}`)+`
kind: ClusterRoleBinding
metadata: {name: viewers}
roleRef: {kind: ClusterRole, name: view}
subjects: [{kind: Group, name: devs}]
`)
	want := words("Group/devs in *: ClusterRoleBinding/viewers ClusterRole/view 1")
	if diff := cmp.Diff(want, grantLines(x.WhoCan(getIn("pods", "dev"), false))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
