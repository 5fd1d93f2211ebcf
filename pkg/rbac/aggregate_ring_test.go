package rbac_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// TestAggregationWithoutSource: roles that aggregate each other give a rule
// back and forth when its source is gone; one that selects itself does not.
func TestAggregationWithoutSource(t *testing.T) {
	const toView, toOther = `{matchLabels: {to: view}}`, `{matchLabels: {to: other}}`
	sources := plain("a", "to: view", "pods") + plain("b", "to: view", "nodes")
	tests := []struct {
		name, objects, without string
		want                   []string
		warning                string // part of the warning about view
	}{
		{
			name:    "one that selects itself",
			objects: sources + aggregated("view", "to: view", stored("pods", "nodes"), toView), without: "b",
			want: words("get pods"),
		},
		{
			name:    "two that select each other",
			objects: sources + aggregated("view", "to: other", stored("pods", "nodes"), toView) + aggregated("other", "to: view", stored("pods", "nodes"), toOther), without: "b",
			want: words("get pods", "get nodes"), warning: "ClusterRole/view: it and others aggregate each other and keep rules",
		},
		{
			name: "that have another source of the rule",
			objects: sources + plain("c", "to: other", "nodes") +
				aggregated("view", "to: other", stored("pods", "nodes"), toView) + aggregated("other", "to: view", stored("pods", "nodes"), toOther), without: "b",
			want: words("get pods", "get nodes"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := snapshotOf(t, snapshot.Info{Source: snapshot.FromFiles}, tt.objects)
			s, err := base.Overlay(nil, []snapshot.Ref{clusterRoleRef(tt.without)})
			if err != nil {
				t.Fatal(err)
			}
			x := rbac.NewIndex(s, nil)
			if diff := cmp.Diff(tt.want, rulesText(t, x, "view")); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			warnings := strings.Join(x.Warnings(), "\n")
			if tt.warning == "" && warnings != "" || !strings.Contains(warnings, tt.warning) {
				t.Errorf("warnings %q, want %q", warnings, tt.warning)
			}
		})
	}
}

// TestAggregationOfItself: what it has stored is not taken for a source.
func TestAggregationOfItself(t *testing.T) {
	x := indexOf(t, plain("a", "to: view", "pods")+aggregated("view", "to: view", stored("pods", "secrets"), `{matchLabels: {to: view}}`))
	if len(x.Warnings()) != 1 {
		t.Errorf("warnings %q, want that the stored rules differ", x.Warnings())
	}
}
