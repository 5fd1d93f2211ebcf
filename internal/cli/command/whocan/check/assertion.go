package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
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
	// doubts are those of the notes that --strict minds.
	doubts []string
}

// questions is how many requests the assertion asks for.
func (e entry) questions(verbs []string) int {
	n := 1
	for _, list := range [][]string{verbs, e.Resource, e.Name, e.Namespace, e.Who} {
		if n *= max(1, len(list)); n > maxQuestions {
			return n // before it overflows
		}
	}
	return n
}

// parser understands the entries of a file.
type parser struct {
	src       *source.Source
	namespace string // for sa/NAME: what -n names, "" for none
	questions int    // so far
	targets   map[string]rbac.Target
}

// parse understands an entry.
func (p *parser) parse(ctx context.Context, e entry) (assertion, error) {
	a := assertion{why: e.Why, line: e.line}
	verbs, err := e.verbs()
	if err != nil {
		return a, err
	}
	if p.questions += e.questions(verbs); p.questions > maxQuestions {
		return a, fault.Usage("its lists make more than %d questions with those before: split the file", maxQuestions)
	}
	a.Allowed = e.Can.given
	if len(e.Resource) == 0 {
		return a, fault.Usage("field resource is missing")
	}
	if err := e.checkWords(verbs); err != nil {
		return a, err
	}
	if err := a.parseSubjects(e, p.namespace); err != nil {
		return a, err
	}
	if err := a.parseExcept(e); err != nil {
		return a, err
	}
	for _, verb := range verbs {
		for _, resource := range e.Resource {
			if err := p.addPlans(ctx, &a, e, verb, resource); err != nil {
				return a, err
			}
		}
	}
	a.text = a.words(e, verbs)
	return a, nil
}

// verbs returns what is asked: under can, cannot or verb.
func (e entry) verbs() ([]string, error) {
	if e.Can.given == e.Cannot.given {
		return nil, fault.Usage("one of can and cannot is needed")
	}
	verbs := slices.Concat(e.Can.words, e.Cannot.words, e.Verb)
	if len(verbs) == 0 {
		return nil, fault.Usage("a verb is needed, as in can: get")
	}
	return verbs, nil
}

func (a *assertion) parseSubjects(e entry, namespace string) error {
	if len(e.Namespace) == 1 && e.Namespace[0] != allNamespaces {
		namespace = e.Namespace[0]
	}
	for _, typed := range e.Who {
		ref, err := rbac.ParseReference(typed, namespace)
		if err != nil && namespace == "" && strings.Count(typed, "/") == 1 {
			if _, err := rbac.ParseReference(typed, "default"); err == nil {
				return fault.Usage("who: %q names no namespace: write sa/NAMESPACE/NAME", typed)
			}
		}
		if err != nil {
			return fault.Usage("who: %w", err)
		}
		if ref.Me || ref.Pod != (rbac.PodName{}) {
			return fault.Usage("who: %q is not a user, a group or a service account", typed)
		}
		a.Who = append(a.Who, ref.Subject)
	}
	if a.Allowed && len(a.Who) == 0 {
		return fault.Usage("who is missing: can needs it")
	}
	return nil
}

// parseExcept refuses exceptions that leave nobody: the assertion would hold
// whatever the cluster is like.
func (a *assertion) parseExcept(e entry) error {
	if a.Allowed && len(e.Except) > 0 {
		return fault.Usage("except goes with cannot")
	}
	for _, typed := range e.Except {
		pattern, err := rbac.ParsePattern(typed)
		if err != nil {
			return fault.Usage("except: %w", err)
		}
		if strings.Trim(pattern, "*") == "" {
			return fault.Usage("except: %q excepts everyone: the assertion would always hold", typed)
		}
		for _, who := range a.Who {
			if rbac.MatchesSubject(pattern, who) {
				return fault.Usage("except: %q excepts %s, whom the assertion is about: it would always hold", typed, ref(who))
			}
		}
		a.Except = append(a.Except, pattern)
	}
	if !a.Allowed && len(a.Who) == 0 && exceptsEveryone(a.Except) {
		a.doubt("nobody is left whom it is about: what is excepted is every user, group and service account")
	}
	return nil
}

// exceptsEveryone reports whether patterns match each user, group and service
// account, whatever their names.
func exceptsEveryone(patterns []string) bool {
	matchAll := func(kind, rest string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool {
			stars, ok := strings.CutPrefix(pattern, kind)
			return ok && strings.Contains(stars, "*") && strings.ReplaceAll(stars, "*", "") == rest
		})
	}
	return matchAll("user/", "") && matchAll("group/", "") && matchAll("sa/", "/")
}

