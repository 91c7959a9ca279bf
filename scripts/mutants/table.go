package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Mutant is one deliberate fault and the test that must notice it.
type Mutant struct {
	Name    string
	Rule    string // what it breaks, as a sentence
	Package string // of the test
	Test    string // the test's full name, with its subtest if it has one
	Changes []Change
}

// Change is what one file has in place of what.
type Change struct {
	File     string // from the root of the tree
	Old, New string // whole lines; Old stands in the file just once
}

// errTable says that mutants.txt has a line that cannot be read.
var errTable = errors.New("not a table of mutants")

// Parse reads a table. Each fault is a line "== name: sentence", a line
// "test: package name", and for each change a line "file: path" with the lines
// to take out and to put in below, a minus and a plus before them. Lines that
// begin with # are for the reader.
func Parse(text string) (list []Mutant, err error) {
	var m *Mutant
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "== "); ok {
			list = append(list, Mutant{})
			m = &list[len(list)-1]
			m.Name, m.Rule, _ = strings.Cut(rest, ": ")
			continue
		}
		if m == nil || !m.read(line) {
			return nil, fmt.Errorf("line %d: %q: %w", n, line, errTable)
		}
	}
	return list, complete(list)
}

// read takes in one line of a fault.
func (m *Mutant) read(line string) (ok bool) {
	if file, ok := strings.CutPrefix(line, "file: "); ok {
		m.Changes = append(m.Changes, Change{File: file})
		return true
	}
	if test, ok := strings.CutPrefix(line, "test: "); ok {
		m.Package, m.Test, ok = strings.Cut(test, " ")
		return ok
	}
	if len(m.Changes) == 0 {
		return false
	}
	c := &m.Changes[len(m.Changes)-1]
	switch line[0] {
	case '-':
		c.Old += line[1:] + "\n"
	case '+':
		c.New += line[1:] + "\n"
	default:
		return false
	}
	return true
}

func complete(list []Mutant) error {
	names := map[string]bool{}
	for _, m := range list {
		whole := m.Rule != "" && m.Test != "" && len(m.Changes) > 0
		for _, c := range m.Changes {
			whole = whole && c.Old != "" && c.Old != c.New
		}
		switch {
		case !whole:
			return fmt.Errorf("mutant %q does not say all: %w", m.Name, errTable)
		case names[m.Name]:
			return fmt.Errorf("mutant %q is there twice: %w", m.Name, errTable)
		}
		names[m.Name] = true
	}
	return nil
}

// Faulty returns the files that the fault is in, by path.
func (m Mutant) Faulty(root fs.FS) (map[string]string, error) {
	files := map[string]string{}
	for _, c := range m.Changes {
		text, ok := files[c.File]
		if !ok {
			b, err := fs.ReadFile(root, c.File)
			if err != nil {
				return nil, err
			}
			text = "\n" + string(b)
		}
		before, after, found := strings.Cut(text, "\n"+c.Old)
		if !found || strings.Contains("\n"+after, "\n"+c.Old) {
			return nil, fmt.Errorf("%s does not have the old text just once: see what has changed there", c.File)
		}
		files[c.File] = before + "\n" + c.New + after
	}
	for file, text := range files {
		files[file] = text[1:] // without the first line feed
	}
	return files, nil
}
