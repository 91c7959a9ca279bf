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
//
// That lot bears the name of the due's entry, which makes none itself, and the number
// of the draw. How far HQ has followed goes back with its book; what the grant log
// brings up again is known by its name, and made once.

const (
	followedMeta = "supply-followed" // how far HQ's own journal was looked through
	followedMax  = 500               // entries in one go
)

// regained gives ceilings back what dues have taken of the points that they conceded.
func regained(w *decision.Work, p *programme.Programme) error {
	if waits, err := w.Waits(); err != nil || waits { // terminals may tell what they got back
		return err
	}
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
	for _, r := range rows {
		at.epoch, at.seq = r.Epoch, r.Seq
		if r.Kind != new(office.SettleDue).Kind() {
			continue
		}
		body, err := office.Decode(r.Kind, r.Body)
		if err != nil {
			return fmt.Errorf("entry %d/%d of HQ's journal: %w", r.Epoch, r.Seq, err)
		}
		if err := taken(w, p, lot.Origin{Incarnation: r.Epoch, Seq: r.Seq}, body.(*office.SettleDue).Draws); err != nil {
			return err
		}
	}
	return w.Tx.PutMeta(followedMeta, fmt.Sprintf("%d %d", at.epoch, at.seq))
}

// taken makes what strict ceilings get back for points that a due took, where a sale of
// this month had conceded them.
func taken(w *decision.Work, p *programme.Programme, due lot.Origin, draws []lot.Draw) error {
	back := &office.Mint{By: w.By(decision.ByPolicy("ceiling"))}
	for n, d := range draws {
		l, err := w.Tx.Lot(d.Lot)
		if err != nil {
			return err
		}
		asset := lot.CeilingAsset(l.Funder, l.Earned)
		m, ok := p.Merchant(l.Funder)
		if !ok || !m.Strict || m.CeilingFen == 0 || l.UnitCost == 0 || asset != lot.CeilingAsset(l.Funder, back.Day) {
			continue
		}
		name := lot.ID{Origin: due, N: uint32(n)}
		if _, err := w.Tx.Lot(name); !errors.Is(err, book.ErrNotFound) { // it was made before HQ's book went back
			if err != nil {
				return err
			}
			continue
		}
		conceded, err := concededBy(w, l.ID.Origin, asset)
		if err != nil || !conceded {
			if err != nil {
				return err
			}
			continue
		}
		had, err := forgotten(w, asset, l.ID)
		if err != nil {
			return err
		}
		if more := d.Amount*lot.Amount(l.UnitCost) - had; more > 0 {
			back.Lots = append(back.Lots, lot.Lot{
				ID: name, Asset: asset, Amount: more, Funder: m.ID, Earned: back.Day, Terms: p.Version(),
				Expires: back.Day.MonthEnd() + 1, From: l.ID,
			})
		}
	}
	if len(back.Lots) == 0 {
		return nil
	}
	_, err := w.Enter(back)
	return err
}

// forgotten is what a ceiling got back for points by an entry that HQ has forgotten:
// terminals told of it. HQ, which takes the same due again, gives no more than is
// beyond it; of two dues of one lot that may be too little, and is never twice.
func forgotten(w *decision.Work, ceiling lot.Asset, points lot.ID) (n lot.Amount, err error) {
	owned, err := w.Tx.OwnedOf(0, ceiling)
	if err != nil {
		return 0, err
	}
	for _, a := range owned {
		if a.Lot.From != points || a.Place.Kind != book.Issued {
			continue
		}
		id := a.Lot.ID
		rows, err := w.Tx.Office(id.Incarnation, id.Seq-1, 1)
		if err != nil {
			return 0, err
		}
		if len(rows) == 0 || rows[0].Epoch != id.Incarnation || rows[0].Seq != id.Seq {
			n -= a.Amount // what was issued is negative
		}
	}
	return n, nil
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
