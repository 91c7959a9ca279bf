package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong in a settings file.
type Fault struct {
	Line    int    // counted from 1; 0 if the key isn't in the file
	Key     string // such as people[2].pin, lists counted from 1; "" for the file as a whole
	Message string // says what would be right
}

// String gives the fault as one line of text.
func (f Fault) String() string {
	var b strings.Builder
	if f.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", f.Line)
	}
	if f.Key != "" {
		fmt.Fprintf(&b, "%s: ", f.Key)
	}
	return b.String() + f.Message
}

// Faults is every fault of one settings file, in the order of its lines; what
// is missing from the file comes last.
type Faults []Fault

// Error gives one fault a line.
func (f Faults) Error() string {
	if len(f) == 1 {
		return f[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d faults", len(f))
	for _, fault := range f {
		b.WriteString("\n  " + fault.String())
	}
	return b.String()
}

// findings collects faults while settings are read and checked.
type findings struct {
	line   func(key string) int // where a key stands in the file; nil if there is no file
	faults Faults
}

// add notes a fault, unless the key or a table around it has one already: a
// value of the wrong kind is not also called missing.
func (l *findings) add(key, format string, args ...any) {
	for _, f := range l.faults {
		if f.Key == key || strings.HasPrefix(key, f.Key+".") || strings.HasPrefix(key, f.Key+"[") {
			return
		}
	}
	line := 0
	if l.line != nil {
		line = l.line(key)
	}
	l.faults = append(l.faults, Fault{Line: line, Key: key, Message: fmt.Sprintf(format, args...)})
}

// err gives what was found as Faults, or nil.
func (l *findings) err() error {
	if len(l.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(l.faults, func(a, b Fault) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Compare(a.Line, b.Line)
	})
	return l.faults
}
