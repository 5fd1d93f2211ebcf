package main

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// TestMutantsFit fails when the engine has changed where a mutant is put in:
// the table has to follow, or the nightly run cannot use it.
func TestMutantsFit(t *testing.T) {
	module := filepath.Join("..", "..")
	for name, of := range analyses() {
		mutants, err := of.load(module)
		if err != nil {
			t.Fatal(err)
		}
		if len(mutants) < 20 {
			t.Errorf("%s: %d mutants, 20 or more are wanted", name, len(mutants))
		}
		names := map[string]bool{}
		for _, m := range mutants {
			t.Run(name+"/"+m.Name, func(t *testing.T) {
				if names[m.Name] {
					t.Error("the name is there twice")
				}
				names[m.Name] = true
				_, source, err := m.faulty(filepath.Join(module, product))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := parser.ParseFile(token.NewFileSet(), m.File, source, 0); err != nil {
					t.Errorf("the mutant is no Go: %v", err)
				}
			})
		}
	}
}
