package live_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

// everyKindOfRequest needs typed lists, metadata, JSON, single objects and,
// because roles are forbidden, namespaces.
func everyKindOfRequest(t *testing.T) (*apiserver.Server, live.Options) {
	t.Helper()
	server := apiserver.Start(t, append(shop(), widgetCRD())...)
	server.Inject(rbacPath+"roles", apiserver.Forbidden("bob"))
	return server, live.Options{
		Config: server.Config(), Identify: true,
		Needs: append(rbacNeeds(),
			snapshot.Need{Type: core("secrets")},
			snapshot.Need{Type: live.CustomResourceDefinitions()},
			snapshot.Need{Type: core("configmaps"), Namespace: "shop", Name: "settings"},
		),
	}
}

func TestImpersonationIsHonoured(t *testing.T) {
	server, opts := everyKindOfRequest(t)
	opts.Config.Impersonate = rest.ImpersonationConfig{
		UserName: "bob", UID: "7", Groups: []string{"dev", "ops"}, Extra: map[string][]string{"scopes": {"a"}},
	}
	snap := load(t, server, opts)
	requests := server.Requests("*")
	if len(requests) < 13 {
		t.Errorf("only %d requests", len(requests))
	}
	for _, r := range requests {
		h := r.Header
		if h.Get("Impersonate-User") != "bob" || h.Get("Impersonate-Uid") != "7" || !slices.Equal(h["Impersonate-Group"], []string{"dev", "ops"}) || h.Get("Impersonate-Extra-Scopes") != "a" {
			t.Errorf("%s %s: headers %v", r.Method, r.Path, h)
		}
	}
	if snap.Info().User != "bob" {
		t.Errorf("user %q", snap.Info().User)
	}
}

func TestOnlyReads(t *testing.T) {
	server, opts := everyKindOfRequest(t)
	load(t, server, opts)
	for _, r := range server.Requests("*") {
		if r.Method != http.MethodGet && r.Path != "/apis/authentication.k8s.io/v1/selfsubjectreviews" {
			t.Errorf("%s %s", r.Method, r.Path)
		}
	}
}

func TestConfigIsNotChanged(t *testing.T) {
	server, opts := everyKindOfRequest(t)
	opts.Config.QPS, opts.Config.Burst, opts.Config.UserAgent = 1, 1, "test-agent"
	before := rest.CopyConfig(opts.Config)
	begin := time.Now()
	load(t, server, opts)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v: the rate limit of the configuration counts", took)
	}
	if opts.Config.WrapTransport != nil || opts.Config.WarningHandler != nil || opts.Config.WarningHandlerWithContext != nil || opts.Config.NegotiatedSerializer != nil {
		t.Error("the configuration got functions")
	}
	if before.String() != opts.Config.String() || before.ContentType != opts.Config.ContentType || opts.Config.QPS != 1 {
		t.Errorf("the configuration is now %v", opts.Config)
	}
	for _, r := range server.Requests("*") {
		if r.Header.Get("User-Agent") != "test-agent" {
			t.Errorf("%s: user agent %q", r.Path, r.Header.Get("User-Agent"))
		}
	}
}

func TestServerBehindAPath(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	config := server.Config()
	config.Host += "/k8s/clusters/c-1"
	// The server itself knows no such path.
	if _, err := live.Load(t.Context(), live.Options{Config: config, Needs: rbacNeeds()}); err == nil {
		t.Error("no error")
	}
	requests := server.Requests("*")
	if len(requests) == 0 {
		t.Error("no request")
	}
	for _, r := range requests {
		if !strings.HasPrefix(r.Path, "/k8s/clusters/c-1/") {
			t.Errorf("request for %s", r.Path)
		}
	}
}

func TestWarningsAreToldOnce(t *testing.T) {
	server := apiserver.Start(t, append(shop(), manyRoles(1001)...)...)
	server.Inject("/*", apiserver.Warn("v1 is old", "another one"))
	var got []string
	load(t, server, live.Options{Needs: rbacNeeds(), Warn: func(text string) { got = append(got, text) }})
	if diff := cmp.Diff([]string{"another one", "v1 is old"}, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestConcurrencyIsLimited(t *testing.T) {
	server := apiserver.Start(t, append(shop(), manyRoles(70)...)...)
	server.Inject(rbacPath+"roles", apiserver.Forbidden("alice"))
	counter, most := apiserver.CountConcurrent()
	server.Inject(rbacPath+"namespaces/*", counter, apiserver.Slow(20*time.Millisecond))
	load(t, server, live.Options{Needs: rbacNeeds(), Concurrency: 2})
	if got := most(); got != 2 {
		t.Errorf("%d requests at the same time, want 2", got)
	}
}

func TestProgress(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	var seen []live.Progress // calls never overlap: no lock, and the race detector looks on
	load(t, server, live.Options{Needs: rbacNeeds(), Progress: func(p live.Progress) { seen = append(seen, p) }})
	last := live.Progress{}
	for _, p := range seen {
		if p.Objects < last.Objects || p.TypesDone < last.TypesDone || p.Types != 4 {
			t.Errorf("progress %+v after %+v", p, last)
		}
		last = p
	}
	if len(seen) != 8 || last.Objects != 6 || last.TypesDone != 4 {
		t.Errorf("%d calls, the last %+v", len(seen), last)
	}
}
