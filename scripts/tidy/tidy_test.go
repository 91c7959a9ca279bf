package tidy_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/jifen-pos/jifen/scripts/tidy"
)

// TestTree runs every rule over the repository.
func TestTree(t *testing.T) {
	tree := load(t, os.DirFS("../.."))
	if len(tree.Go) == 0 {
		t.Fatal("Load: no Go file found, want the repository's")
	}
	layers, err := tidy.Table()
	if err != nil {
		t.Fatalf("Table: %v", err)
	}
	for _, rule := range tidy.Rules {
		if rule.Name == "stale-rows" && !tidy.TreeComplete {
			continue
		}
		t.Run(rule.Name, func(t *testing.T) {
			for _, f := range tidy.Excused(rule.Name, rule.Run(tree, layers), tidy.Excuses) {
				t.Error(f)
			}
		})
	}
}

// TestRules runs each rule over a small tree with planted faults, which lies
// in testdata under the rule's name. Beside its files an archive holds the
// table of its packages ("layers") and what the rule must find ("want").
func TestRules(t *testing.T) {
	for _, rule := range tidy.Rules {
		t.Run(rule.Name, func(t *testing.T) {
			tree, layers, want := planted(t, filepath.Join("testdata", rule.Name+".txtar"))
			if len(want) == 0 {
				t.Fatalf("%s.txtar: no fault is planted, want one at least", rule.Name)
			}
			var got []string
			for _, f := range rule.Run(tree, layers) {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: findings differ (-want +got):\n%s", rule.Name, diff)
			}
		})
	}
}

// planted reads an archive.
func planted(t *testing.T, path string) (tree *tidy.Tree, layers tidy.Layers, want []string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range archive.Files {
		switch f.Name {
		case "layers":
			if layers, err = tidy.ParseLayers(string(f.Data)); err != nil {
				t.Fatal(err)
			}
		case "want":
			want = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
		default:
			files[f.Name] = &fstest.MapFile{Data: grown(f.Data)}
		}
	}
	return load(t, files), layers, want
}

// grown puts lines of filling where an archive says "//fill N", so that long
// files needn't be kept.
func grown(data []byte) []byte {
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		count, ok := strings.CutPrefix(strings.TrimSpace(line), "//fill ")
		if !ok {
			b.WriteString(line)
			continue
		}
		b.WriteString(strings.Repeat("//\n", atoi(count)))
	}
	return []byte(b.String())
}

func atoi(digits string) int {
	n := 0
	for _, d := range digits {
		n = 10*n + int(d-'0')
	}
	return n
}

func load(t *testing.T, root fs.FS) *tidy.Tree {
	t.Helper()
	tree, err := tidy.Load(root)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return tree
}

func TestParseLayersRefuses(t *testing.T) {
	for _, tc := range []struct{ name, table, want string }{
		{"three-columns", "terminal/lot | P | ", "line 1: 3 columns"},
		{"unknown-kind", "# head\nterminal/lot | Q | |", "line 2: no kind \"Q\""},
		{"second-row", "a | P | |\na | X | |", "line 2: a second row for a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tidy.ParseLayers(tc.table)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("ParseLayers(%q): got %v, want an error with %q", tc.table, err, tc.want)
			}
		})
	}
}

func TestExcused(t *testing.T) {
	excuses := []tidy.Excuse{
		{Rule: "calls", Path: "terminal/lot/lot.go", Message: "uses time.Now", Why: "a test"},
		{Rule: "calls", Path: "terminal/lot/lot.go", Message: "uses os.Exit", Why: "a test"},
		{Rule: "floats", Path: "terminal/lot/lot.go", Message: "has", Why: "a test"},
	}
	found := []tidy.Finding{
		{Path: "terminal/lot/lot.go", Line: 3, Message: "uses time.Now; no"},
		{Path: "terminal/lot/draw.go", Line: 3, Message: "uses time.Now; no"},
	}
	want := []tidy.Finding{
		found[1],
		{Path: "terminal/lot/lot.go", Message: "no longer needs its excuse from calls (uses os.Exit)"},
	}
	if diff := cmp.Diff(want, tidy.Excused("calls", found, excuses)); diff != "" {
		t.Errorf("Excused: findings differ (-want +got):\n%s", diff)
	}
}
