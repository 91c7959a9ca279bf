package intake

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// returnedTwice deals with goods that a terminal took back and whose points HQ
// had settled for another till before. What is still due of them is waived, as
// far as the terminal has taken it; the rest is for a person.
func (in *Batch) returnedTwice() error {
	for _, of := range in.heard.returns {
		sold, err := in.Desk.Sold(of)
		if err != nil {
			return err
		}
		known, _, ok, err := in.state.Sale(of)
		if err != nil {
			return err
		}
		if !ok || !overReturned(known, sold) {
			continue
		}
		if err := in.Alarm(in.id, "alarm-returned-twice", of.String()); err != nil {
			return err
		}
		if err := in.waive(of, known, sold); err != nil {
			return err
		}
	}
	return nil
}

func overReturned(known fold.Sale, sold *office.Sold) bool {
	return slices.ContainsFunc(sold.Lines, func(l ledger.ReturnLine) bool {
		return int(l.Line) < len(known.Lines) && known.Lines[l.Line].Returned+l.Qty > known.Lines[l.Line].Qty
	})
}

// waive ends what is due of a sale's lots beyond what the sale earned.
func (in *Batch) waive(of lot.Origin, known fold.Sale, sold *office.Sold) error {
	dues, err := in.Desk.Dues(known.Member)
	if err != nil {
		return err
	}
	for _, t := range sold.Taken {
		id := lot.ID{Origin: of, N: t.Award}
		n := slices.IndexFunc(dues, func(d office.Due) bool { return d.Lot == id })
		if n < 0 || int(t.Award) >= len(known.Awards) {
			continue
		}
		award := known.Awards[t.Award]
		over := min(dues[n].Amount, award.Clawed+t.Amount-award.Amount)
		if over <= 0 {
			continue
		}
		in.Touch(known.Member)
		if _, err := in.Enter(&office.Waive{Owner: known.Member, Lot: id, Amount: over, By: in.By(decision.ByPolicy("returned-twice"))}); err != nil {
			return err
		}
	}
	return nil
}
