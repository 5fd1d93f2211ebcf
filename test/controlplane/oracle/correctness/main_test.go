package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocument fails when docs/correctness.md is not what the recorded numbers
// say.
func TestDocument(t *testing.T) {
	if err := run(filepath.Join("..", "..", document), filepath.Join("..", "testdata"), false); err != nil {
		t.Error(err)
	}
}

func TestStaleDocument(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "correctness.md")
	text := "a\n<!-- begin oracle -->\nold\n<!-- end oracle -->\nb\n<!-- begin mix -->\n<!-- end mix -->\n<!-- begin mutants -->\n<!-- end mutants -->\nc\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	numbers := filepath.Join("..", "testdata")
	if err := run(file, numbers, false); err == nil || !strings.Contains(err.Error(), "-update") {
		t.Errorf("a stale document: %v", err)
	}
	if err := run(file, numbers, true); err != nil {
		t.Fatal(err)
	}
	if err := run(file, numbers, false); err != nil {
		t.Errorf("after the update: %v", err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(data); strings.Contains(s, "old") || !strings.HasPrefix(s, "a\n") || !strings.HasSuffix(s, "\nc\n") {
		t.Errorf("the update wrote %q", s)
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(file, numbers, true); err == nil {
		t.Error("a document without marks is updated")
	}
}

func TestGroup(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := group(n); got != want {
			t.Errorf("group(%d) = %s", n, got)
		}
	}
}
