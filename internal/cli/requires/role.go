package requires

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Section are the permissions that serve one purpose.
type Section struct {
	Purpose     string
	Permissions []Permission
}

// Sections puts permissions of one purpose together: what is needed always
// first, what may be left out last.
func Sections(permissions []Permission) []Section {
	var list []Section
	for _, p := range permissions {
		purpose := "for " + strings.Join(p.For, ", ")
		if p.Optional {
			purpose = "may be left out: " + purpose
		}
		i := slices.IndexFunc(list, func(s Section) bool { return s.Purpose == purpose })
		if i < 0 {
			i = len(list)
			list = append(list, Section{Purpose: purpose})
		}
		list[i].Permissions = append(list[i].Permissions, p)
	}
	rank := func(s Section) int {
		switch {
		case s.Permissions[0].Optional:
			return 2
		case slices.ContainsFunc(s.Permissions[0].For, func(use string) bool { return !strings.HasSuffix(use, ")") }):
			return 0
		default:
			return 1
		}
	}
	slices.SortStableFunc(list, func(a, b Section) int { return rank(a) - rank(b) })
	return list
}

// Rules returns the rules that allow the section's permissions: types of one
// API group and verb are one rule.
func (s Section) Rules() []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for _, p := range s.Permissions {
		i := slices.IndexFunc(rules, func(r rbacv1.PolicyRule) bool {
			if r.Verbs[0] != p.Verb || len(r.ResourceNames) > 0 || p.Named {
				return false
			}
			if p.URL != "" {
				return len(r.NonResourceURLs) > 0
			}
			return len(r.NonResourceURLs) == 0 && r.APIGroups[0] == p.APIGroup
		})
		switch {
		case i >= 0 && p.URL != "":
			rules[i].NonResourceURLs = append(rules[i].NonResourceURLs, p.URL)
		case i >= 0:
			rules[i].Resources = append(rules[i].Resources, p.Resource)
		case p.URL != "":
			rules = append(rules, url(p.URL))
		case p.Named:
			rules = append(rules, named(rule(p.Verb, p.APIGroup, p.Resource), p.Name))
		default:
			rules = append(rules, rule(p.Verb, p.APIGroup, p.Resource))
		}
	}
	return rules
}

// ClusterRole returns the smallest role that allows the permissions.
func ClusterRole(name string, permissions []Permission) *rbacv1.ClusterRole {
	role := &rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
	}
	for _, section := range Sections(permissions) {
		role.Rules = append(role.Rules, section.Rules()...)
	}
	return role
}

// ManifestYAML returns the role as YAML to apply, with a comment above the
// rules of each purpose.
func ManifestYAML(name string, permissions []Permission) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "apiVersion: %s\nkind: ClusterRole\nmetadata:\n  name: %s\nrules:\n", rbacv1.SchemeGroupVersion, name)
	for _, section := range Sections(permissions) {
		fmt.Fprintf(&b, "# %s\n", section.Purpose)
		for _, rule := range section.Rules() {
			mark := "- "
			for _, field := range []struct {
				name   string
				values []string
			}{
				{"apiGroups", rule.APIGroups},
				{"resources", rule.Resources},
				{"resourceNames", rule.ResourceNames},
				{"nonResourceURLs", rule.NonResourceURLs},
				{"verbs", rule.Verbs},
			} {
				if len(field.values) == 0 {
					continue
				}
				values, err := json.Marshal(field.values) // is YAML too
				if err != nil {
					return nil, fmt.Errorf("write the role as YAML: %w", err)
				}
				fmt.Fprintf(&b, "%s%s: %s\n", mark, field.name, strings.ReplaceAll(string(values), `","`, `", "`))
				mark = "  "
			}
		}
	}
	return b.Bytes(), nil
}
