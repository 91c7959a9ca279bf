package tidy

import (
	"fmt"
	"go/ast"
)

// The sizes above which code usually hides two nouns, in lines.
const (
	FileLinesMax    = 500
	TestLinesMax    = 800 // of a test file
	FuncLinesMax    = 70
	PackageLinesMax = 2500 // of all its files that aren't tests
)

// checkSizes finds files, functions and packages that have grown too long.
// What a program wrote is not counted.
func checkSizes(t *Tree, _ Layers) []Finding {
	var found []Finding
	total := map[string]int{}
	for _, f := range t.Go {
		if f.generated() {
			continue
		}
		most := FileLinesMax
		if f.Test {
			most = TestLinesMax
		} else {
			total[f.Folder] += f.Lines
			found = append(found, f.longFuncs()...)
		}
		if f.Lines > most {
			found = append(found, Finding{Path: f.Path, Message: fmt.Sprintf("has %d lines, want at most %d: split it by noun", f.Lines, most)})
		}
	}
	for folder, lines := range total {
		if lines > PackageLinesMax {
			found = append(found, Finding{Path: folder, Message: fmt.Sprintf("has %d lines, want at most %d: split it by noun", lines, PackageLinesMax)})
		}
	}
	return found
}

func (f *File) longFuncs() []Finding {
	var found []Finding
	for _, d := range f.AST.Decls {
		fun, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		first := f.Line(fun.Pos())
		if lines := f.Line(fun.End()) - first + 1; lines > FuncLinesMax {
			found = append(found, Finding{f.Path, first, fmt.Sprintf("%s has %d lines, want at most %d", fun.Name.Name, lines, FuncLinesMax)})
		}
	}
	return found
}
