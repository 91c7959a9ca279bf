package office

import (
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// DuesOf are what an entry leaves to be taken back. An entry that claims what
// it has no right to leaves nothing: a person has an alarm.
func DuesOf(e fold.Effects) []lot.Draw {
	if e.Wrong != "" {
		return nil
	}
	return e.Due
}
