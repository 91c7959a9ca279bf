package golden_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/cmd/internal/golden"
)

var update = flag.Bool("update", false, "write what comes out into the scenarios")

// Every scenario comes out as it stands in its file, to the letter, on every
// kind of machine that the tests are built for.
func TestScenarios(t *testing.T) {
	base, products := file(t, "base.yaml"), file(t, "products.csv")
	paths, err := filepath.Glob("testdata/*.scenario")
	if err != nil || len(paths) == 0 {
		t.Fatalf("scenarios: %v, %v", paths, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".scenario"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := golden.Read(text, base, products)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Run()
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, text) && !*update {
				t.Errorf("%s: -want +got\n%s", s.Title, cmp.Diff(string(text), string(got)))
			}
		})
	}
}

// capabilities are those of the programme: each has scenarios, and its row in the
// README lists all of them and nothing else.
var capabilities = strings.Fields("P1 P2 P3 P4 P5 P8 P9 M3 M4 M5 M6 M7 M8 M9 C1 C2 C3 C4 G1 G2 G3 F1 F2 F3")

func TestEveryCapabilityHasAScenario(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| cap (\w+) [^|]+\| (.*) \|$`).FindAllStringSubmatch(string(text), -1) {
		rows[row[1]] = row[2]
	}
	for _, c := range capabilities {
		paths, err := filepath.Glob("testdata/" + c + "-*.scenario")
		if err != nil || len(paths) == 0 {
			t.Errorf("capability %s has no scenario: %v", c, err)
		}
		var names []string
		for _, p := range paths {
			names = append(names, "`"+strings.TrimSuffix(filepath.Base(p), ".scenario")+"`")
		}
		if want := strings.Join(names, ", "); rows[c] != want {
			t.Errorf("README lists %q for %s, want %q", rows[c], c, want)
		}
		delete(rows, c)
	}
	if len(rows) > 0 {
		t.Errorf("README has rows of capabilities that have no scenario: %v", rows)
	}
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
