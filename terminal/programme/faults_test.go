package programme_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// edited replaces each old text by the new one that follows it.
func edited(t *testing.T, text string, edit []string) string {
	t.Helper()
	for i := 0; i < len(edit); i += 2 {
		if strings.Count(text, edit[i]) != 1 {
			t.Fatalf("edit %q: stands %d times in the text, want once", edit[i], strings.Count(text, edit[i]))
		}
		text = strings.Replace(text, edit[i], edit[i+1], 1)
	}
	return text
}

// checkFaults compares the faults with those wanted; nil wants any at all.
func checkFaults(t *testing.T, err error, want []string) {
	t.Helper()
	if !errors.Is(err, programme.ErrFaulty) {
		t.Fatalf("error: got %v, want one that matches ErrFaulty", err)
	}
	if want == nil {
		return
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("faults: -want +got\n%s", diff)
	}
}

func day(t *testing.T, text string) lot.Day {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return lot.DayOf(at)
}

func unexported(path cmp.Path) bool {
	field, ok := path.Last().(cmp.StructField)
	return ok && unicode.IsLower(rune(field.Name()[0]))
}
