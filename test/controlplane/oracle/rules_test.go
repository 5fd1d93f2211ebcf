package oracle

import (
	rbacv1 "k8s.io/api/rbac/v1"
)

// rule makes a rule. Those of Roles may name URLs too: validation refuses
// them, but files can hold them.
func (g *generator) rule() rbacv1.PolicyRule {
	d := g.dice
	r := rbacv1.PolicyRule{Verbs: g.verbs()}
	urls := d.percent(15)
	if urls {
		r.NonResourceURLs = some(d, 1, 3, urlRuleWords())
		for _, url := range r.NonResourceURLs {
			g.hit(urlFeature(url))
		}
	}
	if urls && !d.percent(5) {
		return r
	}
	if urls {
		g.hit("rule with URLs and resources")
	}
	r.APIGroups = g.groups()
	r.Resources = g.resources()
	if d.percent(30) {
		r.ResourceNames = some(d, 1, 3, nameWords())
		if d.percent(20) {
			r.ResourceNames[0] = ""
			g.hit(`resourceNames ""`)
		} else if d.percent(20) {
			r.ResourceNames[0] = "*"
			g.hit("resourceNames *")
		} else {
			g.hit("resourceNames")
		}
	} else if d.percent(10) {
		r.ResourceNames = []string{}
	}
	return r
}

func urlFeature(url string) string {
	switch {
	case url == "*":
		return "URL *"
	case len(url) > 1 && url[len(url)-2:] == "**":
		return "URL prefix with two *"
	case url[len(url)-1] == '*':
		return "URL prefix"
	case url == "/met*rics":
		return "URL with * inside"
	default:
		return "URL exact"
	}
}

func (g *generator) verbs() []string {
	d := g.dice
	verbs := some(d, 1, 4, verbWords())
	switch n := d.n(100); {
	case n < 25:
		verbs = []string{"*"}
		g.hit("verb *")
	case n < 29:
		verbs[0] = "Get"
		g.hit("verb in wrong case")
	case n < 32:
		verbs[0] = ""
		g.hit("verb empty")
	case n < 36:
		verbs[0] = "escalate"
		g.hit("verb special")
	case n < 37:
		verbs = nil
		g.hit("no verbs")
	}
	return verbs
}

func (g *generator) groups() []string {
	d := g.dice
	groups := some(d, 1, 2, groupWords())
	switch n := d.n(100); {
	case n < 40:
		groups[0] = "*"
		g.hit("group *")
	case n < 45:
		groups[0] = "core"
		g.hit("group core")
	case n < 47:
		groups = nil
		g.hit("no groups")
	}
	return groups
}

func (g *generator) resources() []string {
	d := g.dice
	resources := some(d, 1, 3, resourceWords())
	switch n := d.n(100); {
	case n < 15:
		resources[0] = "*"
		g.hit("resource *")
	case n < 27:
		resources[0] = "*/" + pick(d, subWords())
		g.hit("resource */sub")
	case n < 32:
		resources[0] = pick(d, []string{"pods/*", "*/*", "pods/", "*/", "/log"})
		g.hit("resource pods/* and the like")
	case n < 47:
		resources[0] += "/" + pick(d, subWords())
		g.hit("resource with subresource")
	case n < 50:
		resources[0] = ""
		g.hit("resource empty")
	case n < 52:
		resources[0] = "Pods"
		g.hit("resource in wrong case")
	}
	return resources
}
