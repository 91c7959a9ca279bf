package supply

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// What a return takes at once gives a strict ceiling its part back with the entry
// itself. Points that were due still cost their merchant until HQ has taken them: then
// its month's ceiling gets as much as they cost, in a lot that names theirs.

const (
	followedMeta = "supply-followed" // how far HQ's own journal was looked through
	followedMax  = 500               // entries in one go
)

// regained gives ceilings back what dues have taken of the points that they conceded.
func regained(w *decision.Work, p *programme.Programme) error {
	text, err := w.Tx.Meta(followedMeta)
	if err != nil {
		return err
	}
	var at struct{ epoch, seq uint64 }
	if text != "" {
		if _, err := fmt.Sscanf(text, "%d %d", &at.epoch, &at.seq); err != nil {
			return fmt.Errorf("%s: %w", followedMeta, err)
		}
	}
	rows, err := w.Tx.Office(at.epoch, at.seq, followedMax)
	if err != nil || len(rows) == 0 {
		return err
	}
	back := &office.Mint{By: w.By(decision.ByPolicy("ceiling"))}
	for _, r := range rows {
		at.epoch, at.seq = r.Epoch, r.Seq
		if r.Kind != new(office.SettleDue).Kind() {
			continue
		}
		body, err := office.Decode(r.Kind, r.Body)
		if err != nil {
			return fmt.Errorf("entry %d/%d of HQ's journal: %w", r.Epoch, r.Seq, err)
		}
		if err := taken(w, p, body.(*office.SettleDue).Draws, back); err != nil {
			return err
		}
	}
	if len(back.Lots) > 0 {
		if _, err := w.Enter(back); err != nil {
			return err
		}
	}
	return w.Tx.PutMeta(followedMeta, fmt.Sprintf("%d %d", at.epoch, at.seq))
}

// taken adds what a strict ceiling gets back for points that were taken, if a sale of
// this month had conceded them of it.
func taken(w *decision.Work, p *programme.Programme, draws []lot.Draw, back *office.Mint) error {
	for _, d := range draws {
		l, err := w.Tx.Lot(d.Lot)
		if err != nil {
			return err
		}
		asset := lot.CeilingAsset(l.Funder, l.Earned)
		m, ok := p.Merchant(l.Funder)
		if !ok || !m.Strict || m.CeilingFen == 0 || l.UnitCost == 0 || asset != lot.CeilingAsset(l.Funder, back.Day) {
			continue
		}
		conceded, err := concededBy(w, l.ID.Origin, asset)
		if err != nil {
			return err
		}
		if conceded && len(back.Lots) < lot.HoldingsMax {
			back.Lots = append(back.Lots, lot.Lot{
				Asset: asset, Amount: d.Amount * lot.Amount(l.UnitCost), Funder: m.ID, Earned: back.Day, Terms: p.Version(),
				Expires: back.Day.MonthEnd() + 1, From: l.ID,
			})
		}
	}
	return nil
}

// concededBy reports whether an entry drew on a ceiling.
func concededBy(w *decision.Work, of lot.Origin, ceiling lot.Asset) (bool, error) {
	e, err := w.EntryOf(of)
	if errors.Is(err, book.ErrNotFound) { // HQ's own
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sale, ok := e.Body.(*ledger.Sale)
	if back, is := e.Body.(*ledger.Return); is && back.Sale != nil {
		sale, ok = back.Sale, true
	}
	if !ok {
		return false, nil
	}
	for _, d := range sale.Ceilings {
		l, err := w.Tx.Lot(d.Lot)
		if err != nil || l.Asset == ceiling {
			return err == nil, err
		}
	}
	return false, nil
}
