package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

const reviewPath = "/apis/authorization.k8s.io/v1/subjectaccessreviews"

// authorizer answers reviews and remembers what it was asked.
type authorizer struct {
	allow func(authorizationv1.SubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus

	mu    sync.Mutex
	asked []authorizationv1.SubjectAccessReviewSpec
}

func (a *authorizer) fault(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		var review authorizationv1.SubjectAccessReview // as protobuf or JSON
		if _, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, &review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		a.mu.Lock()
		a.asked = append(a.asked, review.Spec)
		a.mu.Unlock()
		review.Status = a.allow(review.Spec)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(review)
	})
}

func (a *authorizer) spec(t *testing.T, user string) authorizationv1.SubjectAccessReviewSpec {
	t.Helper()
	i := slices.IndexFunc(a.asked, func(s authorizationv1.SubjectAccessReviewSpec) bool { return s.User == user })
	if i < 0 {
		t.Fatalf("nobody asked for %s: %v", user, a.asked)
	}
	return a.asked[i]
}

func status(allowed bool, reason string) authorizationv1.SubjectAccessReviewStatus {
	return authorizationv1.SubjectAccessReviewStatus{Allowed: allowed, Reason: reason}
}

// asRBAC decides as the objects of shop() say.
func asRBAC(s authorizationv1.SubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus {
	allowed := []string{"alice", "system:serviceaccount:shop:web", "system:serviceaccount:ops:operator"}
	return status(slices.Contains(allowed, s.User) || slices.Contains(s.Groups, "system:masters"), "RBAC")
}

func TestVerifyAgrees(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	a := &authorizer{allow: asRBAC}
	server.Inject(reviewPath, a.fault)
	r := live(t, server.Config(), "who-can", "get", "secrets", "--verify")
	r.wantCode(t, 0)
	want := `Who can get secrets in namespace shop   4 subjects, 2 cluster-wide

SUBJECT                SCOPE     VIA                                                       VERIFIED
group/system:masters   cluster   built in                                                  ✓ agrees
user/alice             shop      RoleBinding/readers → ClusterRole/secret-reader           ✓ agrees
sa/ops/operator        cluster   ClusterRoleBinding/operator → ClusterRole/secret-reader   ✓ agrees
sa/shop/web            shop      RoleBinding/web → Role/web                                ✓ agrees

The API server was asked 5 times: 5 agree, 0 differ, 0 got no answer.
`
	if r.stdout != want {
		t.Errorf("stdout:\n%s\nwant:\n%s", r.stdout, want)
	}
	web := a.spec(t, "system:serviceaccount:shop:web")
	wantGroups := []string{"system:authenticated", "system:serviceaccounts", "system:serviceaccounts:shop"}
	if got := slices.Sorted(slices.Values(web.Groups)); !slices.Equal(got, wantGroups) {
		t.Errorf("groups = %q, want %q", got, wantGroups)
	}
	if got := *web.ResourceAttributes; got.Verb != "get" || got.Resource != "secrets" || got.Namespace != "shop" || got.Group != "" || got.Name != "" {
		t.Errorf("asked for %+v", got)
	}
	a.spec(t, "system:serviceaccount:shop:idle")
}

func TestVerifyDiffers(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	a := &authorizer{allow: func(s authorizationv1.SubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus {
		switch s.User {
		case "alice":
			return status(false, "denied by \x1b[31mwebhook")
		case "system:serviceaccount:shop:idle":
			return status(true, "allowed by IAM")
		}
		return asRBAC(s)
	}}
	server.Inject(reviewPath, a.fault)
	r := live(t, server.Config(), "who-can", "get", "secrets", "--verify")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "✗ differs", "shop: the API server does not allow it: denied by", "5 times: 3 agree, 2 differ", "ALSO ALLOWED", "sa/shop/idle", "allowed by IAM")
	wantNotIn(t, r.stdout, "\x1b")

	r = live(t, server.Config(), "who-can", "get", "secrets", "--verify", "-o", "json")
	wantIn(t, r.stdout, `"verdict": "differs"`, `"differed": 2`, `"others": [`, `"reason": "allowed by IAM"`)
}

// Whom the server allows, and where, are two namespaces.
func TestVerifyNamesOthers(t *testing.T) {
	server := apiserver.Start(t, append(shop(), testkit.ServiceAccount("dev", "helper"))...)
	a := &authorizer{allow: func(s authorizationv1.SubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus {
		if s.User == "system:serviceaccount:dev:helper" {
			return status(true, "allowed by IAM")
		}
		return asRBAC(s)
	}}
	server.Inject(reviewPath, a.fault)
	r := live(t, server.Config(), "who-can", "get", "secrets", "-n", "shop", "--verify", "-o", "json")
	var report v1alpha1.WhoCanReport
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatalf("%v in\n%s", err, r.stdout)
	}
	want := []v1alpha1.OtherAccess{{
		Subject: v1alpha1.Subject{Kind: "ServiceAccount", Namespace: "dev", Name: "helper"}, ScopeNamespace: "shop", Reason: "allowed by IAM",
	}}
	if diff := cmp.Diff(want, report.Verification.Others); diff != "" {
		t.Errorf("others (-want +got):\n%s", diff)
	}
}

func TestVerifyLimit(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	a := &authorizer{allow: asRBAC}
	server.Inject(reviewPath, a.fault)
	r := live(t, server.Config(), "who-can", "get", "secrets", "--verify", "--verify-limit", "0")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "asked 4 times", "1 known subject that RBAC does not allow was not asked for (--verify-limit)")
}

