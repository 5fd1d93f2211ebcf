package rbac

import (
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// newRole proposes a role with the one rule, bound to the subject: in the
// request's namespace where it has one, else for the cluster.
func (x *Index) newRole(e Explanation, r Request) *Fix {
	name := x.freeName(fixName(e.Identity.Subject, r), r.Namespace)
	rules := []rbacv1.PolicyRule{ruleFor(r)}
	kind := "Role"
	var role snapshot.Object
	if r.Namespace == "" {
		kind = "ClusterRole"
		role = &rbacv1.ClusterRole{TypeMeta: typeMeta(kind), ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	} else {
		role = &rbacv1.Role{TypeMeta: typeMeta(kind), ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: name}, Rules: rules}
	}
	return &Fix{Kind: FixNewRole, Objects: []snapshot.Object{role, x.newBinding(e.Identity.Subject, r, kind, name, name)}}
}

func (x *Index) newBinding(s Subject, r Request, roleKind, roleName, name string) snapshot.Object {
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: roleKind, Name: roleName}
	subjects := []rbacv1.Subject{{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name}}
	if s.Kind != rbacv1.ServiceAccountKind {
		subjects[0].APIGroup = rbacv1.GroupName
	}
	if r.Namespace == "" {
		return &rbacv1.ClusterRoleBinding{
			TypeMeta: typeMeta("ClusterRoleBinding"), ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: ref, Subjects: subjects,
		}
	}
	return &rbacv1.RoleBinding{
		TypeMeta: typeMeta("RoleBinding"), ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: name}, RoleRef: ref, Subjects: subjects,
	}
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: kind}
}

// fixName is SUBJECT-VERB-RESOURCE in characters that need no quoting and may
// stand in every path.
func fixName(s Subject, r Request) string {
	what := r.Resource
	if r.Subresource != "" {
		what += "-" + r.Subresource
	}
	if r.Path != "" {
		what = strings.Trim(r.Path, "/")
	}
	who := s.Name
	if s.Kind == rbacv1.ServiceAccountKind && s.Namespace != r.Namespace {
		who = s.Namespace + "-" + s.Name
	}
	return plainName(who + "-" + r.Verb + "-" + what)
}

func plainName(s string) string {
	const longest = 100 // of 253; a number may follow
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b.WriteRune(c)
		} else if n := b.Len(); n > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
		if b.Len() >= longest {
			break
		}
	}
	if name := strings.Trim(b.String(), "-"); name != "" {
		return name
	}
	return "access"
}

// freeName adds a number to a name that a role or binding has, so that
// applying never changes an object of someone else.
func (x *Index) freeName(name, namespace string) string {
	taken := func(name string) bool {
		if namespace == "" {
			return snapshot.Get[rbacv1.ClusterRole](x.snap, "", name) != nil || snapshot.Get[rbacv1.ClusterRoleBinding](x.snap, "", name) != nil
		}
		return snapshot.Get[rbacv1.Role](x.snap, namespace, name) != nil || snapshot.Get[rbacv1.RoleBinding](x.snap, namespace, name) != nil
	}
	for n, free := 2, name; ; n++ {
		if !taken(free) {
			return free
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
}
