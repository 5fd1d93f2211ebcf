// Package progress shows on a terminal how far a slow command has come.
package progress

import (
	"fmt"
	"sync"
	"time"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
)

// delay is how long a command may take before it shows progress: quick
// answers stay quiet.
const delay = 300 * time.Millisecond

// Line is one line on stderr that is written over and erased in the end. It
// stays empty where stderr is no terminal. It is safe for concurrent use.
type Line struct {
	env   *env.Env
	start time.Time

	mu    sync.Mutex
	shown string
}

// Start begins to measure the delay.
func Start(e *env.Env) *Line { return &Line{env: e, start: e.Now()} }

// Show replaces the line.
func (l *Line) Show(format string, args ...any) {
	if !l.env.Terminal.Err || l.env.Now().Sub(l.start) < delay {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if text := fmt.Sprintf(format, args...); text != l.shown {
		l.shown = text
		fmt.Fprintf(l.env.ErrOut, "\r\x1b[K%s", text)
	}
}

// Erase removes the line.
func (l *Line) Erase() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown != "" {
		l.shown = ""
		fmt.Fprint(l.env.ErrOut, "\r\x1b[K")
	}
}
