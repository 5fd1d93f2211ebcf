package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
)

const selfReviewPath = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

// selfAnswer answers every review of the caller.
func selfAnswer(s authorizationv1.SubjectAccessReviewStatus) apiserver.Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			var review authorizationv1.SelfSubjectAccessReview
			if err == nil {
				_, _, err = scheme.Codecs.UniversalDeserializer().Decode(body, nil, &review)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			review.Status = s
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_ = json.NewEncoder(w).Encode(review)
		})
	}
}

// The API server's word is the headline where it is another one than RBAC's,
// and no change is proposed then.
func TestWhyVerifyDiffers(t *testing.T) {
	const node = "user/system:node:worker-1"
	for _, tt := range []struct {
		name, subject, reason string
		allowed               bool
		want                  []string
		fix                   string
	}{
		{
			"another authorizer allows it", node, "", true,
			[]string{"The API server allows it, RBAC as read does not: user/system:node:worker-1 may get secrets named db in namespace shop\nthe API server gives no reason: another authorizer allows it"},
			"error: no change to print: the API server allows it, and RBAC as read says otherwise",
		},
		{
			"and says why", node, "allowed by IAM", true,
			[]string{"may get secrets named db in namespace shop\nthe API server's reason: allowed by IAM\n"},
			"error: no change to print: the API server allows it: allowed by IAM, and RBAC as read says otherwise",
		},
		{
			"another authorizer refuses it", "user/alice", "no", false,
			[]string{"The API server refuses it, RBAC as read allows it: user/alice may not get secrets named db in namespace shop\nthe API server's reason: no\n", "RoleBinding/readers"},
			"error: no change to print: the API server does not allow it: no, and RBAC as read says otherwise",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t, shop()...)
			a := &authorizer{allow: func(authorizationv1.SubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus {
				return status(tt.allowed, tt.reason)
			}}
			server.Inject(reviewPath, a.fault)
			r := live(t, server.Config(), "why", tt.subject, "get", "secret/db", "--verify")
			r.wantCode(t, 0)
			wantIn(t, r.stdout, tt.want...)
			if !strings.HasPrefix(r.stdout, "The API server ") {
				t.Errorf("the disagreement comes first:\n%s", r.stdout)
			}
			wantNotIn(t, r.stdout+r.stderr, "To allow", "apiVersion", "warning", "no change")

			r = live(t, server.Config(), "why", tt.subject, "get", "secret/db", "--verify", "-o", "fix")
			r.wantCode(t, 1)
			wantIn(t, r.stderr, tt.fix)
			if r.stdout != "" {
				t.Errorf("printed %s", r.stdout)
			}
			wantNotIn(t, live(t, server.Config(), "why", tt.subject, "get", "secret/db", "--verify", "-o", "json").stdout, `"fix"`)
		})
	}
}

// What could not be read may allow it already: a grant would stay for nothing.
func TestWhyIncompleteProposesNoChange(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"clusterrolebindings", apiserver.Forbidden("me"))
	r := live(t, server.Config(), "why", "user/bob", "get", "secrets")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "Not found: nothing that could be read allows user/bob", "no change is proposed: what could not be read may allow it already; --verify asks the server")
	wantNotIn(t, r.stdout, "To allow", "apiVersion")
	r = live(t, server.Config(), "why", "user/bob", "get", "secrets", "-o", "fix")
	r.wantCode(t, 1)
	wantIn(t, r.stderr, "error: no change to print: what could not be read may allow it already; --verify asks the server")
	r = live(t, server.Config(), "why", "user/bob", "get", "secrets", "-A", "-o", "fix")
	r.wantCode(t, 2)
	wantIn(t, r.stderr, "help: use -n NAMESPACE")

	// The server's no makes it one.
	a := &authorizer{allow: func(authorizationv1.SubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus {
		return status(false, "")
	}}
	server.Inject(reviewPath, a.fault)
	r = live(t, server.Config(), "why", "user/bob", "get", "secrets", "--verify")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "No: user/bob may not get secrets in namespace shop", "✓ the API server says the same", "To allow exactly this:", "note: tried on what could be read")
}

