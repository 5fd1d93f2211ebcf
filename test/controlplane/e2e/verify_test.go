package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// verifiedReport is what --verify adds to a WhoCanReport.
type verifiedReport struct {
	Subjects []struct {
		Kind, Namespace, Name string
		Verified              *struct{ Verdict, Detail string }
	}
	Verification struct {
		Asked, Agreed, Differed, Failed, LeftOut int
		Others                                   []struct{ Kind, Namespace, Name string }
	}
}

func decodeVerified(t *testing.T, stdout string) verifiedReport {
	t.Helper()
	var r verifiedReport
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatalf("%v in\n%s", err, stdout)
	}
	return r
}

func TestVerifyAgrees(t *testing.T) {
	t.Parallel()
	for _, question := range [][]string{
		{"get", "secrets", "-n", "shop"},
		{"list", "pods", "-A"},
		{"get", "nodes"},
		{"get", "/version"},
		{"get", "secret/database", "-n", "shop"},
	} {
		args := append([]string{"who-can", "--verify", "-o", "json"}, question...)
		r := decodeVerified(t, mustRun(t, operator, args...))
		sum := r.Verification
		if sum.Asked < len(r.Subjects) || sum.Agreed != sum.Asked || len(sum.Others) > 0 {
			t.Errorf("%v: %+v for %d subjects", question, sum, len(r.Subjects))
		}
		for _, s := range r.Subjects {
			if s.Verified == nil || s.Verified.Verdict != "agrees" {
				t.Errorf("%v: %s %s: %+v", question, s.Kind, s.Name, s.Verified)
			}
		}
	}
}

func TestVerifyLimit(t *testing.T) {
	t.Parallel()
	r := decodeVerified(t, mustRun(t, operator, "who-can", "get", "secrets", "-n", "shop", "--verify", "--verify-limit", "3", "-o", "json"))
	rows := len(r.Subjects)
	if r.Verification.Asked != rows+3 || r.Verification.LeftOut == 0 {
		t.Errorf("asked %d for %d rows and a limit of 3, left out %d", r.Verification.Asked, rows, r.Verification.LeftOut)
	}
}

// TestVerifyForbidden asks as somebody whom the server answers no reviews.
func TestVerifyForbidden(t *testing.T) {
	t.Parallel()
	stdout, stderr, exit := run(t, auditor, "who-can", "get", "secrets", "-n", "shop", "--verify", "-o", "json")
	if exit != 1 || !strings.Contains(stderr, "error: --verify: the API server answered no review") {
		t.Errorf("exit %d, want 1; stderr:\n%s", exit, stderr)
	}
	r := decodeVerified(t, stdout)
	if sum := r.Verification; sum.Failed != sum.Asked || sum.Failed < 5 || sum.Agreed > 0 {
		t.Errorf("%+v, want nothing but failures", sum)
	}
	refused := 0
	for _, s := range r.Subjects {
		switch {
		case s.Verified == nil: // not asked any more
		case s.Verified.Verdict != "noAnswer":
			t.Errorf("%s %s: %+v, want no answer", s.Kind, s.Name, s.Verified)
		default:
			refused++
		}
	}
	if refused == 0 {
		t.Error("no row has the refusal")
	}
}

// TestVerifyOtherAuthorizer puts a webhook before RBAC that allows more to one
// user and less to another.
func TestVerifyOtherAuthorizer(t *testing.T) {
	t.Parallel()
	webhook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review authorizationv1.SubjectAccessReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		review.Status.Allowed = review.Spec.User == "friend@shop.example"
		review.Status.Denied = review.Spec.User == "blocked@shop.example"
		review.Status.Reason = "the webhook says so"
		_ = json.NewEncoder(w).Encode(review)
	}))
	t.Cleanup(webhook.Close)
	cp := harness.Start(t, harness.Options{
		Binary: shared.controlPlane, AuthorizationMode: "none", Logf: logf,
		APIServerFlags: []string{"--authorization-config=" + authorizationConfig(t, webhook.URL)},
	})
	err := cp.ApplyYAML(t.Context(), []byte(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: secrets}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: secrets}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: secrets}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: blocked@shop.example}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: view}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:discovery}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: friend@shop.example}]
`))
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, exit := command{cluster: cp, user: harness.Admin, args: []string{"who-can", "get", "secrets", "--verify", "-o", "json"}}.run(t)
	if exit != 0 {
		t.Fatalf("exit %d: %s", exit, stderr)
	}
	r := decodeVerified(t, stdout)
	if len(r.Verification.Others) != 1 || r.Verification.Others[0].Name != "friend@shop.example" {
		t.Errorf("also allowed: %v, want the webhook's friend", r.Verification.Others)
	}
	differ := 0
	for _, s := range r.Subjects {
		switch {
		case s.Name == "blocked@shop.example" && s.Verified.Verdict == "differs":
			differ++
		case s.Verified.Verdict != "agrees":
			t.Errorf("%s %s: %+v", s.Kind, s.Name, s.Verified)
		}
	}
	if differ != 1 || r.Verification.Differed != 2 {
		t.Errorf("%d rows differ, %d answers differ, want 1 and 2", differ, r.Verification.Differed)
	}
}

// authorizationConfig writes an AuthorizationConfiguration with the webhook
// before RBAC.
func authorizationConfig(t *testing.T, url string) string {
	t.Helper()
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, "webhook.kubeconfig")
	write := func(file, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(kubeconfig, fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"w",
"clusters":[{"name":"w","cluster":{"server":%q}}],"contexts":[{"name":"w","context":{"cluster":"w","user":"w"}}],"users":[{"name":"w","user":{}}]}`, url))
	config := filepath.Join(dir, "authorization.yaml")
	write(config, fmt.Sprintf(`
apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
- type: Webhook
  name: test
  webhook:
    timeout: 3s
    subjectAccessReviewVersion: v1
    matchConditionSubjectAccessReviewVersion: v1
    failurePolicy: NoOpinion
    authorizedTTL: 1s
    unauthorizedTTL: 1s
    connectionInfo: {type: KubeConfigFile, kubeConfigFile: %s}
- {type: RBAC, name: rbac}
`, kubeconfig))
	return config
}
