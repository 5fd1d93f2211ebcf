// Command correctness writes the tables of docs/correctness.md from the
// numbers that the oracles' tests recorded, or checks that they are the same.
//
// Run it in the directory of the module: go run ./oracle/correctness [-update].
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const document = "docs/correctness.md"

func main() {
	update := flag.Bool("update", false, "write the document")
	flag.Parse()
	if err := run("../..", *update); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

// section is a part of the document, made of the numbers in dir.
type section struct {
	name string
	dir  string // in the repository
	text func(dir string) (string, error)
}

func sections() []section {
	const rbac, netpol = "test/controlplane/oracle/testdata", "test/netpol/oracle/testdata"
	return []section{
		{"oracle", rbac, oracleTable},
		{"mix", rbac, mixTable},
		{"mutants", rbac, mutantTable},
		{"netpol", netpol, netpolTable},
		{"netpol-settled", netpol, settledTable},
		{"netpol-tiers", netpol, tiersTable},
		{"netpol-mix", netpol, netpolMix},
		{"netpol-mutants", netpol, mutantTable},
	}
}

// run compares the document of a repository with what its numbers say, or
// updates it.
func run(root string, update bool) error {
	document := filepath.Join(root, document)
	data, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	have := string(data)
	want := have
	for _, section := range sections() {
		text, err := section.text(filepath.Join(root, section.dir))
		if err != nil {
			return err
		}
		if want, err = replaceSection(want, section.name, text); err != nil {
			return fmt.Errorf("%s: %w", document, err)
		}
	}
	switch {
	case want == have:
		return nil
	case update:
		return os.WriteFile(document, []byte(want), 0o644)
	default:
		return errors.New(document + " is not what the recorded numbers say: run go run ./oracle/correctness -update in test/controlplane")
	}
}

// replaceSection puts text between the marks of a section.
func replaceSection(document, name, text string) (string, error) {
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, ok := strings.Cut(document, begin)
	if !ok {
		return "", fmt.Errorf("no line %q", strings.TrimSpace(begin))
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("no line %q", end)
	}
	return before + begin + text + end + after, nil
}

func read(dir, file string, into any) error {
	data, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
