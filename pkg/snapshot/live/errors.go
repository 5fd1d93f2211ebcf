package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// ConnectError says that the API server could not be asked: it cannot be
// reached, its certificate is not trusted, it did not answer in time, or
// there are no credentials to ask with.
type ConnectError struct {
	Server string // as in the kubeconfig
	Err    error
}

// Error names the server and the cause.
func (e *ConnectError) Error() string {
	if e.RequestTimedOut() {
		return fmt.Sprintf("the API server %s did not answer in time: %v", e.Server, e.Err)
	}
	return fmt.Sprintf("cannot reach the API server %s: %v", e.Server, e.Err)
}

// RequestTimedOut reports whether the time limit of a request, rest.Config's
// Timeout, ran out. A connection that is not made in time is something else:
// client-go waits for one as long as it likes.
func (e *ConnectError) RequestTimedOut() bool {
	var op *net.OpError
	return errors.Is(e.Err, context.DeadlineExceeded) && !errors.As(e.Err, &op)
}

// Unwrap returns the cause.
func (e *ConnectError) Unwrap() error { return e.Err }

// UnauthorizedError says that the API server does not accept the credentials:
// an expired token or certificate, most of the time.
type UnauthorizedError struct {
	Server string // as in the kubeconfig
	Err    error
}

// Error names the server and its words.
func (e *UnauthorizedError) Error() string {
	return fmt.Sprintf("the API server %s does not accept the credentials: %v", e.Server, e.Err)
}

// Unwrap returns the server's answer.
func (e *UnauthorizedError) Unwrap() error { return e.Err }

// ImpersonationError says that the API server refuses the caller to act as
// the user of --as: nothing that it answered is about that user.
type ImpersonationError struct {
	Server string // as in the kubeconfig
	Err    error
}

// Error has the server's words.
func (e *ImpersonationError) Error() string { return cause(e.Err).Error() }

// Unwrap returns the server's answer.
func (e *ImpersonationError) Unwrap() error { return e.Err }

// refusesImpersonation reports whether a list was refused because of the
// identities that the request asked to act as: the refusal is about one of
// them instead of the listed type.
// Source: apiserver/pkg/endpoints/filters/impersonation.
func (r result) refusesImpersonation() bool {
	var status apierrors.APIStatus
	if !apierrors.IsForbidden(r.err) || !errors.As(r.err, &status) || status.Status().Details == nil || len(r.gaps) == 0 {
		return false
	}
	about := status.Status().Details.Kind
	identities := []string{"users", "groups", "uids", "userextras", "serviceaccounts", "nodes"}
	return about != r.gaps[0].Resource && slices.Contains(identities, about)
}

// unreachableError is a request that got no complete answer.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string { return cause(e.err).Error() }
func (e *unreachableError) Unwrap() error { return e.err }

// undecodableError is an answer that is not what was asked for.
type undecodableError struct{ err error }

func (e *undecodableError) Error() string {
	return "the answer is not one of a Kubernetes API server: " + e.err.Error()
}
func (e *undecodableError) Unwrap() error { return e.err }

// cause removes the "Get URL:" that net/http puts before an error.
func cause(err error) error {
	if at, ok := errors.AsType[*url.Error](err); ok {
		return at.Err
	}
	return err
}

func isStatus(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status)
}

// isNoObject reports whether the server serves the type and has no object of
// the name. (A type that is not served is a 404 without a Status.)
func isNoObject(err error) bool {
	return apierrors.IsNotFound(err) && !apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
}

// isAnswer reports whether the server gave a definite answer: there is
// nothing more to know about the type.
func isAnswer(err error) bool {
	switch reasonOf(err) {
	case snapshot.Forbidden:
		return !apierrors.IsUnauthorized(err)
	case snapshot.NotServed, snapshot.Expired:
		return true
	default:
		return false
	}
}

// reasonOf turns the error of a request into the reason of a Gap.
func reasonOf(err error) snapshot.Reason {
	var status apierrors.APIStatus
	var unreachable *unreachableError
	var connect *ConnectError
	switch {
	case errors.As(err, &status):
		switch code := int(status.Status().Code); {
		case code == http.StatusForbidden, code == http.StatusUnauthorized:
			return snapshot.Forbidden
		case code == http.StatusGone:
			return snapshot.Expired
		case code == http.StatusTooManyRequests, code >= http.StatusInternalServerError:
			return snapshot.TimedOut
		default: // not found, no list, no metadata, …
			return snapshot.NotServed
		}
	case errors.As(err, &unreachable), errors.As(err, &connect):
		return snapshot.TimedOut
	}
	return snapshot.Unparsable
}

// fatal returns the error of a Load in which the server answered nothing. That
// it does not serve an optional type says little: so does any web server.
func (c *client) fatal(needs []snapshot.Need, results []result) error {
	var worst error
	wanted := slices.ContainsFunc(needs, func(n snapshot.Need) bool { return !n.Optional })
	for _, r := range results {
		if r.refusesImpersonation() {
			return &ImpersonationError{Server: c.server, Err: r.err}
		}
	}
	if c.servesNone(needs, results) {
		return fmt.Errorf("read from the API server %s: it serves none of the types that are needed: is it an API server of Kubernetes?", c.server)
	}
	for i, r := range results {
		if wanted && needs[i].Optional {
			continue
		}
		if r.answered {
			return nil
		}
		if worst == nil || apierrors.IsUnauthorized(r.err) && !apierrors.IsUnauthorized(worst) {
			worst = r.err
		}
	}
	var unreachable *unreachableError
	switch {
	case worst == nil:
		return nil
	case apierrors.IsUnauthorized(worst):
		return &UnauthorizedError{Server: c.server, Err: worst}
	case errors.As(worst, &unreachable):
		return &ConnectError{Server: c.server, Err: cause(unreachable.err)}
	}
	return fmt.Errorf("read from the API server %s: %w", c.server, worst)
}

// servesNone reports whether the server says of every type that must be there
// that it is not: it is another server, or its address lacks a path.
func (c *client) servesNone(needs []snapshot.Need, results []result) bool {
	required := 0
	for i, need := range needs {
		switch {
		case need.Optional:
		case results[i].err == nil || reasonOf(results[i].err) != snapshot.NotServed:
			return false
		default:
			required++
		}
	}
	return required > 1 // a single one may really not be served
}

// maxDetail is the longest detail of a Gap in bytes: a proxy's answer may be
// a page of HTML.
const maxDetail = 300

// detail returns the error's words in one short line.
func detail(err error) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "?")), " ")
	if len(text) <= maxDetail {
		return text
	}
	cut := maxDetail
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
