package rbac_test

import (
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func TestVerbNotes(t *testing.T) {
	for _, tt := range []struct {
		verb, target string
		want         string // what the only note holds, "" for no note
	}{
		{"exec", "pods", "did you mean create pods/exec?"},
		{"EXEC", "pods", "did you mean create pods/exec?"},
		{"port-forward", "pods", "did you mean create pods/portforward?"},
		{"logs", "pods/web", "did you mean get pods/log?"},
		{"scale", "deployments", "did you mean patch deployments.apps/scale?"},
		{"scale", "deployments/web", "did you mean patch deployments.apps/scale?"},
		{"edit", "configmaps/settings", "did you mean patch configmaps/settings?"},
		{"apply", "deployments", "did you mean patch deployments.apps, and create"},
		{"read", "secrets", "did you mean get secrets, list or watch?"},
		{"write", "secrets", "did you mean update secrets, create, patch or delete?"},
		{"cordon", "nodes", "did you mean patch nodes?"},
		{"drain", "nodes", "did you mean create pods/eviction?"},
		{"GET", "secrets", `in lower case, and "GET" is compared as it is: did you mean get?`},
		{"Impersonate", "serviceaccounts", "did you mean impersonate?"},
		{"get", "secrets", ""},
		{"use", "pods", ""},
		{"sync", "applications.argoproj.io", ""}, // a custom verb
		{"impersonate", "serviceaccounts", ""},
		{"approve", "signers/example.org/x", ""},
		{"head", "/healthz", ""},
		{"*", "pods", ""},
	} {
		t.Run(tt.verb+" "+tt.target, func(t *testing.T) {
			target, err := rbac.ParseTarget([]string{tt.target}, "", apiresource.NewCatalog().Resolve)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(rbac.Question{Verb: tt.verb, Target: target}.VerbNotes(), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("notes %q, want %q", got, tt.want)
			}
		})
	}
}
