package main

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

// checkTestRatio demands at least one line of test for a line of the
// product's source. Blank lines count on neither side.
func checkTestRatio(t *tree) []problem {
	source, test := testLines(t)
	if test >= source {
		return nil
	}
	return []problem{{check: "tests", text: fmt.Sprintf("%d lines of test for %d lines of source: at least as many are wanted", test, source)}}
}

// testLines counts the product's source, and what exists only to test it:
// tests, scripts of the whole program, the test kit and the modules under
// test/.
func testLines(t *tree) (source, test int) {
	for _, f := range t.files {
		switch {
		case f.generated:
		case path.Ext(f.path) == ".txtar", f.syntax != nil && (f.test || isTestSupport(f.path)):
			test += filledLines(f.data)
		case f.syntax != nil && f.module == ".":
			source += filledLines(f.data)
		}
	}
	return source, test
}

func isTestSupport(file string) bool {
	return strings.HasPrefix(file, "test/") || strings.HasPrefix(file, "internal/testkit/")
}

func filledLines(data []byte) int {
	n := 0
	for line := range bytes.Lines(data) {
		if len(bytes.TrimSpace(line)) > 0 {
			n++
		}
	}
	return n
}

// commentLines counts the lines of a file that are nothing but comment.
// Directives (//go:…) and the generated-code marker are comments to Go but not
// to readers; they are few enough to be counted with the rest.
func commentLines(t *tree, f *file) int {
	n := 0
	lines := bytes.Split(f.data, []byte("\n"))
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			first, last := t.line(c.Pos()), t.line(c.End())
			start := bytes.TrimSpace(lines[first-1])
			if !bytes.HasPrefix(start, []byte("//")) && !bytes.HasPrefix(start, []byte("/*")) {
				continue // stands behind code
			}
			n += last - first + 1
		}
	}
	return n
}
