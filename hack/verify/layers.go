package main

import (
	"fmt"
	"strconv"
	"strings"
)

// layer is one floor of the house. Imports go down: a package may import only
// packages of a lower rank, or of its own layer where peers is set.
type layer struct {
	pattern string // a package, or a subtree when it ends in /...
	rank    int
	peers   bool
}

// layers is the map of the house; the most specific pattern wins. A package
// that no pattern names is a problem: somebody has to decide where it belongs.
func layers() []layer {
	return []layer{
		{pattern: "internal/testkit/...", rank: 200, peers: true}, // above all: only tests may import it
		{pattern: "hack/...", rank: 110, peers: true},
		{pattern: "cmd/...", rank: 100},
		{pattern: "internal/cli", rank: 90},
		{pattern: "internal/cli/command/...", rank: 80},
		{pattern: "internal/cli/...", rank: 70, peers: true},
		{pattern: "pkg/tui/...", rank: 60, peers: true},
		{pattern: "pkg/audit/...", rank: 55, peers: true},
		{pattern: "pkg/printer/...", rank: 50, peers: true},
		{pattern: "pkg/report/...", rank: 45, peers: true},
		{pattern: "pkg/netpol/...", rank: 42, peers: true},
		{pattern: "pkg/secrets/...", rank: 42, peers: true},
		{pattern: "pkg/admission/...", rank: 42, peers: true},
		{pattern: "pkg/runtime/...", rank: 42, peers: true},
		{pattern: "pkg/rbac/...", rank: 40, peers: true},
		{pattern: "pkg/finding", rank: 35},
		{pattern: "pkg/snapshot/...", rank: 30, peers: true},
		{pattern: "pkg/snapshot", rank: 20},
		{pattern: "pkg/apiresource/...", rank: 10, peers: true},
	}
}

// forbiddenImport is an arrow that goes down and is still wrong.
type forbiddenImport struct{ from, to, why string }

func forbiddenImports() []forbiddenImport {
	const pure = "the analyses read a snapshot, whoever made it"
	return []forbiddenImport{
		{"pkg/printer/...", "pkg/snapshot/...", "printers know reports, not the cluster"},
		{"pkg/printer/...", "pkg/rbac/...", "printers know reports, not the cluster"},
		{"pkg/rbac/...", "pkg/snapshot/*", pure},
		{"pkg/netpol/...", "pkg/snapshot/*", pure},
		{"pkg/secrets/...", "pkg/snapshot/*", pure},
		{"pkg/admission/...", "pkg/snapshot/*", pure},
		{"pkg/audit/...", "pkg/snapshot/*", pure},
	}
}

// checkLayers follows the imports between the product's own packages. Test
// files may import what they like: the compiler keeps them free of cycles.
func checkLayers(t *tree) []problem {
	var problems []problem
	for _, f := range t.product() {
		if f.test {
			continue
		}
		for _, spec := range f.syntax.Imports {
			full, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue // the parser has refused it already
			}
			to, own := strings.CutPrefix(full, t.module+"/")
			if !own {
				continue
			}
			if why := importBreach(f.dir(), to); why != "" {
				problems = append(problems, problem{path: f.path, line: t.line(spec.Pos()), check: "layers", text: why})
			}
		}
		if _, ok := layerOf(f.dir()); !ok {
			problems = append(problems, problem{path: f.path, check: "layers", text: f.dir() + " has no layer: give it one in hack/verify/layers.go"})
		}
	}
	return problems
}

// importBreach says why package from must not import package to, "" if it may.
func importBreach(from, to string) string {
	for _, rule := range forbiddenImports() {
		if matches(rule.from, from) && matches(rule.to, to) {
			return fmt.Sprintf("%s must not import %s: %s", from, to, rule.why)
		}
	}
	above, ok := layerOf(from)
	below, known := layerOf(to)
	switch {
	case !ok || !known: // reported where the package itself is seen
		return ""
	case below.rank < above.rank:
		return ""
	case below.rank == above.rank && below.pattern == above.pattern && (above.peers || sameCommand(from, to)):
		return ""
	}
	return fmt.Sprintf("%s must not import %s: imports go down, and these are %s and %s", from, to, above.pattern, below.pattern)
}

// sameCommand lets a command be split into subpackages of its own.
func sameCommand(a, b string) bool {
	const commands = "internal/cli/command/"
	a, okA := strings.CutPrefix(a, commands)
	b, okB := strings.CutPrefix(b, commands)
	first, _, _ := strings.Cut(a, "/")
	second, _, _ := strings.Cut(b, "/")
	return okA && okB && first == second
}

func layerOf(dir string) (layer, bool) {
	var best layer
	for _, l := range layers() {
		if matches(l.pattern, dir) && specificity(l.pattern) > specificity(best.pattern) {
			best = l
		}
	}
	return best, best.pattern != ""
}

// specificity orders patterns: a longer one first, an exact one before a subtree.
func specificity(pattern string) int {
	base, subtree := strings.CutSuffix(pattern, "/...")
	if subtree {
		return 2 * len(base)
	}
	return 2*len(base) + 1
}

// matches knows three patterns: "p" itself, "p/..." with everything below, and
// "p/*" for everything below without p.
func matches(pattern, dir string) bool {
	if base, ok := strings.CutSuffix(pattern, "/*"); ok {
		return strings.HasPrefix(dir, base+"/")
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return dir == base || strings.HasPrefix(dir, base+"/")
	}
	return dir == pattern
}
