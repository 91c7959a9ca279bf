package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// ban is a group of names of one package that some kinds may not use.
type ban struct {
	from  string   // import path
	names []string // nil: every function that the package has
	kinds []Kind
	says  string // what is right instead
}

var (
	deciding = []Kind{Pure, Application}
	inner    = []Kind{Pure, Application, Adapter, Leaf, Settings}
)

var bans = []ban{
	{
		"time",
		[]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"},
		deciding, "time comes in as an argument",
	},
	{"os", []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, []Kind{Pure, Application, Settings}, "what is set comes in as an argument"},
	{"os", []string{"Exit"}, inner, "return an error; only a main ends the process"},
	{"time", []string{"LoadLocation"}, []Kind{Pure}, "it reads files of the machine; a zone comes in as an argument"},
	{"math/rand", nil, deciding, "chance comes in as an argument"},
	{"math/rand/v2", nil, deciding, "chance comes in as an argument"},
	{"fmt", []string{"Print", "Printf", "Println"}, inner, "write to a logger or a writer that is passed in"},
	{"io", nil, []Kind{Pure}, "a pure package takes the types of io and does no I/O"},
	{"strconv", []string{"ParseFloat", "FormatFloat", "AppendFloat"}, deciding, "money and points are integers"},
}

// checkCalls finds calls that a kind of package may not make. A function that
// is named without being called counts too: a default of time.Now is a clock.
func checkCalls(t *Tree, l Layers) []Finding {
	var found []Finding
	for _, f := range t.Go {
		if f.Test {
			continue
		}
		kind := l[f.Folder].Kind
		for _, b := range bans {
			if name := f.importedAs(b.from); name != "" && slices.Contains(b.kinds, kind) {
				found = append(found, f.uses(name, b)...)
			}
		}
		if slices.Contains(inner, kind) {
			found = append(found, f.builtinPrints()...)
		}
	}
	return found
}

// uses finds where a file uses what a ban names. Of a ban without names only
// calls count, and what only passes on to a
// source or a writer that is given (New..., WriteString) is let pass.
func (f *File) uses(name string, b ban) []Finding {
	var found []Finding
	ast.Inspect(f.AST, func(n ast.Node) bool {
		if b.names == nil {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			n = call.Fun
		}
		at, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if from, ok := at.X.(*ast.Ident); !ok || from.Name != name || !b.covers(at.Sel.Name) {
			return true
		}
		found = append(found, Finding{f.Path, f.Line(at.Pos()), fmt.Sprintf("uses %s.%s; %s", name, at.Sel.Name, b.says)})
		return true
	})
	return found
}

func (b ban) covers(name string) bool {
	if b.names == nil {
		return !strings.HasPrefix(name, "New") && name != "WriteString"
	}
	return slices.Contains(b.names, name)
}

// builtinPrints finds print and println.
func (f *File) builtinPrints() []Finding {
	var found []Finding
	ast.Inspect(f.AST, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if fun, ok := call.Fun.(*ast.Ident); ok && (fun.Name == "print" || fun.Name == "println") {
			found = append(found, Finding{f.Path, f.Line(fun.Pos()), "uses " + fun.Name + "; write to a logger that is passed in"})
		}
		return true
	})
	return found
}

// checkGoroutines finds goroutines in packages that decide: what takes time is
// asked for there, and comes back as a call.
func checkGoroutines(t *Tree, l Layers) []Finding {
	var found []Finding
	for _, f := range t.Go {
		if f.Test || !slices.Contains(deciding, l[f.Folder].Kind) {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.GoStmt:
				found = append(found, Finding{f.Path, f.Line(n.Pos()), "starts a goroutine; only adapters and cmd do"})
			case *ast.SelectStmt:
				found = append(found, Finding{f.Path, f.Line(n.Pos()), "waits in a select; only adapters and cmd do"})
			}
			return true
		})
	}
	return found
}

// exact are adapters that must be as free of floats as the pure packages:
// money and points pass through them.
var exact = []string{"sync/hq/sqlbook", "terminal/boltstore"}

// checkFloats finds floats where money or points may pass.
func checkFloats(t *Tree, l Layers) []Finding {
	var found []Finding
	for _, f := range t.Go {
		if f.Test || !slices.Contains(deciding, l[f.Folder].Kind) && !slices.Contains(exact, f.Folder) {
			continue
		}
		round := f.roundConstants()
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if name := float(n); !round[n] && name != "" {
				found = append(found, Finding{f.Path, f.Line(n.Pos()), "has the float " + name + "; money and points are integers"})
			}
			return true
		})
	}
	return found
}

// roundConstants gives the literals such as 1e15 in constant declarations: there
// they are whole numbers, easier to read than their digits.
func (f *File) roundConstants() map[ast.Node]bool {
	round := map[ast.Node]bool{}
	note := func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && !strings.ContainsAny(lit.Value, ".-") {
			round[n] = true
		}
		return true
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
			ast.Inspect(d, note)
		}
		return true
	})
	return round
}

// float gives the text of a node that is a float type or a float literal.
func float(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		if n.Name == "float32" || n.Name == "float64" {
			return n.Name
		}
	case *ast.BasicLit:
		if n.Kind == token.FLOAT {
			return n.Value
		}
	}
	return ""
}
