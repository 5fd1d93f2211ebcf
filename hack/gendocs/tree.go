package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// commandsDir holds nothing but generated pages: others in it are stale.
const commandsDir = "commands"

// tree is the content of generated files by their path below the directory of
// the documentation.
type tree map[string][]byte

// write makes the directory's generated files be those of the tree.
func (t tree) write(dir string) error {
	left, err := t.leftOver(dir)
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for name, content := range t {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// check names every file that write would change.
func (t tree) check(dir string, out io.Writer) error {
	stale, err := t.leftOver(dir)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(t)) {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if !bytes.Equal(got, t[name]) {
			stale = append(stale, name)
		}
	}
	for _, name := range stale {
		fmt.Fprintf(out, "%s is stale\n", filepath.Join(dir, name))
	}
	if len(stale) > 0 {
		return errors.New("the documentation of the commands is stale: go run ./hack/gendocs")
	}
	return nil
}

// leftOver returns the pages in the directory whose command is gone.
func (t tree) leftOver(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, commandsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var left []string
	for _, entry := range entries {
		name := commandsDir + "/" + entry.Name()
		if _, ours := t[name]; !ours {
			left = append(left, name)
		}
	}
	return left, err
}
