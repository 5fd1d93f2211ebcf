package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// brokenAPI is an aggregated API whose server is down.
const brokenAPI = `
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  group: metrics.k8s.io
  version: v1beta1
  service: {name: metrics-server, namespace: kube-system}
  insecureSkipTLSVerify: true
  groupPriorityMinimum: 100
  versionPriority: 100
`

// TestAggregatedAPIIsDown: an answer that does not need the broken API must be
// complete and the same as before it broke.
func TestAggregatedAPIIsDown(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{Binary: shared.controlPlane})
	queries := [][]string{{"list", "secrets", "-A"}, {"list", "widgets.nowhere.example", "-A"}}
	answer := func(args []string) string {
		c := command{cluster: cp, user: harness.Admin, args: append([]string{"who-can", "-o", "json"}, args...)}
		stdout, stderr, exit := c.run(t)
		if _, incomplete := gaps(t, stdout); exit != 0 || incomplete {
			t.Fatalf("%q: exit %d, incomplete %t, stderr:\n%s", args, exit, incomplete, stderr)
		}
		return stdout
	}
	var before []string
	for _, args := range queries {
		before = append(before, answer(args))
	}
	if err := cp.ApplyYAML(t.Context(), []byte(brokenAPI)); err != nil {
		t.Fatal(err)
	}
	waitUnavailable(t, cp, "/apis/metrics.k8s.io/v1beta1")
	for i, args := range queries {
		if diff := cmp.Diff(subjectsOf(t, before[i]), subjectsOf(t, answer(args))); diff != "" {
			t.Errorf("%q: the answer changed (-before +after):\n%s", args, diff)
		}
	}
}

// waitUnavailable waits until the API server says that it cannot reach the
// server of a path: only then is the API known and down.
func waitUnavailable(t *testing.T, cp *harness.ControlPlane, path string) {
	t.Helper()
	client := clientOf(t, cp, harness.Admin).Discovery().RESTClient()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		var code int
		client.Get().AbsPath(path).Do(t.Context()).StatusCode(&code)
		if code == http.StatusServiceUnavailable {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s answers %d after a minute, want %d", path, code, http.StatusServiceUnavailable)
		}
	}
}
