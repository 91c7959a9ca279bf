package tidy

import (
	_ "embed"
	"fmt"
	"strings"
)

// Kind is the kind of a package.
type Kind string

// The kinds of package. What each may do is checked by the rules.
const (
	Pure        Kind = "P"
	Application Kind = "A"
	Adapter     Kind = "X"
	Leaf        Kind = "leaf" // an adapter that other adapters may import
	Assembly    Kind = "M"
	Support     Kind = "T"
	Settings    Kind = "C"
)

// Layer is one row of the table: what one package may import.
type Layer struct {
	Path    string
	Kind    Kind
	Ours    []string // folders; terminal:P is every pure package under terminal, * every package
	Outside []string // import paths, each with all that is below it
	Line    int      // in the table
}

// Layers is the table of packages by folder.
type Layers map[string]Layer

// TreeComplete says that every row of the table has its package. It is set to
// false while rows wait for packages that are being written.
const TreeComplete = true

// LayersPath is where the table of this repository lies.
const LayersPath = "scripts/tidy/layers.txt"

//go:embed layers.txt
var layersText string

// Table gives the table of this repository.
func Table() (Layers, error) { return ParseLayers(layersText) }

// ParseLayers reads a table: a row a line, its columns parted by |.
func ParseLayers(text string) (Layers, error) {
	layers, n := Layers{}, 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, "|")
		if len(columns) != 4 {
			return nil, fmt.Errorf("table of packages, line %d: %d columns, want 4", n, len(columns))
		}
		row := Layer{
			Path: strings.TrimSpace(columns[0]), Kind: Kind(strings.TrimSpace(columns[1])),
			Ours: strings.Fields(columns[2]), Outside: strings.Fields(columns[3]), Line: n,
		}
		if !row.Kind.known() {
			return nil, fmt.Errorf("table of packages, line %d: no kind %q", n, row.Kind)
		}
		if _, twice := layers[row.Path]; twice {
			return nil, fmt.Errorf("table of packages, line %d: a second row for %s", n, row.Path)
		}
		layers[row.Path] = row
	}
	return layers, nil
}

func (k Kind) known() bool {
	switch k {
	case Pure, Application, Adapter, Leaf, Assembly, Support, Settings:
		return true
	}
	return false
}

// allows says whether a row lets its package import the folder of ours.
func (l Layers) allows(row Layer, folder string) bool {
	for _, want := range row.Ours {
		top, kind, group := strings.Cut(want, ":")
		switch {
		case want == "*", want == folder:
			return true
		case group && below(folder, top) && l[folder].Kind == Kind(kind):
			return true
		}
	}
	return false
}

// below says whether a path is top or lies under it.
func below(p, top string) bool { return p == top || strings.HasPrefix(p, top+"/") }
