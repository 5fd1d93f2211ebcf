package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCount(t *testing.T) {
	tests := []struct {
		name   string
		events string // ACTION PACKAGE TEST, one a line
		want   string
		notes  []string // failures, then skips
	}{
		{name: "pass", events: "run p A\npass p A\npass p", want: "1 passed, 0 failed, 0 skipped"},
		{name: "subtests count", events: "run p A\nrun p A/x\npass p A/x\npass p A", want: "2 passed, 0 failed, 0 skipped"},
		{name: "fail once", events: "run p A\nfail p A\nfail p", want: "0 passed, 1 failed, 0 skipped", notes: []string{"p.A"}},
		{name: "skip", events: "run p A\nskip p A\npass p", want: "0 passed, 0 failed, 1 skipped", notes: []string{"p.A"}},
		{name: "package without tests", events: "skip p", want: "0 passed, 0 failed, 0 skipped"},
		{name: "package that does not build", events: "fail p", want: "0 passed, 1 failed, 0 skipped", notes: []string{"p"}},
		{name: "panic after a passed test", events: "run p A\npass p A\nfail p", want: "1 passed, 1 failed, 0 skipped", notes: []string{"p"}},
		{name: "killed", events: "run p A\nrun p B\npass p B", want: "1 passed, 1 failed, 0 skipped", notes: []string{"p.A (never ended)"}},
		{name: "one name in two packages", events: "run p A\nrun q A\npass q A\nfail p A", want: "1 passed, 1 failed, 0 skipped", notes: []string{"p.A"}},
		{name: "output is no result", events: "output p A\nstart p\npause p A\ncont p A", want: "0 passed, 0 failed, 0 skipped"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := count(strings.NewReader(events(tt.events)))
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != tt.want {
				t.Errorf("count = %s, want %s", got, tt.want)
			}
			if d := cmp.Diff(tt.notes, got.plus(counts{failures: got.skips}).failures); d != "" && tt.notes != nil {
				t.Errorf("notes (-want +got):\n%s", d)
			}
		})
	}
}

// events turns "run p A" into the JSON of an event.
func events(lines string) string {
	var b strings.Builder
	for line := range strings.Lines(lines) {
		words := append(strings.Fields(line), "")
		b.WriteString(`{"Action":"` + words[0] + `","Package":"` + words[1] + `","Test":"` + words[2] + `","Elapsed":0.1}` + "\n")
	}
	return b.String()
}

func TestCountRefusesDamagedResults(t *testing.T) {
	c, err := count(strings.NewReader(events("run p A\npass p A") + `{"Action":"pa`))
	if err == nil || c.passed != 1 {
		t.Errorf("count = %s, %v; want what came before the damage, and an error", c, err)
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"test.json":  events("run p A\npass p A\nrun p B\npass p B"),
		"e2e.json":   events("run q A\npass q A"),
		"skip.json":  events("run q S\nskip q S\nrun q T\npass q T"),
		"fail.json":  events("run q F\nfail q F"),
		"empty.json": "",
		"bad.json":   "not json",
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		args []string
		last string // line
		err  string
	}{
		{name: "adds lanes", args: []string{"test.json", "e2e.json"}, last: "3 passed, 0 failed, 0 skipped"},
		{name: "a skip may pass", args: []string{"skip.json"}, last: "1 passed, 0 failed, 1 skipped"},
		{name: "or not", args: []string{"-no-skips", "skip.json", "e2e.json"}, last: "2 passed, 0 failed, 1 skipped", err: "a test was skipped"},
		{name: "failure", args: []string{"test.json", "fail.json"}, last: "2 passed, 1 failed, 0 skipped", err: "a test failed"},
		{name: "lane that ran nothing", args: []string{"test.json", "empty.json"}, last: "2 passed, 1 failed, 0 skipped", err: "a test failed"},
		{name: "lane that left nothing", args: []string{"missing.json", "test.json"}, last: "2 passed, 1 failed, 0 skipped", err: "a test failed"},
		{name: "damaged", args: []string{"bad.json"}, last: "0 passed, 1 failed, 0 skipped", err: "a test failed"},
		{name: "no lane", err: "name at least one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var args []string
			for _, a := range tt.args {
				if strings.HasSuffix(a, ".json") {
					a = filepath.Join(dir, a)
				}
				args = append(args, a)
			}
			var out bytes.Buffer
			err := run(args, &out, &out)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error = %v, want %q", err, tt.err)
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if last := lines[len(lines)-1]; tt.last != "" && last != tt.last {
				t.Errorf("last line = %q, want %q", last, tt.last)
			}
		})
	}
}
