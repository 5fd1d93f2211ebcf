package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// otherSubject says why the binding, which does not name the identity, may
// have been meant to. Slips come before mere groups that it is not known to be
// in.
func (f *missFinder) otherSubject(b *Binding) (Miss, bool) {
	written := f.x.writtenSubjects(b)
	for _, s := range written {
		if detail := f.subjectSlip(s, b); detail != "" {
			what, hint, _ := strings.Cut(detail, "\n")
			return Miss{Dimension: MissSubject, Detail: what, Hint: hint, Near: true}, true
		}
	}
	for _, s := range written {
		if f.outsideGroup(s) {
			return missOf(MissSubject, f.e.Identity.Subject.Name+" is not known to be in it", "granted to group %s", s.Name), true
		}
	}
	return Miss{}, false
}

// writtenSubjects returns the subjects as the binding has them, also those
// that match nobody.
func (x *Index) writtenSubjects(b *Binding) []rbacv1.Subject {
	if b.Namespace == "" {
		if object := snapshot.Get[rbacv1.ClusterRoleBinding](x.snap, "", b.Name); object != nil {
			return object.Subjects
		}
		return nil
	}
	if object := snapshot.Get[rbacv1.RoleBinding](x.snap, b.Namespace, b.Name); object != nil {
		return object.Subjects
	}
	return nil
}

// subjectSlip says how the written subject was probably meant to be the
// identity, "" if it was not. What would be right follows on a second line.
func (f *missFinder) subjectSlip(s rbacv1.Subject, b *Binding) string {
	me := f.e.Identity.Subject
	for _, kind := range []string{rbacv1.UserKind, rbacv1.GroupKind, rbacv1.ServiceAccountKind} {
		if s.Kind != kind && strings.EqualFold(s.Kind, kind) && kind == me.Kind && s.Name == me.Name {
			return fmt.Sprintf("the binding's subject has kind %s, which is none\nwrite %s", s.Kind, kind)
		}
	}
	switch me.Kind {
	case rbacv1.ServiceAccountKind:
		return f.accountSlip(s, b)
	case rbacv1.UserKind:
		return userSlip(s, me)
	default:
		return groupSlip(s, me)
	}
}

func (f *missFinder) accountSlip(s rbacv1.Subject, b *Binding) string {
	me := f.e.Identity.Subject
	likeMe := slices.Contains([]string{me.Name, me.Namespace + ":" + me.Name, me.Namespace + "/" + me.Name}, s.Name) ||
		strings.EqualFold(s.Name, me.UserName()) || slip(s.Name, me.UserName()) && strings.HasSuffix(s.Name, ":"+me.Name)
	switch {
	case s.Kind == rbacv1.ServiceAccountKind && s.Name == me.Name && s.Namespace == "" && b.Namespace == "":
		return fmt.Sprintf("the binding's subject has no namespace, which a ClusterRoleBinding needs\nwrite namespace: %s", me.Namespace)
	case s.Kind == rbacv1.ServiceAccountKind && s.Name == me.Name:
		other := s.Namespace
		if other == "" {
			other = b.Namespace
		}
		return fmt.Sprintf("the binding names the ServiceAccount %s of namespace %s, not of %s", s.Name, other, me.Namespace)
	case s.Kind == rbacv1.ServiceAccountKind:
		return f.ghostSlip(s, b)
	case s.Kind == rbacv1.UserKind && likeMe:
		return fmt.Sprintf("the binding names the User %s\nthe service account's user name is %s", s.Name, me.UserName())
	case s.Kind == rbacv1.GroupKind && (likeMe || s.Name == me.UserName()):
		return fmt.Sprintf("the binding names a Group %s, and this is a ServiceAccount", s.Name)
	case s.Kind == rbacv1.GroupKind:
		for _, group := range me.BuiltinGroups() {
			if strings.EqualFold(s.Name, group) || slip(s.Name, group) && !f.x.isNamespaceGroup(s.Name) {
				return fmt.Sprintf("the binding names the Group %s\nthe service account is in %s", s.Name, group)
			}
		}
	}
	return ""
}

