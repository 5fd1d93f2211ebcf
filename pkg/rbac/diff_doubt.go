package rbac

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// mayHide reports whether the subject may be allowed more in the scope (a
// namespace, "" for the whole cluster) than could be read: a missing binding
// could name it, or the role of one that does is missing.
func (x *Index) mayHide(held *Permissions, namespace string) bool {
	for _, gap := range x.snap.Gaps() {
		switch {
		case gap.Resource == "" && gap.Reason == snapshot.Unparsable: // of any type
			return true
		case gap.Group != apiGroup:
		case gap.Resource == "clusterrolebindings":
			return true
		case gap.Resource == "rolebindings" && namespace != "" && gap.Hides(namespace):
			return true
		case gap.Resource == "clusterroles" && !x.snap.Info().Stored(): // an aggregated role may lack rules
			return true
		}
	}
	return slices.ContainsFunc(held.Dangling, func(b *Binding) bool {
		counts := b.Namespace == "" || b.Namespace == namespace
		return counts && (x.RoleUnread(b) || !x.snap.Info().CoverageKnown())
	})
}

// mayHideAccount reports whether a service account may exist in the namespace
// and be missing from the snapshot only.
func mayHideAccount(s *snapshot.Snapshot, namespace string) bool {
	return slices.ContainsFunc(s.Gaps(), func(g snapshot.Gap) bool {
		return g.Group == corev1.GroupName && g.Resource == "serviceaccounts" && g.Hides(namespace)
	})
}

// mayHideMembers reports whether a record of who is in groups could not be
// read: see ClusterMembership.
func mayHideMembers(s *snapshot.Snapshot) bool {
	return slices.ContainsFunc(s.Gaps(), func(g snapshot.Gap) bool {
		return g.Group == corev1.GroupName && g.Resource == "configmaps" && g.Hides("kube-system") ||
			g.Group == "user.openshift.io" && g.Resource == "groups"
	})
}

// hasParts reports whether smaller permissions than this one can be held in
// the scope, beside those that are limited to names.
func (p Permission) hasParts(namespace string) bool {
	return p.isWild() || p.URL == "" && namespace == ""
}

// isWild reports whether the permission is for more than one verb, type or
// URL.
func (p Permission) isWild() bool {
	return p.Verb == all || p.APIGroup == all || strings.HasPrefix(p.Resource, all) || strings.HasSuffix(p.URL, all)
}

// recordedGroups reports whether the subject is in groups that Kubernetes does
// not fill itself.
func (x *Index) recordedGroups(s Subject) bool {
	return s.Kind != rbacv1.GroupKind && slices.ContainsFunc(x.GroupsOf(Identity{Subject: s}), func(g InGroup) bool { return g.Source == GroupKnown })
}
