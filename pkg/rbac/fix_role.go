package rbac

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// bindExisting proposes to bind roles that hold the rule for the request and
// nothing that the subject does not have already.
func (x *Index) bindExisting(e Explanation, r Request) []*Fix {
	var fixes []*Fix
	for _, role := range e.WouldDo {
		if role.Kind == "Role" && role.Namespace != r.Namespace || x.isAggregated(role) || strings.HasPrefix(role.Name, "system:") {
			continue // an aggregated role grows; system: roles are the API server's own
		}
		if x.holdsOnly(e.Identity, role, r) {
			binding := x.newBinding(e.Identity.Subject, r, role.Kind, role.Name, x.freeName(fixName(e.Identity.Subject, r), r.Namespace))
			fixes = append(fixes, &Fix{Kind: FixBindExisting, Objects: []snapshot.Object{binding}})
		}
	}
	return fixes
}

// holdsOnly reports whether every permission of the role is the request itself
// or one that the identity has in the request's namespace. Wildcards are more
// than any request.
func (x *Index) holdsOnly(id Identity, role *Role, r Request) bool {
	const most = 64 // permissions of a role worth binding for one request
	asked, exact := 0, ruleFor(r)
	for i := range role.Rules {
		rule := &role.Rules[i]
		for _, one := range singleRequests(rule, r.Namespace) {
			if asked++; asked > most || one.Verb == all || one.APIGroup == all || strings.Contains(one.Resource, all) || strings.Contains(one.Path, all) {
				return false
			}
			if one.Path != "" && r.Namespace != "" {
				continue // dead in a RoleBinding
			}
			if !Allows(&exact, one) && len(x.ScopesOf(id, one, false)) == 0 {
				return false
			}
		}
	}
	return true
}

// anyName stands for every name in a question: no object can have it.
const anyName = "\x00"

// singleRequests takes a rule apart. A rule without resourceNames is asked
// both without a name and with one that no rule can list.
func singleRequests(rule *rbacv1.PolicyRule, namespace string) []Request {
	var requests []Request
	names := rule.ResourceNames
	if len(names) == 0 {
		names = []string{"", anyName}
	}
	for _, verb := range rule.Verbs {
		for _, url := range rule.NonResourceURLs {
			requests = append(requests, Request{Verb: verb, Path: url})
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, name := range names {
					one := Request{Verb: verb, APIGroup: group, Name: name, Namespace: namespace}
					one.Resource, one.Subresource, _ = strings.Cut(resource, "/")
					requests = append(requests, one)
				}
			}
		}
	}
	return requests
}

// extendRole proposes to add the rule to a role that only this subject has,
// through one binding that counts where the request is; the one whose rules
// come nearest first.
func (x *Index) extendRole(e Explanation, r Request) []*Fix {
	var fixes []*Fix
	tried := map[*Binding]bool{}
	for _, m := range e.NearMisses {
		b := m.Binding
		if tried[b] || b.Role == nil || b.Namespace != r.Namespace || !slices.Equal(b.Subjects, []Subject{e.Identity.Subject}) {
			continue
		}
		tried[b] = true
		if len(b.Role.boundBy) != 1 || b.Role.Kind == "ClusterRole" && x.OthersUnread(r.Namespace) || x.isAggregated(b.Role) || x.isDefault(b.Role) || strings.HasPrefix(b.Role.Name, "system:") {
			continue
		}
		fixes = append(fixes, &Fix{Kind: FixExtendRole, Objects: []snapshot.Object{x.roleWith(b.Role, r)}})
	}
	return fixes
}

// roleWith returns the stored role with the request's rule added: a verb of
// the rule that is for this very type and name, else a rule of its own.
func (x *Index) roleWith(role *Role, r Request) snapshot.Object {
	add := ruleFor(r)
	rules := make([]rbacv1.PolicyRule, len(role.Rules), len(role.Rules)+1)
	merged := false
	for i := range role.Rules {
		rules[i] = *role.Rules[i].DeepCopy()
		if !merged && sameButVerbs(rules[i], add) {
			rules[i].Verbs, merged = append(rules[i].Verbs, add.Verbs...), true
		}
	}
	if !merged {
		rules = append(rules, add)
	}
	if role.Kind == "ClusterRole" {
		stored := snapshot.Get[rbacv1.ClusterRole](x.snap, "", role.Name)
		return &rbacv1.ClusterRole{TypeMeta: typeMeta(role.Kind), ObjectMeta: metaToApply(stored.ObjectMeta), Rules: rules}
	}
	stored := snapshot.Get[rbacv1.Role](x.snap, role.Namespace, role.Name)
	return &rbacv1.Role{TypeMeta: typeMeta(role.Kind), ObjectMeta: metaToApply(stored.ObjectMeta), Rules: rules}
}

func sameButVerbs(a, b rbacv1.PolicyRule) bool {
	return slices.Equal(a.APIGroups, b.APIGroups) && slices.Equal(a.Resources, b.Resources) &&
		slices.Equal(a.ResourceNames, b.ResourceNames) && slices.Equal(a.NonResourceURLs, b.NonResourceURLs)
}

// metaToApply keeps what a manifest has, and drops what the server sets.
func metaToApply(m metav1.ObjectMeta) metav1.ObjectMeta {
	kept := metav1.ObjectMeta{Name: m.Name, Namespace: m.Namespace, Labels: m.Labels}
	for key, value := range m.Annotations {
		if key == corev1.LastAppliedConfigAnnotation {
			continue
		}
		if kept.Annotations == nil {
			kept.Annotations = map[string]string{}
		}
		kept.Annotations[key] = value
	}
	return kept
}

func (x *Index) isAggregated(role *Role) bool {
	stored := snapshot.Get[rbacv1.ClusterRole](x.snap, "", role.Name)
	return role.Kind == "ClusterRole" && stored != nil && stored.AggregationRule != nil
}

// isDefault reports whether the API server makes the role itself and would
// undo changes to it.
func (x *Index) isDefault(role *Role) bool {
	const label = "kubernetes.io/bootstrapping"
	if role.Kind == "ClusterRole" {
		stored := snapshot.Get[rbacv1.ClusterRole](x.snap, "", role.Name)
		return stored != nil && stored.Labels[label] != ""
	}
	stored := snapshot.Get[rbacv1.Role](x.snap, role.Namespace, role.Name)
	return stored != nil && stored.Labels[label] != ""
}