// ghostSlip: a name that is one letter away is a slip only where no service
// account has it.
func (f *missFinder) ghostSlip(s rbacv1.Subject, b *Binding) string {
	me := f.e.Identity.Subject
	namespace := s.Namespace
	if namespace == "" {
		namespace = b.Namespace
	}
	if namespace != me.Namespace || !slip(s.Name, me.Name) && !strings.EqualFold(s.Name, me.Name) {
		return ""
	}
	if exists, known := f.x.Exists(ServiceAccount(namespace, s.Name)); exists || !known {
		return ""
	}
	return fmt.Sprintf("the binding names the ServiceAccount %s, which does not exist", s.Name)
}

// isNamespaceGroup reports whether the group is that of the service accounts
// of a namespace that has some.
func (x *Index) isNamespaceGroup(group string) bool {
	return strings.HasPrefix(group, GroupServiceAccounts+":") && len(x.Members(group)) > 0
}

func userSlip(s rbacv1.Subject, me Subject) string {
	switch {
	case s.Kind == rbacv1.UserKind && s.Name != me.Name && strings.EqualFold(s.Name, me.Name):
		return fmt.Sprintf("the binding names the User %s\nuser names are case-sensitive", s.Name)
	case s.Kind == rbacv1.UserKind && sameBesidesAffix(s.Name, me.Name):
		return fmt.Sprintf("the binding names the User %s, not %s\nthe prefix or domain is part of the name", s.Name, me.Name)
	case s.Kind == rbacv1.GroupKind && s.Name == me.Name:
		return fmt.Sprintf("the binding names a Group %s, and this is a User", s.Name)
	case s.Kind == rbacv1.ServiceAccountKind && s.Name == me.Name:
		return fmt.Sprintf("the binding names a ServiceAccount %s, and this is a User", s.Name)
	}
	return ""
}

func groupSlip(s rbacv1.Subject, me Subject) string {
	switch {
	case s.Kind == rbacv1.GroupKind && slices.Contains(groupsOfMembers(me), s.Name):
		return fmt.Sprintf("the binding names the Group %s\nevery member of this group is in that one too: as a user it is allowed", s.Name)
	case s.Kind == rbacv1.GroupKind && strings.EqualFold(s.Name, me.Name):
		return fmt.Sprintf("the binding names the Group %s\ngroup names are case-sensitive", s.Name)
	case s.Kind == rbacv1.GroupKind && (sameBesidesAffix(s.Name, me.Name) || slip(s.Name, me.Name) && strings.HasPrefix(me.Name, "system:")):
		return fmt.Sprintf("the binding names the Group %s, not %s", s.Name, me.Name)
	case s.Kind == rbacv1.UserKind && s.Name == me.Name:
		return fmt.Sprintf("the binding names a User %s, and this is a Group", s.Name)
	}
	return ""
}

// sameBesidesAffix reports whether one name is the other behind a prefix of an
// authenticator (oidc:alice) or before a domain (alice@example.org).
func sameBesidesAffix(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if a == "" || len(a) == len(b) {
		return false
	}
	before, after := strings.CutSuffix(b, a)
	if after && before != "" && strings.ContainsAny(before[len(before)-1:], ":#/|\\") {
		return true
	}
	return strings.HasPrefix(b, a+"@")
}

// outsideGroup reports whether the subject is a group whose members only the
// authenticator knows: people may be in it, service accounts, kubelets and
// requests without credentials are not.
func (f *missFinder) outsideGroup(s rbacv1.Subject) bool {
	filled, _ := FilledByKubernetes(s.Name)
	me := f.e.Identity.Subject
	person := me.Kind == rbacv1.UserKind && me.Name != UserAnonymous && !strings.HasPrefix(me.Name, nodePrefix)
	return s.Kind == rbacv1.GroupKind && person && !filled
}

// Similar returns known subjects of the same kind whose names a slip may have
// turned into this one.
func (x *Index) Similar(s Subject) []Subject {
	const most = 3
	var similar []Subject
	for _, other := range x.subjects.list {
		near := slip(other.Name, s.Name) || strings.EqualFold(other.Name, s.Name) || sameBesidesAffix(other.Name, s.Name)
		if other != s && other.Kind == s.Kind && near && (other.Namespace == s.Namespace || other.Name == s.Name) && len(similar) < most {
			similar = append(similar, other)
		}
	}
	return similar
}
