package paper

import (
	"bytes"
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What a person is refused who grants what is there already.
var (
	ErrReturned = errors.New("more came back than was sold, or it came back already: refuse the claim")
	ErrBooked   = errors.New("HQ has what that receipt awards: refuse the claim; where it waits since its terminal is gone, jifen conflicts list has it")
)

// Grant has what a person grants of a claim use up what the claim is of: goods and
// vouchers come back once, and a receipt's awards are there once, under its own entry's
// name, whatever turns up later.
func Grant(w *decision.Work, b ledger.Body, body *office.SettleClaim) error {
	switch b := b.(type) {
	case *ledger.ReturnClaim:
		return grantGoods(w, b, body)
	case *ledger.VoucherBack:
		return grantVoucher(w, b, body)
	case *ledger.PaperClaim:
		return grantReceipt(w, b, body)
	}
	return nil
}

// grantGoods books what came back. Of a sale that HQ has, what is granted is given in
// place of what had paid, as far as that goes: with the rest of the goods no more than
// the rest of it is given back.
func grantGoods(w *decision.Work, b *ledger.ReturnClaim, body *office.SettleClaim) error {
	sold, err := w.Desk.Sold(b.Of)
	if err != nil {
		return err
	}
	body.Back = &office.Returned{Of: b.Of, Lines: b.Lines, Month: b.Day.MonthEnd()}
	t := ledger.TerminalID(b.Of.Terminal)
	state, err := fold.Load(t, w.Tx.State(t))
	if err != nil {
		return err
	}
	sale, _, known, err := state.Sale(b.Of)
	if err != nil {
		return err
	}
	if !known { // how much of it was sold nobody can tell: of a line something comes back once
		for _, l := range b.Lines {
			if slices.ContainsFunc(sold.Lines, func(o ledger.ReturnLine) bool { return o.Line == l.Line }) {
				return ErrReturned
			}
		}
		return nil
	}
	sale = plan.Together(sale, sold)
	if plan.Quantities(sale, b.Lines) == nil {
		return ErrReturned
	}
	persons, err := w.Desk.Persons(body.Owner)
	if err != nil {
		return err
	}
	if body.Back.Month = sale.Day.MonthEnd(); slices.Contains(persons, sale.Member) {
		body.Back.Fen = b.Refund
	}
	body.Lots, body.Back.Anew = instead(body.Lots, sale.Paid)
	return nil
}

// instead splits what is granted into what takes the place of what paid, the last
// first, and the rest.
func instead(granted []lot.Lot, paid []fold.Paid) (rest, anew []lot.Lot) {
	paid = slices.Clone(paid)
	for _, l := range granted {
		for n := len(paid) - 1; n >= 0; n-- {
			p := &paid[n]
			m := min(l.Amount, p.Amount-p.Back)
			if m <= 0 || p.Lot.Asset != l.Asset {
				continue
			}
			on := place.GoOn(lot.Holding{Lot: p.Lot, Amount: m}, l.Expires)
			on.Owner, on.Active = l.Owner, l.Active
			anew, p.Back, l.Amount = append(anew, on), p.Back+m, l.Amount-m
		}
		if l.Amount > 0 {
			rest = append(rest, l)
		}
	}
	return rest, anew
}

func grantVoucher(w *decision.Work, b *ledger.VoucherBack, body *office.SettleClaim) error {
	id := b.Voucher
	v, known, back, err := made(w, id)
	if err != nil {
		return err
	}
	if known && v.Status != fold.VoucherIssued || back {
		return ErrReturned
	}
	body.Back = &office.Returned{Of: id.Origin, Month: b.Day.MonthEnd(), Vouchers: []uint32{id.N}}
	body.Lots, body.Back.Anew = instead(body.Lots, v.Paid)
	return nil
}

// grantReceipt gives what is granted the names of the receipt's awards. Where HQ has
// another entry under the receipt's number, the names are of that one.
func grantReceipt(w *decision.Work, b *ledger.PaperClaim, body *office.SettleClaim) error {
	c, ok, err := read(w, b)
	if err != nil || !ok {
		return err
	}
	e := c.Entry
	kept, err := w.Tx.Entry(ledger.TerminalID(e.Terminal), ledger.Incarnation(e.Incarnation), ledger.Seq(e.Seq))
	if err == nil && !bytes.HasPrefix(kept.Head.Hash[:], c.Hash[:]) {
		return nil
	}
	if err != nil && !errors.Is(err, book.ErrNotFound) {
		return err
	}
	for _, a := range c.Awards {
		id := lot.ID{Origin: e, N: a.N}
		booked, err := Brought(w, id)
		if err != nil {
			return err
		}
		if booked {
			return ErrBooked
		}
		free := func(l lot.Lot) bool { return l.ID == lot.ID{} && l.Asset == a.Asset }
		if n := slices.IndexFunc(body.Lots, free); n >= 0 {
			body.Lots[n].ID = id
		}
	}
	return nil
}
