package programmetool_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/programmetool"
	"github.com/jifen-pos/jifen/config/demo"
)

// A document with every kind of fault is told all of them at once: where, and in
// both languages. One that is fair beside it is told so too.
func TestLintShowsEveryKindOfFaultAtOnce(t *testing.T) {
	text := string(demo.Programme)
	for _, edit := range [][2]string{
		{"\nversion: 1\n", "\nversion: 1\ncolour: red\n"},
		{"line_off: {off_bp: 5000, every_pieces: 2}", "line_off: {off_percent: 50, every_pieces: 2}"},
		{"min_points: 100, max_fen: 20000", "min_points: 100, max_fen: 200.00"},
		{"- {id: summer-points, campaigns: [summer-double, summer-triple]}", "- {id: summer-points, campaigns: [summer-double, summer-triple]}\n  - {id: green, campaigns: [green-december, earth-month]}\n  - {id: again, campaigns: [earth-month, dragon-boat-tea]}"},
		{"    scope: {merchants: [m3], tiers: [green-forest]}\n    priority: 1\n", "    scope: {merchants: [m3]}\n    priority: 1\n"},
		{"substitutes: [delivery-meal, health-box]", "substitutes: [delivery-meal, dine-in]"},
		{"    when: member.birthday\n", "    when: " + strings.Repeat(`basket.fen_of_brand("x")+`, 19) + "1>0\n"},
		{"scope: {grades: [sapling, grove]}", "scope: {grades: [jungle]}"},
	} {
		if strings.Count(text, edit[0]) != 1 {
			t.Fatalf("the demo says %d times %q", strings.Count(text, edit[0]), edit[0])
		}
		text = strings.Replace(text, edit[0], edit[1], 1)
	}
	folder := t.TempDir()
	bad, good := filepath.Join(folder, "bad.yaml"), filepath.Join(folder, "good.yaml")
	for path, b := range map[string][]byte{bad: []byte(text), good: demo.Programme} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := programmetool.LintProgrammes([]string{bad, good}, &out); err == nil || strings.Contains(err.Error(), "good.yaml") {
		t.Errorf("lint of a bad and a good document: %v, want the bad one refused", err)
	}
	said := out.String()
	for _, want := range []string{
		`"colour" is not a key known here`, `"off_percent" is not a key known here`, `"max_fen" must be a whole number`,
		`"earth-month" is in two groups that exclude each other`, `it can never apply: "summer-triple" of its group goes first`,
		"the substitutes go round in a circle: dine-in → dine-in", "it may cost 231, the limit is 200", `"grades" must name green grades of this programme`,
		good + ": hongmi-green version 1-",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the lint does not say %q:\n%s", want, said)
		}
	}
	place := regexp.MustCompile(`^\S*bad\.yaml: 第\d+行第\d+列`)
	lines := strings.Split(strings.TrimSpace(strings.Split(said, good)[0]), "\n")
	for n := 0; n+1 < len(lines); n += 2 {
		if !place.MatchString(lines[n]) || !strings.HasPrefix(lines[n+1], "    line ") {
			t.Errorf("fault without its place or without the other language:\n%s\n%s", lines[n], lines[n+1])
		}
	}
}
