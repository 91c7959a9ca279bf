package tidy

import (
	"fmt"
	"strings"
)

// Excuse lets one finding stand. Each has its reason; one that is no longer
// needed is a finding itself.
type Excuse struct {
	Rule    string // name of the rule
	Path    string // of the file or folder
	Message string // how the finding's message begins
	Why     string
}

// Excuses lists every finding that stands in this repository.
var Excuses = []Excuse{
	{
		"calls", "terminal/programme/document.go", "uses time.LoadLocation",
		"a programme names its zone, and the zone data is linked in for boards without their own",
	},
}

// Excused takes out of what a rule found what the excuses let stand, and adds
// the excuses for that rule that nothing needs any more.
func Excused(rule string, found []Finding, excuses []Excuse) []Finding {
	var left []Finding
	used := make([]bool, len(excuses))
	for _, f := range found {
		stands := false
		for i, e := range excuses {
			if e.Rule == rule && e.Path == f.Path && strings.HasPrefix(f.Message, e.Message) {
				used[i], stands = true, true
			}
		}
		if !stands {
			left = append(left, f)
		}
	}
	for i, e := range excuses {
		if e.Rule == rule && !used[i] {
			left = append(left, Finding{Path: e.Path, Message: fmt.Sprintf("no longer needs its excuse from %s (%s)", rule, e.Message)})
		}
	}
	return left
}
