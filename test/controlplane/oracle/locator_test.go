package oracle

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	upstream "k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// locators answer which subjects bindings name for a request. There is one
// for each kind of binding, because the subject that upstream returns does not
// tell in which namespace an account without one is.
type locators struct {
	cluster, namespaced upstream.SubjectLocator
}

func newLocators(c *cluster) locators {
	_, clusterOnly := validation.NewTestRuleResolver(c.roles, nil, c.stored(), c.clusterRoleBindings)
	_, namespacedOnly := validation.NewTestRuleResolver(c.roles, c.roleBindings, c.stored(), nil)
	return locators{
		upstream.NewSubjectAccessEvaluator(clusterOnly, clusterOnly, clusterOnly, clusterOnly, ""),
		upstream.NewSubjectAccessEvaluator(namespacedOnly, namespacedOnly, namespacedOnly, namespacedOnly, ""),
	}
}

// named returns whom upstream's locator finds, each once, as identities.
func (l locators) named(r rbac.Request) map[rbac.Subject]bool {
	found := map[rbac.Subject]bool{}
	for _, from := range []struct {
		locator   upstream.SubjectLocator
		namespace string // of an account without one
	}{{l.cluster, ""}, {l.namespaced, r.Namespace}} {
		attrs := attributes(r, nil, r.Namespace)
		subjects, _ := from.locator.AllowedSubjects(context.Background(), &attrs) // the errors are dangling roleRefs
		for _, s := range subjects {
			if s.Namespace == "" {
				s.Namespace = from.namespace
			}
			switch {
			case s.Kind == rbacv1.UserKind:
				found[identity(s.Name)] = true
			case s.Kind == rbacv1.GroupKind:
				found[rbac.Subject{Kind: s.Kind, Name: s.Name}] = true
			case s.Kind == rbacv1.ServiceAccountKind && s.Namespace != "":
				found[identity(serviceaccount.MakeUsername(s.Namespace, s.Name))] = true
			}
		}
	}
	return found
}

// compareLocator compares the subjects that WhoCan says are named themselves,
// not through a group, with those of upstream's locator.
func (t *trial) compareLocator(r rbac.Request) error {
	t.counts.Locator++
	want := t.locators.named(r)
	for _, access := range t.x.WhoCan(r, false) {
		if access.Direct() != want[access.Subject] {
			return fmt.Errorf("%s: named itself is %t, AllowedSubjects has it: %t", access.Subject, access.Direct(), want[access.Subject])
		}
		delete(want, access.Subject)
	}
	for subject := range want {
		return fmt.Errorf("AllowedSubjects has %s, WhoCan has not", subject)
	}
	return nil
}
