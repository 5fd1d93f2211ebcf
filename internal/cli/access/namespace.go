package access

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// NamespaceNotes tell that nothing is in the namespace that was asked about:
// it may be misspelt. Of a live cluster only what the answer needs was read:
// service accounts tell there, since every namespace has one.
func NamespaceNotes(s *snapshot.Snapshot, namespace string) []string {
	if namespace == "" || snapshot.Get[corev1.Namespace](s, "", namespace) != nil {
		return nil
	}
	live := s.Info().Source == snapshot.FromServer
	if live && (snapshot.Count[corev1.ServiceAccount](s) == 0 || slices.ContainsFunc(s.Gaps(), func(g snapshot.Gap) bool {
		return g.Group == "" && g.Resource == "serviceaccounts" && g.Hides(namespace)
	})) {
		return nil
	}
	for obj := range s.All() {
		if obj.GetNamespace() == namespace {
			return nil
		}
	}
	if live {
		return []string{fmt.Sprintf("there seems to be no namespace %s: not even a service account is in it", namespace)}
	}
	return []string{fmt.Sprintf("nothing in the input is in namespace %s: only what counts in every namespace is shown (--namespace names another one)", namespace)}
}
