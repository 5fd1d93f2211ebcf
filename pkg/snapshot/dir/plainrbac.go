package dir

import (
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// decodePlain decodes an RBAC object from plain JSON as the general decoder
// would, several times as fast. It returns nil for other types, and when the
// text is not plain or has a field that it does not know. FuzzPlain compares
// the two decoders.
func decodePlain(gvk schema.GroupVersionKind, text []byte) snapshot.Object {
	if gvk.Group != rbacv1.GroupName || gvk.Version != "v1" {
		return nil
	}
	p := &plainReader{text: string(text)}
	var read snapshot.Object
	switch gvk.Kind {
	case "Role":
		obj := &rbacv1.Role{}
		p.role(&obj.TypeMeta, &obj.ObjectMeta, &obj.Rules)
		read = obj
	case "ClusterRole":
		obj := &rbacv1.ClusterRole{}
		p.role(&obj.TypeMeta, &obj.ObjectMeta, &obj.Rules)
		read = obj
	case "RoleBinding":
		obj := &rbacv1.RoleBinding{}
		p.binding(&obj.TypeMeta, &obj.ObjectMeta, &obj.Subjects, &obj.RoleRef)
		read = obj
	case "ClusterRoleBinding":
		obj := &rbacv1.ClusterRoleBinding{}
		p.binding(&obj.TypeMeta, &obj.ObjectMeta, &obj.Subjects, &obj.RoleRef)
		read = obj
	}
	if p.bad || p.space() != 0 || p.pos != len(p.text) {
		return nil
	}
	return read
}

func (p *plainReader) role(kind *metav1.TypeMeta, meta *metav1.ObjectMeta, rules *[]rbacv1.PolicyRule) {
	p.expect('{')
	var seen uint
	for n := 0; p.more(&n, '}'); {
		switch key := p.key(); key {
		case "rules":
			p.once(&seen, 0)
			*rules = p.rules()
		default:
			p.common(key, &seen, kind, meta)
		}
	}
}

func (p *plainReader) binding(kind *metav1.TypeMeta, meta *metav1.ObjectMeta, subjects *[]rbacv1.Subject, ref *rbacv1.RoleRef) {
	p.expect('{')
	var seen uint
	for n := 0; p.more(&n, '}'); {
		switch key := p.key(); key {
		case "subjects":
			p.once(&seen, 0)
			*subjects = p.subjects()
		case "roleRef":
			p.once(&seen, 1)
			p.roleRef(ref)
		default:
			p.common(key, &seen, kind, meta)
		}
	}
}

// common reads the fields that all objects have.
func (p *plainReader) common(key string, seen *uint, kind *metav1.TypeMeta, meta *metav1.ObjectMeta) {
	switch key {
	case "apiVersion":
		p.once(seen, 10)
		kind.APIVersion = p.str()
	case "kind":
		p.once(seen, 11)
		kind.Kind = p.str()
	case "metadata":
		p.once(seen, 12)
		p.metadata(meta)
	default:
		p.bad = true
	}
}

func (p *plainReader) metadata(meta *metav1.ObjectMeta) {
	p.expect('{')
	var seen uint
	for n := 0; p.more(&n, '}'); {
		switch p.key() {
		case "name":
			p.once(&seen, 0)
			meta.Name = p.str()
		case "namespace":
			p.once(&seen, 1)
			meta.Namespace = p.str()
		case "uid":
			p.once(&seen, 2)
			meta.UID = types.UID(p.str())
		case "resourceVersion":
			p.once(&seen, 3)
			meta.ResourceVersion = p.str()
		case "creationTimestamp":
			p.once(&seen, 4)
			created, err := time.Parse(time.RFC3339, p.str())
			if err != nil {
				p.bad = true
			}
			meta.CreationTimestamp = metav1.NewTime(created.Local())
		case "labels":
			p.once(&seen, 5)
			meta.Labels = p.strMap()
		case "annotations":
			p.once(&seen, 6)
			meta.Annotations = p.strMap()
		default:
			p.bad = true
		}
	}
}

func (p *plainReader) rules() []rbacv1.PolicyRule {
	rules := []rbacv1.PolicyRule{}
	p.expect('[')
	for n := 0; p.more(&n, ']'); {
		var rule rbacv1.PolicyRule
		p.expect('{')
		var seen uint
		for n := 0; p.more(&n, '}'); {
			switch p.key() {
			case "verbs":
				p.once(&seen, 0)
				rule.Verbs = p.strs()
			case "apiGroups":
				p.once(&seen, 1)
				rule.APIGroups = p.strs()
			case "resources":
				p.once(&seen, 2)
				rule.Resources = p.strs()
			case "resourceNames":
				p.once(&seen, 3)
				rule.ResourceNames = p.strs()
			case "nonResourceURLs":
				p.once(&seen, 4)
				rule.NonResourceURLs = p.strs()
			default:
				p.bad = true
			}
		}
		rules = append(rules, rule)
	}
	return rules
}

func (p *plainReader) subjects() []rbacv1.Subject {
	subjects := []rbacv1.Subject{}
	p.expect('[')
	for n := 0; p.more(&n, ']'); {
		var subject rbacv1.Subject
		p.expect('{')
		var seen uint
		for n := 0; p.more(&n, '}'); {
			switch p.key() {
			case "kind":
				p.once(&seen, 0)
				subject.Kind = p.str()
			case "apiGroup":
				p.once(&seen, 1)
				subject.APIGroup = p.str()
			case "name":
				p.once(&seen, 2)
				subject.Name = p.str()
			case "namespace":
				p.once(&seen, 3)
				subject.Namespace = p.str()
			default:
				p.bad = true
			}
		}
		subjects = append(subjects, subject)
	}
	return subjects
}

func (p *plainReader) roleRef(ref *rbacv1.RoleRef) {
	p.expect('{')
	var seen uint
	for n := 0; p.more(&n, '}'); {
		switch p.key() {
		case "apiGroup":
			p.once(&seen, 0)
			ref.APIGroup = p.str()
		case "kind":
			p.once(&seen, 1)
			ref.Kind = p.str()
		case "name":
			p.once(&seen, 2)
			ref.Name = p.str()
		default:
			p.bad = true
		}
	}
}
