package rbac

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Fix is the smallest change that allows a request: objects to apply.
type Fix struct {
	Kind FixKind
	// Rule is the one that the request needs.
	Rule rbacv1.PolicyRule
	// Objects are whole *rbacv1.Role, RoleBinding, ClusterRole or
	// ClusterRoleBinding with apiVersion and kind, in the order to apply.
	Objects []snapshot.Object
	// Remarks tell what to mind before it is applied.
	Remarks []string
}

// FixKind says what a Fix does.
type FixKind string

// The kinds of fixes, the least intrusive first.
const (
	// FixBindExisting binds a role that exists and holds nothing else.
	FixBindExisting FixKind = "bindExisting"
	// FixExtendRole adds to a role that only this subject has.
	FixExtendRole FixKind = "extendRole"
	// FixNewRole makes a role with one rule, and a binding.
	FixNewRole FixKind = "newRole"
)

// Reasons for which no Fix is offered.
var (
	ErrAllNamespaces = errors.New("the question is about any namespace: name one to get the change for it")
	ErrNoSafeFix     = errors.New("every change that was tried would have allowed someone else too, or something else")
)

// Fix returns the smallest change that makes a refused request allowed. Every
// candidate is put over the snapshot and the question is asked again: it is
// returned only if the subject is allowed the request in the request's own
// namespace and nobody else gains the request anywhere.
func (x *Index) Fix(e Explanation, r Request, anywhere bool) (*Fix, error) {
	if anywhere {
		return nil, ErrAllNamespaces
	}
	candidates := x.bindExisting(e, r)
	candidates = append(candidates, x.extendRole(e, r)...)
	candidates = append(candidates, x.newRole(e, r))
	for _, fix := range candidates {
		ok, err := x.proves(fix, e, r)
		if err != nil {
			return nil, err
		}
		if ok {
			fix.Rule = ruleFor(r)
			fix.Remarks = slices.Concat(fix.Remarks, dangers(e.Identity.Subject, r), x.remarks(fix, r))
			return fix, nil
		}
	}
	return nil, ErrNoSafeFix
}

// proves applies the fix to the snapshot and compares who is allowed the
// request, everywhere, before and after.
func (x *Index) proves(fix *Fix, e Explanation, r Request) (bool, error) {
	b := snapshot.NewBuilder()
	b.Add(fix.Objects...)
	with, err := b.Build(snapshot.Info{})
	if err != nil {
		return false, fmt.Errorf("check the proposed change: %w", err)
	}
	changed, err := x.snap.Overlay(with, nil)
	if err != nil {
		return false, fmt.Errorf("check the proposed change: %w", err)
	}
	after := NewIndex(changed, x.known)
	gained := after.ScopesOf(e.Identity, r, true)
	before := x.ScopesOf(e.Identity, r, true)
	want := Scope{Namespace: r.Namespace}
	if !sameScopes(append(slices.Clone(before), want), gained) {
		return false, nil
	}
	had := map[Subject][]Scope{}
	for _, access := range x.WhoCan(r, true) {
		had[access.Subject] = access.Scopes
	}
	for _, access := range after.WhoCan(r, true) {
		if access.Subject != e.Identity.Subject && !after.isMember(access.Subject, e.Identity.Subject) && !sameScopes(had[access.Subject], access.Scopes) {
			return false, nil
		}
	}
	return true, nil
}

// isMember reports whether the subject is in the group: what a group gains,
// its members do.
func (x *Index) isMember(subject, group Subject) bool {
	return group.Kind == rbacv1.GroupKind && slices.ContainsFunc(x.GroupsOf(Identity{Subject: subject}), func(g InGroup) bool { return g.Name == group.Name })
}

// sameScopes compares the places of two answers, whatever their grants.
func sameScopes(a, b []Scope) bool {
	places := func(scopes []Scope) []string {
		var names []string
		for _, s := range scopes {
			names = append(names, s.Namespace)
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	return slices.Equal(places(a), places(b))
}

// ruleFor is the one rule that allows the request and nothing else.
func ruleFor(r Request) rbacv1.PolicyRule {
	if r.Path != "" {
		return rbacv1.PolicyRule{Verbs: []string{r.Verb}, NonResourceURLs: []string{r.Path}}
	}
	rule := rbacv1.PolicyRule{Verbs: []string{r.Verb}, APIGroups: []string{r.APIGroup}, Resources: []string{r.combined()}}
	if r.Name != "" {
		rule.ResourceNames = []string{r.Name}
	}
	return rule
}

// remarks tell what an engine cannot prove: who else writes these objects.
func (x *Index) remarks(fix *Fix, r Request) []string {
	var remarks []string
	if r.Namespace == "" && x.Namespaced(r.APIGroup, r.Resource) {
		remarks = append(remarks, "the request is for all namespaces at once: where one is enough, have it ask for that one, and ask here with -n for the smaller change")
	}
	if len(fix.Rule.ResourceNames) > 0 && slices.ContainsFunc(fix.Rule.Resources, func(r string) bool { return r == "pods" || strings.HasPrefix(r, "pods/") }) {
		remarks = append(remarks, "a pod's name changes when the pod is replaced: ask without the name to allow it for every pod")
	}
	for _, object := range fix.Objects {
		if manager := managedBy(object); manager != "" {
			remarks = append(remarks, fmt.Sprintf("%s %s is managed by %s, which may undo the change: make it there", object.GetObjectKind().GroupVersionKind().Kind, object.GetName(), manager))
		}
	}
	return remarks
}

// managedBy names the tool that a role's labels or annotations say it comes
// from.
func managedBy(object snapshot.Object) string {
	switch {
	case object.GetLabels()["app.kubernetes.io/managed-by"] != "":
		return object.GetLabels()["app.kubernetes.io/managed-by"]
	case object.GetAnnotations()["argocd.argoproj.io/tracking-id"] != "":
		return "Argo CD"
	case object.GetLabels()["kustomize.toolkit.fluxcd.io/name"] != "":
		return "Flux"
	case object.GetLabels()["olm.owner"] != "":
		return "the Operator Lifecycle Manager"
	}
	return ""
}
