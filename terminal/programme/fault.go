package programme

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

// Fault is one thing wrong in a document. Line and column count from 1; 0 is
// not known.
type Fault struct {
	Line, Column int
	Message      string
}

// String writes the fault as "line 12:5: message".
func (f Fault) String() string {
	switch {
	case f.Line == 0:
		return f.Message
	case f.Column == 0:
		return fmt.Sprintf("line %d: %s", f.Line, f.Message)
	}
	return fmt.Sprintf("line %d:%d: %s", f.Line, f.Column, f.Message)
}

// Faults is everything wrong in a document, in its order. It matches ErrFaulty.
type Faults []Fault

// Error lists the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Is makes the list match ErrFaulty.
func (f Faults) Is(target error) bool { return target == ErrFaulty }

func (f *Faults) add(line, column int, format string, args ...any) {
	if len(*f) < FaultsMax {
		*f = append(*f, Fault{Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
	}
}

// err returns the faults in the order of the document, or nil if there are none.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return f
}
