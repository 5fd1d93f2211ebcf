package rbac

import (
	"fmt"
	"slices"
	"strings"
)

// RelatedNotes names other questions whose answers have the same effect as
// the request's on a server of the version (as v1.36.1; "" when not known):
// who asks for one of them alone overlooks subjects.
func RelatedNotes(r Request, serverVersion string) []string {
	switch {
	case r.Path != "" || r.APIGroup != "":
		return nil
	case isStream(r):
		return streamNotes(r, serverVersion)
	case r.Subresource == "proxy" && slices.Contains([]string{"pods", "services", "nodes"}, r.Resource):
		return proxyNotes(r)
	case r.Subresource == "" && (r.Resource == "secrets" || r.Resource == "configmaps") && slices.Contains(readVerbs(), r.Verb):
		return valueNotes(r)
	default:
		return nil
	}
}

// isStream reports whether the request is for a subresource of pods that
// opens a stream: by POST (SPDY) or by GET (WebSocket).
func isStream(r Request) bool {
	return r.Path == "" && r.APIGroup == "" && r.Resource == "pods" && slices.Contains([]string{"exec", "attach", "portforward"}, r.Subresource)
}

// streamNotes tell of the other verb that opens the stream. Since 1.35 a GET
// alone is of no use, see SecondChecks.
// Source: kubernetes#78741, and websocketMinor.
func streamNotes(r Request, serverVersion string) []string {
	minor, known := minorVersion(serverVersion)
	switch {
	case r.Verb == "get":
		return []string{fmt.Sprintf("create opens it without get (SPDY begins with POST): ask about create %s as well", r.combined())}
	case r.Verb != "create" || known && minor >= websocketMinor:
		return nil
	case known:
		return []string{fmt.Sprintf("on servers before Kubernetes 1.35, as this one, get opens it too (a WebSocket begins with GET): ask about get %s as well", r.combined())}
	default:
		return []string{fmt.Sprintf("before Kubernetes 1.35 get opens it too (a WebSocket begins with GET): ask about get %s as well, or name your server's version with --server-version", r.combined())}
	}
}

// proxyNotes: requests through a proxy are authorized by their HTTP method,
// and a kubelet that is reached by nodes/proxy runs commands on a GET.
// Source: pkg/kubelet/server/auth.go; kubernetes/website#54191.
func proxyNotes(r Request) []string {
	if r.Resource == "nodes" && (r.Verb == "get" || r.Verb == "create") {
		other := map[string]string{"get": "create", "create": "get"}[r.Verb]
		return []string{fmt.Sprintf("get nodes/proxy alone runs commands in every pod of a node (a WebSocket to its kubelet begins with GET), create does so too: ask about %s nodes/proxy as well", other)}
	}
	if r.Verb != "create" {
		return nil
	}
	return []string{fmt.Sprintf("the verb is that of the HTTP method: GET requests through the proxy need get only: ask about get %s as well", r.combined())}
}

// valueNotes tell who else sees what is in Secrets and ConfigMaps.
// Source: plugin/pkg/auth/authorizer/node.
func valueNotes(r Request) []string {
	others := slices.DeleteFunc(readVerbs(), func(verb string) bool { return verb == r.Verb })
	return []string{
		fmt.Sprintf("%s reveal the values too, and so does a pod that mounts them: ask about these verbs and create pods as well", strings.Join(others, " and ")),
		fmt.Sprintf("kubelets may read the %s of the pods on their node (Node authorizer): they are not listed", r.Resource),
	}
}
