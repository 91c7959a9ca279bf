// Package supply is what the programme itself owns and terminals give out of: the
// stock of limited benefits (cap C3) and what merchants with a strict ceiling may
// concede in a month (cap P9). It makes them once, and places them where they are
// used up, by halves: a terminal that is low gets half of its equal part of what
// HQ holds, so that none waits for another and all together never have more than
// there is.
package supply

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Errors of stock.
var (
	ErrBenefit = errors.New("not a limited benefit of the programme")
	ErrPieces  = errors.New("not a number of pieces")
)

// lump is the least that is given of a ceiling at a time, in thousandths of a
// fen: less than a bill's worth is of no use to anybody.
const lump = 1_000_000

// Look makes what this month lacks, and gives a terminal what it is low of.
func Look(w *decision.Work, id ledger.TerminalID) error {
	p := w.Programme()
	strict := func(m *programme.Merchant) bool { return m.Strict && m.CeilingFen > 0 }
	limited := func(b *programme.Benefit) bool { return b.Limited }
	if !some(p.Merchants, strict) && !some(p.Benefits, limited) {
		return nil
	}
	if some(p.Merchants, strict) {
		if err := regained(w, p); err != nil {
			return err
		}
	}
	life, ok, err := w.Takes(id)
	if err != nil || !ok {
		return err
	}
	t, err := w.Tx.Terminal(id)
	if err != nil {
		return err
	}
	var assets []lot.Asset
	for i := range p.Merchants {
		m := &p.Merchants[i]
		if !strict(m) {
			continue
		}
		if err := conceded(w, p, m); err != nil {
			return err
		}
		assets = append(assets, lot.CeilingAsset(m.ID, w.Today().Day))
	}
	for i := range p.Benefits {
		b := &p.Benefits[i]
		here := programme.Scope{Stores: b.Scope.Stores, Regions: b.Scope.Regions}
		if limited(b) && here.Here(&programme.Occasion{Store: t.Store, Region: p.Region(t.Store)}) {
			assets = append(assets, lot.StockAsset(b.ID))
		}
	}
	return place(w, id, life, assets)
}

// some reports whether one of a list is such a one; none of it is copied.
func some[T any](list []T, such func(*T) bool) bool {
	for i := range list {
		if such(&list[i]) {
			return true
		}
	}
	return false
}

// madeMeta notes under which version a ceiling was looked at last.
func madeMeta(a lot.Asset) string { return "supply-" + string(a) }

// conceded makes what a merchant may concede this month, and more of it where its
// ceiling was raised.
func conceded(w *decision.Work, p *programme.Programme, m *programme.Merchant) error {
	asset := lot.CeilingAsset(m.ID, w.Today().Day)
	if seen, err := w.Tx.Meta(madeMeta(asset)); err != nil || seen == p.Version() {
		return err
	}
	owned, err := w.Tx.OwnedOf(0, asset)
	if err != nil {
		return err
	}
	missing := lot.Amount(m.CeilingFen) * 1000
	for _, a := range owned {
		if a.Lot.Asset == asset && a.Place.Kind == book.Issued && a.Lot.From == (lot.ID{}) { // what came back is beside
			missing += a.Amount // what was issued is negative
		}
	}
	if missing > 0 {
		body := &office.Mint{By: w.By(decision.ByPolicy("ceiling"))}
		body.Lots = []lot.Lot{{
			Asset: asset, Amount: missing, Funder: m.ID, Earned: body.Day, Terms: p.Version(),
			Expires: body.Day.MonthEnd() + 1, // the last business day goes on after midnight
		}}
		if _, err := w.Enter(body); err != nil {
			return err
		}
	}
	return w.Tx.PutMeta(madeMeta(asset), p.Version())
}

// Stock adds pieces of a limited benefit: a person has them.
func Stock(w *decision.Work, benefit string, pieces lot.Amount, by decision.By) error {
	b, ok := w.Programme().Benefit(benefit)
	if !ok || !b.Limited {
		return fmt.Errorf("%q: %w", benefit, ErrBenefit)
	}
	if pieces <= 0 || pieces > lot.AmountMax {
		return fmt.Errorf("%d: %w", pieces, ErrPieces)
	}
	body := &office.Mint{By: w.By(by)}
	body.Lots = []lot.Lot{{Asset: lot.StockAsset(benefit), Amount: pieces, Funder: b.Merchant, Earned: body.Day, Terms: w.Programme().Version()}}
	_, err := w.Enter(body)
	return err
}

// place gives a terminal what it is low of, out of what HQ holds.
func place(w *decision.Work, id ledger.TerminalID, life ledger.Incarnation, assets []lot.Asset) error {
	free, err := w.Free(0)
	if err != nil || len(free) == 0 {
		return err
	}
	there, err := underway.Expected(w.Tx, id)
	if err != nil {
		return err
	}
	var holdings []lot.Holding
	shared := lot.Amount(0)
	for _, asset := range assets {
		have := lot.Available(free, asset, w.Today())
		if have == 0 {
			continue
		}
		if shared == 0 {
			if shared, err = terminals(w); err != nil {
				return err
			}
		}
		give := (have + 2*shared - 1) / (2 * shared)
		if asset.Ceiling() {
			give = max(give, min(have, lump))
		}
		if 2*there[asset] >= give {
			continue
		}
		draws, err := lot.Plan(free, asset, give, w.Today())
		if err != nil {
			return err
		}
		for _, d := range draws {
			n := slices.IndexFunc(free, func(h lot.Holding) bool { return h.Lot.ID == d.Lot })
			holdings = append(holdings, lot.Holding{Lot: free[n].Lot, Amount: d.Amount})
		}
	}
	if len(holdings) == 0 {
		return nil
	}
	holdings = holdings[:min(len(holdings), decision.NoteLotsMax)] // the rest comes with the next look
	return w.Note(id, lot.Note{Incarnation: uint64(life), Holdings: holdings}, decision.By{Reason: "supply"})
}

// terminals is among how many what HQ holds is shared.
func terminals(w *decision.Work) (n lot.Amount, err error) {
	list, err := w.Tx.Terminals()
	for _, t := range list {
		gone, failed := w.Gone(t.ID)
		if failed != nil {
			return 0, failed
		}
		if len(t.Key) > 0 && !gone {
			n++
		}
	}
	return max(n, 1), err
}
