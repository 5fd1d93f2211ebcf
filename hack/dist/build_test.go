package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// program makes a root whose main prints what the linker has set.
func program(t *testing.T, source string) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "cmd", "kubectl-secure")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		filepath.Join(root, "go.mod"): "module example.test/p\n\ngo 1.26\n",
		filepath.Join(dir, "main.go"): source,
	} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const printer = "package main\n\nvar version, commit, date string\n\nfunc main() { println(version, commit, date) }\n"

// Two builds in two directories give the same bytes, and those know their release.
func TestGoBuildIsReproducible(t *testing.T) {
	here := target{runtime.GOOS, runtime.GOARCH}
	var binaries [][]byte
	var file string
	for range 2 {
		file = filepath.Join(t.TempDir(), here.binary())
		if err := goBuild(context.Background(), program(t, printer), here, testRelease(), file); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		binaries = append(binaries, data)
	}
	if !bytes.Equal(binaries[0], binaries[1]) {
		t.Error("two builds of the same source differ")
	}
	out, err := exec.Command(file).CombinedOutput()
	want := "v1.2.3 " + strings.Repeat("ab", 20) + " 2026-11-23T08:00:00Z\n"
	if err != nil || string(out) != want {
		t.Errorf("the program prints %q, %v; want %q", out, err, want)
	}
}

func TestGoBuildShowsTheCompilersErrors(t *testing.T) {
	root := program(t, "package main\n\nfunc main() { missing() }\n")
	err := goBuild(context.Background(), root, target{"linux", "amd64"}, testRelease(), filepath.Join(t.TempDir(), "x"))
	if err == nil || !strings.Contains(err.Error(), "undefined: missing") || !strings.HasPrefix(err.Error(), "build linux/amd64: ") {
		t.Errorf("error = %v, want the target and the compiler's text", err)
	}
}
