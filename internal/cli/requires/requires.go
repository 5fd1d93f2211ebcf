// Package requires says what the commands ask an API server for: the one list
// behind what they read, the role that "permissions" prints, and the
// documentation.
package requires

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Command is what one command asks for.
type Command struct {
	Name  string // as typed after the program's name
	Parts []Part
}

// Part is what a command asks for always, or with one flag or argument.
type Part struct {
	When  string // "" for always
	Reads []snapshot.Need
	// Rules are requests beside lists: reviews, single objects, discovery.
	Rules []rbacv1.PolicyRule
}

// Groups of rules that several commands share.
const (
	authentication = "authentication.k8s.io"
	authorization  = "authorization.k8s.io"
)

// Commands returns every command that asks an API server for anything.
func Commands() []Command {
	always := Part{Reads: access.Needs(""), Rules: []rbacv1.PolicyRule{url("/version")}}
	discovery := Part{When: "a TYPE that is not built in", Rules: []rbacv1.PolicyRule{url("/api"), url("/apis")}}
	pod := Part{When: "a pod as SUBJECT", Rules: []rbacv1.PolicyRule{rule("get", "", "pods")}}
	me := Part{When: "me as SUBJECT", Rules: []rbacv1.PolicyRule{rule("create", authentication, "selfsubjectreviews")}}
	verify := Part{When: "--verify", Rules: []rbacv1.PolicyRule{rule("create", authorization, "subjectaccessreviews")}}
	whyVerify := Part{When: "--verify, of others than me", Rules: verify.Rules}
	whyMe := Part{When: "me as SUBJECT, with --verify or in doubt", Rules: []rbacv1.PolicyRule{rule("create", authorization, "selfsubjectaccessreviews")}}
	all := Part{
		Reads: Everything(),
		Rules: []rbacv1.PolicyRule{
			url("/version"), url("/api"), url("/apis"),
			named(rule("get", "", "namespaces"), "kube-system"),
			rule("create", authentication, "selfsubjectreviews"),
		},
	}
	flows := Part{Reads: network.Needs(), Rules: []rbacv1.PolicyRule{url("/version")}}
	live := all
	live.When = `"live"`
	return []Command{
		{Name: "who-can", Parts: []Part{always, {When: "-o wide", Reads: []snapshot.Need{access.PodNeed()}}, discovery, verify}},
		{Name: "who-can check", Parts: []Part{always, discovery}},
		{Name: "why", Parts: []Part{always, discovery, pod, me, whyMe, whyVerify}},
		{Name: "what-can", Parts: []Part{always, pod, me}},
		{Name: "netpol-sim", Parts: []Part{flows}},
		{Name: "netpol-sim matrix", Parts: []Part{flows}},
		{Name: "netpol-sim reach", Parts: []Part{flows}},
		{Name: "netpol-sim diff", Parts: []Part{flows}},
		{Name: "netpol-sim lint", Parts: []Part{flows}},
		{Name: "netpol-sim generate", Parts: []Part{flows}},
		{Name: "netpol-sim check", Parts: []Part{flows}},
		{Name: "snapshot save", Parts: []Part{all}},
		{Name: "snapshot diff", Parts: []Part{live}},
		{Name: "permissions", Parts: []Part{{Rules: []rbacv1.PolicyRule{rule("create", authorization, "selfsubjectaccessreviews")}}}},
	}
}

// Find returns the command of the name, all for "", or all whose name begins
// with it and a blank: "snapshot" stands for its subcommands, while "who-can"
// does something itself and stands for itself only.
func Find(name string) []Command {
	var found []Command
	for _, c := range Commands() {
		switch {
		case c.Name == name:
			return []Command{c}
		case name == "" || strings.HasPrefix(c.Name, name+" "):
			found = append(found, c)
		}
	}
	return found
}

// Names returns the names of all commands.
func Names() []string {
	var names []string
	for _, c := range Commands() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}

func rule(verb, group, resource string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: []string{resource}}
}

func named(r rbacv1.PolicyRule, name string) rbacv1.PolicyRule {
	r.ResourceNames = []string{name}
	return r
}

func url(path string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{path}}
}
