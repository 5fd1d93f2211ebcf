package live

import (
	"context"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

const (
	logErrors  = 2 // verbosity for client-go's error messages
	logHeaders = 7 // highest verbosity at which client-go logs no bodies
)

// quiet returns a context for requests to client-go. Its errors are logged at
// -v=2 only, since they become Gaps; where the answer may hold secrets (as
// the last-applied annotation of a Secret does), bodies are never logged.
func quiet(ctx context.Context, secret bool) context.Context {
	logger := klog.FromContext(ctx)
	if logger.GetSink() == nil {
		return ctx
	}
	return klog.NewContext(ctx, logger.WithSink(sink{logger.GetSink(), secret}))
}

type sink struct {
	logr.LogSink
	secret bool
}

// Enabled implements logr.LogSink.
func (s sink) Enabled(level int) bool {
	return (!s.secret || level <= logHeaders) && s.LogSink.Enabled(level)
}

// Error implements logr.LogSink.
func (s sink) Error(err error, text string, pairs ...any) {
	if s.LogSink.Enabled(logErrors) {
		s.Info(logErrors, text, append(pairs, "err", err)...)
	}
}

// WithValues implements logr.LogSink.
func (s sink) WithValues(pairs ...any) logr.LogSink {
	return sink{s.LogSink.WithValues(pairs...), s.secret}
}

// WithName implements logr.LogSink.
func (s sink) WithName(name string) logr.LogSink { return sink{s.LogSink.WithName(name), s.secret} }
