package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// dangers tell what a change opens beyond the one request that it is for: to
// how many it applies, what its rule comes to cover, and what follows from it.
func dangers(s Subject, r Request) []string {
	var remarks []string
	if who := everyone(s); who != "" {
		remarks = append(remarks, "careful, this allows it to "+who)
	}
	if slices.Contains([]string{r.Verb, r.APIGroup, r.Resource, r.Subresource}, all) || strings.HasSuffix(r.Path, all) {
		remarks = append(remarks, "careful, the rule has a wildcard: it also covers what is added to the cluster later")
	}
	if power, ok := powerOf(r); ok {
		remarks = append(remarks, fmt.Sprintf("careful, this right leads further: it %s", power.Means))
	}
	return remarks
}

// everyone says who a subject is that stands for many, "" for the others.
func everyone(s Subject) string {
	account, ofNamespace := strings.CutPrefix(s.Name, GroupServiceAccounts+":")
	switch {
	case s == User(UserAnonymous), s == Group(GroupUnauthenticated):
		return "everyone who reaches the API server, without any credentials"
	case s == Group(GroupAuthenticated):
		return "everyone with credentials, every service account and so every pod included"
	case s == Group(GroupServiceAccounts):
		return "every service account of the cluster, and so to every pod"
	case s.Kind == rbacv1.GroupKind && ofNamespace:
		return fmt.Sprintf("every service account of namespace %s, and so to every pod there", account)
	case s.Kind == rbacv1.ServiceAccountKind && s.Name == "default":
		return fmt.Sprintf("every pod of namespace %s that names no service account", s.Namespace)
	default:
		return ""
	}
}
