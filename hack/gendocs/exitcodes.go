package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// exitCodesPage makes the page from the constants Exit… and their comments.
func exitCodesPage(source string) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("read the exit codes: %w", err)
	}
	var rows strings.Builder
	for _, decl := range file.Decls {
		constants, ok := decl.(*ast.GenDecl)
		if !ok || constants.Tok != token.CONST {
			continue
		}
		for _, spec := range constants.Specs {
			row, err := exitCodeRow(spec.(*ast.ValueSpec))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", source, err)
			}
			rows.WriteString(row)
		}
	}
	if rows.Len() == 0 {
		return nil, fmt.Errorf("%s has no exit codes", source)
	}
	var b bytes.Buffer
	b.WriteString(strings.Replace(generated, "the command itself", "internal/cli/fault", 1))
	fmt.Fprintf(&b, `# Exit codes

They are the same for every command.

| Code | Meaning |
| --- | --- |
%s
Where several apply, the first of 130, 2, 1, 4, 3 wins: an answer that failed is no answer, and one with gaps proves nothing.

A command that is incomplete says so on stderr and in its JSON ("incomplete": true) whatever the exit code; only `+"`--require-complete`"+` makes that code 4.

On Windows kubectl turns every code but 0 into 1 when it runs a plugin. Call `+"`kubectl-secure`"+` itself where the difference counts.
`, rows.String())
	return b.Bytes(), nil
}

// exitCodeRow returns "" for other constants.
func exitCodeRow(spec *ast.ValueSpec) (string, error) {
	name := spec.Names[0].Name
	if !strings.HasPrefix(name, "Exit") {
		return "", nil
	}
	value, ok := spec.Values[0].(*ast.BasicLit)
	if !ok || value.Kind != token.INT || spec.Comment == nil {
		return "", errors.New(name + " needs a number and a comment that says what it means")
	}
	return fmt.Sprintf("| %s | %s |\n", value.Value, cell(strings.TrimSpace(spec.Comment.Text()))), nil
}
