package v1alpha1_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

func TestNetpolLintReport(t *testing.T) {
	var all []finding.Finding
	for i, severity := range finding.Severities() {
		for range i + 1 {
			all = append(all, finding.Finding{Severity: severity})
		}
	}
	r := &v1alpha1.NetpolLintReport{}
	r.SetResult(&lint.Result{
		Findings: all, Ignored: all[:2],
		Namespaces: []lint.Namespace{
			{Name: "empty"},
			{Name: "unread", Incomplete: true},
			{Name: "hosts", HostNetwork: 1},
			{Name: "policies", Policies: 1},
			{Name: "pods", Policies: 2, Pods: 3, Ingress: lint.Coverage{Isolated: 1, DefaultDeny: true}, Egress: lint.Coverage{Isolated: 2}},
		},
	})
	want := []v1alpha1.NamespaceCoverage{
		{Name: "unread", Incomplete: true},
		{Name: "hosts", HostNetwork: 1},
		{Name: "policies", Policies: 1},
		{Name: "pods", Policies: 2, Pods: 3, Ingress: v1alpha1.DirectionCoverage{Isolated: 1, DefaultDeny: true}, Egress: v1alpha1.DirectionCoverage{Isolated: 2}},
	}
	if diff := cmp.Diff(want, r.Namespaces); diff != "" {
		t.Errorf("namespaces (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(v1alpha1.FindingCounts{Critical: 1, High: 2, Medium: 3, Low: 4, Info: 5, Ignored: 2}, r.Summary); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	empty := &v1alpha1.NetpolLintReport{}
	empty.SetResult(&lint.Result{})
	if empty.Findings == nil || empty.Ignored == nil || empty.Namespaces == nil {
		t.Errorf("an array is null: %+v", empty)
	}
}
