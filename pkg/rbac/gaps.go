package rbac

import (
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

const apiGroup = "rbac.authorization.k8s.io"

// RelevantGaps returns the gaps of the snapshot that can hide a subject from
// an answer about the namespace ("" for all): those of the RBAC types, of
// what tells who is in groups, and input that could not be understood at all.
func (x *Index) RelevantGaps(namespace string) []snapshot.Gap {
	var gaps []snapshot.Gap
	for _, gap := range x.snap.Gaps() {
		if hidesAccess(gap) && (gap.Hides(namespace) || gap.Group != apiGroup) {
			gaps = append(gaps, gap)
		}
	}
	return gaps
}

// GapsFor returns the gaps that can hide a subject from the answer to a
// planned question. Bindings name service accounts whether they were read or
// not: unread ones are missing only as members of groups that Kubernetes
// fills with them.
func (x *Index) GapsFor(p Plan) []snapshot.Gap {
	gaps := x.RelevantGaps(p.Request.Namespace)
	if x.AllowsFilledGroup(p) {
		for _, g := range x.snap.Gaps() {
			if g.Group == "" && g.Resource == "serviceaccounts" {
				gaps = append(gaps, g)
			}
		}
	}
	if p.RoleBindingsCount() {
		return gaps
	}
	return slices.DeleteFunc(gaps, func(g snapshot.Gap) bool { return g.Resource == "roles" || g.Resource == "rolebindings" })
}

// AllowsFilledGroup reports whether the request is allowed to a group that
// Kubernetes fills, other than GroupMasters: all known subjects of a kind are
// then in the answer.
func (x *Index) AllowsFilledGroup(p Plan) bool {
	return slices.ContainsFunc(x.WhoCan(p.Request, p.Anywhere), func(a Access) bool {
		filled, _ := FilledByKubernetes(a.Subject.Name)
		return a.Subject.Kind == "Group" && filled && a.Subject.Name != GroupMasters
	})
}

func hidesAccess(gap snapshot.Gap) bool {
	switch {
	case gap.Resource == "":
		return gap.Reason == snapshot.Unparsable // else types that discovery did not tell of
	case gap.Group == apiGroup:
		return slices.Contains([]string{"roles", "rolebindings", "clusterroles", "clusterrolebindings"}, gap.Resource)
	default:
		return hidesMembers(gap)
	}
}

// hidesMembers reports whether the gap hides who is in groups: what
// ClusterMembership reads. Most clusters have none of it, so that it is missed
// only where it may be there and did not arrive: callers who may not read it
// are told the groups that they are asked about with --group or --groups.
func hidesMembers(gap snapshot.Gap) bool {
	if gap.Reason == snapshot.Forbidden || gap.Reason == snapshot.NotServed {
		return false
	}
	return gap.Group == "" && gap.Resource == "configmaps" && gap.Hides("kube-system") ||
		gap.Group == "user.openshift.io" && gap.Resource == "groups"
}

// OthersUnread reports whether RoleBindings may be missing beside those of
// the namespace ("" for any).
func (x *Index) OthersUnread(namespace string) bool {
	return slices.ContainsFunc(x.snap.Gaps(), func(g snapshot.Gap) bool {
		return g.Group == apiGroup && g.Resource == "rolebindings" && (namespace == "" || g.Namespace != namespace)
	})
}

// Dangling returns the bindings that could count for a request in the
// namespace ("" for all) and whose role is not in the snapshot: they grant
// nothing, unless it is RoleUnread.
func (x *Index) Dangling(namespace string) []*Binding {
	var dangling []*Binding
	for i := range x.bindings {
		b := &x.bindings[i]
		if b.Role == nil && (namespace == "" || b.Namespace == "" || b.Namespace == namespace) {
			dangling = append(dangling, b)
		}
	}
	return dangling
}

// RoleUnread reports whether the role that the binding names may exist and be
// missing from the snapshot only.
func (x *Index) RoleUnread(b *Binding) bool {
	return slices.ContainsFunc(x.snap.Gaps(), func(g snapshot.Gap) bool {
		switch {
		case g.Resource == "":
			return g.Reason == snapshot.Unparsable
		case g.Group != apiGroup:
			return false
		case b.RoleRef.Kind == "Role":
			return g.Resource == "roles" && g.Hides(b.Namespace)
		default:
			return g.Resource == "clusterroles"
		}
	})
}

// AbsentRoles returns a gap for each role that bindings of manifests name and
// that the manifests do not hold: what it allows is not known. Where all of a
// cluster was read, or the gaps are known, a role that is not there does not
// exist.
func (x *Index) AbsentRoles(bindings []*Binding) []snapshot.Gap {
	if x.snap.Info().CoverageKnown() {
		return nil
	}
	var gaps []snapshot.Gap
	for _, b := range bindings {
		if x.wasRemoved(b) {
			continue
		}
		gap := snapshot.Gap{Group: apiGroup, Resource: "clusterroles", Reason: snapshot.Absent}
		what := b.RoleRef.Kind + " " + b.RoleRef.Name
		switch b.RoleRef.Kind {
		case "Role":
			gap.Resource, gap.Namespace = "roles", b.Namespace
			what += " in namespace " + b.Namespace
			if b.Namespace == "" {
				continue // a ClusterRoleBinding cannot name one
			}
		case "ClusterRole":
		default:
			continue // no such kind
		}
		gap.Detail = what + " is bound and not in the input"
		if b.RoleRef.Kind == "ClusterRole" {
			gap.Detail += " (--assume-bootstrap adds the default roles)"
		}
		gaps = append(gaps, gap)
	}
	return snapshot.SortGaps(gaps)
}

// wasRemoved reports whether --without took the binding's role away: that it
// is not there is known then.
func (x *Index) wasRemoved(b *Binding) bool {
	if b.RoleRef.Kind == "Role" {
		return snapshot.Get[rbacv1.Role](x.snap.Base(), b.Namespace, b.RoleRef.Name) != nil
	}
	return snapshot.Get[rbacv1.ClusterRole](x.snap.Base(), "", b.RoleRef.Name) != nil
}

// ChainNotes tells what else than RBAC decides on a cluster, as far as the
// server's version betrays it.
// Source: gitVersion suffixes -eks-, -gke. and those of AKS' authorizers,
// which cannot be told from the version.
func ChainNotes(serverVersion string) []string {
	var notes []string
	for _, cloud := range clouds() {
		if cloud.matches(serverVersion) {
			notes = append(notes, fmt.Sprintf("this is %s: %s", cloud.name, cloud.authorizer))
		}
	}
	return notes
}
