package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// version is what the archive is built as; the installed program must say it.
const version = "v0.0.1-krewtest"

// lane is the ground that the steps stand on: a repository, a temporary
// directory, a loopback server of the archives, and a way to run programs.
type lane struct {
	root, tmp string
	run       runner
	listener  net.Listener
	server    *http.Server
}

// newLane serves tmp/dist on a free loopback port until stop is called.
func newLane(ctx context.Context, root, tmp string, run runner) (*lane, error) {
	for _, dir := range []string{"bin", "dist", "krew", "home", "index/plugins"} {
		if err := os.MkdirAll(filepath.Join(tmp, dir), 0o755); err != nil {
			return nil, fmt.Errorf("make a place for the test: %w", err)
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve the archive: %w", err)
	}
	l := &lane{root: root, tmp: tmp, run: run, listener: listener}
	l.server = &http.Server{Handler: http.FileServer(http.Dir(l.path("dist"))), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = l.server.Serve(listener) }() // ends with stop
	return l, nil
}

func (l *lane) stop() { _ = l.server.Close() }

// path is a place in the temporary directory.
func (l *lane) path(elem ...string) string {
	return filepath.Join(append([]string{l.tmp}, elem...)...)
}

// uri is where the archives of tmp/dist are served.
func (l *lane) uri() string { return "http://" + l.listener.Addr().String() }

func (l *lane) archive() string {
	return fmt.Sprintf("kubectl-secure_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
}

// env is the environment of krew and kubectl: nothing of the user's own
// configuration, and first on the PATH what this lane has built.
func (l *lane) env() []string {
	path := l.path("krew", "bin") + string(os.PathListSeparator) + l.path("bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	return []string{
		"PATH=" + path, "HOME=" + l.path("home"), "TMPDIR=" + l.tmp,
		"KREW_ROOT=" + l.path("krew"), "KREW_NO_UPGRADE_CHECK=1", "KUBECONFIG=" + l.path("no-kubeconfig"),
		// The index of the test belongs to whoever runs it; no user configuration of git counts.
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull,
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.test", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.test",
	}
}
