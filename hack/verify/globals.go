package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// checkInit refuses init functions: what happens on import cannot be ordered,
// tested or left out.
func checkInit(t *tree) []problem {
	var problems []problem
	for _, f := range t.files {
		if f.syntax == nil || f.test {
			continue
		}
		for _, decl := range f.syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				problems = append(problems, problem{path: f.path, line: t.line(fn.Pos()), check: "globals", text: "init function: do it where it is needed"})
			}
		}
	}
	return problems
}

// checkGlobals refuses package-level variables that hold state: maps, channels,
// locks, pointers, variables without a value, exported slices, and whatever the
// package assigns to. Sentinel errors, compiled expressions, embedded files,
// `var _ Interface = …` and main's link-time strings stay.
func checkGlobals(t *tree) []problem {
	packages := map[string][]*file{}
	var order []string
	for _, f := range t.files {
		if f.syntax == nil || f.test {
			continue
		}
		key := f.dir() + " " + f.syntax.Name.Name
		if packages[key] == nil {
			order = append(order, key)
		}
		packages[key] = append(packages[key], f)
	}
	var problems []problem
	for _, key := range order {
		problems = append(problems, packageGlobals(t, packages[key])...)
	}
	return problems
}

func packageGlobals(t *tree, files []*file) []problem {
	info := resolve(t.fset, files)
	changed := assigned(files, info)
	var problems []problem
	for _, f := range files {
		for _, decl := range f.syntax.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, s := range gen.Specs {
				spec, ok := s.(*ast.ValueSpec)
				if !ok || embedded(gen, spec) {
					continue
				}
				for i, name := range spec.Names {
					why := stateful(spec, i, info.Defs[name], f.syntax.Name.Name == "main")
					if why == "" && changed[info.Defs[name]] {
						why = "the package changes it"
					}
					if why != "" && name.Name != "_" {
						problems = append(problems, problem{
							path: f.path, line: t.line(name.Pos()), check: "globals",
							text: fmt.Sprintf("package variable %s: %s", name.Name, why),
						})
					}
				}
			}
		}
	}
	return problems
}

// resolve type-checks a package without its imports. Errors are expected (every
// foreign name is unknown); what remains is exact for the package's own names.
func resolve(fset *token.FileSet, files []*file) *types.Info {
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: noImports{}, Error: func(error) {}, FakeImportC: true}
	syntax := make([]*ast.File, len(files))
	for i, f := range files {
		syntax[i] = f.syntax
	}
	// The returned error is the first of those that Error has let pass.
	_, _ = config.Check(files[0].dir(), fset, syntax, info)
	return info
}

type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	pkg := types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
	pkg.MarkComplete()
	return pkg, nil
}

// stateful says why the i-th variable of spec can hold state, "" if it cannot.
func stateful(spec *ast.ValueSpec, i int, obj types.Object, inMain bool) string {
	if sel, ok := spec.Type.(*ast.SelectorExpr); ok {
		if pkg, ok := sel.X.(*ast.Ident); ok && slices.Contains([]string{"sync", "atomic"}, pkg.Name) {
			return "a lock or a counter is state"
		}
	}
	if len(spec.Values) == 0 {
		if ident, ok := spec.Type.(*ast.Ident); ok && ident.Name == "string" && inMain {
			return "" // set by the linker
		}
		return "it has no value, so something assigns it later"
	}
	if i < len(spec.Values) {
		if unary, ok := spec.Values[i].(*ast.UnaryExpr); ok && unary.Op == token.AND {
			return "a pointer to something that can change: return it from a function"
		}
	}
	if obj == nil || obj.Type() == nil {
		return ""
	}
	switch obj.Type().Underlying().(type) {
	case *types.Map:
		return "a map can change: use a switch, or return it from a function"
	case *types.Chan:
		return "a channel is state"
	case *types.Slice:
		if obj.Exported() {
			return "every importer can change an exported slice: return it from a function"
		}
	}
	return ""
}

func embedded(gen *ast.GenDecl, spec *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{gen.Doc, spec.Doc} {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:embed ") {
				return true
			}
		}
	}
	return false
}
