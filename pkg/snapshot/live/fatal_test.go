package live_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

// deadServer returns an address at which nothing listens.
func deadServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "https://" + listener.Addr().String()
}

func TestNothingToAnswerFrom(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	tests := []struct {
		name   string
		config func() *rest.Config
		want   string // part of the error's text
		is     error
	}{
		{
			name:   "dead server",
			config: func() *rest.Config { return &rest.Config{Host: deadServer(t)} },
			want:   "connection refused", is: syscall.ECONNREFUSED,
		},
		{
			name: "wrong CA",
			config: func() *rest.Config {
				c := server.Config()
				c.CAData = apiserver.OtherCA(t)
				return c
			},
			want: "certificate signed by unknown authority",
		},
		{
			name: "CA that is not there",
			config: func() *rest.Config {
				return &rest.Config{Host: "https://127.0.0.1:1", TLSClientConfig: rest.TLSClientConfig{CAFile: "/does/not/exist"}}
			},
			want: "/does/not/exist",
		},
		{
			name: "credential plugin that is not installed",
			config: func() *rest.Config {
				c := server.Config()
				c.ExecProvider = &clientcmdapi.ExecConfig{
					APIVersion: "client.authentication.k8s.io/v1", Command: "no-such-credential-plugin",
					InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
				}
				return c
			},
			want: "no-such-credential-plugin",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := tt.config()
			_, err := live.Load(t.Context(), live.Options{Config: config, Needs: rbacNeeds()})
			var connect *live.ConnectError
			if !errors.As(err, &connect) {
				t.Fatalf("error %v (%T), want a ConnectError", err, err)
			}
			if connect.Server != config.Host || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "Get ") {
				t.Errorf("error %q of server %q, want %q in it and no request", err, connect.Server, tt.want)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v is not %v", err, tt.is)
			}
		})
	}
}

func TestUnauthorized(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/*", apiserver.Unauthorized())
	_, err := live.Load(t.Context(), live.Options{Config: server.Config(), Needs: rbacNeeds()})
	var unauthorized *live.UnauthorizedError
	if !errors.As(err, &unauthorized) || unauthorized.Server != server.Config().Host {
		t.Fatalf("error %v (%T), want an UnauthorizedError", err, err)
	}
}

func TestServerThatOnlyFails(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/*", apiserver.Text(503, -1, "text/plain", "down"))
	_, err := live.Load(t.Context(), live.Options{Config: server.Config(), Needs: rbacNeeds()})
	var connect *live.ConnectError
	if err == nil || errors.As(err, &connect) || !strings.Contains(err.Error(), "currently unable") {
		t.Errorf("error %v: the server can be reached, and fails", err)
	}
}

// TestOptionalIsNoAnswer: what is not there on most clusters is not there on a
// server that is none, either.
func TestOptionalIsNoAnswer(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/*", apiserver.Text(200, -1, "text/html", "<html>log in</html>"))
	server.Inject("/apis/user.openshift.io/*", apiserver.NotServed())
	groups := snapshot.Need{Type: schema.GroupVersionResource{Group: "user.openshift.io", Version: "v1", Resource: "groups"}, Optional: true}
	_, err := live.Load(t.Context(), live.Options{Config: server.Config(), Needs: append(rbacNeeds(), groups)})
	if err == nil || !strings.Contains(err.Error(), "not one of a Kubernetes API server") {
		t.Errorf("error %v, want that nothing could be understood", err)
	}
	load(t, server, live.Options{Needs: []snapshot.Need{groups}}) // alone it is what is asked for
}

func TestAllForbiddenIsAnAnswer(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/*", apiserver.Forbidden("alice"))
	snap := load(t, server, live.Options{Needs: rbacNeeds()})
	if len(snap.Gaps()) != 4 {
		t.Errorf("gaps %v, want one for each type", snap.Gaps())
	}
}

func TestInvalidNamespace(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	_, err := live.Load(t.Context(), live.Options{Config: server.Config(), Needs: []snapshot.Need{{Type: rbac("roles"), Namespace: "../shop"}}})
	if err == nil || !strings.Contains(err.Error(), `invalid namespace "../shop"`) {
		t.Errorf("error %v", err)
	}
	if got := server.Requests("/apis*"); len(got) != 0 {
		t.Errorf("requests %v", got)
	}
}

func TestRequestTimeout(t *testing.T) {
	t.Run("of all requests", func(t *testing.T) {
		server := apiserver.Start(t, shop()...)
		server.Inject("/*", apiserver.Hang())
		config := server.Config()
		config.Timeout = 200 * time.Millisecond
		begin := time.Now()
		_, err := live.Load(t.Context(), live.Options{Config: config, Needs: rbacNeeds()})
		var connect *live.ConnectError
		if !errors.As(err, &connect) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v (%T), want a ConnectError because of the deadline", err, err)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
	t.Run("of one", func(t *testing.T) {
		server := apiserver.Start(t, shop()...)
		server.Inject(rbacPath+"roles", apiserver.Hang())
		config := server.Config()
		config.Timeout = 200 * time.Millisecond
		snap := load(t, server, live.Options{Config: config, Needs: rbacNeeds()})
		wantGaps(t, snap, snapshot.Gap{Group: rbacGroup, Resource: "roles", Reason: snapshot.TimedOut})
		if got := len(names(snap)); got != 4 {
			t.Errorf("%d objects, want the 4 of other types", got)
		}
	})
}

func TestCancel(t *testing.T) {
	tests := []struct {
		name  string
		path  string
		fault apiserver.Fault
	}{
		{name: "while the server hangs", path: "/*", fault: apiserver.Hang()},
		{name: "while it asks to wait", path: "/*", fault: apiserver.Text(429, 20, "text/plain", "wait")},
		{name: "while the last type is read", path: rbacPath + "clusterroles", fault: apiserver.Hang()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t, shop()...)
			server.Inject(tt.path, tt.fault)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			begin := time.Now()
			snap, err := live.Load(ctx, live.Options{Config: server.Config(), Needs: rbacNeeds(), Concurrency: 2, Identify: true})
			if !errors.Is(err, context.Canceled) || snap != nil {
				t.Errorf("snapshot %v, error %v", snap, err)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("took %v to stop", took)
			}
			if stacks := ours(); stacks != "" {
				t.Errorf("goroutines outlive Load:\n%s", stacks)
			}
		})
	}
}

// ours returns the stacks of goroutines that run code of the package.
func ours() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var found []string
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		if strings.Contains(stack, "pkg/snapshot/live.") {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}

// A server that knows no path at all is none of Kubernetes.
func TestServerOfSomethingElse(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/*", apiserver.Text(http.StatusNotFound, -1, "text/plain", "404 page not found"))
	_, err := live.Load(t.Context(), live.Options{Config: server.Config(), Needs: rbacNeeds()})
	if err == nil || !strings.Contains(err.Error(), "is it an API server of Kubernetes?") || !strings.Contains(err.Error(), server.Config().Host) {
		t.Errorf("error %v", err)
	}
}
