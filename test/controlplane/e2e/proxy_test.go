package e2e

import (
	"encoding/pem"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strconv"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// fault does to a request what a bad proxy does; next is the API server.
type fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// proxy is a bad proxy before an API server.
type proxy struct {
	cluster   *harness.ControlPlane
	url       string
	authority []byte
}

// startProxy starts a proxy that ends with the test. Requests that affected
// does not name reach the API server as they are. It speaks HTTP/2 as the API
// server does, or HTTP/1.1 as many load balancers do.
func startProxy(t *testing.T, cp *harness.ControlPlane, http2 bool, affected func(*http.Request) bool, do fault) *proxy {
	t.Helper()
	transport, err := rest.TransportFor(&rest.Config{TLSClientConfig: rest.TLSClientConfig{CAFile: cp.CAFile}})
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(cp.URL)
	if err != nil {
		t.Fatal(err)
	}
	silent := log.New(io.Discard, "", 0) // clients that go away are what the tests are about
	upstream := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport,
		ErrorLog:  silent,
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !affected(r) {
			upstream.ServeHTTP(w, r)
			return
		}
		do(w, r, upstream)
	}))
	server.Config.ErrorLog = silent
	server.EnableHTTP2 = http2
	server.StartTLS()
	t.Cleanup(server.Close)
	return &proxy{
		cluster: cp, url: server.URL,
		authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
	}
}

// kubeconfig writes a user's kubeconfig for the way through the proxy.
func (p *proxy) kubeconfig(t *testing.T, user string) string {
	t.Helper()
	config := p.cluster.KubeconfigObject(user)
	cluster := config.Clusters[config.Contexts[config.CurrentContext].Cluster]
	cluster.Server, cluster.CertificateAuthority, cluster.CertificateAuthorityData = p.url, "", p.authority
	file := filepath.Join(t.TempDir(), "config")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// to selects the requests for a path.
func to(path string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.URL.Path == path }
}

// anything selects all requests.
func anything(*http.Request) bool { return true }

// hold keeps a request until the client goes away, and tells held before.
func hold(r *http.Request, held func()) {
	// The end of the connection is noticed only after the body was read.
	_, _ = io.Copy(io.Discard, r.Body)
	held()
	<-r.Context().Done()
}

// hang never answers. It tells held of each request that it keeps.
func hang(held func()) fault {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { hold(r, held) }
}

// answerOf returns the API server's whole answer.
func answerOf(r *http.Request, next http.Handler) *httptest.ResponseRecorder {
	r.Header.Del("Accept-Encoding") // half of a gzip stream is a test of gzip
	recorded := httptest.NewRecorder()
	next.ServeHTTP(recorded, r)
	return recorded
}

// begin sends the head of an answer that is said to have size bytes, and the
// first n bytes of its body.
func begin(w http.ResponseWriter, answer *httptest.ResponseRecorder, size, n int) {
	maps.Copy(w.Header(), answer.Header())
	w.Header().Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()[:n])
	_ = http.NewResponseController(w).Flush()
}

// stall sends half of an answer and no more. It tells held of each request
// that it keeps.
func stall(held func()) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := answerOf(r, next)
		begin(w, answer, answer.Body.Len(), answer.Body.Len()/2)
		hold(r, held)
	}
}

// breakOff closes the connection in the middle of an answer.
func breakOff(w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := answerOf(r, next)
	begin(w, answer, answer.Body.Len(), answer.Body.Len()/2)
	panic(http.ErrAbortHandler)
}

// shorten returns a fault that sends the first part of an answer as if it
// were all of it.
func shorten(part func(size int) int) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := answerOf(r, next)
		n := part(answer.Body.Len())
		begin(w, answer, n, n)
	}
}
