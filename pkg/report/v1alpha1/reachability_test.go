package v1alpha1_test

import (
	"encoding/json"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// What is written by hand is what json.Marshal writes.
func TestAppendJSON(t *testing.T) {
	for _, c := range []v1alpha1.EndpointClass{
		{ID: 7, Members: []string{"shop/pod/web", "a<\x1b\"b"}},
		{ID: 8, Members: []string{}, Classes: []v1alpha1.ClassRange{{0, 3}, {5, 5}}},
		{ID: 9, Members: []string{}, Classes: []v1alpha1.ClassRange{{1, 2}}},
	} {
		want, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.AppendJSON([]byte("before "))
		if err != nil || string(got) != "before "+string(want) {
			t.Errorf("%s, want %s, %v", got, want, err)
		}
	}
	for _, e := range []v1alpha1.ReachEdge{
		{From: 1, To: 20, Ports: []string{"80/TCP", "1000-1099/UDP"}, Verdict: "Allowed"},
		{From: 3, To: 3, Ports: []string{}, Verdict: "Undefined"},
	} {
		want, err := json.Marshal(e)
		if got := e.AppendJSON(nil); err != nil || string(got) != string(want) {
			t.Errorf("%s, want %s, %v", got, want, err)
		}
	}
}
