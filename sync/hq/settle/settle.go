// Package settle works out what merchants owe each other (cap P9, rule S21).
// Every point has a merchant who funds it; where points, coupons and vouchers
// pay at another merchant, the one who took them is credited by the funders in
// the proportion of the lots that were drawn. It reads entries and adds up:
// every fen of a statement is a fen of an entry, and all statements of a month
// together come to nothing. It keeps nothing and decides nothing.
package settle

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Options is what entries alone do not say.
type Options struct {
	// Lot finds a lot that none of the entries issued, such as points brought
	// along; may be nil.
	Lot func(lot.ID) (lot.Lot, bool)
	// Merchant is who hands out a benefit, "" if nobody knows; may be nil.
	Merchant func(benefit string) string
}

// Party is a merchant's id; "" is the programme itself.
type Party = string

// Cell is what the points of one merchant paid at another in a month, and what
// of it came back.
type Cell struct {
	Points, BackPoints lot.Amount
	Fen, BackFen       lot.Fen
}

func (c *Cell) add(o Cell) {
	c.Points, c.BackPoints = c.Points+o.Points, c.BackPoints+o.BackPoints
	c.Fen, c.BackFen = c.Fen+o.Fen, c.BackFen+o.BackFen
}

// Net is what is left of it.
func (c Cell) Net() lot.Fen { return c.Fen - c.BackFen }

// Issued is what a merchant funded of one asset in a month. Costs are in
// thousandths of a fen, so that nothing is rounded before the sum.
type Issued struct {
	Points, Clawed, Due  lot.Amount // given, taken back, and to be taken back by HQ
	CostMilli, BackMilli int64
}

// Month is the last day of a month.
type Month = lot.Day

type cellKey struct {
	month         Month
	funder, taker Party
}

type issuedKey struct {
	month  Month
	funder Party
	asset  lot.Asset
}

// source is what is known of a lot: who bears it.
type source struct {
	funder   Party
	unitCost lot.Fen
	asset    lot.Asset
}

// Book adds up entries. Make one with New, Add every entry once, in any order,
// and Close it before it is read.
type Book struct {
	o        Options
	lots     map[lot.ID]source
	cells    map[cellKey]*Cell
	issued   map[issuedKey]*Issued
	sales    map[lot.Origin]*sale
	vouchers map[lot.ID]*voucher
	later    []later
	taken    []takenBack
	Unknown  int // lots that nobody could name; the programme itself bears them
}

// later is what can be worked out only once all sales are known.
type later struct {
	at   lot.Origin
	body ledger.Body
}

// New makes an empty book.
func New(o Options) *Book {
	return &Book{
		o: o, lots: map[lot.ID]source{}, cells: map[cellKey]*Cell{}, issued: map[issuedKey]*Issued{},
		sales: map[lot.Origin]*sale{}, vouchers: map[lot.ID]*voucher{},
	}
}

// Add takes in an entry.
func (b *Book) Add(at lot.Origin, body ledger.Body) {
	switch x := body.(type) {
	case *ledger.Sale:
		b.issueSale(at, x)
	case *ledger.Redeem:
		b.issue(lot.ID{Origin: at}, x.Voucher, 0)
	case *ledger.Grant:
		b.issueAll(at, x.Issues, x.Day)
	case *ledger.CheckIn:
		b.issueAll(at, x.Issues, x.Day)
	case *ledger.Answer:
		b.issueAll(at, x.Issues, x.Day)
	case *ledger.Play:
		b.issuePrizes(at, 0, &x.Stake, x.Day)
	case *ledger.Return:
		if x.Sale != nil {
			b.issueSale(at, x.Sale)
		}
	case *ledger.ReturnClaim, *ledger.VoucherUse, *ledger.VoucherBack, *ledger.Transfer:
	default:
		return
	}
	b.later = append(b.later, later{at, body})
}

// Given takes in lots that HQ itself issued: what it made good, claims that it
// granted, mistakes that it mended. One that goes on with another costs nothing
// again.
func (b *Book) Given(lots []lot.Lot) {
	for _, l := range lots {
		day := l.Earned
		if l.From != (lot.ID{}) {
			day = 0
		}
		b.issue(l.ID, ledger.Issue{Asset: l.Asset, Amount: l.Amount, Funder: l.Funder, UnitCost: l.UnitCost}, day)
	}
}

// Taken takes in what HQ itself took back of lots on a day: what a return had left
// due, and what was owed for it since.
func (b *Book) Taken(draws []lot.Draw, day lot.Day) {
	b.taken = append(b.taken, takenBack{draws, day})
}

type takenBack struct {
	draws []lot.Draw
	day   lot.Day
}

func (b *Book) issueAll(at lot.Origin, issues []ledger.Issue, day lot.Day) {
	for n, i := range issues {
		b.issue(lot.ID{Origin: at, N: uint32(n)}, i, day)
	}
}

func (b *Book) issuePrizes(at lot.Origin, play int, s *ledger.Stake, day lot.Day) {
	for n, i := range s.Issues {
		b.issue(lot.ID{Origin: at, N: ledger.PrizeLot(play, n)}, i, day)
	}
}