// RBAC's answer is shown; that nothing confirms it is an error.
func TestVerifyForbidden(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(reviewPath, apiserver.Forbidden("me"))
	r := live(t, server.Config(), "who-can", "get", "secrets", "--verify")
	r.wantCode(t, 1)
	wantIn(t, r.stdout, "at least 4 subjects", "user/alice", "0 agree, 0 differ, 5 got no answer", "forbidden")
	wantNotIn(t, r.stdout, "✓")
	wantIn(t, r.stderr, "subjectaccessreviews.authorization.k8s.io: forbidden",
		"error: --verify: the API server answered no review (5 asked): ", "help: what --verify needs, and whether you have it: kubectl secure permissions who-can")

	r = live(t, server.Config(), "who-can", "get", "secrets", "--verify", "--require-complete", "-o", "json")
	r.wantCode(t, 1) // no answer comes before one with gaps
	wantIn(t, r.stdout, `"incomplete": true`, `"agreed": 0`, `"failed": 5`, `"notAsked": 0`)
	if n := strings.Count(r.stderr, "error: "); n != 1 {
		t.Errorf("%d errors:\n%s", n, r.stderr)
	}
}

func TestVerifyTimesOut(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(reviewPath, apiserver.Hang())
	r := live(t, server.Config(), "who-can", "get", "secrets", "--verify", "--request-timeout", "300ms")
	r.wantCode(t, 1)
	wantIn(t, r.stdout, "user/alice", "5 got no answer")
	wantIn(t, r.stderr, "error: --verify: the API server answered no review", "help: to wait longer: --request-timeout 2m")
}

// why ends in the same way.
func TestWhyVerifyForbidden(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(reviewPath, apiserver.Forbidden("me"))
	r := live(t, server.Config(), "why", "user/alice", "get", "secrets", "-n", "shop", "--verify")
	r.wantCode(t, 1)
	wantIn(t, r.stdout, "Yes: user/alice may get secrets in namespace shop")
	wantIn(t, r.stderr, "error: --verify: the API server answered no review (1 asked): ", "help: what --verify needs, and whether you have it: kubectl secure permissions why")
}

// A manifest that nothing confirms is not for a pipe.
func TestWhyVerifyForbiddenFix(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(reviewPath, apiserver.Forbidden("me"))
	r := live(t, server.Config(), "why", "user/alice", "delete", "secrets", "-n", "shop", "--verify", "-o", "fix")
	r.wantCode(t, 1)
	if r.stdout != "" {
		t.Errorf("stdout: %s", r.stdout)
	}
}

