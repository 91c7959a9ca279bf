package tidy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// pureStandard is what a pure package may import of the standard library; a
// name with /* stands for all that is below it. Of io and time it may use the
// types, of fmt what makes texts: the calls are banned by name.
var pureStandard = []string{
	"bytes", "cmp", "crypto/ed25519", "crypto/hmac", "crypto/sha256", "crypto/sha512", "embed", "encoding", "encoding/*", "errors",
	"fmt", "hash", "hash/*", "html", "image", "image/*", "io", "iter", "maps", "math", "math/big", "math/bits", "slices",
	"sort", "strconv", "strings", "time", "unicode", "unicode/*",
}

// checkRows wants a row for every package.
func checkRows(t *Tree, l Layers) []Finding {
	var found []Finding
	packages := t.packages()
	for folder := range packages {
		switch {
		case folder == "sync":
			found = append(found, Finding{Path: "sync", Message: "has a Go file; packages of ours lie in folders below"})
		case l[folder].Path == "":
			found = append(found, Finding{Path: folder, Message: "has no row in the table of packages"})
		}
	}
	return found
}

// checkStaleRows wants a package for every row.
func checkStaleRows(t *Tree, l Layers) []Finding {
	var found []Finding
	packages := t.packages()
	for folder, row := range l {
		if _, there := packages[folder]; !there {
			found = append(found, Finding{LayersPath, row.Line, "has a row for " + folder + ", where no Go file lies"})
		}
	}
	return found
}

// checkImports wants every import of every package in its row.
func checkImports(t *Tree, l Layers) []Finding {
	var found []Finding
	for _, f := range t.Go {
		row, known := l[f.Folder]
		if f.Test || !known {
			continue
		}
		for p, spec := range f.imports() {
			if says := l.refuses(row, p); says != "" {
				found = append(found, Finding{f.Path, f.Line(spec.Pos()), says})
			}
		}
	}
	return found
}

// refuses says why a package may not import a path; "" if it may.
func (l Layers) refuses(row Layer, p string) string {
	first, _, _ := strings.Cut(p, "/")
	switch {
	case p == "C":
		return "imports C; the programs are built without cgo"
	case below(p, Module):
		folder := strings.TrimPrefix(strings.TrimPrefix(p, Module), "/")
		if !l.allows(row, folder) {
			return fmt.Sprintf("imports %s, which its row in the table of packages does not allow", folder)
		}
	case strings.Contains(first, "."):
		if !slices.ContainsFunc(row.Outside, func(m string) bool { return below(p, m) }) {
			return fmt.Sprintf("imports %s, which its row in the table of packages does not allow", p)
		}
	case row.Kind == Pure && !standardForPure(p) && !slices.Contains(row.Outside, p):
		return fmt.Sprintf("imports %s; a pure package does no I/O and has no clock, chance, goroutine or logger", p)
	case p == "testing" && row.Kind != Support:
		return "imports testing outside a test; support of tests has packages of kind T"
	case p == "log" && row.Kind != Support:
		return "imports log; loggers are log/slog and are passed in"
	}
	return ""
}

func standardForPure(p string) bool {
	return slices.ContainsFunc(pureStandard, func(s string) bool {
		top, all := strings.CutSuffix(s, "/*")
		return p == s || all && below(p, top)
	})
}

// checkDirections holds the arrows between the parts of the tree, whatever the
// table says, so that a slip in the table is noticed too.
func checkDirections(t *Tree, l Layers) []Finding {
	var found []Finding
	for _, f := range t.Go {
		for _, p := range slices.Sorted(maps.Keys(f.imports())) {
			folder, ours := strings.CutPrefix(p, Module+"/")
			if !ours {
				continue
			}
			if says := against(l, f, folder); says != "" {
				found = append(found, Finding{f.Path, f.Line(f.imports()[p].Pos()), says})
			}
		}
	}
	return found
}

// against says why an import of one of our packages points the wrong way; ""
// if it doesn't. Of a test only what holds for the parts as a whole is asked.
func against(l Layers, f *File, to string) string {
	from, kind := l[f.Folder].Kind, l[to].Kind
	switch {
	case below(f.Folder, "devices") && !below(to, "devices") && !below(to, "scripts/needs"):
		return "imports " + to + "; devices know nothing of ours outside devices"
	case below(f.Folder, "terminal") && below(to, "sync"):
		return "imports " + to + "; terminal never imports sync"
	case f.Test:
		return ""
	case from != Support && from != Assembly && kind == Support:
		return "imports " + to + ", which is support of tests"
	case below(f.Folder, "terminal") && below(to, "devices") && kind != Pure && from != Support:
		return "imports " + to + "; of devices, terminal knows the pure packages only"
	case below(f.Folder, "sync") && below(to, "terminal") && kind != Pure && kind != Leaf && from != Support:
		return "imports " + to + "; of terminal, sync knows the pure packages and the leaves only"
	case from == Pure && kind != Pure:
		return "imports " + to + "; a pure package imports pure packages only"
	case from == Application && kind != Pure && kind != Application:
		return "imports " + to + "; an application imports pure packages, and applications below it"
	case (from == Adapter || from == Leaf) && kind == Adapter:
		return "imports " + to + "; an adapter never imports another, except a leaf"
	case from != Assembly && from != Support && (kind == Assembly || kind == Settings):
		return "imports " + to + "; only cmd assembles the parts and knows the settings"
	}
	return ""
}
