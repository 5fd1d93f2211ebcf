package live

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/net/http2"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

const (
	// maxRetries of one request. client-go retries answers 429 and 5xx with a
	// Retry-After, and connections that were reset before an answer.
	maxRetries = 4
	// maxRetryAfter is how long a server may make us wait each time.
	maxRetryAfter = 30 * time.Second
)

// boundedRetry hides a Retry-After that is too long to wait for: client-go
// would sleep as long as the server says. The answer then counts as it is.
type boundedRetry struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b boundedRetry) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && time.Duration(seconds)*time.Second > maxRetryAfter {
		resp.Header.Del("Retry-After")
	}
	return resp, nil
}

// WrappedRoundTripper lets client-go find the transport below.
func (b boundedRetry) WrappedRoundTripper() http.RoundTripper { return b.next }

// brokenOff reports whether the connection ended in the middle of an answer.
// client-go does not retry these.
func brokenOff(err error) bool {
	var stream http2.StreamError
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &stream) || utilnet.IsConnectionReset(err)
}
