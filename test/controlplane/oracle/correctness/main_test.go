package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../../../.."

// TestDocument fails when docs/correctness.md is not what the recorded numbers
// say.
func TestDocument(t *testing.T) {
	if err := run(root, false); err != nil {
		t.Error(err)
	}
}

func TestStaleDocument(t *testing.T) {
	dir := t.TempDir()
	text := "a\n"
	for _, s := range sections() {
		text += "<!-- begin " + s.name + " -->\nold\n<!-- end " + s.name + " -->\nb\n"
		if err := os.CopyFS(filepath.Join(dir, s.dir), os.DirFS(filepath.Join(root, s.dir))); err != nil && !errors.Is(err, fs.ErrExist) {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, document)
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, false); err == nil || !strings.Contains(err.Error(), "-update") {
		t.Errorf("a stale document: %v", err)
	}
	if err := run(dir, true); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, false); err != nil {
		t.Errorf("after the update: %v", err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(data); strings.Contains(s, "\nold\n") || !strings.HasPrefix(s, "a\n") || !strings.HasSuffix(s, "\nb\n") {
		t.Errorf("the update wrote %q", s)
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, true); err == nil {
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
