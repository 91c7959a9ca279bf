// Package returned is what HQ settles of goods that came back at a till which does
// not hold the sale's right of return: what is taken back and given back, what of it
// is still due, and how much of a sale came back so in all. It decides nothing.
package returned

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const (
	linesMax = 999  // of a sale
	paidMax  = 2000 // lots: that paid for it and for its plays, and ceilings
)

// Due is what is still to be taken back of a lot.
type Due struct {
	Lot    lot.ID
	Asset  lot.Asset
	Amount lot.Amount
	Cap    bool // it was given beyond a cap: only of what is pending (rule S28)
}

// Fields lists the message's fields.
func (d *Due) Fields(c *codec.Coder) {
	codec.Value(c, 1, &d.Lot)
	codec.String(c, 2, &d.Asset, lot.AssetBytesMax)
	codec.Int(c, 3, &d.Amount)
	codec.Bool(c, 4, &d.Cap)
}

// Same reports whether two are parts of one.
func (d *Due) Same(o Due) bool { return d.Lot == o.Lot && d.Cap == o.Cap }

// Returned is the points' side of a return that HQ settled.
type Returned struct {
	Of    lot.Origin // the sale
	Lines []ledger.ReturnLine
	Fen   lot.Fen    // as it should have been given back
	Claw  []lot.Draw // out of the sale's own lots, as far as HQ holds them
	Due   []Due      // the rest of it
	Back  []lot.Draw
	Anew  []lot.Lot  // for lots that have lapsed
	Month lot.Day    // last day of the sale's month
	Base  lot.Amount // that counts towards a tier no more

	Vouchers []uint32 // instead of goods: the numbers of vouchers that the entry made
}

// Fields lists the message's fields.
func (r *Returned) Fields(c *codec.Coder) {
	codec.Value(c, 1, &r.Of)
	codec.List(c, 2, &r.Lines, linesMax)
	codec.Int(c, 3, &r.Fen)
	codec.List(c, 4, &r.Claw, linesMax)
	codec.List(c, 5, &r.Due, linesMax)
	codec.List(c, 6, &r.Back, paidMax)
	codec.List(c, 7, &r.Anew, paidMax)
	codec.Int(c, 8, &r.Month)
	codec.Int(c, 9, &r.Base)
	codec.Numbers(c, 10, &r.Vouchers, ledger.RedemptionsMax)
}

// Given is what is given back, by the lots that had paid.
func (r *Returned) Given() []lot.Draw {
	list := slices.Clone(r.Back)
	for _, l := range r.Anew {
		list = append(list, lot.Draw{Lot: l.From, Amount: l.Amount})
	}
	return list
}

// Sold is how much of a sale has come back by claims that HQ settled.
type Sold struct {
	Lines []ledger.ReturnLine
	Fen   lot.Fen
	Taken []ledger.Due // of each award
	Given []lot.Draw   // of each lot that paid

	TruedUp bool // what it missed under a lower tier has been given

	MadeGood bool // the entry was evidence for a compensation

	Vouchers []uint32 // numbers of those that came back by claims
}

// Fields lists the message's fields.
func (s *Sold) Fields(c *codec.Coder) {
	codec.List(c, 1, &s.Lines, linesMax)
	codec.Int(c, 2, &s.Fen)
	codec.List(c, 3, &s.Taken, linesMax)
	codec.List(c, 4, &s.Given, paidMax)
	codec.Bool(c, 5, &s.TruedUp)
	codec.Bool(c, 6, &s.MadeGood)
	codec.Numbers(c, 7, &s.Vouchers, ledger.RedemptionsMax)
}

// Add takes in what came back by one claim. What paid for a voucher paid for no
// goods: it is counted with the voucher alone.
func (s *Sold) Add(b *Returned) {
	if len(b.Vouchers) > 0 {
		s.Vouchers = append(s.Vouchers, b.Vouchers...)
		return
	}
	s.Fen += b.Fen
	for _, l := range b.Lines {
		s.Lines = addTo(s.Lines, l, func(a ledger.ReturnLine) bool { return a.Line == l.Line }, func(a *ledger.ReturnLine) { a.Qty += l.Qty })
	}
	for _, c := range b.Claw {
		s.took(c.Lot.N, c.Amount)
	}
	for _, due := range b.Due {
		s.took(due.Lot.N, due.Amount)
	}
	for _, g := range b.Given() {
		s.gave(g)
	}
}

func (s *Sold) took(award uint32, n lot.Amount) {
	s.Taken = addTo(s.Taken, ledger.Due{Award: award, Amount: n}, func(a ledger.Due) bool { return a.Award == award }, func(a *ledger.Due) { a.Amount += n })
}

func (s *Sold) gave(g lot.Draw) {
	s.Given = addTo(s.Given, g, func(a lot.Draw) bool { return a.Lot == g.Lot }, func(a *lot.Draw) { a.Amount += g.Amount })
}

// addTo adds to the element of a list that is like a new one, or the new one.
func addTo[T any](list []T, fresh T, like func(T) bool, add func(*T)) []T {
	if at := slices.IndexFunc(list, like); at >= 0 {
		add(&list[at])
		return list
	}
	return append(list, fresh)
}