// Some answers are an answer, with a gap.
func TestVerifyHasGaps(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	down := apiserver.Text(http.StatusInternalServerError, -1, "text/plain", "down")
	a := &authorizer{allow: asRBAC}
	server.Inject(reviewPath, apiserver.Times(2, down), a.fault)
	r := live(t, server.Config(), "who-can", "get", "secrets", "--verify")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "asked 5 times: 3 agree, 0 differ, 2 got no answer")
	wantIn(t, r.stderr, "subjectaccessreviews.authorization.k8s.io: no answer in time (2 of 5 reviews of --verify: ")

	server.Inject(reviewPath, apiserver.Times(2, down), a.fault)
	live(t, server.Config(), "who-can", "get", "secrets", "--verify", "--require-complete").wantCode(t, 4)
}

// When the server answers nothing it is not asked on and on.
func TestVerifyGivesUp(t *testing.T) {
	objects := shop()
	for i := range 100 {
		objects = append(objects, testkit.ServiceAccount("shop", fmt.Sprintf("idle-%d", i)))
	}
	server := apiserver.Start(t, objects...)
	server.Inject(reviewPath, apiserver.Forbidden("me"))
	r := live(t, server.Config(), "who-can", "get", "secrets", "--verify")
	r.wantCode(t, 1)
	sent := len(server.Requests(reviewPath))
	wantIn(t, r.stdout, fmt.Sprintf("was asked %d times: 0 agree, 0 differ, %d got no answer. %d more were not asked, since it did not answer.", sent, sent, 105-sent))
	wantIn(t, r.stderr, fmt.Sprintf("(%d asked, %d not asked any more)", sent, 105-sent))
}

func TestVerifyAllNamespacesTellsWhatWasAsked(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	a := &authorizer{allow: func(s authorizationv1.SubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus {
		if s.User == "alice" {
			return status(true, "allowed by IAM") // everywhere, and not in shop only
		}
		return status(s.ResourceAttributes.Namespace != "" || slices.Contains(s.Groups, "system:masters") || strings.HasSuffix(s.User, ":operator"), "")
	}}
	server.Inject(reviewPath, a.fault)
	r := live(t, server.Config(), "who-can", "get", "secrets", "--verify", "-A")
	r.wantCode(t, 0)
	wantIn(t, r.stdout, "1 differs", "ALSO ALLOWED", "allowed by IAM")
	wantIn(t, r.stderr, "note: --verify asked cluster-wide only about subjects that RBAC does not allow")
	wantNotIn(t, live(t, server.Config(), "who-can", "get", "secrets", "--verify").stderr, "cluster-wide only")
}

func TestVerifyEachNamespace(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	a := &authorizer{allow: func(authorizationv1.SubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus {
		return status(true, "")
	}}
	server.Inject(reviewPath, a.fault)
	live(t, server.Config(), "who-can", "get", "secrets", "--verify", "-A", "--verify-limit", "0").wantCode(t, 0)
	for user, namespace := range map[string]string{"alice": "shop", "dora": "dev", "system:serviceaccount:ops:operator": ""} {
		if got := a.spec(t, user).ResourceAttributes.Namespace; got != namespace {
			t.Errorf("asked for %s in namespace %q, want %q", user, got, namespace)
		}
	}
}

func TestVerifyURL(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	a := &authorizer{allow: asRBAC}
	server.Inject(reviewPath, a.fault)
	live(t, server.Config(), "who-can", "get", "/metrics", "--verify").wantCode(t, 0)
	if spec := a.spec(t, "system:serviceaccount:ops:operator"); spec.ResourceAttributes != nil || spec.NonResourceAttributes == nil || spec.NonResourceAttributes.Path != "/metrics" {
		t.Errorf("asked for %+v", spec)
	}
}
