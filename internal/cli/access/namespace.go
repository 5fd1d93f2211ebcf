package access

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// NamespaceNotes tell that nothing is in the namespace that was asked about:
// it may be misspelt. Of a live cluster only what the answer needs was read,
// so that nothing can be said there.
func NamespaceNotes(s *snapshot.Snapshot, namespace string) []string {
	if namespace == "" || s.Info().Source == snapshot.FromServer || snapshot.Get[corev1.Namespace](s, "", namespace) != nil {
		return nil
	}
	for obj := range s.All() {
		if obj.GetNamespace() == namespace {
			return nil
		}
	}
	return []string{fmt.Sprintf("nothing in the input is in namespace %s: only what counts in every namespace is shown (--namespace names another one)", namespace)}
}
