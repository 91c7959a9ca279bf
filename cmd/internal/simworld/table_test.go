package simworld_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Every fault of these chapters of the catalogue has a row, or is said to be open.
var chapters = map[string]int{"N": 14, "B": 11, "H": 15, "D": 4}

// TestFaultTableNamesWhatTheSimulationDoes: what sync/DESIGN.md says that the
// simulation does is a mark that it sets.
func TestFaultTableNamesWhatTheSimulationDoes(t *testing.T) {
	design, err := os.ReadFile("../../../sync/DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	sources := ""
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("simhq/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(files, more...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources += string(text)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(design)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "fault ") {
			continue
		}
		id := strings.TrimPrefix(strings.TrimSpace(cells[1]), "fault ")
		rows[id] = true
		if mark := strings.TrimSpace(cells[4]); mark != "" && !strings.Contains(sources, `"`+mark+`"`) {
			t.Errorf("fault %s is said to be simulated as %q, which nothing sets", id, mark)
		}
	}
	for chapter, most := range chapters {
		for n := 1; n <= most; n++ {
			if id := chapter + strconv.Itoa(n); !rows[id] {
				t.Errorf("fault %s has no row", id)
			}
		}
	}
}
