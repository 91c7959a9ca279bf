package plan

import (
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Choose takes what is wanted out of what is free, soonest expiry first, of at
// most so many lots.
func Choose(free []lot.Holding, wants []wire.Want, ruling *ledger.Ruling, today lot.Today, lots int) ([]lot.Holding, error) {
	byID := map[lot.ID]lot.Lot{}
	for n, f := range free {
		byID[f.Lot.ID] = f.Lot
		free[n].Lot = ruling.Last(f.Lot) // what goes out has its own terms still
	}
	var out []lot.Holding
	asked := map[lot.Asset]bool{}
	for _, want := range wants {
		if asked[want.Asset] { // the same lots would be drawn on twice
			continue
		}
		asked[want.Asset] = true
		n := min(want.Amount, lot.Available(free, want.Asset, today))
		draws, err := lot.Plan(free, want.Asset, n, today)
		if err != nil {
			return nil, err
		}
		for _, d := range draws {
			if len(out) < lots {
				out = append(out, lot.Holding{Lot: byID[d.Lot], Amount: d.Amount})
			}
		}
	}
	return out, nil
}
