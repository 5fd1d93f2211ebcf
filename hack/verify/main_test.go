package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"strings"
	"testing"
)

// planted breaks every rule once; run must find all of them in one go.
func planted() map[string]string {
	return map[string]string{
		"go.mod":           "module " + testModule + "\n",
		"pkg/rbac/rbac.go": "package rbac\n\nimport _ \"" + testModule + "/internal/cli\"\n\nvar cache = map[string]int{}\n\nfunc init() {}\n",
		"internal/cli/c.go": "package cli\n\n// Home is /wor" + "k/main.\nconst Home = 1\n" +
			strings.Repeat("// line\n", maxFileLines),
	}
}

func TestRunFindsEveryPlantedBreach(t *testing.T) {
	root := repository(t, planted())
	var out, errOut bytes.Buffer
	err := run(context.Background(), []string{"-root", root}, &out, &errOut)
	if err == nil || !strings.Contains(err.Error(), "problem(s)") {
		t.Fatalf("error = %v, want a count of problems", err)
	}
	for _, want := range []string{
		"internal/cli/c.go: size: 604 lines",
		"size: the median source file",
		"tests: 0 lines of test",
		"pkg/rbac/rbac.go:7: globals: init function",
		"pkg/rbac/rbac.go:5: globals: package variable cache",
		"pkg/rbac/rbac.go:3: layers: pkg/rbac must not import internal/cli",
		"internal/cli/c.go:3: words:",
	} {
		if !strings.Contains(errOut.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, errOut.String())
		}
	}
	if !strings.HasPrefix(out.String(), "structure: 2 source files") {
		t.Errorf("report = %q", out.String())
	}
}

func TestRunAcceptsACleanTree(t *testing.T) {
	root := repository(t, map[string]string{
		"go.mod":                "module " + testModule + "\n",
		"pkg/rbac/rbac.go":      "// Package rbac answers.\npackage rbac\n",
		"pkg/rbac/rbac_test.go": "package rbac\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n",
	})
	var out, errOut bytes.Buffer
	if err := run(context.Background(), []string{"-root", root}, &out, &errOut); err != nil {
		t.Errorf("error = %v\n%s", err, errOut.String())
	}
	want := "structure: 1 source files, median 2 lines, 90th percentile 2; 2 lines of source, 3 of test (1.50); 50.0 % comments\n"
	if out.String() != want {
		t.Errorf("report = %q, want %q", out.String(), want)
	}
}

func TestRunRefusesUnknownFlags(t *testing.T) {
	var errOut bytes.Buffer
	if err := run(context.Background(), []string{"-nope"}, &errOut, &errOut); err == nil {
		t.Error("an unknown flag was accepted")
	}
	if err := run(context.Background(), []string{"-h"}, &errOut, &errOut); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h = %v, want flag.ErrHelp", err)
	}
}

func TestProblemString(t *testing.T) {
	tests := []struct {
		name string
		in   problem
		want string
	}{
		{name: "tree", in: problem{check: "tests", text: "too few"}, want: "tests: too few"},
		{name: "file", in: problem{path: "a.go", check: "size", text: "too long"}, want: "a.go: size: too long"},
		{name: "line", in: problem{path: "a.go", line: 7, check: "words", text: "no"}, want: "a.go:7: words: no"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.in.String(); got != tt.want {
				t.Errorf("String() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSortProblems(t *testing.T) {
	diff(t, []string{"z: whole tree", "a:1: z: 1", "a:2: z: 1", "a:2: z: 2", "b: z: 0"}, texts([]problem{
		{path: "b", check: "z", text: "0"},
		{path: "a", line: 2, check: "z", text: "2"},
		{path: "a", line: 2, check: "z", text: "1"},
		{path: "a", line: 1, check: "z", text: "1"},
		{check: "z", text: "whole tree"},
	}))
}
