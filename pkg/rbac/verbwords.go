package rbac

import (
	"fmt"
	"strings"
)

// VerbNotes suggest the verbs that requests have where the question's is a
// word of people or of kubectl. They refuse nothing: rules may hold any verb,
// and programs may ask for one.
func (q Question) VerbNotes() []string {
	if q.Target.Path != "" || q.Target.Resource.AnyName() {
		return nil
	}
	verb := strings.ToLower(q.Verb)
	if mean := q.meant(verb); mean != "" {
		return []string{fmt.Sprintf("requests have no verb %q: did you mean %s?", q.Verb, mean)}
	}
	if verb != q.Verb {
		return []string{fmt.Sprintf("the verbs of requests are in lower case, and %q is compared as it is: did you mean %s?", q.Verb, verb)}
	}
	return nil
}

// meant is the question that a word stands for, "" where it is not known.
// Source: what the commands of kubectl 1.37 send.
func (q Question) meant(word string) string {
	if q.Target.Resource.Serves(q.Verb, q.Target.Subresource) {
		return ""
	}
	target := q.Target.String()
	switch word {
	case "exec", "ssh", "shell", "cp":
		return "create pods/exec"
	case "attach":
		return "create pods/attach"
	case "port-forward", "portforward":
		return "create pods/portforward"
	case "debug":
		return "patch pods/ephemeralcontainers"
	case "log", "logs":
		return "get pods/log"
	case "drain", "evict":
		return "create pods/eviction"
	case "cordon", "uncordon", "taint":
		return "patch nodes"
	case "run":
		return "create pods"
	case "scale", "autoscale":
		return "patch " + q.Target.Resource.String() + "/scale"
	case "read", "view", "see", "describe", "show", "head":
		return "get " + target + ", list or watch"
	case "write", "modify", "change":
		return "update " + target + ", create, patch or delete"
	case "edit", "label", "annotate", "restart", "rollout", "set":
		return "patch " + target
	case "apply":
		return "patch " + target + ", and create for what does not exist yet"
	case "replace", "put":
		return "update " + target
	case "add", "post":
		return "create " + target
	case "expose":
		return "create services"
	case "remove", "rm", "del":
		return "delete " + target
	case "proxy":
		return "get " + q.Target.Resource.String() + "/proxy"
	default:
		return ""
	}
}
