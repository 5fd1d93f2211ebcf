package rbac

import (
	"cmp"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Dimension is a part of the authorizer's decision that can fail by itself.
type Dimension string

// The dimensions, in the order in which people check them.
const (
	MissSubject  Dimension = "subject" // the binding names someone else
	MissScope    Dimension = "scope"   // the binding does not count for the request's namespace
	MissRole     Dimension = "role"    // the role does not exist
	MissVerb     Dimension = "verb"    // the parts of a rule
	MissAPIGroup Dimension = "apiGroup"
	MissResource Dimension = "resource"
	MissName     Dimension = "resourceName"
	MissURL      Dimension = "nonResourceURL"
)

// Miss is one dimension in which a grant fails a request.
type Miss struct {
	Dimension Dimension
	Detail    string // what is wrong, in plain words
	Hint      string // what would be right, "" where the detail says it
	// Near says that the two differ as a slip would make them: by case, by
	// spelling, by a wildcard that is none.
	Near bool
}

// NearMiss is a grant that would have allowed a request, were it not for its
// misses.
type NearMiss struct {
	Binding *Binding
	Rule    int // index in Binding.Role.Rules; -1 where there is no role, or none in it
	// Through is the group of the subject that the binding names, "" for the
	// subject itself.
	Through string
	Misses  []Miss // never empty
}

// Distance is the number of dimensions that fail.
func (m NearMiss) Distance() int { return len(m.Misses) }

// Related reports whether the grant has to do with the question: it is about
// the same resource or URL, or something so like it that it may have been
// meant.
func (m NearMiss) Related() bool {
	for _, miss := range m.Misses {
		if (miss.Dimension == MissResource || miss.Dimension == MissURL) && !miss.Near {
			return false
		}
	}
	return true
}

// ofOthers reports whether the binding does not name the subject at all.
func (m NearMiss) ofOthers() bool {
	return slices.ContainsFunc(m.Misses, func(miss Miss) bool { return miss.Dimension == MissSubject })
}

// missFinder looks for the near misses of one request.
type missFinder struct {
	x        *Index
	e        Explanation
	r        Request
	anywhere bool
	groups   map[string]bool
	rules    ruleMisses
}

func newMissFinder(x *Index, e Explanation, r Request, anywhere bool) *missFinder {
	f := &missFinder{x: x, e: e, r: r, anywhere: anywhere, groups: map[string]bool{}, rules: newRuleMisses(x.snap.Catalog(), r)}
	for _, group := range e.Groups {
		f.groups[group.Name] = true
	}
	return f
}

// find returns the near misses, related ones first, then by distance, then
// what the subject has, then those that name the subject itself, then in the
// order of the bindings.
func (f *missFinder) find() []NearMiss {
	var found []NearMiss
	for i := range f.x.bindings {
		b := &f.x.bindings[i]
		if through, ok := f.touches(b); ok {
			found = append(found, f.grants(b, through)...)
		} else if miss, ok := f.otherSubject(b); ok {
			found = append(found, f.grantsOfOthers(b, miss)...)
		}
	}
	slices.SortStableFunc(found, func(a, b NearMiss) int {
		return cmp.Or(
			yesFirst(a.Related(), b.Related()),
			cmp.Compare(a.Distance(), b.Distance()),
			cmp.Compare(far(a), far(b)),
			yesFirst(!a.ofOthers(), !b.ofOthers()),
			yesFirst(a.Through == "", b.Through == ""),
		)
	})
	return found
}

func yesFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

// far counts the misses that do not look like a slip.
func far(m NearMiss) int {
	n := 0
	for _, miss := range m.Misses {
		if !miss.Near {
			n++
		}
	}
	return n
}

// touches reports whether the binding names the identity, itself or through
// one of its groups.
func (f *missFinder) touches(b *Binding) (through string, ok bool) {
	if slices.Contains(b.Subjects, f.e.Identity.Subject) {
		return "", true
	}
	for _, s := range b.Subjects {
		if s.Kind == rbacv1.GroupKind && f.groups[s.Name] {
			return s.Name, true
		}
	}
	return "", false
}

// grants returns a near miss for every rule that the binding gives the
// identity and that is about the same sort of request.
func (f *missFinder) grants(b *Binding, through string) []NearMiss {
	misses := f.scopeMiss(b)
	if b.Role == nil {
		return []NearMiss{{Binding: b, Rule: -1, Through: through, Misses: append(misses, f.roleMiss(b))}}
	}
	if len(b.Role.Rules) == 0 {
		none := Miss{Dimension: MissRole, Detail: fmt.Sprintf("%s %s has no rules", b.Role.Kind, b.Role.Name)}
		return []NearMiss{{Binding: b, Rule: -1, Through: through, Misses: append(misses, none)}}
	}
	var found []NearMiss
	for i := range b.Role.Rules {
		inRule, sameSort := f.rules.of(&b.Role.Rules[i])
		if sameSort {
			found = append(found, NearMiss{Binding: b, Rule: i, Through: through, Misses: slices.Concat(misses, inRule)})
		}
	}
	return found
}

// grantsOfOthers returns the rules that would allow the request if the binding
// named the identity. More misses than that do not count: every binding of
// the cluster would be a near miss.
func (f *missFinder) grantsOfOthers(b *Binding, miss Miss) []NearMiss {
	if b.Role == nil || len(f.scopeMiss(b)) > 0 {
		return nil
	}
	var found []NearMiss
	for i := range b.Role.Rules {
		if Allows(&b.Role.Rules[i], f.r) {
			found = append(found, NearMiss{Binding: b, Rule: i, Misses: []Miss{miss}})
		}
	}
	return found
}

// scopeMiss says why the authorizer does not look at the binding.
func (f *missFinder) scopeMiss(b *Binding) []Miss {
	if b.Namespace == "" || f.anywhere && f.r.Path == "" {
		return nil
	}
	miss := Miss{Dimension: MissScope}
	switch {
	case f.r.Path != "":
		miss.Detail, miss.Hint = "nonResourceURLs in a RoleBinding are dead", "they count in ClusterRoleBindings only"
	case f.r.Namespace == b.Namespace:
		return nil
	case f.r.Namespace != "":
		miss.Detail = fmt.Sprintf("the RoleBinding is in %s, not %s", b.Namespace, f.r.Namespace)
	case f.rules.clusterScoped() && f.r.Resource == "namespaces":
		miss.Detail = fmt.Sprintf("a RoleBinding in %s counts for requests to namespaces/%[1]s only", b.Namespace)
	case f.rules.clusterScoped():
		miss.Detail, miss.Hint = fmt.Sprintf("a RoleBinding cannot grant %s, which are cluster-scoped", f.r.Resource), "that takes a ClusterRoleBinding"
	default:
		miss.Detail = fmt.Sprintf("the RoleBinding is in %s, the request is for all namespaces at once", b.Namespace)
	}
	return []Miss{miss}
}

// roleMiss says that the role is not there, and which other one may be meant.
func (f *missFinder) roleMiss(b *Binding) Miss {
	ref := b.RoleRef
	miss := Miss{Dimension: MissRole, Near: true, Detail: fmt.Sprintf("roleRef names %s %s, which does not exist", ref.Kind, ref.Name)}
	switch {
	case len(f.x.AbsentRoles([]*Binding{b})) > 0:
		miss.Detail, miss.Hint = fmt.Sprintf("roleRef names %s %s, which is not in the input", ref.Kind, ref.Name), "it may allow this or not"
		return miss
	case f.x.RoleUnread(b):
		miss.Detail, miss.Hint = fmt.Sprintf("roleRef names %s %s, which could not be read", ref.Kind, ref.Name), "it may allow this or not"
		return miss
	}
	if ref.Kind == "Role" && b.Namespace == "" {
		miss.Detail = fmt.Sprintf("roleRef names Role %s: a ClusterRoleBinding can only name ClusterRoles", ref.Name)
	}
	for _, role := range f.x.roles {
		if role.Namespace != "" && role.Namespace != b.Namespace {
			continue
		}
		if role.Name == ref.Name || slip(role.Name, ref.Name) || renamed(role.Name, ref.Name) {
			miss.Hint = fmt.Sprintf("there is a %s %s", role.Kind, role.Name)
			break
		}
	}
	return miss
}
