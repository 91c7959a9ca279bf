// Package late finds what decommissioned terminals awarded late and what waits for a
// person. It reads the book and decides nothing.
package late

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Award is what an entry awarded of one asset and what waits.
type Award struct {
	Of     lot.Origin
	Asset  lot.Asset
	Amount lot.Amount
}

// Awards lists them in order. It looks through all accounts, if any terminal was
// decommissioned.
func Awards(w *decision.Work) (out []Award, err error) {
	terminals, err := w.Tx.Terminals()
	some := slices.ContainsFunc(terminals, func(t book.Terminal) bool {
		gone, failed := w.Gone(t.ID)
		err = errors.Join(err, failed)
		return gone
	})
	if err != nil || !some {
		return nil, err
	}
	err = book.EachAccount(w.Tx, func(a book.Account) {
		if a.Place.Kind == book.Late && a.Amount > 0 {
			out = append(out, Award{a.Lot.ID.Origin, a.Lot.Asset, a.Amount})
		}
	})
	return out, err
}
