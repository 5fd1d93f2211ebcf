package output

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func in(namespaces ...string) []snapshot.Gap {
	var gaps []snapshot.Gap
	for _, namespace := range namespaces {
		gaps = append(gaps, snapshot.Gap{Group: "rbac.authorization.k8s.io", Resource: "roles", Namespace: namespace, Reason: snapshot.Forbidden, Detail: "the server's words about " + namespace})
	}
	return gaps
}

func TestGapBlock(t *testing.T) {
	var many []snapshot.Gap
	for i := range 15 {
		many = append(many, snapshot.Gap{Resource: fmt.Sprintf("type%02d", i), Reason: snapshot.Forbidden})
	}
	tests := []struct {
		name string
		gaps []snapshot.Gap
		want []string
	}{
		{"cluster-wide", in(""), []string{"roles.rbac.authorization.k8s.io: forbidden"}},
		{"one namespace", in("dev"), []string{"roles.rbac.authorization.k8s.io in namespace dev: forbidden"}},
		{"few namespaces", in("a", "b", "c"), []string{"roles.rbac.authorization.k8s.io in namespaces a, b, c: forbidden"}},
		{"many namespaces", in("a", "b", "c", "d", "e", "f"), []string{"roles.rbac.authorization.k8s.io in 6 namespaces (a, b, c, d, e, …): forbidden"}},
		{"core group", []snapshot.Gap{{Resource: "pods", Reason: snapshot.NotServed}}, []string{"pods: not served"}},
		{
			"no type",
			[]snapshot.Gap{
				{Reason: snapshot.NotServed, Detail: "discovery of the served types: not found"},
				{Reason: snapshot.NotServed},
				{Group: "metrics.k8s.io", Reason: snapshot.TimedOut},
				{Reason: snapshot.Unparsable},
			},
			[]string{"discovery of the served types: not found", "a part that is not named: not served", "types of the API group metrics.k8s.io: no answer in time", "a part that is not named: unparsable"},
		},
		{
			"other reasons have details",
			[]snapshot.Gap{{Resource: "pods", Reason: snapshot.TimedOut, Detail: "connection reset"}, {Resource: "pods", Reason: snapshot.Expired}},
			[]string{"pods: no answer in time (connection reset)", "pods: changed while it was read"},
		},
		{
			"what was not saved",
			[]snapshot.Gap{{Resource: "configmaps", Namespace: "kube-system", Reason: snapshot.Redacted, Detail: "aws-auth"}},
			[]string{"configmaps in namespace kube-system: left out when the snapshot was saved, --include-config keeps it (aws-auth)"},
		},
		{
			"input is told place by place",
			[]snapshot.Gap{{Resource: "roles", Reason: snapshot.Unparsable, Detail: "a.yaml:3: x"}, {Resource: "roles", Reason: snapshot.Unparsable, Detail: "b.yaml:9: y"}},
			[]string{"a.yaml:3: x", "b.yaml:9: y"},
		},
		{
			"reasons are not mixed",
			append(in("a"), snapshot.Gap{Group: "rbac.authorization.k8s.io", Resource: "roles", Namespace: "b", Reason: snapshot.Expired}),
			[]string{"roles.rbac.authorization.k8s.io in namespace a: forbidden", "roles.rbac.authorization.k8s.io in namespace b: changed while it was read"},
		},
		{"at most twelve lines", many, []string{"type00: forbidden", "type11: forbidden", "… and 3 more (-o json lists all)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			if err := gapBlock(tt.gaps).Print(&b, printer.Style{}); err != nil {
				t.Fatal(err)
			}
			got := b.String()
			if !strings.HasPrefix(got, "warning: the answer may be incomplete, these could not be read:\n") {
				t.Errorf("no heading:\n%s", got)
			}
			for _, line := range tt.want {
				if !strings.Contains(got, "  "+line+"\n") {
					t.Errorf("no line %q in:\n%s", line, got)
				}
			}
			if lines := strings.Count(got, "\n") - 1; len(tt.gaps) < 12 && lines != len(tt.want) {
				t.Errorf("%d lines, want %d:\n%s", lines, len(tt.want), got)
			}
			if strings.Contains(got, "the server's words") {
				t.Errorf("says what everybody knows:\n%s", got)
			}
		})
	}
}
