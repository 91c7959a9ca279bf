package schema

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/programme"
)

// UnusedNames are names of fields that no document has.
func UnusedNames() []string {
	keys := programme.Shape().Keys()
	var unused []string
	for name := range fieldNames {
		if !slices.Contains(keys, name) {
			unused = append(unused, name)
		}
	}
	return unused
}
