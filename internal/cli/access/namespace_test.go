package access_test

import (
	"testing"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestNamespaceNotes(t *testing.T) {
	for _, tt := range []struct {
		source    snapshot.SourceKind
		namespace string
		want      int
	}{
		{snapshot.FromFiles, "shop", 0},
		{snapshot.FromFiles, "empty", 0}, // it exists
		{snapshot.FromFiles, "shpo", 1},
		{snapshot.FromDemo, "shpo", 1},
		{snapshot.FromSaved, "shpo", 1},
		{snapshot.FromServer, "shpo", 1},
		{snapshot.FromServer, "dark", 0}, // its accounts may not be read
		{snapshot.FromFiles, "", 0},
	} {
		t.Run(string(tt.source)+" "+tt.namespace, func(t *testing.T) {
			b := snapshot.NewBuilder()
			b.Add(testkit.Namespace("empty"), testkit.ServiceAccount("shop", "web"))
			b.Gap(snapshot.Gap{Resource: "serviceaccounts", Namespace: "dark", Reason: snapshot.Forbidden})
			s, err := b.Build(snapshot.Info{Source: tt.source})
			if err != nil {
				t.Fatal(err)
			}
			if notes := access.NamespaceNotes(s, tt.namespace); len(notes) != tt.want {
				t.Errorf("notes %q, want %d", notes, tt.want)
			}
		})
	}
}