// Everyone may ask about themselves, and is not to be told a no that is none.
func TestWhyMeAsksAboutOneself(t *testing.T) {
	partial := func(t *testing.T) *apiserver.Server {
		t.Helper()
		server := apiserver.Start(t, shop()...)
		server.Inject(rbacPath+"clusterrolebindings", apiserver.Forbidden("me"))
		server.Inject(reviewPath, apiserver.Forbidden("me"))
		return server
	}
	t.Run("yes", func(t *testing.T) {
		server := partial(t)
		server.Inject(selfReviewPath, selfAnswer(status(true, `RBAC: allowed by ClusterRoleBinding "x"`)))
		for _, more := range [][]string{nil, {"--verify"}} {
			r := live(t, server.Config(), append([]string{"why", "me", "get", "secrets"}, more...)...)
			r.wantCode(t, 0)
			wantIn(t, r.stdout, "Yes: user/kubernetes-admin may get secrets in namespace shop\nthe API server's reason: RBAC: allowed by ClusterRoleBinding \"x\"\n")
			wantNotIn(t, r.stdout, "To allow", "no change")
			wantNotIn(t, r.stderr, "name those that are not known") // the server said which they are
		}
	})
	t.Run("no", func(t *testing.T) {
		server := partial(t)
		server.Inject(selfReviewPath, selfAnswer(status(false, "")))
		r := live(t, server.Config(), "why", "me", "get", "secrets")
		r.wantCode(t, 0)
		wantIn(t, r.stdout, "No: user/kubernetes-admin may not get secrets", "✓ the API server says the same")
	})
	t.Run("no answer", func(t *testing.T) {
		server := partial(t)
		server.Inject(selfReviewPath, apiserver.Forbidden("me"))
		r := live(t, server.Config(), "why", "me", "get", "secrets")
		r.wantCode(t, 0)
		wantIn(t, r.stdout, "Not found: ", "no change is proposed")
		wantIn(t, r.stderr, "note: the API server did not answer: ")
		live(t, server.Config(), "why", "me", "get", "secrets", "--verify").wantCode(t, 1)
	})
	t.Run("not in doubt", func(t *testing.T) {
		server := apiserver.Start(t, shop()...)
		live(t, server.Config(), "why", "me", "get", "secrets").wantCode(t, 0)
		if n := len(server.Requests(selfReviewPath)); n != 0 {
			t.Errorf("asked %d times", n)
		}
	})
	t.Run("as a member of a group", func(t *testing.T) {
		server := partial(t)
		r := live(t, server.Config(), "why", "me", "get", "secrets", "--group", "sre", "--verify")
		r.wantCode(t, 1)
		if n := len(server.Requests(reviewPath)); n != 1 {
			t.Errorf("asked %d times as somebody", n)
		}
	})
}

// A service account is asked about in its own namespace unless another is
// named.
func TestWhyIsAboutTheNamespaceOfTheSubject(t *testing.T) {
	server := apiserver.Start(t, append(shop(), testkit.Pod("dev", "p", "default"))...)
	for _, subject := range []string{"sa/dev/app", "pod/dev/p", "dev/sa/app"} {
		r := live(t, server.Config(), "why", subject, "get", "secrets")
		wantIn(t, r.stdout, "may not get secrets in namespace dev")
		r = live(t, server.Config(), "why", subject, "get", "secrets", "-n", "shop")
		wantIn(t, r.stdout, "may not get secrets in namespace shop")
	}
	wantIn(t, live(t, server.Config(), "why", "user/bob", "get", "secrets").stdout, "in namespace shop")
	r := live(t, server.Config(), "why", "user/bob", "get", "secrets", "-n", "shop", "-A")
	r.wantCode(t, 2)
	wantIn(t, r.stderr, "--namespace and --all-namespaces cannot be used together")
}

// Where nothing could be read, that comes first; about oneself the API server
// knows more.
func TestWhatCanOfWhatCannotBeRead(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"*", apiserver.Forbidden("me"))
	r := live(t, server.Config(), "what-can", "me")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "\n\nnothing could be read, neither roles nor bindings: ")
	wantIn(t, r.stderr, "note: what could not be read may allow you more: the API server tells it with kubectl auth can-i --list -n shop")
	wantNotIn(t, r.stdout+r.stderr, "this is what groups allow")
	wantNotIn(t, live(t, server.Config(), "what-can", "user/bob").stderr, "can-i")
}
