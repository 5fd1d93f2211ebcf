package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// runner runs a program in dir and returns what it wrote to both streams. env
// is the whole environment.
type runner func(ctx context.Context, dir string, env []string, name string, args ...string) (string, error)

func runCommand(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("run %s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// expect turns output without one of the parts into an error.
func expect(out string, err error, parts ...string) error {
	if err != nil {
		return err
	}
	for _, part := range parts {
		if !strings.Contains(out, part) {
			return fmt.Errorf("the output lacks %q:\n%s", part, out)
		}
	}
	return nil
}

// expectLines wants whole lines, up to the tab before a description.
func expectLines(out string, err error, lines ...string) error {
	if err != nil {
		return err
	}
	var got []string
	for line := range strings.Lines(out) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		got = append(got, word)
	}
	for _, line := range lines {
		if !slices.Contains(got, line) {
			return fmt.Errorf("the output has no line %q:\n%s", line, out)
		}
	}
	return nil
}
