package dir

import (
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// refusals says why the API server would not store an RBAC object. The
// authorizer would still evaluate it, so it stays in the snapshot.
// Source: kubernetes v1.37.2 pkg/apis/rbac/validation/validation.go and, for
// the defaults applied before it, pkg/apis/rbac/v1/defaults.go.
func refusals(obj snapshot.Object) []string {
	var f faults
	switch obj := obj.(type) {
	case *rbacv1.Role:
		f.rules(obj.Rules, true)
	case *rbacv1.ClusterRole:
		f.rules(obj.Rules, false)
		f.aggregation(obj.AggregationRule)
	case *rbacv1.RoleBinding:
		f.roleRef(obj.RoleRef, "Role", "ClusterRole")
		f.subjects(obj.Subjects, true)
	case *rbacv1.ClusterRoleBinding:
		f.roleRef(obj.RoleRef, "ClusterRole")
		f.subjects(obj.Subjects, false)
	default:
		return nil
	}
	if obj.GetGenerateName() == "" {
		for _, words := range content.IsPathSegmentName(obj.GetName()) {
			f.add("metadata.name %s", words)
		}
	}
	return f
}

// faults collects what is wrong with one object.
type faults []string

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

func (f *faults) rules(rules []rbacv1.PolicyRule, namespaced bool) {
	for i, rule := range rules {
		if len(rule.Verbs) == 0 {
			f.add("rules[%d] has no verbs", i)
		}
		if len(rule.NonResourceURLs) > 0 {
			if namespaced {
				f.add("rules[%d] has nonResourceURLs, which only a ClusterRole may have", i)
			}
			if len(rule.APIGroups)+len(rule.Resources)+len(rule.ResourceNames) > 0 {
				f.add("rules[%d] has both nonResourceURLs and resources", i)
			}
			continue
		}
		if len(rule.APIGroups) == 0 {
			f.add("rules[%d] has no apiGroups", i)
		}
		if len(rule.Resources) == 0 {
			f.add("rules[%d] has no resources", i)
		}
	}
}

func (f *faults) aggregation(rule *rbacv1.AggregationRule) {
	if rule == nil {
		return
	}
	if len(rule.ClusterRoleSelectors) == 0 {
		f.add("aggregationRule has no clusterRoleSelectors")
	}
	for i := range rule.ClusterRoleSelectors {
		if _, err := metav1.LabelSelectorAsSelector(&rule.ClusterRoleSelectors[i]); err != nil {
			f.add("aggregationRule.clusterRoleSelectors[%d]: %v", i, err)
		}
	}
}

func (f *faults) roleRef(ref rbacv1.RoleRef, kinds ...string) {
	if ref.APIGroup != "" && ref.APIGroup != rbacv1.GroupName {
		f.add("roleRef.apiGroup is %q, not %q", ref.APIGroup, rbacv1.GroupName)
	}
	known := false
	for _, kind := range kinds {
		known = known || ref.Kind == kind
	}
	if !known {
		f.add("roleRef.kind is %q, not one of %q", ref.Kind, kinds)
	}
	if ref.Name == "" {
		f.add("roleRef has no name")
	}
	for _, words := range content.IsPathSegmentName(ref.Name) {
		f.add("roleRef.name %s", words)
	}
}

func (f *faults) subjects(subjects []rbacv1.Subject, namespaced bool) {
	for i, s := range subjects {
		if s.Name == "" {
			f.add("subjects[%d] has no name", i)
		}
		switch s.Kind {
		case rbacv1.ServiceAccountKind:
			if s.Name != "" {
				for _, words := range validation.IsDNS1123Subdomain(s.Name) {
					f.add("subjects[%d].name: %s", i, words)
				}
			}
			if s.APIGroup != "" {
				f.add("subjects[%d].apiGroup is %q, not empty", i, s.APIGroup)
			}
			if !namespaced && s.Namespace == "" {
				f.add("subjects[%d], a ServiceAccount, has no namespace", i)
			}
		case rbacv1.UserKind, rbacv1.GroupKind:
			if s.APIGroup != "" && s.APIGroup != rbacv1.GroupName {
				f.add("subjects[%d].apiGroup is %q, not %q", i, s.APIGroup, rbacv1.GroupName)
			}
		default:
			f.add("subjects[%d].kind is %q, not one of User, Group, ServiceAccount", i, s.Kind)
		}
	}
}
