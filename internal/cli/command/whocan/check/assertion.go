package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// allNamespaces is how an assertion names every namespace in words.
const allNamespaces = "*"

// assertion is an entry that is understood.
type assertion struct {
	rbac.Assertion
	text  string
	why   string
	line  int
	notes []string
}

// parse understands an entry. namespace is the one for sa/NAME.
func parse(ctx context.Context, src *source.Source, e entry, namespace string) (assertion, error) {
	a := assertion{why: e.Why, line: e.at.Line}
	a.Allowed = e.Can.given
	verbs, err := e.verbs()
	if err != nil {
		return a, err
	}
	if len(e.Resource) == 0 {
		return a, errors.New("field resource is missing")
	}
	if err := a.parseSubjects(e, namespace); err != nil {
		return a, err
	}
	for _, verb := range verbs {
		for _, resource := range e.Resource {
			if err := a.addPlans(ctx, src, e, verb, resource); err != nil {
				return a, err
			}
		}
	}
	a.text = e.String(verbs)
	return a, nil
}

// verbs returns what is asked: under can, cannot or verb.
func (e entry) verbs() ([]string, error) {
	if e.Can.given == e.Cannot.given {
		return nil, errors.New("one of can and cannot is needed")
	}
	verbs := append(append(append(words{}, e.Can.words...), e.Cannot.words...), e.Verb...)
	if len(verbs) == 0 {
		return nil, errors.New("a verb is needed, as in can: get")
	}
	return verbs, nil
}

func (a *assertion) parseSubjects(e entry, namespace string) error {
	if len(e.Namespace) == 1 && e.Namespace[0] != allNamespaces {
		namespace = e.Namespace[0]
	}
	for _, typed := range e.Who {
		ref, err := rbac.ParseReference(typed, namespace)
		if err != nil {
			return fmt.Errorf("who: %w", err)
		}
		if ref.Me || ref.Pod != (rbac.PodName{}) {
			return fmt.Errorf("who: %q is not a user, a group or a service account", typed)
		}
		a.Who = append(a.Who, ref.Subject)
	}
	if a.Allowed && len(a.Who) == 0 {
		return errors.New("who is missing: can needs it")
	}
	for _, typed := range e.Except {
		pattern, err := rbac.ParsePattern(typed)
		if err != nil {
			return fmt.Errorf("except: %w", err)
		}
		a.Except = append(a.Except, pattern)
	}
	if a.Allowed && len(a.Except) > 0 {
		return errors.New("except goes with cannot")
	}
	return nil
}

// addPlans adds the requests for one verb and resource: for each name and
// namespace. Without a namespace an assertion is about every one: "cannot" is
// asked in each, "can" for a request across all.
func (a *assertion) addPlans(ctx context.Context, src *source.Source, e entry, verb, resource string) error {
	names, namespaces := e.Name, e.Namespace
	if len(names) == 0 {
		names = words{""}
	}
	if len(namespaces) == 0 {
		namespaces = words{allNamespaces}
	}
	for _, name := range names {
		typed := []string{resource}
		if name != "" {
			typed = append(typed, name)
		}
		target, err := access.ParseTarget(ctx, src, verb, typed, e.Subresource)
		if err != nil {
			return err
		}
		for _, namespace := range namespaces {
			question := rbac.Question{Verb: verb, Target: target, Namespace: namespace, NamespaceTyped: true}
			if namespace == allNamespaces {
				question.Namespace, question.AllNamespaces = "", !a.Allowed
			}
			plan := question.Plan()
			a.Plans = append(a.Plans, plan)
			a.notes = append(a.notes, plan.Notes...)
		}
	}
	return nil
}

// String says in words what is asserted.
func (e entry) String(verbs []string) string {
	var b strings.Builder
	switch {
	case len(e.Who) == 0:
		b.WriteString("nobody")
	default:
		b.WriteString(strings.Join(e.Who, ", "))
	}
	if len(e.Except) > 0 {
		fmt.Fprintf(&b, " except %s", strings.Join(e.Except, ", "))
	}
	can := " can "
	if e.Cannot.given && len(e.Who) > 0 {
		can = " cannot "
	}
	fmt.Fprintf(&b, "%s%s %s", can, strings.Join(verbs, ", "), strings.Join(e.Resource, ", "))
	if e.Subresource != "" {
		fmt.Fprintf(&b, "/%s", e.Subresource)
	}
	if len(e.Name) > 0 {
		fmt.Fprintf(&b, " named %s", strings.Join(e.Name, ", "))
	}
	if len(e.Namespace) > 0 && e.Namespace[0] != allNamespaces {
		fmt.Fprintf(&b, " in %s", strings.Join(e.Namespace, ", "))
	}
	return b.String()
}
