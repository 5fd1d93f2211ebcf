package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testRelease() release {
	return release{version: "v1.2.3", commit: strings.Repeat("ab", 20), date: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
}

// standIn writes a "binary" that names its target and release.
func standIn(_ context.Context, _ string, t target, r release, out string) error {
	return os.WriteFile(out, fmt.Appendf(nil, "%s %s", t, r.version), 0o600)
}

// licensed is a root directory with a licence in it.
func licensed(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "LICENSE"), []byte("Apache License\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}

func testConfig(t *testing.T) distConfig {
	return distConfig{
		root: licensed(t), out: filepath.Join(t.TempDir(), "dist"), uriBase: "https://example.test/v1.2.3",
		release: testRelease(), targets: allTargets(), build: standIn, log: io.Discard,
	}
}

// contents reads a directory into name → bytes.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

func TestMakeDistIsReproducible(t *testing.T) {
	first, second := testConfig(t), testConfig(t)
	for _, c := range []distConfig{first, second} {
		if _, err := makeDist(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	a, b := contents(t, first.out), contents(t, second.out)
	if len(a) != 8 {
		t.Errorf("%d files, want six archives, the sums and the manifest", len(a))
	}
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s differs between two builds", name)
		}
	}
}

func TestMakeDistSumsMatchTheArchives(t *testing.T) {
	c := testConfig(t)
	manifest, err := makeDist(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	files := contents(t, c.out)
	for _, target := range c.targets {
		hash := sha256.Sum256([]byte(files[target.archive()]))
		sum := hex.EncodeToString(hash[:])
		if !strings.Contains(files["sha256sums.txt"], sum+"  "+target.archive()+"\n") {
			t.Errorf("sha256sums.txt has no %s for %s", sum, target.archive())
		}
		want := "    uri: https://example.test/v1.2.3/" + target.archive() + "\n    sha256: " + sum + "\n    bin: " + target.binary() + "\n"
		if !strings.Contains(string(manifest), want) {
			t.Errorf("the manifest lacks\n%s", want)
		}
	}
	if files["krew-manifest.yaml"] != string(manifest) {
		t.Error("the returned manifest is not the written one")
	}
}

func TestMakeDistFailures(t *testing.T) {
	broken := errors.New("does not compile")
	tests := []struct {
		name   string
		change func(*distConfig)
		want   string
	}{
		{name: "no licence", change: func(c *distConfig) { c.root = t.TempDir() }, want: "pack the licence"},
		{name: "build fails", change: func(c *distConfig) {
			c.build = func(context.Context, string, target, release, string) error { return broken }
		}, want: broken.Error()},
		{name: "build writes nothing", change: func(c *distConfig) {
			c.build = func(context.Context, string, target, release, string) error { return nil }
		}, want: "build darwin/amd64"},
		{name: "too large", change: func(c *distConfig) {
			c.build = func(_ context.Context, _ string, _ target, _ release, out string) error {
				return os.WriteFile(out, make([]byte, maxBinary+1), 0o600)
			}
		}, want: "the binary has 36.0 MB, more than the 36.0 MB"},
		{name: "output is a file", change: func(c *distConfig) { c.out = filepath.Join(c.root, "LICENSE") }, want: "make the output directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := testConfig(t)
			tt.change(&c)
			if _, err := makeDist(context.Background(), c); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestMakeDistAcceptsTheLargestBinary(t *testing.T) {
	c := testConfig(t)
	c.targets = c.targets[:1]
	c.build = func(_ context.Context, _ string, _ target, _ release, out string) error {
		return os.WriteFile(out, make([]byte, maxBinary), 0o600)
	}
	if _, err := makeDist(context.Background(), c); err != nil {
		t.Error(err)
	}
}

func TestRunUsage(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{name: "unknown platform", args: []string{"-platform", "plan9/arm"}, want: `platform "plan9/arm" is none of [darwin/amd64`},
		{name: "one platform is no release", args: []string{"-publish", "-platform", "linux/amd64"}, want: "exclude each other"},
		{name: "version without v", args: []string{"-root", repository(t, ""), "-version", "1.0.0"}, want: "no semantic version"},
		{name: "no repository", args: []string{"-root", t.TempDir()}, want: "ask git rev-parse"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := run(context.Background(), tt.args, &out, &out); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestTargetNames(t *testing.T) {
	var got []string
	for _, target := range allTargets() {
		parsed, err := parseTarget(target.String())
		if err != nil || parsed != target {
			t.Errorf("parse %s = %v, %v", target, parsed, err)
		}
		got = append(got, target.archive()+" "+target.binary())
	}
	want := []string{
		"kubectl-secure_darwin_amd64.tar.gz kubectl-secure",
		"kubectl-secure_darwin_arm64.tar.gz kubectl-secure",
		"kubectl-secure_linux_amd64.tar.gz kubectl-secure",
		"kubectl-secure_linux_arm64.tar.gz kubectl-secure",
		"kubectl-secure_windows_amd64.tar.gz kubectl-secure.exe",
		"kubectl-secure_windows_arm64.tar.gz kubectl-secure.exe",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
}
