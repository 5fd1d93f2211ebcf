package v1alpha1_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

func TestFlowCheckAdd(t *testing.T) {
	spec, input := netpol.Doubt{Cause: netpol.BySpec}, netpol.Doubt{Cause: netpol.ByInput}
	for _, tt := range []struct {
		name   string
		check  v1alpha1.FlowCheck
		o      netpol.CheckOutcome
		strict bool
		want   string // passed, cause, and the counts
	}{
		{"passed", v1alpha1.FlowCheck{Expect: "allow"}, netpol.CheckOutcome{Verdict: netpol.Allowed, Passed: true}, false, "true  1 0 0 0"},
		{"failed", v1alpha1.FlowCheck{Expect: "allow"}, netpol.CheckOutcome{Verdict: netpol.Denied}, false, "false  0 1 0 0"},
		{"asked", v1alpha1.FlowCheck{}, netpol.CheckOutcome{Verdict: netpol.Denied}, false, "null  0 0 1 0"},
		{"undefined", v1alpha1.FlowCheck{Expect: "deny"}, netpol.CheckOutcome{Verdict: netpol.Undefined, Doubts: []netpol.Doubt{spec}}, false, "false spec 0 1 0 0"},
		{"undefined and something is missing", v1alpha1.FlowCheck{}, netpol.CheckOutcome{Verdict: netpol.Undefined, Doubts: []netpol.Doubt{spec, input}}, false, "null input 0 0 1 0"},
		{"doubts about another family", v1alpha1.FlowCheck{Expect: "allow"}, netpol.CheckOutcome{Verdict: netpol.Allowed, Doubts: []netpol.Doubt{spec}}, false, "false  0 1 0 0"},
		{"unproven", v1alpha1.FlowCheck{Expect: "allow", Unproven: true}, netpol.CheckOutcome{Verdict: netpol.Allowed, Passed: true}, false, "true  1 0 0 1"},
		{"a slip", v1alpha1.FlowCheck{Expect: "allow", Slips: []string{"s"}}, netpol.CheckOutcome{Verdict: netpol.Allowed, Passed: true}, false, "true  1 0 0 0"},
		{"a slip, strictly", v1alpha1.FlowCheck{Expect: "allow", Slips: []string{"s"}}, netpol.CheckOutcome{Verdict: netpol.Allowed, Passed: true}, true, "false  0 1 0 0"},
		{"a slip of what is only asked", v1alpha1.FlowCheck{Slips: []string{"s"}}, netpol.CheckOutcome{Verdict: netpol.Allowed}, true, "null  0 0 1 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := v1alpha1.FlowCheckReport{Strict: tt.strict}
			r.Add(tt.check, tt.o)
			f := r.Results[0]
			passed := "null"
			if f.Passed != nil {
				passed = fmt.Sprint(*f.Passed)
			}
			got := fmt.Sprint(passed, " ", f.Cause, " ", r.Passed, " ", r.Failed, " ", r.Reported, " ", r.Unproven)
			if got != tt.want || f.Failed() != (passed == "false") {
				t.Errorf("%q, want %q", got, tt.want)
			}
			text := marshal(t, f)
			if strings.Contains(strings.ReplaceAll(text, `"passed":null`, ""), "null") || strings.Contains(text, `"passed":null`) != (passed == "null") || strings.Contains(text, "families") {
				t.Errorf("JSON %s", text)
			}
		})
	}
}

func TestFlowEndString(t *testing.T) {
	for want, e := range map[string]v1alpha1.FlowEnd{
		"x/a":                     {Kind: "Pod", Namespace: "x", Name: "a", Workload: "Deployment/w"},
		"x/deployment/w":          {Kind: "Pod", Namespace: "x", Workload: "Deployment/w"},
		"a pod in x":              {Kind: "Pod", Namespace: "x"},
		"node/n":                  {Kind: "Node", Name: "n"},
		"10.0.0.0-10.255.255.255": {Kind: "External", Addresses: []string{"10.0.0.0-10.255.255.255"}},
	} {
		if got := e.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
