package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRunSteps(t *testing.T) {
	pass := func(context.Context) error { return nil }
	broken := func(context.Context) error { return errors.New("krew says no") }
	tests := []struct {
		name  string
		steps []step
		want  []string // action and name
		out   string   // part of what people see
		err   string
	}{
		{name: "all pass", steps: []step{{"a", pass}, {"b", pass}}, want: []string{"pass a", "pass b"}, out: "ok    b ("},
		{
			name: "what was not reached has failed", steps: []step{{"a", pass}, {"b", broken}, {"c", pass}},
			want: []string{"pass a", "fail b", "fail c"}, out: "krew says no\nFAIL  c: not reached\n",
			err: "test the plugin with krew: 2 of 3 steps failed",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, record bytes.Buffer
			err := runSteps(context.Background(), tt.steps, &out, &record)
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("error = %v, want %q", err, tt.err)
			}
			var got []string
			for dec := json.NewDecoder(&record); ; {
				var e event
				if err := dec.Decode(&e); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				got = append(got, e.Action+" "+e.Test)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("events (-want +got):\n%s", d)
			}
			if !strings.Contains(out.String(), tt.out) {
				t.Errorf("output lacks %q:\n%s", tt.out, out.String())
			}
		})
	}
}

func TestExpect(t *testing.T) {
	broken := errors.New("exit status 1")
	tests := []struct {
		name string
		err  error
		want string
	}{
		{name: "part there", err: expect("version v1 here", nil, "v1")},
		{name: "part missing", err: expect("version v2", nil, "v1"), want: `lacks "v1"`},
		{name: "program failed", err: expect("v1", broken, "v1"), want: "exit status 1"},
		{name: "line there", err: expectLines("who-can\tShow who\n:4\n", nil, "who-can")},
		{name: "line missing", err: expectLines("who-cannot\n", nil, "who-can"), want: `no line "who-can"`},
		{name: "line of a failed program", err: expectLines("who-can\n", broken, "who-can"), want: "exit status 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if (tt.err == nil) != (tt.want == "") || tt.err != nil && !strings.Contains(tt.err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", tt.err, tt.want)
			}
		})
	}
}

func TestRunCommand(t *testing.T) {
	dir := t.TempDir()
	out, err := runCommand(context.Background(), dir, []string{"WHO=krew"}, "/bin/sh", "-c", "echo $WHO; pwd; echo err >&2")
	if err != nil || !strings.Contains(out, "krew\n") || !strings.Contains(out, dir) || !strings.Contains(out, "err\n") {
		t.Errorf("output %q, %v: want the environment, the directory and both streams", out, err)
	}
	_, err = runCommand(context.Background(), dir, nil, "/bin/sh", "-c", "echo why; exit 7")
	var exit interface{ ExitCode() int }
	if !errors.As(err, &exit) || exit.ExitCode() != 7 || !strings.Contains(err.Error(), "why") {
		t.Errorf("error = %v, want exit code 7 and the output", err)
	}
}
