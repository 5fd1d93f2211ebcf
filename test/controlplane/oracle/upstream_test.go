package oracle

import (
	"context"
	"errors"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	upstream "k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// upstreamAuthorizer returns the chain of kube-apiserver for the cluster:
// system:masters first, then RBAC.
func upstreamAuthorizer(c *cluster) (authorizer.Authorizer, error) {
	_, static := validation.NewTestRuleResolver(c.roles, c.roleBindings, c.stored(), c.clusterRoleBindings)
	return union.New(
		union.NamedAuthorizer{AuthorizerName: "masters", Authorizer: authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup)},
		union.NamedAuthorizer{AuthorizerName: "rbac", Authorizer: upstream.New(static, static, static, static)},
	)
}

// attributes returns the request as authorizers see it.
func attributes(r rbac.Request, who user.Info, namespace string) authorizer.AttributesRecord {
	return authorizer.AttributesRecord{
		User: who, Verb: r.Verb, Namespace: namespace, APIGroup: r.APIGroup, APIVersion: "*", Resource: r.Resource,
		Subresource: r.Subresource, Name: r.Name, ResourceRequest: r.Path == "", Path: r.Path,
	}
}

// chain names one grant: the rule of a binding's role, and the group that the
// binding names ("" for the principal itself). The built-in right has no
// binding.
type chain struct {
	kind, namespace, name string
	rule                  int
	through               string
}

// splitResolver holds every binding once for each of its subjects, each with
// a copy of its role of its own. What upstream's resolver visits then tells
// binding, subject and rule apart.
type splitResolver struct {
	rules               map[string][]rbacv1.PolicyRule
	clusterRoleBindings []*rbacv1.ClusterRoleBinding
	roleBindings        map[string][]*rbacv1.RoleBinding
	chains              map[*rbacv1.PolicyRule]chain
	resolver            validation.AuthorizationRuleResolver
}

func newSplitResolver(c *cluster) *splitResolver {
	s := &splitResolver{
		rules:        map[string][]rbacv1.PolicyRule{},
		roleBindings: map[string][]*rbacv1.RoleBinding{},
		chains:       map[*rbacv1.PolicyRule]chain{},
	}
	for _, b := range c.bindings() {
		for i, subject := range b.subjects {
			split := b
			// Where roleRef cannot be resolved it stays as it is, and upstream
			// fails on it.
			if rules := c.rulesOf(b.ref, b.namespace); rules != nil {
				split.ref.Name = fmt.Sprintf("%s/%s/%s#%d", b.kind, b.namespace, b.name, i)
				rules = slices.Clone(rules)
				s.rules[split.ref.Kind+" "+split.ref.Name] = rules
				for n := range rules {
					link := chain{b.kind, b.namespace, b.name, n, ""}
					if subject.Kind == rbacv1.GroupKind {
						link.through = subject.Name
					}
					s.chains[&rules[n]] = link
				}
			}
			s.add(split, subject)
		}
	}
	s.resolver = validation.NewDefaultRuleResolver(s, s, s, s)
	return s
}

func (s *splitResolver) add(b bound, subject rbacv1.Subject) {
	if b.kind == "ClusterRoleBinding" {
		crb := &rbacv1.ClusterRoleBinding{RoleRef: b.ref, Subjects: []rbacv1.Subject{subject}}
		s.clusterRoleBindings = append(s.clusterRoleBindings, crb)
		return
	}
	rb := &rbacv1.RoleBinding{RoleRef: b.ref, Subjects: []rbacv1.Subject{subject}}
	rb.Namespace = b.namespace
	s.roleBindings[b.namespace] = append(s.roleBindings[b.namespace], rb)
}

func (s *splitResolver) GetRole(_ context.Context, namespace, name string) (*rbacv1.Role, error) {
	rules, ok := s.rules["Role "+name]
	if !ok || namespace == "" {
		return nil, errors.New("role not found")
	}
	return &rbacv1.Role{Rules: rules}, nil
}

func (s *splitResolver) GetClusterRole(_ context.Context, name string) (*rbacv1.ClusterRole, error) {
	rules, ok := s.rules["ClusterRole "+name]
	if !ok {
		return nil, errors.New("clusterrole not found")
	}
	return &rbacv1.ClusterRole{Rules: rules}, nil
}

func (s *splitResolver) ListRoleBindings(_ context.Context, namespace string) ([]*rbacv1.RoleBinding, error) {
	return s.roleBindings[namespace], nil
}

func (s *splitResolver) ListClusterRoleBindings(context.Context) ([]*rbacv1.ClusterRoleBinding, error) {
	return s.clusterRoleBindings, nil
}

// grants returns every chain that alone allows the request in the namespace:
// upstream decides who is bound and, by RuleAllows, what the rule allows.
func (s *splitResolver) grants(r rbac.Request, p principal, namespace string, m mix) map[chain]bool {
	found := map[chain]bool{}
	attrs := attributes(r, p.info, namespace)
	s.resolver.VisitRulesFor(context.Background(), p.info, namespace, func(_ fmt.Stringer, rule *rbacv1.PolicyRule, _ error) bool {
		if rule == nil || !upstream.RuleAllows(attrs, rule) {
			return true
		}
		link := s.chains[rule]
		if p.subject.Kind == rbacv1.GroupKind {
			link.through = "" // the group itself is bound
		}
		m.decide(rule, r, link)
		found[link] = true
		return true
	})
	return found
}
