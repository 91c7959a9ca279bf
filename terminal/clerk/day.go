package clerk

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Day is how the business day stands here.
type Day struct {
	Day     lot.Day
	Closed  bool
	Figures ledger.Figures
}

// Day tells how the newest business day stands.
func (c *Clerk) Day() (d Day, err error) {
	err = c.Inspect(func(state *fold.State) (err error) {
		d.Day, d.Closed, d.Figures, err = state.Day()
		return err
	})
	if err != nil {
		return Day{}, fmt.Errorf("read the day's figures: %w", err)
	}
	return d, nil
}
