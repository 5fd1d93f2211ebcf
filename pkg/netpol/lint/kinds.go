package lint

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
)

// kinds reports policies that count for nothing, and those of kinds that are
// not evaluated.
func (l *linter) kinds() {
	for _, r := range l.Rejected() {
		for _, p := range r.Problems {
			f := finding.Finding{
				Object: finding.Object{Kind: r.Kind, Namespace: r.Namespace, Name: r.Name},
				Path:   p.Path, File: r.Origin.File, Line: r.Origin.Line, Fingerprint: p.Path + p.Detail,
			}
			l.say(f, checkRefused, finding.High, "API servers refuse the policy, so that it protects nothing: "+p.Detail, "mend it, or remove it")
		}
	}
	for object, origin := range l.snap.All() {
		custom, ok := object.(*unstructured.Unstructured)
		if !ok || !l.notEvaluated(custom.GroupVersionKind().GroupKind()) {
			continue
		}
		gk := custom.GroupVersionKind().GroupKind()
		f := finding.Finding{
			Object: finding.Object{Kind: gk.Kind, Namespace: custom.GetNamespace(), Name: custom.GetName()},
			File:   origin.File, Line: origin.Line,
		}
		l.say(f, checkNotEvaluated, finding.Info, gk.Kind+" of "+gk.Group+" is not evaluated: what is said of other policies may be different with it", "")
	}
}

// notEvaluated reports whether objects of a kind decide about connections, as
// far as its name tells, and the engine does not know how.
func (l *linter) notEvaluated(gk schema.GroupKind) bool {
	const admin = "policy.networking.k8s.io"
	for _, gap := range l.NotModelled() {
		if gap.Group == gk.Group && gap.Resource == gk.Kind {
			return true
		}
	}
	return gk.Group != admin && strings.HasSuffix(gk.Kind, "NetworkPolicy")
}
