package paper

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/refund"
)

// Returned is why nothing more is given back for a voucher: it was, already.
const Returned = "claim-returned"

// voucher gives back what had paid for a voucher that came back at a terminal which
// did not make it, or for the goods that it was handed out for there. What paid
// stands in the journal of the terminal that made it.
func voucher(w *decision.Work, of lot.Origin, b *ledger.VoucherBack) error {
	id := b.Voucher
	l, err := w.Tx.Lot(id)
	if errors.Is(err, book.ErrNotFound) {
		return unknown(w, of, b)
	}
	if err != nil {
		return err
	}
	v, known, back, err := made(w, id)
	if err != nil {
		return err
	}
	if !known {
		return unknown(w, of, b)
	}
	if v.Status != fold.VoucherIssued || back {
		if err := w.Alarm(ledger.TerminalID(of.Terminal), "alarm-returned-twice", of.String()); err != nil {
			return err
		}
		return w.Refuse(of, l.Owner, Returned)
	}
	given, anew := refund.GiveAll(v.Paid, w.Today())
	body := &office.SettleClaim{Of: of, Owner: l.Owner, Granted: true, By: w.By(decision.ByPolicy("claim"))}
	body.Back = &office.Returned{Of: id.Origin, Back: given, Anew: goOn(v.Paid, anew), Month: b.Day.MonthEnd(), Vouchers: []uint32{id.N}}
	for _, p := range v.Paid { // others of the household may have paid a part
		if p.Lot.Owner != 0 {
			w.Touch(p.Lot.Owner)
		}
	}
	w.Touch(l.Owner)
	_, err = w.Answer(body)
	return err
}

// made is a voucher as the terminal that made it has it, if HQ knows that, and whether
// HQ has settled that it came back.
func made(w *decision.Work, id lot.ID) (v fold.Voucher, known, back bool, err error) {
	sold, err := w.Desk.Sold(id.Origin)
	if err != nil {
		return v, false, false, err
	}
	maker := ledger.TerminalID(id.Terminal)
	state, err := fold.Load(maker, w.Tx.State(maker))
	if err != nil {
		return v, false, false, err
	}
	v, known, err = state.Voucher(id)
	return v, known, slices.Contains(sold.Vouchers, id.N), err
}

// unknown waits for the entry that made a voucher, as long as HQ may still hear of it.
func unknown(w *decision.Work, of lot.Origin, b *ledger.VoucherBack) error {
	_, err := w.EntryOf(b.Voucher.Origin)
	if errors.Is(err, book.ErrNotFound) {
		may, err := mayCome(w, b.Voucher.Origin, b.Member)
		if err != nil || may {
			return err
		}
	} else if err != nil {
		return err
	}
	return w.Park(of, noSale)
}

// goOn makes the lots that go on with the terms of lapsed ones.
func goOn(paid []fold.Paid, anew []ledger.Anew) (list []lot.Lot) {
	for _, a := range anew {
		n := slices.IndexFunc(paid, func(p fold.Paid) bool { return p.Lot.ID == a.From })
		list = append(list, place.GoOn(lot.Holding{Lot: paid[n].Lot, Amount: a.Amount}, a.Expires))
	}
	return list
}
