package access

import (
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// CheckWho refuses the words after who-can where it is evident that others
// were meant; program is how the user calls it.
func CheckWho(program string, args []string) error {
	command := program + " who-can "
	switch {
	case len(args) > 2 && isSubject(args[0]) && isVerb(args[1]):
		return fault.WithHelp(fault.Usage("who-can asks about everyone: it takes a verb and a resource type"),
			"about one subject: "+program+" why "+strings.Join(args, " "))
	case isType(args[0]) && isVerb(args[1]):
		return fault.WithHelp(fault.Usage("the verb comes first, then the resource type"),
			"did you mean: "+command+strings.Join(append([]string{args[1], args[0]}, args[2:]...), " "))
	}
	return checkVerb(command, args)
}

// CheckWhy is CheckWho for the words after why, SUBJECT VERB TYPE.
func CheckWhy(program string, args []string) error {
	command := program + " why "
	ordered := orderWhy(args)
	switch {
	case ordered == nil:
		return nil // what is wrong, the subject itself says
	case !slices.Equal(ordered, args):
		return fault.WithHelp(fault.Usage("the subject comes first, then the verb and the resource type"),
			"did you mean: "+command+strings.Join(ordered, " "))
	}
	return checkVerb(command+args[0]+" ", args[1:])
}

// checkVerb refuses several verbs in one word: no request has such a verb.
func checkVerb(command string, args []string) error {
	verbs := strings.FieldsFunc(args[0], func(r rune) bool { return r == ',' })
	if len(verbs) < 2 {
		return nil
	}
	var help []string
	for _, verb := range verbs {
		help = append(help, command+strings.Join(append([]string{verb}, args[1:]...), " "))
	}
	return fault.WithHelp(fault.Usage("%q is not one verb: ask once for each", args[0]), help...)
}

// orderWhy returns the words in the order SUBJECT VERB TYPE, without those
// that sentences have between them; nil where no subject is among them.
func orderWhy(args []string) []string {
	words := withoutFillers(args)
	at := -1
	for i, word := range words {
		if isSubject(word) && (at < 0 || i == 0 || !isSubject(words[0])) {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	ordered := append([]string{words[at]}, slices.Delete(slices.Clone(words), at, at+1)...)
	if len(ordered) > 2 && isType(ordered[1]) && isVerb(ordered[2]) {
		ordered[1], ordered[2] = ordered[2], ordered[1]
	}
	return ordered
}

// withoutFillers leaves out words of sentences before the subject and behind
// it: "sa/cart can get pods". Further on they may be names.
func withoutFillers(args []string) []string {
	fillers := []string{"can", "can't", "cant", "cannot", "may", "not", "is", "allowed", "to", "does"}
	skip := func(words []string) []string {
		for len(words) > 0 && slices.Contains(fillers, words[0]) {
			words = words[1:]
		}
		return words
	}
	words := skip(args)
	if len(words) == 0 {
		return nil
	}
	return append([]string{words[0]}, skip(words[1:])...)
}

// isSubject reports whether a word can only be a SUBJECT: pods/exec is a type.
func isSubject(word string) bool {
	ref, err := rbac.ParseReference(word, "default")
	return err == nil && (ref.Pod == (rbac.PodName{}) || strings.HasPrefix(word, "pod/"))
}

// isVerb reports whether a word is a verb that requests have.
func isVerb(word string) bool {
	return slices.Contains([]string{
		"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate", "impersonate",
	}, word)
}

// isType reports whether a word is a built-in type and no verb.
func isType(word string) bool {
	name, _, _ := strings.Cut(word, "/")
	_, err := apiresource.NewCatalog().Resolve(name)
	return err == nil && !isVerb(word)
}
