package standing

import (
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// greenMonths is what a member earned of green points, month by month, less what was
// taken back of it. Spent, lapsed and given away, it still counts; what came from
// another member never does (cap P2).
func greenMonths(w *decision.Work, id member.ID) (months []fold.Month, err error) {
	owned, err := w.Owned(id)
	for _, a := range owned {
		if a.Lot.Asset != lot.Green || a.Lot.From != (lot.ID{}) {
			continue
		}
		if k := a.Place.Kind; k == book.Issued || k == book.Clawed { // what was issued stands there below zero
			months = fold.AddMonth(months, fold.Month{End: a.Lot.Earned.MonthEnd(), Points: -a.Amount})
		}
	}
	return months, err
}