// addPlans adds the requests for one verb and resource: for each name and
// namespace. Without a namespace an assertion is about every one: "cannot" is
// asked in each, "can" for a request across all.
func (p *parser) addPlans(ctx context.Context, a *assertion, e entry, verb, resource string) error {
	names, namespaces := e.Name, e.Namespace
	if len(names) == 0 {
		names = words{""}
	}
	if len(namespaces) == 0 {
		namespaces = words{allNamespaces}
	}
	for i := 0; i < len(names); i++ { // names grow on the way
		name := names[i]
		target, err := p.target(ctx, verb, resource, name, e.Subresource)
		if err != nil {
			return err
		}
		a.note(a.starNotes(verb, target)...)
		wider := wholeDomain(target)
		if wider != "" && !a.Allowed && !slices.Contains(names, wider) {
			names = append(names, wider) // which allows this name too
		}
		for _, namespace := range namespaces {
			target := ofNamespace(target, namespace)
			question := rbac.Question{Verb: verb, Target: target, Namespace: namespace, NamespaceTyped: true}
			if namespace == allNamespaces {
				question.Namespace, question.AllNamespaces = "", !a.Allowed
			}
			plan := question.Plan()
			a.Plans = append(a.Plans, plan)
			a.doubt(question.Doubts()...)
			if wider == "" || a.Allowed { // else the note is to ask for that too
				a.note(plan.Notes...)
			}
			if namespace != allNamespaces && plan.Request.Namespace != namespace {
				a.note(fmt.Sprintf("%s is in no namespace: namespace %s changes nothing", target, namespace))
			}
		}
	}
	return nil
}

// wholeDomain returns the name that stands for all signers of the domain, ""
// where the target is no single signer.
// Source: IsAuthorizedForSignerName in
// plugin/pkg/admission/certificates of kube-apiserver.
func wholeDomain(t rbac.Target) string {
	domain, path, ok := strings.Cut(t.Name, "/")
	if !ok || path == "*" || !t.Resource.Virtual || t.Resource.Name != "signers" {
		return ""
	}
	return domain + "/*"
}

// ofNamespace makes a question about namespaces, in one of them, one about
// that one.
func ofNamespace(t rbac.Target, namespace string) rbac.Target {
	if t.Resource.Group == "" && t.Resource.Name == "namespaces" && t.Name == "" && namespace != allNamespaces {
		t.Name = namespace
	}
	return t
}

// target returns what is asked for. Types are resolved once: with --with that
// means to read files.
func (p *parser) target(ctx context.Context, verb, resource, name, subresource string) (rbac.Target, error) {
	typed := []string{resource}
	if name != "" {
		typed = append(typed, name)
	}
	key := strings.Join([]string{verb, resource, name, subresource}, "\x00")
	if target, ok := p.targets[key]; ok {
		return target, nil
	}
	target, err := access.ParseTarget(ctx, p.src, verb, typed, subresource)
	if err == nil {
		err = checkName(target)
	}
	p.targets[key] = target
	return target, err
}

// starNotes warn of "*": as a verb or type it is the wildcard of rules, and
// that someone cannot do "*" does not mean that they can do nothing.
func (a *assertion) starNotes(verb string, target rbac.Target) []string {
	stars := verb == "*" || target.Resource.Name == "*" || target.Subresource == "*" || strings.Contains(target.Path, "*")
	switch {
	case target.Resource.Unknown && strings.Contains(target.Name, "*"):
		return []string{fmt.Sprintf("RBAC knows no patterns of names: this is about the name %q itself", target.Name)}
	case a.Allowed || !stars:
		return nil
	}
	return []string{fmt.Sprintf("%s %s is about rules that hold * themselves: whoever may do only single things is not counted", verb, target)}
}

// note adds notes, each once.
func (a *assertion) note(notes ...string) {
	for _, note := range notes {
		if !slices.Contains(a.notes, note) {
			a.notes = append(a.notes, note)
		}
	}
}

// doubt adds notes that say that the assertion may not mean what it says.
func (a *assertion) doubt(notes ...string) {
	a.note(notes...)
	for _, note := range notes {
		if !slices.Contains(a.doubts, note) {
			a.doubts = append(a.doubts, note)
		}
	}
}

func ref(s rbac.Subject) string { return v1alpha1.NewSubject(s).Ref() }

// words says what is asserted.
func (a *assertion) words(e entry, verbs []string) string {
	who := make([]string, 0, len(a.Who))
	for _, subject := range a.Who {
		who = append(who, ref(subject))
	}
	if len(who) == 0 {
		who = []string{"nobody"}
	}
	var b strings.Builder
	b.WriteString(strings.Join(who, ", "))
	if len(e.Except) > 0 {
		fmt.Fprintf(&b, " except %s", strings.Join(e.Except, ", "))
	}
	can := " can "
	if e.Cannot.given && len(a.Who) > 0 {
		can = " cannot "
	}
	fmt.Fprintf(&b, "%s%s %s", can, strings.Join(verbs, ", "), strings.Join(e.Resource, ", "))
	if e.Subresource != "" {
		fmt.Fprintf(&b, "/%s", e.Subresource)
	}
	if len(e.Name) > 0 {
		fmt.Fprintf(&b, " named %s", strings.Join(e.Name, ", "))
	}
	if len(e.Namespace) > 0 && !slices.Equal(e.Namespace, words{allNamespaces}) {
		fmt.Fprintf(&b, " in %s", strings.Join(e.Namespace, ", "))
	}
	return b.String()
}
