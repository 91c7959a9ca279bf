package tidy

import (
	"go/ast"
	"path"
	"regexp"
	"strings"
)

// namedTest is a test that a text names as code, with its package before it or
// alone.
var namedTest = regexp.MustCompile("`(?:([a-z]+)\\.)?((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)`")

// checkNamedTests finds tests that a Markdown file names and that are no more:
// what they are said to show, nothing shows.
func checkNamedTests(t *Tree, _ Layers) []Finding {
	have := map[string]bool{}
	for _, f := range t.Go {
		for _, d := range f.AST.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				have[fn.Name.Name] = true
				have[path.Base(f.Folder)+"."+fn.Name.Name] = true
			}
		}
	}
	var found []Finding
	for p, text := range t.Texts {
		if path.Ext(p) != ".md" {
			continue
		}
		n := 0
		for line := range strings.Lines(text) {
			n++
			for _, m := range namedTest.FindAllStringSubmatch(line, -1) {
				name := strings.TrimPrefix(m[1]+"."+m[2], ".")
				if !have[name] {
					found = append(found, Finding{p, n, "names " + name + ", which is no test; say what shows it now"})
				}
			}
		}
	}
	return found
}
