package crashproof_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The faults of the catalogue that a terminal's storage and its power can have.
var catalogue = map[string]int{"S": 28, "P": 13}

var (
	faultID  = regexp.MustCompile(`\b[SP]\d+\b`)
	testName = regexp.MustCompile("`(?:[a-z]+\\.)?Test[A-Z]\\w*`")
)

// TestEveryFaultHasItsRow: a fault has a test, or a sentence that says why not.
// Whether the tests are there, scripts/tidy checks.
func TestEveryFaultHasItsRow(t *testing.T) {
	text, err := os.ReadFile("crash.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for line := range strings.Lines(string(text)) {
		columns := strings.SplitN(line, "|", 4)
		if len(columns) < 4 {
			continue
		}
		ids := faultID.FindAllString(columns[1], -1)
		for _, id := range ids {
			rows[id]++
		}
		if len(ids) > 0 && !testName.MatchString(columns[2]) && !strings.Contains(columns[2], "Not here") {
			t.Errorf("%v: no test, and not why there is none: %s", ids, columns[2])
		}
	}
	for letter, last := range catalogue {
		for n := 1; n <= last; n++ {
			if id := fmt.Sprint(letter, n); rows[id] != 1 {
				t.Errorf("fault %s has %d rows, want 1", id, rows[id])
			}
		}
	}
}
