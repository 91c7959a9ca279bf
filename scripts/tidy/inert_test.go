package tidy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// linted are fields of a programme that nothing goes by because of what they say: the
// lint lets one value alone be published.
var linted = map[string]string{"Referral.Depth": "one, by law L25"}

// A programme says nothing to which nobody listens: every field of its types is read by
// some package beside the one that reads documents and the lint.
func TestEveryFieldOfAProgrammeIsRead(t *testing.T) {
	const at = "terminal/programme"
	fields, read := map[string]string{}, map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		path = filepath.ToSlash(path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || strings.HasSuffix(path, at+"/fair") || strings.HasSuffix(path, at+"/schema")):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		own := strings.HasSuffix(filepath.ToSlash(filepath.Dir(path)), at)
		for _, decl := range file.Decls {
			if own {
				fieldsOf(decl, fields)
			}
			if f, ok := decl.(*ast.FuncDecl); !ok || !own || !reads(f) {
				selected(decl, read)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(fields) < 200 {
		t.Errorf("%d fields are found, want all of them", len(fields))
	}
	for name, field := range fields {
		if !read[field] && linted[name] == "" {
			t.Errorf("programme.%s is read from documents, and by nobody else", name)
		}
	}
}

// reads reports whether a function is one of those that read documents.
func reads(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return strings.HasPrefix(f.Name.Name, "read")
	}
	star, ok := f.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	name, ok := star.X.(*ast.Ident)
	return ok && name.Name == "draft"
}

// fieldsOf adds the exported fields of exported types.
func fieldsOf(decl ast.Decl, fields map[string]string) {
	types, ok := decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range types.Specs {
		s, ok := spec.(*ast.TypeSpec)
		if !ok || !s.Name.IsExported() {
			continue
		}
		if x, ok := s.Type.(*ast.StructType); ok {
			for _, f := range x.Fields.List {
				for _, name := range f.Names {
					if name.IsExported() {
						fields[s.Name.Name+"."+name.Name] = name.Name
					}
				}
			}
		}
	}
}

// selected adds what is selected of anything, other than to be written.
func selected(decl ast.Decl, read map[string]bool) {
	ast.Inspect(decl, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			read[s.Sel.Name] = true
		}
		return true
	})
}
