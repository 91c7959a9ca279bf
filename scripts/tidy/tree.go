package tidy

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Tree is the repository as it lies on disk: its Go files parsed, its other
// texts as they are. Folders named testdata, folders whose name starts with a
// dot, what git ignores at the top, and modules inside the module are left out.
type Tree struct {
	Top   []string          // names at the top, folders with a slash behind
	Go    []*File           // in order of path
	Texts map[string]string // texts that aren't Go, by path
}

// File is one Go file.
type File struct {
	Path   string
	Folder string // "" for the root
	Test   bool
	Lines  int
	Text   string
	AST    *ast.File
	set    *token.FileSet
}

// ignored is what git ignores at the top: results, never sources.
var ignored = []string{"build", "jifen-demo"}

// textEndings are the endings of the files that are read as texts.
var textEndings = []string{
	".md", ".sh", ".toml", ".yaml", ".yml", ".js", ".css", ".html", ".sql", ".proto", ".txt",
	"Makefile", "go.mod", ".ci/run",
}

// Load reads the tree.
func Load(root fs.FS) (*Tree, error) {
	t := &Tree{Texts: map[string]string{}}
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return t.visit(root, p, d)
	})
	return t, err
}

func (t *Tree) visit(root fs.FS, p string, d fs.DirEntry) error {
	if p == "." {
		return nil
	}
	top := !strings.Contains(p, "/")
	if top && slices.Contains(ignored, p) {
		return fs.SkipDir
	}
	if d.IsDir() {
		if top {
			t.Top = append(t.Top, p+"/")
		}
		return t.enter(root, p, d)
	}
	if top {
		t.Top = append(t.Top, p)
	}
	return t.read(root, p)
}

// enter says whether a folder is looked into.
func (t *Tree) enter(root fs.FS, p string, d fs.DirEntry) error {
	name := d.Name()
	if name == "testdata" || strings.HasPrefix(name, ".") && p != ".ci" {
		return fs.SkipDir
	}
	if _, err := fs.Stat(root, p+"/go.mod"); err == nil {
		return fs.SkipDir
	}
	return nil
}

func (t *Tree) read(root fs.FS, p string) error {
	isGo := strings.HasSuffix(p, ".go")
	if !isGo && !slices.ContainsFunc(textEndings, func(e string) bool { return strings.HasSuffix(p, e) }) {
		return nil
	}
	data, err := fs.ReadFile(root, p)
	if err != nil {
		return err
	}
	if !isGo {
		t.Texts[p] = string(data)
		return nil
	}
	f, err := parseFile(p, string(data))
	if err != nil {
		return err
	}
	t.Go = append(t.Go, f)
	return nil
}

func parseFile(p, text string) (*File, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, p, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", p, err)
	}
	folder := path.Dir(p)
	if folder == "." {
		folder = ""
	}
	return &File{
		Path: p, Folder: folder, Test: strings.HasSuffix(p, "_test.go"),
		Lines: strings.Count(text, "\n"), Text: text, AST: tree, set: set,
	}, nil
}

// Line gives the line of a place in the file.
func (f *File) Line(at token.Pos) int { return f.set.Position(at).Line }

// generated says whether a program wrote the file.
func (f *File) generated() bool { return ast.IsGenerated(f.AST) }

// imports gives the path of every import, and where it stands.
func (f *File) imports() map[string]*ast.ImportSpec {
	found := map[string]*ast.ImportSpec{}
	for _, spec := range f.AST.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			found[p] = spec
		}
	}
	return found
}

// importedAs gives the name under which the file knows an import, "" if it
// doesn't import it.
func (f *File) importedAs(p string) string {
	spec, ok := f.imports()[p]
	switch {
	case !ok:
		return ""
	case spec.Name != nil:
		return spec.Name.Name
	default:
		return lastName(p)
	}
}

// lastName gives the last element of an import path, leaving out a version.
func lastName(p string) string {
	last := path.Base(p)
	if len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		return path.Base(path.Dir(p))
	}
	return last
}

// packages gives the non-test files of every folder that has Go files; a
// folder with tests only has none.
func (t *Tree) packages() map[string][]*File {
	found := map[string][]*File{}
	for _, f := range t.Go {
		if f.Test {
			found[f.Folder] = slices.Clip(found[f.Folder])
			continue
		}
		found[f.Folder] = append(found[f.Folder], f)
	}
	return found
}
