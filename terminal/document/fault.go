package document

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// FaultsMax bounds how many faults of a document are listed.
const FaultsMax = 100

// ErrFaulty matches every error about what a document says.
var ErrFaulty = errors.New("faulty document")

// Position is a place in a document. Line and column count from 1; 0 is not
// known.
type Position struct{ Line, Column int }

// Fault is one thing wrong in a document, in both languages.
type Fault struct {
	Position
	Text
}

// String writes the fault in English, as "line 12:5: message".
func (f Fault) String() string {
	switch {
	case f.Line == 0:
		return f.EN
	case f.Column == 0:
		return fmt.Sprintf("line %d: %s", f.Line, f.EN)
	}
	return fmt.Sprintf("line %d:%d: %s", f.Line, f.Column, f.EN)
}

// Say writes the fault in a language, "en" or "zh".
func (f Fault) Say(lang string) string {
	switch {
	case lang == "en":
		return f.String()
	case f.Line == 0:
		return f.ZH
	case f.Column == 0:
		return fmt.Sprintf("第%d行：%s", f.Line, f.ZH)
	}
	return fmt.Sprintf("第%d行第%d列：%s", f.Line, f.Column, f.ZH)
}

// Faults is everything wrong in a document, in its order. It matches ErrFaulty.
type Faults []Fault

// Error lists the faults in English, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Is makes the list match ErrFaulty.
func (f Faults) Is(target error) bool { return target == ErrFaulty }

// Add notes one more fault; the arguments are those of both texts, which are
// formats.
func (f *Faults) Add(at Position, what Text, args ...any) {
	if len(*f) < FaultsMax {
		*f = append(*f, Fault{at, what.Fill(args...)})
	}
}

// Err returns the faults in the order of the document, or nil if there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return f
}
