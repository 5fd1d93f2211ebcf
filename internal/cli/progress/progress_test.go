package progress_test

import (
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/progress"
)

func TestLine(t *testing.T) {
	tests := []struct {
		name     string
		terminal bool
		after    time.Duration
		want     string
	}{
		{"a pipe stays clean", false, time.Second, ""},
		{"quick commands stay quiet", true, 100 * time.Millisecond, ""},
		{"a slow one shows and erases", true, time.Second, "\r\x1b[K1 of 2\r\x1b[K2 of 2\r\x1b[K"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			streams, _, _, errOut := genericiooptions.NewTestIOStreams()
			now := time.Unix(0, 0)
			e := &env.Env{IOStreams: streams, Now: func() time.Time { return now }, Terminal: env.Terminal{Err: tt.terminal}}
			line := progress.Start(e)
			now = now.Add(tt.after)
			line.Show("%d of 2", 1)
			line.Show("%d of 2", 1)
			line.Show("%d of 2", 2)
			line.Erase()
			line.Erase()
			if got := errOut.String(); got != tt.want {
				t.Errorf("stderr = %q, want %q", strings.ReplaceAll(got, "\x1b", "ESC"), tt.want)
			}
		})
	}
}
