// Package tidy holds the rules of the repository as programs: which package
// may import which, what is banned where, how long things may grow, how rules
// are cited. Its test runs them all over the tree, and each over a small tree
// with planted faults, so that a rule that cannot fail is noticed. It never
// changes a file, and it looks at the form of the code, never at what it does.
package tidy

import (
	"cmp"
	"fmt"
	"slices"
)

// Module is the path of the module whose tree is checked.
const Module = "github.com/jifen-pos/jifen"

// Finding is one place that breaks a rule.
type Finding struct {
	Path    string // from the root of the tree
	Line    int    // from 1; 0 for the file or folder as a whole
	Message string // what is wrong, and what would be right
}

// String gives path:line: message.
func (f Finding) String() string {
	if f.Line == 0 {
		return f.Path + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.Message)
}

// Rule is one rule of the repository.
type Rule struct {
	Name  string // in kebab-case
	Check func(*Tree, Layers) []Finding
}

// Rules lists every rule.
var Rules = []Rule{
	{"rows", checkRows},
	{"stale-rows", checkStaleRows},
	{"imports", checkImports},
	{"directions", checkDirections},
	{"package-names", checkPackageNames},
	{"package-comments", checkPackageComments},
	{"calls", checkCalls},
	{"goroutines", checkGoroutines},
	{"floats", checkFloats},
	{"sizes", checkSizes},
	{"rule-ids", checkRuleIDs},
	{"titles", checkTitles},
	{"named-tests", checkNamedTests},
	{"left-overs", checkLeftOvers},
	{"replace", checkReplace},
	{"top-level", checkTopLevel},
	{"guards", checkGuards},
}

// Run applies the rule to a tree and puts what it found in order.
func (r Rule) Run(t *Tree, l Layers) []Finding {
	found := r.Check(t, l)
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	return found
}
