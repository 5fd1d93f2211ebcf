package rbac

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// SecondCheck is a second permission that a request needs on some servers.
type SecondCheck struct {
	Request Request
	// Reason tells when the second check is made.
	Reason string
}

// websocketMinor is the minor version from which the API server also asks for
// create when a WebSocket opens with GET.
// Source: AuthorizePodWebsocketUpgradeCreatePermission,
// pkg/registry/core/pod/rest/authorize.go (beta and on since 1.35).
const websocketMinor = 35

// SecondChecks returns the further permissions that the API server of the
// version (as v1.36.1; "" when not known) asks for before it grants the
// request. They never change who the authorizer allows the request itself.
func SecondChecks(r Request, serverVersion string) []SecondCheck {
	if r.Verb != "get" || !isStream(r) {
		return nil
	}
	minor, known := minorVersion(serverVersion)
	if known && minor < websocketMinor {
		return nil
	}
	second := r
	second.Verb = "create"
	reason := "since Kubernetes 1.35 the API server also asks for create"
	if !known {
		reason = "servers since Kubernetes 1.35 also ask for create (name yours with --server-version)"
	}
	return []SecondCheck{{Request: second, Reason: reason}}
}

// minorVersion reads the 36 of v1.36.1-eks-1.
func minorVersion(version string) (int, bool) {
	_, rest, ok := strings.Cut(version, ".")
	end := strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' })
	if end >= 0 {
		rest = rest[:end]
	}
	minor, err := strconv.Atoi(rest)
	return minor, ok && err == nil
}

// SecondNotes tells which subjects of an answer lack the permissions that the
// second checks ask for, and where: notes by position in answer, and notes on
// the answer as a whole.
func (x *Index) SecondNotes(answer []Access, checks []SecondCheck, anywhere bool) (rows map[int][]string, general []string) {
	rows = map[int][]string{}
	for _, check := range checks {
		has := map[Subject][]Scope{}
		for _, access := range x.WhoCan(check.Request, anywhere) {
			has[access.Subject] = access.Scopes
		}
		what := fmt.Sprintf("%s %s", check.Request.Verb, check.Request.combined())
		lacking := 0
		for i, access := range answer {
			missing := missingScopes(access.Scopes, has[access.Subject])
			switch {
			case len(missing) == 0:
				continue
			case len(missing) == len(access.Scopes):
				rows[i] = append(rows[i], fmt.Sprintf("may not %s: %s", what, check.Reason))
			default:
				rows[i] = append(rows[i], fmt.Sprintf("may not %s in %s: %s", what, strings.Join(missing, ", "), check.Reason))
			}
			lacking++
		}
		sum := fmt.Sprintf("all of these subjects may %s", what)
		if lacking > 0 {
			sum = fmt.Sprintf("%d of %d subjects may not %s", lacking, len(answer), what)
		}
		general = append(general, check.Reason+"; "+sum)
	}
	return rows, general
}

// missingScopes returns the namespaces of want that have does not cover.
func missingScopes(want, have []Scope) []string {
	var missing []string
	for _, scope := range want {
		covered := slices.ContainsFunc(have, func(h Scope) bool { return h.Namespace == "" || h.Namespace == scope.Namespace })
		if !covered {
			name := scope.Namespace
			if name == "" {
				name = "the whole cluster"
			}
			missing = append(missing, name)
		}
	}
	return missing
}