func (b *Book) issueSale(at lot.Origin, s *ledger.Sale) {
	for n, a := range s.Awards {
		b.issue(lot.ID{Origin: at, N: uint32(n)}, a.Issue, s.Day)
	}
	for n, r := range s.Redemptions {
		b.issue(lot.ID{Origin: at, N: uint32(ledger.VoucherFrom + n)}, r.Voucher, 0)
	}
	for n := range s.Plays {
		b.issuePrizes(at, n, &s.Plays[n], s.Day)
	}
}

// issue notes a lot, once: a receipt may have brought what its terminal tells later. One
// that points pay for has no cost of its own: its day is 0.
func (b *Book) issue(id lot.ID, i ledger.Issue, day lot.Day) {
	if _, known := b.lots[id]; known {
		return
	}
	b.lots[id] = source{i.Funder, i.UnitCost, i.Asset}
	if day == 0 || !i.Asset.Points() {
		return
	}
	is := b.issuedOf(day, i.Funder, i.Asset)
	is.Points += i.Amount
	is.CostMilli += int64(i.Amount) * int64(i.UnitCost)
}

func (b *Book) issuedOf(day lot.Day, funder Party, asset lot.Asset) *Issued {
	k := issuedKey{day.MonthEnd(), funder, asset}
	if b.issued[k] == nil {
		b.issued[k] = &Issued{}
	}
	return b.issued[k]
}

func (b *Book) cell(day lot.Day, funder, taker Party, c Cell) {
	if c == (Cell{}) {
		return
	}
	k := cellKey{day.MonthEnd(), funder, taker}
	if b.cells[k] == nil {
		b.cells[k] = &Cell{}
	}
	b.cells[k].add(c)
}

// source is who bears a lot.
func (b *Book) source(id lot.ID) source {
	if s, ok := b.lots[id]; ok {
		return s
	}
	if b.o.Lot != nil {
		if l, ok := b.o.Lot(id); ok {
			b.lots[id] = source{l.Funder, l.UnitCost, l.Asset}
			return b.lots[id]
		}
	}
	b.Unknown++
	return source{}
}

// Close works out everything that was added.
func (b *Book) Close() {
	slices.SortStableFunc(b.later, func(x, y later) int { return x.at.Compare(y.at) })
	b.inherit()
	for _, l := range b.later {
		switch x := l.body.(type) {
		case *ledger.Sale:
			b.sold(l.at, x, x.Day)
		case *ledger.Redeem:
			b.vouchers[lot.ID{Origin: l.at}] = &voucher{benefit: x.Benefit, paid: b.funders(append(x.Draws, pooled(x.Pool)...))}
		case *ledger.Return:
			if x.Sale != nil {
				b.sold(l.at, x.Sale, x.Day)
			}
		}
	}
	for _, l := range b.later {
		switch x := l.body.(type) {
		case *ledger.Return:
			b.returned(x.Of, x.Lines, x.Day, append(slices.Clone(x.Back), anew(x.Anew)...))
			b.clawed(x)
		case *ledger.ReturnClaim:
			b.returned(x.Of, x.Lines, x.Day, nil)
		case *ledger.VoucherUse:
			b.used(x)
		}
	}
	for _, l := range b.later {
		switch x := l.body.(type) {
		case *ledger.VoucherBack:
			b.back(x)
		case *ledger.Return:
			for i := range x.Vouchers {
				b.back(&x.Vouchers[i])
			}
		}
	}
	for _, t := range b.taken {
		b.takeBack(t.draws, t.day)
	}
	b.later, b.taken = nil, nil
}

// inherit gives lots that go on under another id the terms of those they were,
// whatever the order in which the entries came.
func (b *Book) inherit() {
	from := map[lot.ID]lot.ID{}
	for _, l := range b.later {
		switch x := l.body.(type) {
		case *ledger.Transfer:
			for n, d := range x.Draws {
				from[lot.ID{Origin: l.at, N: uint32(n)}] = d.Lot
			}
		case *ledger.Return:
			for n, a := range x.Renewed() {
				from[lot.ID{Origin: l.at, N: uint32(ledger.AnewFrom + n)}] = a.From
			}
		case *ledger.VoucherBack:
			for n, a := range x.Anew {
				from[lot.ID{Origin: l.at, N: uint32(ledger.AnewFrom + n)}] = a.From
			}
		}
	}
	for id := range from {
		was := from[id]
		for next, more := from[was]; more; next, more = from[was] {
			was = next
		}
		if s, ok := b.lots[was]; ok {
			b.lots[id] = s
		} else if b.o.Lot != nil {
			if l, ok := b.o.Lot(was); ok {
				b.lots[id] = source{l.Funder, l.UnitCost, l.Asset}
			}
		}
	}
}

func anew(list []ledger.Anew) (draws []lot.Draw) {
	for _, a := range list {
		draws = append(draws, lot.Draw{Lot: a.From, Amount: a.Amount})
	}
	return draws
}

func pooled(parts []ledger.PoolPart) (draws []lot.Draw) {
	for _, p := range parts {
		draws = append(draws, p.Draws...)
	}
	return draws
}
