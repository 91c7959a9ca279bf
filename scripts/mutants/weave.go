package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
)

// chosen is the environment variable that names the one fault that woven code
// has in it. Without it, it has none.
const chosen = "JIFEN_MUTANT"

// Weave puts the faults of many mutants into the same files, so that they are
// compiled once and not each with all that imports it. A function that has some
// asks at its begin which fault is chosen, and goes on with that one's body or
// with its own. What is not within functions cannot be chosen as the program
// runs: such mutants are in alone, by name, to be compiled one by one.
func Weave(root fs.FS, mutants []Mutant) (files map[string]string, alone map[string]bool, err error) {
	alone = map[string]bool{}
	all := map[string][]fault{} // by file
	for _, m := range mutants {
		texts, err := m.Faulty(root)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		own := map[string][]fault{}
		for file, text := range texts {
			sound, err := fs.ReadFile(root, file)
			if err != nil {
				return nil, nil, err
			}
			if own[file] = differences(m.Name, string(sound), text); own[file] == nil {
				alone[m.Name] = true
			}
		}
		if !alone[m.Name] {
			for file, list := range own {
				all[file] = append(all[file], list...)
			}
		}
	}
	files = map[string]string{}
	for file, list := range all {
		sound, err := fs.ReadFile(root, file)
		if err != nil {
			return nil, nil, err
		}
		files[file] = woven(string(sound), list)
	}
	return files, alone, nil
}

// fault is what a mutant has in place of a function's body.
type fault struct {
	mutant string
	nth    int // of the file's functions
	body   string
}

// differences returns the faults that make a mutant's file of the sound one, and
// nil when no faults that can be woven do.
func differences(mutant, sound, faulty string) (list []fault) {
	was, now := bodies(sound), bodies(faulty)
	if len(was) != len(now) || outside(sound, was) != outside(faulty, now) {
		return nil
	}
	for n := range was {
		if body := now[n].of(faulty); body != was[n].of(sound) {
			if was[n].labelled || now[n].labelled { // a label stands in a function once
				return nil
			}
			list = append(list, fault{mutant, n, body})
		}
	}
	return list
}

// woven returns a file with faults to choose from.
func woven(sound string, faults []fault) string {
	file, err := parser.ParseFile(token.NewFileSet(), "", sound, parser.PackageClauseOnly)
	if err != nil {
		return sound // it has no bodies, and no faults
	}
	written := int(file.Name.End()) - 1
	out := sound[:written] + "; import mutantOS \"os\""
	for n, b := range bodies(sound) {
		out += sound[written:b.from]
		written = b.from
		for _, f := range faults {
			if f.nth == n {
				out += fmt.Sprintf("\nif mutantOS.Getenv(%q) == %q {%s\n%s}\n", chosen, f.mutant, f.body, b.end)
			}
		}
	}
	return out + sound[written:]
}

// body is that of a function, as bytes of its file without the braces.
type body struct {
	from, to int
	labelled bool
	end      string // what the body of a function without results can have at its end
}

func (b body) of(text string) string { return text[b.from:b.to] }

// bodies returns those of a Go file's functions, and none for any other file.
func bodies(text string) (list []body) {
	set := token.NewFileSet() // the file's first byte is at 1
	file, err := parser.ParseFile(set, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		b := body{from: int(f.Body.Lbrace), to: int(f.Body.Rbrace) - 1}
		if f.Type.Results == nil {
			b.end = "return\n"
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			_, is := n.(*ast.LabeledStmt)
			b.labelled = b.labelled || is
			return true
		})
		list = append(list, b)
	}
	return list
}

// outside is what a file has besides those bodies.
func outside(text string, bodies []body) (rest string) {
	written := 0
	for _, b := range bodies {
		rest += text[written:b.from] + "\n"
		written = b.to
	}
	return rest + text[written:]
}
