package live_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

// TestTransientFaults: nothing of these may be seen in the snapshot.
func TestTransientFaults(t *testing.T) {
	tests := []struct {
		name     string
		fault    apiserver.Fault
		http1    bool
		requests int
		atLeast  time.Duration
	}{
		{
			name:  "429 with Retry-After",
			fault: apiserver.Times(1, apiserver.Text(429, 1, "text/plain", "too many")), requests: 2, atLeast: time.Second,
		},
		{
			name:  "503 with Retry-After, three times",
			fault: apiserver.Times(3, apiserver.Text(503, 0, "text/plain", "starting")), requests: 4,
		},
		{name: "body cut off over HTTP/2", fault: apiserver.Times(2, apiserver.Truncate()), requests: 3},
		{name: "body cut off over HTTP/1.1", fault: apiserver.Times(2, apiserver.Truncate()), http1: true, requests: 3},
		{name: "connection reset over HTTP/1.1", fault: apiserver.Times(1, apiserver.Reset()), http1: true, requests: 2},
		{name: "stream reset over HTTP/2", fault: apiserver.Times(1, apiserver.Reset()), requests: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := apiserver.Start(t, shop()...)
			server.Inject(rbacPath+"roles", tt.fault)
			config := server.Config()
			if tt.http1 {
				config.NextProtos = []string{"http/1.1"}
			}
			begin := time.Now()
			snap := load(t, server, live.Options{Config: config, Needs: rbacNeeds()})
			wantGaps(t, snap)
			if got := len(names(snap)); got != 6 {
				t.Errorf("%d objects, want 6: %q", got, names(snap))
			}
			if got := len(server.Requests(rbacPath + "roles")); got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
			if took := time.Since(begin); took < tt.atLeast {
				t.Errorf("took %v: the server asked to wait %v", took, tt.atLeast)
			}
		})
	}
}

// TestLastingFaults: the type becomes a Gap, the others are there.
func TestLastingFaults(t *testing.T) {
	tests := []struct {
		name     string
		fault    apiserver.Fault
		reason   snapshot.Reason
		detail   string
		requests int
	}{
		{
			name: "429 for ever", fault: apiserver.Text(429, 0, "text/plain", "too many"),
			reason: snapshot.TimedOut, detail: "too many requests", requests: 5,
		},
		{
			name: "Retry-After of an hour", fault: apiserver.Text(429, 3600, "text/plain", "too many"),
			reason: snapshot.TimedOut, detail: "too many requests", requests: 1,
		},
		{
			name: "429 without Retry-After", fault: apiserver.Fail(apiserver.Busy()),
			reason: snapshot.TimedOut, detail: "too many requests", requests: 1,
		},
		{
			name: "aggregated API that is down", fault: apiserver.Text(503, -1, "text/plain", "service unavailable"),
			reason: snapshot.TimedOut, detail: "the server is currently unable to handle the request", requests: 1,
		},
		{
			name: "body always cut off", fault: apiserver.Truncate(),
			reason: snapshot.TimedOut, requests: 5,
		},
		{
			name: "no Kubernetes", fault: apiserver.Text(200, -1, "text/html", "<html>log in</html>"),
			reason: snapshot.Unparsable, detail: "roles.rbac.authorization.k8s.io: the answer is not one of a Kubernetes API server", requests: 1,
		},
		{
			name: "broken protobuf", fault: apiserver.Text(200, -1, "application/vnd.kubernetes.protobuf", "k8s\x00\xff\xff\xff"),
			reason: snapshot.Unparsable, requests: 1,
		},
		{
			name: "empty body", fault: apiserver.Text(200, -1, "application/json", ""),
			reason: snapshot.Unparsable, detail: "0-length response", requests: 1,
		},
		{
			name: "type that cannot be listed", fault: apiserver.Fail(apierrors.NewMethodNotSupported(rbac("roles").GroupResource(), "list")),
			reason: snapshot.NotServed, detail: "list is not supported", requests: 1,
		},
		{
			name: "401 of one API only", fault: apiserver.Unauthorized(),
			reason: snapshot.Forbidden, detail: "Unauthorized", requests: 1,
		},
		{
			name: "long page of a proxy", fault: apiserver.Text(http.StatusUnsupportedMediaType, -1, "text/html", strings.Repeat("<p>\n\tnot here é</p>", 100)),
			reason: snapshot.NotServed, detail: "<p> not here é</p>", requests: 1,
		},
		{
			name: "error of a proxy", fault: apiserver.Text(http.StatusBadGateway, -1, "text/plain", "no backend"),
			reason: snapshot.TimedOut, detail: "no backend", requests: 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := apiserver.Start(t, shop()...)
			server.Inject(rbacPath+"roles", tt.fault)
			snap := load(t, server, live.Options{Needs: rbacNeeds(), Namespace: "shop"})
			wantGaps(t, snap, snapshot.Gap{Group: rbacGroup, Resource: "roles", Reason: tt.reason})
			detail := snap.Gaps()[0].Detail
			if !strings.Contains(detail, tt.detail) || strings.ContainsAny(detail, "\n\t") || len(detail) > 310 {
				t.Errorf("detail %q, want %q in one short line", detail, tt.detail)
			}
			if got := len(names(snap)); got != 4 {
				t.Errorf("%d objects, want the 4 of other types: %q", got, names(snap))
			}
			if got := len(server.Requests(rbacPath + "roles")); got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
		})
	}
}

func TestSlowVersionDoesNotHoldBackTheAnswer(t *testing.T) {
	t.Parallel()
	server := apiserver.Start(t, shop()...)
	server.Inject("/version", apiserver.Hang())
	server.Inject(rbacPath+"*", apiserver.Slow(50*time.Millisecond)) // the version's turn comes first
	snap := load(t, server, live.Options{Needs: rbacNeeds(), Concurrency: 1})
	wantGaps(t, snap)
	if snap.Info().ServerVersion != "" {
		t.Errorf("version %q", snap.Info().ServerVersion)
	}
}
