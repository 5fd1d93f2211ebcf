package apiserver

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Fault stands before the server's answer and may change or replace it.
type Fault func(next http.Handler) http.Handler

// Times limits a fault to the first n requests that reach it.
func Times(n int, fault Fault) Fault {
	return func(next http.Handler) http.Handler {
		var count atomic.Int64
		faulty := fault(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if count.Add(1) <= int64(n) {
				faulty.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// LaterPages limits a fault to pages after the first.
func LaterPages(fault Fault) Fault {
	return func(next http.Handler) http.Handler {
		faulty := fault(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("continue") {
				faulty.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// AfterFirst limits a fault to requests after the first that reaches it.
func AfterFirst(fault Fault) Fault {
	return func(next http.Handler) http.Handler { return Times(1, replace(next.ServeHTTP))(fault(next)) }
}

// Fail answers with the error as a Status, as the server would send it.
func Fail(err error) Fault {
	return replace(func(w http.ResponseWriter, r *http.Request) {
		encodeStatus(r.Header.Get("Accept"), err).write(w)
	})
}

// Forbidden answers as the RBAC authorizer does.
func Forbidden(user string) Fault {
	return replace(func(w http.ResponseWriter, r *http.Request) {
		t, _ := parse(r.URL.Path)
		verb, where := "list", "at the cluster scope"
		if t.name != "" {
			verb = "get"
		}
		if t.namespace != "" {
			where = fmt.Sprintf("in the namespace %q", t.namespace)
		}
		why := fmt.Errorf("User %q cannot %s resource %q in API group %q %s", user, verb, t.gvr.Resource, t.gvr.Group, where) //nolint:staticcheck // the server's words
		encodeStatus(r.Header.Get("Accept"), apierrors.NewForbidden(t.gvr.GroupResource(), t.name, why)).write(w)
	})
}

// Expired answers that the list, or its continue token, is too old.
func Expired() Fault {
	return Fail(apierrors.NewResourceExpired("The provided continue parameter is too old to display a consistent list result."))
}

// Unauthorized answers as to an expired token.
func Unauthorized() Fault { return Fail(apierrors.NewUnauthorized("Unauthorized")) }

// NotServed answers as for a type that no API group has.
func NotServed() Fault {
	return replace(func(w http.ResponseWriter, _ *http.Request) { notFound().write(w) })
}

// Text answers with a code and a text that is not a Status, as proxies and
// the aggregator do. retryAfter is in seconds; less than 0 sends no header.
func Text(code, retryAfter int, contentType, text string) Fault {
	return replace(func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter >= 0 {
			w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		}
		answer{code, contentType, []byte(text)}.write(w)
	})
}

// Hang sends nothing until the client or the test ends the request.
func Hang() Fault {
	return replace(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

// Slow waits before it answers.
func Slow(delay time.Duration) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(delay):
				next.ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		})
	}
}

// Warn adds a Warning header for each text.
func Warn(texts ...string) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, text := range texts {
				w.Header().Add("Warning", fmt.Sprintf("299 - %q", text))
			}
			next.ServeHTTP(w, r)
		})
	}
}

// CountConcurrent counts the requests that are under way at the same time;
// most returns the largest number so far.
func CountConcurrent() (count Fault, most func() int) {
	var mu sync.Mutex
	now, top := 0, 0
	count = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			now++
			top = max(top, now)
			mu.Unlock()
			next.ServeHTTP(w, r)
			mu.Lock()
			now--
			mu.Unlock()
		})
	}
	return count, func() int {
		mu.Lock()
		defer mu.Unlock()
		return top
	}
}

// RewriteAccept makes the server see another Accept header: one that knows
// fewer formats.
func RewriteAccept(accept string) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Accept", accept)
			next.ServeHTTP(w, r)
		})
	}
}

// Truncate breaks the connection in the middle of the body.
func Truncate() Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			whole := httptest.NewRecorder()
			next.ServeHTTP(whole, r)
			maps.Copy(w.Header(), whole.Header())
			w.WriteHeader(whole.Code)
			_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
	}
}

// Reset breaks the connection before the answer: with a TCP reset over
// HTTP/1.1, with a stream reset over HTTP/2.
func Reset() Fault {
	return replace(func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			if raw, ok := conn.(interface{ NetConn() net.Conn }); ok {
				if tcp, ok := raw.NetConn().(*net.TCPConn); ok {
					_ = tcp.SetLinger(0)
					_ = tcp.Close()
				}
			}
			_ = conn.Close()
			return
		}
		panic(http.ErrAbortHandler)
	})
}

// Busy is the Status of API priority and fairness, without Retry-After.
func Busy() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusTooManyRequests,
		Reason: metav1.StatusReasonTooManyRequests, Message: "too many requests, please try again later",
	}}
}

func replace(f http.HandlerFunc) Fault {
	return func(http.Handler) http.Handler { return f }
}
