package main

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// file is one file of the repository; syntax is nil unless it is Go.
type file struct {
	path      string // slash separated, relative to the root
	module    string // directory of the go.mod that it belongs to, "." for the product
	data      []byte
	syntax    *ast.File
	test      bool // _test.go
	generated bool // marked "Code generated … DO NOT EDIT."
}

// lines counts the lines of the file as wc does, plus an unfinished last one.
func (f *file) lines() int {
	n := bytes.Count(f.data, []byte("\n"))
	if len(f.data) > 0 && f.data[len(f.data)-1] != '\n' {
		n++
	}
	return n
}

// source says whether people write and ship this file: Go, no test, not generated.
func (f *file) source() bool { return f.syntax != nil && !f.test && !f.generated }

// dir is the package directory, "." for the root.
func (f *file) dir() string { return path.Dir(f.path) }

type tree struct {
	fset   *token.FileSet
	module string // module path of the product
	files  []*file
}

// product lists the Go files of the root module.
func (t *tree) product() []*file {
	var files []*file
	for _, f := range t.files {
		if f.syntax != nil && f.module == "." {
			files = append(files, f)
		}
	}
	return files
}

// line gives the 1-based line of a position.
func (t *tree) line(pos token.Pos) int { return t.fset.Position(pos).Line }

// gitFiles lists what is tracked, and what would be: new files that no
// .gitignore names. So a run before the commit sees the same as one after it.
func gitFiles(ctx context.Context, root string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the files of %s with git: %w", root, err)
	}
	paths := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// loadTree reads and parses paths. A listed file that is gone from the disk (a
// deletion not yet committed) is left out; Go that does not parse is an error.
func loadTree(fsys fs.FS, paths []string) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	modules := moduleDirs(paths)
	for _, p := range paths {
		info, err := fs.Stat(fsys, p)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		data, err := fs.ReadFile(fsys, p)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", p, err)
		}
		f := &file{path: p, module: moduleOf(modules, p), data: data, test: strings.HasSuffix(p, "_test.go")}
		// The go tool ignores testdata, so code in it may be broken on purpose.
		if strings.HasSuffix(p, ".go") && !strings.Contains("/"+p, "/testdata/") {
			f.syntax, err = parser.ParseFile(t.fset, p, data, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("parse %s: %w", p, err)
			}
			f.generated = ast.IsGenerated(f.syntax)
		}
		if p == "go.mod" {
			t.module = modulePath(data)
		}
		t.files = append(t.files, f)
	}
	if t.module == "" {
		return nil, fmt.Errorf("find the product's module: no go.mod with a module line in the root")
	}
	return t, nil
}

func moduleDirs(paths []string) []string {
	var dirs []string
	for _, p := range paths {
		if path.Base(p) == "go.mod" && !strings.Contains(p, "testdata/") {
			dirs = append(dirs, path.Dir(p))
		}
	}
	return dirs
}

// moduleOf finds the deepest module directory that holds p.
func moduleOf(dirs []string, p string) string {
	best := "."
	for _, d := range dirs {
		if strings.HasPrefix(p, d+"/") && len(d) >= len(best) {
			best = d
		}
	}
	return best
}

func modulePath(mod []byte) string {
	for line := range strings.Lines(string(mod)) {
		if name, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(name)
		}
	}
	return ""
}
