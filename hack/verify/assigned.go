package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

// assigned collects the objects that the files write to, through an index, a
// field, a pointer or their address as well as directly.
func assigned(files []*file, info *types.Info) map[types.Object]bool {
	changed := map[types.Object]bool{}
	mark := func(expr ast.Expr) {
		if ident := rootIdent(expr); ident != nil {
			if obj := info.Uses[ident]; obj != nil {
				changed[obj] = true
			}
		}
	}
	for _, f := range files {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					mark(left)
				}
			case *ast.IncDecStmt:
				mark(n.X)
			case *ast.RangeStmt:
				mark(n.Key)
				mark(n.Value)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					mark(n.X)
				}
			case *ast.CallExpr:
				if fn, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && writesFirst(fn.Name) {
					mark(n.Args[0])
				}
			}
			return true
		})
	}
	return changed
}

// writesFirst names the builtins that change their first argument.
func writesFirst(builtin string) bool {
	return builtin == "delete" || builtin == "clear" || builtin == "copy"
}

// rootIdent finds x in x, x.f, x[i], *x, (x) and x[i:j]; nil if there is none.
func rootIdent(expr ast.Expr) *ast.Ident {
	for {
		switch e := expr.(type) {
		case *ast.Ident:
			return e
		case *ast.SelectorExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.SliceExpr:
			expr = e.X
		case *ast.StarExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		default:
			return nil
		}
	}
}
