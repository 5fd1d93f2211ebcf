package apiserver

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// Version is the gitVersion that the server reports.
const Version = "v1.37.2"

// Server is a running server. Its methods are safe for concurrent use.
type Server struct {
	http *httptest.Server

	mu       sync.Mutex
	store    store
	faults   []injected
	requests []Request
	pages    map[string]answer // encoded answers: encoding must not weigh on benchmarks
	types    discoveryDoc
}

// Request is one request as the server saw it.
type Request struct {
	Method string
	Path   string
	Query  string
	Header http.Header
}

type injected struct {
	pattern string
	handler http.Handler
}

// Start serves the objects until the test ends. Typed objects need no
// apiVersion and kind.
func Start(t testing.TB, objects ...runtime.Object) *Server {
	t.Helper()
	s := &Server{store: store{}, pages: map[string]answer{}}
	for _, obj := range objects {
		if err := s.store.add(obj); err != nil {
			t.Fatalf("apiserver: %v", err)
		}
	}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // tests make clients that break off handshakes
	s.http.EnableHTTP2 = true
	s.http.StartTLS()
	t.Cleanup(func() {
		s.http.CloseClientConnections() // ends what hangs
		s.http.Close()
	})
	return s
}

// Config returns a new client configuration that trusts the server.
func (s *Server) Config() *rest.Config {
	return &rest.Config{
		Host:            s.http.URL,
		TLSClientConfig: rest.TLSClientConfig{CAData: pemOf(s.http.Certificate().Raw)},
	}
}

// Serve makes the server answer for types of which it has no object. Types
// that are built into Kubernetes are always served.
func (s *Server) Serve(types ...schema.GroupVersionResource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, gvr := range types {
		s.store.serve(gvr)
	}
}

// Inject puts faults before all requests whose path is the pattern or, where
// the pattern ends with "*", begins with it. The first fault is the outermost.
func (s *Server) Inject(pattern string, faults ...Fault) {
	var handler http.Handler = http.HandlerFunc(s.answer)
	for _, fault := range slices.Backward(faults) {
		handler = fault(handler)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, injected{pattern, handler})
}

// Requests returns the requests so far whose path is the pattern (see
// Inject), in the order in which they came.
func (s *Server) Requests(pattern string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Request
	for _, r := range s.requests {
		if matches(pattern, r.Path) {
			found = append(found, r)
		}
	}
	return found
}

// ForgetRequests empties the record.
func (s *Server) ForgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone()})
	var handler http.Handler = http.HandlerFunc(s.answer)
	for _, f := range s.faults {
		if matches(f.pattern, r.URL.Path) {
			handler = f.handler
		}
	}
	s.mu.Unlock()
	handler.ServeHTTP(w, r)
}

func matches(pattern, path string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(path, prefix)
	}
	return pattern == path
}
