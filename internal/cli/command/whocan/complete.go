package whocan

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

// verbs are the words that requests and authorization checks know; a rule may
// hold others.
func verbs() []cobra.Completion {
	return []cobra.Completion{
		"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection",
		cobra.CompletionWithDesc("approve", "certificate requests of a signer"),
		cobra.CompletionWithDesc("attest", "as a signer"),
		cobra.CompletionWithDesc("bind", "roles that one does not have"),
		cobra.CompletionWithDesc("escalate", "roles beyond one's own permissions"),
		cobra.CompletionWithDesc("impersonate", "users, groups, service accounts"),
		cobra.CompletionWithDesc("sign", "certificates as a signer"),
		cobra.CompletionWithDesc("use", "security context constraints"),
	}
}

// complete offers a verb, then a type or a subresource. It knows the built-in
// types only: completion must not wait for a cluster.
func complete(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var offered []cobra.Completion
	switch {
	case len(args) == 0:
		offered = verbs()
	case len(args) == 1 && strings.Contains(typed, "/"):
		offered = subresources(args[0], typed)
	case len(args) == 1:
		offered = types(args[0])
	}
	offered = slices.DeleteFunc(offered, func(c cobra.Completion) bool { return !strings.HasPrefix(c, typed) })
	return offered, cobra.ShellCompDirectiveNoFileComp
}

// types are the names under which Resolve finds each type that is served
// with the verb, or of each where no type is.
func types(verb string) []cobra.Completion {
	catalog := apiresource.NewCatalog()
	var served, all []cobra.Completion
	for _, r := range catalog.Resources() {
		name := r.Name
		if first, err := catalog.Resolve(name); err != nil || first.Group != r.Group {
			name = r.String()
		}
		all = append(all, name)
		if r.Serves(verb, "") || len(subresourcesOf(r, verb)) > 0 || slices.Contains(checked(verb), name) {
			served = append(served, name)
		}
	}
	if len(served) == 0 {
		served = all
	}
	slices.Sort(served)
	return served
}

// checked are the types that checks beside the request's own ask for.
func checked(verb string) []string {
	switch verb {
	case "bind", "escalate":
		return []string{"clusterroles", "roles"}
	case "impersonate":
		return []string{"serviceaccounts"}
	default:
		return nil
	}
}

func subresources(verb, typed string) []cobra.Completion {
	name, _, _ := strings.Cut(typed, "/")
	resource, err := apiresource.NewCatalog().Resolve(name)
	if err != nil {
		return nil
	}
	names := subresourcesOf(resource, verb)
	for i := range names {
		names[i] = name + "/" + names[i]
	}
	return names
}

func subresourcesOf(r apiresource.Resource, verb string) []cobra.Completion {
	var names []cobra.Completion
	for _, s := range r.Subresources {
		if r.Serves(verb, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}
