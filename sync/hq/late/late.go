// Package late is what decommissioned terminals awarded, or gave back, late: it waits
// until something dates it before the end, or a person decides.
package late

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Award is what a terminal awarded of one asset, or gave back, and what waits.
type Award struct {
	Of     lot.Origin // of the lot
	At     ledger.TerminalID
	Asset  lot.Asset
	Amount lot.Amount
}

// ErrNone says that nothing of an entry waits.
var ErrNone = errors.New("nothing of that entry waits")

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
			out = append(out, Award{a.Lot.ID.Origin, a.Place.Terminal, a.Lot.Asset, a.Amount})
		}
	})
	return out, err
}

// Of lists the lots that an entry made.
func Of(w *decision.Work, of lot.Origin) (out []lot.ID, err error) {
	after := lot.ID{Origin: of}
	if _, err := w.Tx.Lot(after); err == nil {
		out = append(out, after)
	} else if !errors.Is(err, book.ErrNotFound) {
		return nil, err
	}
	for {
		list, err := w.Tx.Ledger(after, 1)
		if err != nil || len(list) == 0 || list[0].Lot.ID.Origin != of {
			return out, err
		}
		after = list[0].Lot.ID
		out = append(out, after)
	}
}

// Settle gives members what waits of lots, wherever it was awarded or given back late,
// or writes it off.
func Settle(w *decision.Work, of lot.Origin, lots []lot.ID, granted bool, by decision.By) error {
	waits := map[ledger.TerminalID][]lot.Draw{}
	for _, id := range lots {
		accounts, err := w.Tx.AccountsOf(id)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if at := a.Place.Terminal; a.Place.Kind == book.Late && a.Amount > 0 {
				waits[at] = append(waits[at], lot.Draw{Lot: id, Amount: a.Amount})
			}
		}
	}
	if len(waits) == 0 {
		return fmt.Errorf("%s: %w", of, ErrNone)
	}
	for _, at := range slices.Sorted(maps.Keys(waits)) {
		body := &office.SettleLate{Of: of, Granted: granted, Draws: waits[at], By: w.By(by)}
		if uint32(at) != of.Terminal {
			body.At = at
		}
		if _, err := w.Enter(body); err != nil {
			return err
		}
	}
	return nil
}

// Once ends what a late entry gave or made once where HQ, which had the member's home
// back, has done so too: one of them is too many, and that goes to nobody. What of it
// the terminal has spent is the store's loss.
func Once(w *decision.Work, of lot.Origin, b ledger.Body) error {
	lots, err := Of(w, of)
	if err != nil {
		return err
	}
	many := false
	for _, id := range lots {
		more, err := tooMany(w, id, func(own, made, _ lot.Amount) bool { return made > own })
		if err != nil {
			return err
		}
		many = many || more
	}
	for _, d := range quotaOf(b) {
		more, err := tooMany(w, d.Lot, func(own, _, used lot.Amount) bool { return used > own })
		if err != nil {
			return err
		}
		many = many || more
	}
	if !many {
		return nil
	}
	if err = Settle(w, of, lots, false, decision.ByPolicy("claim")); errors.Is(err, ErrNone) {
		return nil
	}
	return err
}

// quotaOf is what an entry used up to give something once.
func quotaOf(b ledger.Body) []lot.Draw {
	switch b := b.(type) {
	case *ledger.CheckIn:
		return b.Quota
	case *ledger.Answer:
		return b.Quota
	case *ledger.Grant:
		return b.Quota
	}
	return nil
}

// tooMany judges by how much of a quota this lot of it is, how much of it was made in
// all lots, and how much of it was used up; false is a lot of something else, or one
// that the terminal had no right to name.
func tooMany(w *decision.Work, id lot.ID, is func(own, made, used lot.Amount) bool) (bool, error) {
	l, err := w.Tx.Lot(id)
	if errors.Is(err, book.ErrNotFound) {
		return false, nil
	}
	if err != nil || !l.Asset.Quota() {
		return false, err
	}
	owned, err := w.OwnedOf(l.Owner, l.Asset)
	return is(l.Amount, -decision.At(owned, book.Issued), decision.At(owned, book.Spent)), err
}
