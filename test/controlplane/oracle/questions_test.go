package oracle

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// question makes a request: often one that a bound rule is about, since
// random ones are hardly ever allowed, else any.
func (g *generator) question() rbac.Request {
	if g.dice.percent(80) {
		if r, ok := g.aboutRule(); ok {
			return g.disturbed(r)
		}
	}
	return g.anyRequest()
}

func (g *generator) anyRequest() rbac.Request {
	d := g.dice
	r := rbac.Request{Verb: mostly(d, 10, verbWords(), rareVerbWords())}
	if d.percent(20) {
		r.Path = pick(d, urlWords())
		return r
	}
	r.APIGroup = mostly(d, 3, groupWords(), []string{"*", "core"})
	r.Resource = mostly(d, 5, resourceWords(), []string{"*", "nodes", "Pods", ""})
	if d.percent(25) {
		r.Subresource = pick(d, subWords())
	}
	if d.percent(50) {
		r.Name = mostly(d, 5, nameWords(), []string{"*"})
	}
	if !d.percent(20) {
		r.Namespace = pick(d, g.c.namespaces)
	}
	return r
}

// aboutRule picks a rule behind a binding and makes a request of its words,
// in the binding's namespace.
func (g *generator) aboutRule() (rbac.Request, bool) {
	d := g.dice
	bindings := slices.DeleteFunc(g.c.bindings(), func(b bound) bool { return len(g.c.rulesOf(b.ref, b.namespace)) == 0 })
	if len(bindings) == 0 {
		return rbac.Request{}, false
	}
	if wide := slices.DeleteFunc(slices.Clone(bindings), isNarrow); len(wide) > 0 && d.percent(85) {
		bindings = wide
	}
	b := pick(d, bindings)
	rule := pick(d, g.c.rulesOf(b.ref, b.namespace))
	r := rbac.Request{Verb: wordOf(d, rule.Verbs, verbWords())}
	if len(rule.NonResourceURLs) > 0 {
		r.Path = pathOf(d, pick(d, rule.NonResourceURLs))
		return r, true
	}
	r.APIGroup = wordOf(d, rule.APIGroups, groupWords())
	r.Resource, r.Subresource = g.resourceOf(rule)
	if len(rule.ResourceNames) > 0 {
		r.Name = pick(d, rule.ResourceNames)
	} else if d.percent(50) {
		r.Name = pick(d, nameWords())
	}
	r.Namespace = b.namespace
	if r.Namespace == "" && d.percent(70) {
		r.Namespace = pick(d, g.c.namespaces)
	}
	return r, true
}

// isNarrow tells bindings of a few from those of most principals.
func isNarrow(b bound) bool {
	return !slices.ContainsFunc(b.subjects, func(s rbacv1.Subject) bool {
		return s.Kind == rbacv1.GroupKind && (s.Name == "system:authenticated" || s.Name == "system:serviceaccounts")
	})
}

// disturbed changes one attribute now and then, so that near misses are asked
// too.
func (g *generator) disturbed(r rbac.Request) rbac.Request {
	d := g.dice
	switch n := d.n(100); {
	case n < 6:
		r.Verb = pick(d, verbWords())
	case r.Path != "":
	case n < 10:
		r.APIGroup = pick(d, groupWords())
	case n < 16:
		r.Name = pick(d, append(nameWords(), ""))
	case n < 22:
		r.Subresource = pick(d, append(subWords(), ""))
	case n < 30:
		r.Namespace = pick(d, append(g.c.namespaces, "", "nowhere"))
	}
	return r
}

// wordOf picks one of the rule's words; a wildcard stands for any.
func wordOf(d *dice, of, wild []string) string {
	if len(of) == 0 {
		return pick(d, wild)
	}
	if word := pick(d, of); word != "*" || d.percent(5) {
		return word
	}
	return pick(d, wild)
}

func (g *generator) resourceOf(rule rbacv1.PolicyRule) (resource, sub string) {
	resource, sub, slash := strings.Cut(wordOf(g.dice, rule.Resources, resourceWords()), "/")
	if resource == "*" && slash {
		resource = pick(g.dice, resourceWords())
	}
	if sub == "*" {
		sub = pick(g.dice, subWords())
	}
	if !slash && g.dice.percent(15) {
		sub = pick(g.dice, subWords())
	}
	return resource, sub
}

// pathOf turns the URL of a rule into a path; requests have one always.
func pathOf(d *dice, url string) string {
	if prefix := strings.TrimRight(url, "*"); prefix != url {
		return "/" + strings.TrimPrefix(prefix, "/") + pick(d, []string{"", "x", "x/y", "bc"})
	}
	return url
}
