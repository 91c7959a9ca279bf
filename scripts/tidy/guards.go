package tidy

import (
	"go/ast"
	"strings"
)

// Where the switches of the protective rules are declared, and who may turn one.
const (
	guardFolder = "terminal/guard"
	guardSetter = "cmd/internal/simworld"
)

// checkGuards finds whoever but the simulation turns a protective rule off: a
// part may hand its own switches on, and nothing else.
func checkGuards(t *Tree, _ Layers) []Finding {
	var found []Finding
	for _, f := range t.Go {
		if f.Test || strings.HasPrefix(f.Folder+"/", guardSetter+"/") {
			continue
		}
		if f.importedAs(Module+"/"+guardFolder) != "" && strings.HasPrefix(f.Folder, "cmd/") {
			found = append(found, Finding{f.Path, 1, "imports " + guardFolder + ": only the simulation turns a protective rule off"})
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if at, bad := setsGuard(n); bad {
				found = append(found, Finding{f.Path, f.Line(at.Pos()), "turns a protective rule off: only the simulation does"})
			}
			return true
		})
	}
	return found
}

// setsGuard reports whether a node sets a field Unguarded to something that is not
// another's Unguarded.
func setsGuard(n ast.Node) (at ast.Node, bad bool) {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		key, ok := n.Key.(*ast.Ident)
		return n, ok && key.Name == "Unguarded" && !isUnguarded(n.Value)
	case *ast.AssignStmt:
		for _, left := range n.Lhs {
			if guardIn(left) {
				return n, true
			}
		}
	}
	return n, false
}

func isUnguarded(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Unguarded"
}

// guardIn reports whether an expression is a field Unguarded or a switch in it.
func guardIn(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	return ok && (s.Sel.Name == "Unguarded" || isUnguarded(s.X))
}
