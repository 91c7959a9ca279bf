package clerk

import (
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/member"
)

// About is what the journal knows of a member.
func (c *Clerk) About(id member.ID) (a fold.About, err error) {
	err = c.o.Journal.View(func(tx journal.Tx) error {
		state, err := c.State(tx)
		if err != nil {
			return err
		}
		a, err = state.About(id)
		return err
	})
	return a, err
}
