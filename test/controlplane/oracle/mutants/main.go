// Command mutants puts small deliberate faults into an analysis, one at a
// time, and runs its oracle and then its unit tests until one of them fails. A
// fault that survives both is an error. The tree is never touched: the compiler
// gets the faulty file as an overlay.
//
// Run it in the directory of the module: go run ./oracle/mutants [-of NAME]
// [-run REGEXP] [-update].
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

const product = "../.." // the module that is tested

// analysis is what faults are put into.
type analysis struct {
	pkg     string // in the product
	module  string // of its oracle, which is the package ./oracle
	table   string
	results string
}

func analyses() map[string]analysis {
	return map[string]analysis{
		"rbac":   {"pkg/rbac", ".", "oracle/mutants/mutants.yaml", "oracle/testdata/mutants.json"},
		"netpol": {"pkg/netpol", "../netpol", "../netpol/oracle/mutants.yaml", "../netpol/oracle/testdata/mutants.json"},
	}
}

// mutant is one fault: New instead of Old, which File has exactly once.
type mutant struct {
	Name string `json:"name"`
	File string `json:"file"` // in the package
	Old  string `json:"old"`
	New  string `json:"new"`

	of analysis
}

// result tells what caught a mutant: "oracle", "unit tests", or "" if nothing
// did.
type result struct {
	Name string `json:"name"`
	File string `json:"file"`
	By   string `json:"by"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	name := flags.String("of", "rbac", "the analysis: rbac or netpol")
	only := flags.String("run", "", "only the mutants whose name matches the regular expression")
	update := flags.Bool("update", false, "write the results to the testdata of the oracle")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("read -run: %w", err)
	}
	of, ok := analyses()[*name]
	if !ok {
		return fmt.Errorf("there is no analysis %q", *name)
	}
	mutants, err := of.load(".")
	if err != nil {
		return err
	}
	// Before the first of them runs for a quarter of a minute.
	for _, m := range mutants {
		if _, _, err := m.faulty(product); err != nil {
			return fmt.Errorf("mutant %q: %w", m.Name, err)
		}
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var all []result
	var survivors []string
	for _, m := range mutants {
		if !wanted.MatchString(m.Name) {
			continue
		}
		by, err := m.try(ctx, dir)
		if err != nil {
			return fmt.Errorf("mutant %q: %w", m.Name, err)
		}
		if by == "" {
			survivors = append(survivors, m.Name)
		}
		fmt.Fprintf(out, "%-12s %s: %s\n", orSurvived(by), m.File, m.Name)
		all = append(all, result{m.Name, m.File, by})
	}
	fmt.Fprintf(out, "mutants: %d tried, %d survived\n", len(all), len(survivors))
	if len(survivors) > 0 {
		return fmt.Errorf("not caught by any test: %q", survivors)
	}
	if *update {
		return save(of.results, all)
	}
	return nil
}

func orSurvived(by string) string {
	if by == "" {
		return "SURVIVED"
	}
	return by
}

// load reads the table, from the directory of this module.
func (a analysis) load(dir string) ([]mutant, error) {
	file := filepath.Join(dir, a.table)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var mutants []mutant
	if err := yaml.UnmarshalStrict(data, &mutants); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i := range mutants {
		mutants[i].of = a
	}
	return mutants, nil
}

func save(file string, all []result) error {
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}

// try runs the tests on the mutant and returns which ones failed first.
func (m mutant) try(ctx context.Context, dir string) (string, error) {
	overlay, err := m.overlay(dir)
	if err != nil {
		return "", err
	}
	lanes := []struct{ name, dir, pkg string }{{"oracle", m.of.module, "./oracle"}, {"unit tests", product, "./" + m.of.pkg}}
	for _, lane := range lanes {
		failed, err := fails(ctx, lane.dir, overlay, lane.pkg)
		if err != nil {
			return "", fmt.Errorf("%s: %w", lane.name, err)
		}
		if failed {
			return lane.name, nil
		}
	}
	return "", nil
}

// faulty returns the path of the file and its source with the fault.
func (m mutant) faulty(product string) (path, source string, err error) {
	path, err = filepath.Abs(filepath.Join(product, m.of.pkg, m.File))
	if err != nil {
		return "", "", err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", "", err
	}
	if n := strings.Count(string(data), m.Old); n != 1 {
		return "", "", fmt.Errorf("%s has %q %d times, 1 is wanted: adapt %s to the source", m.File, m.Old, n, m.of.table)
	}
	return path, strings.Replace(string(data), m.Old, m.New, 1), nil
}

// overlay writes the faulty file and the description of it for -overlay.
func (m mutant) overlay(dir string) (string, error) {
	path, source, err := m.faulty(product)
	if err != nil {
		return "", err
	}
	replacement := filepath.Join(dir, m.File)
	if err := os.WriteFile(replacement, []byte(source), 0o600); err != nil {
		return "", err
	}
	description, err := json.Marshal(map[string]map[string]string{"Replace": {path: replacement}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, description, 0o600)
}

// fails reports whether the package's tests fail. That they cannot be built
// is an error: such a mutant shows nothing.
func fails(ctx context.Context, dir, overlay, pkg string) (bool, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-short", "-failfast", "-vet=off", "-ldflags=-s -w", "-overlay="+overlay, pkg)
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return false, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case bytes.Contains(output, []byte("--- FAIL")) || bytes.Contains(output, []byte("panic:")):
		return true, nil
	default:
		return false, fmt.Errorf("%w:\n%s", err, output)
	}
}
