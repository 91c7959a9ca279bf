package settle

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// share is how much of something a party has.
type share struct {
	party Party
	n     int64
}

// shares adds up, in the order in which parties were first met.
type shares []share

func (s shares) plus(p Party, n int64) shares {
	if i := slices.IndexFunc(s, func(x share) bool { return x.party == p }); i >= 0 {
		s[i].n += n
		return s
	}
	return append(s, share{p, n})
}

func (s shares) weights() []int64 {
	out := make([]int64, len(s))
	for i := range s {
		out[i] = s[i].n
	}
	return out
}

// funders is whose points some draws are.
func (b *Book) funders(draws []lot.Draw) (s shares) {
	for _, d := range draws {
		s = s.plus(b.source(d.Lot).funder, int64(d.Amount))
	}
	return s
}

// sale is what is kept of one until everything that comes back of it is known.
type sale struct {
	lines []line
	paid  shares // points that paid, by funder
	used  []use
	part  map[cellKey]Cell // what has been reversed so far; the month is left out
}

// line is one line: what points and coupons paid of it.
type line struct {
	merchant  Party
	qty, back int64
	deducted  lot.Fen
	coupons   []lot.Fen // of each coupon
}

// use is a coupon.
type use struct{ funder Party }

// sold books what points and coupons paid.
func (b *Book) sold(at lot.Origin, x *ledger.Sale, day lot.Day) {
	s := &sale{part: map[cellKey]Cell{}}
	if d := x.Deduction; d != nil {
		s.paid = b.funders(append(slices.Clone(d.Draws), pooled(d.Pool)...))
	}
	off := make([]int64, len(x.Lines))
	for i := range x.Lines {
		l := &x.Lines[i]
		off[i] = int64(l.Off)
		s.lines = append(s.lines, line{merchant: l.Merchant, qty: l.Qty, deducted: l.Deducted, coupons: make([]lot.Fen, len(x.Coupons))})
	}
	for n, c := range x.Coupons {
		s.used = append(s.used, use{b.source(c.Lot).funder})
		for i, fen := range lot.Split(int64(c.Fen), off) {
			s.lines[i].coupons[n] = lot.Fen(fen)
		}
	}
	for k, c := range s.cells(func(l *line) int64 { return l.qty }, s.paid) {
		b.cell(day, k.funder, k.taker, c)
	}
	if len(s.paid) > 0 || len(s.used) > 0 {
		b.sales[at] = s
	}
	for n, r := range x.Redemptions {
		b.vouchers[lot.ID{Origin: at, N: uint32(ledger.VoucherFrom + n)}] = &voucher{
			benefit: r.Benefit, paid: b.funders(append(slices.Clone(r.Draws), pooled(r.Pool)...)),
		}
	}
}

// cells divides what was paid for so many pieces of each line: of each taker's
// fen every funder bears the part that its points are of all that paid.
func (s *sale) cells(pieces func(*line) int64, points shares) map[cellKey]Cell {
	out := map[cellKey]Cell{}
	add := func(funder, taker Party, c Cell) {
		k := cellKey{funder: funder, taker: taker}
		sum := out[k]
		sum.add(c)
		out[k] = sum
	}
	var takers shares
	for i := range s.lines {
		l := &s.lines[i]
		n := pieces(l)
		if fen := part(l.deducted, n, l.qty); fen > 0 {
			takers = takers.plus(l.merchant, int64(fen))
		}
		for c, u := range s.used {
			add(u.funder, l.merchant, Cell{Fen: part(l.coupons[c], n, l.qty)})
		}
	}
	for _, t := range takers {
		for i, fen := range lot.Split(t.n, s.paid.weights()) {
			add(s.paid[i].party, t.party, Cell{Fen: lot.Fen(fen)})
		}
	}
	for _, f := range points {
		for i, n := range lot.Split(f.n, takers.weights()) {
			add(f.party, takers[i].party, Cell{Points: lot.Amount(n)})
		}
	}
	return out
}

// part is n of qty pieces of an amount, rounded down; all of them are all of it.
func part(whole lot.Fen, n, qty int64) lot.Fen {
	if n <= 0 || qty <= 0 || whole == 0 {
		return 0
	}
	fen, err := lot.Ratio{Num: min(n, qty), Den: qty}.Floor(int64(whole))
	if err != nil {
		return 0
	}
	return lot.Fen(fen)
}

// returned reverses what was paid for what comes back. All returns of a sale
// are one sum (rule S06): the last one leaves nothing.
func (b *Book) returned(of lot.Origin, lines []ledger.ReturnLine, day lot.Day, back []lot.Draw) {
	s := b.sales[of]
	if s == nil {
		return
	}
	for _, l := range lines {
		if int(l.Line) < len(s.lines) {
			x := &s.lines[l.Line]
			x.back = min(x.back+l.Qty, x.qty)
		}
	}
	now := s.cells(func(l *line) int64 { return l.back }, nil)
	var takers shares
	for k, c := range now {
		before := s.part[k]
		b.cell(day, k.funder, k.taker, Cell{BackFen: c.Fen - before.Fen})
	}
	for i := range s.lines {
		if fen := part(s.lines[i].deducted, s.lines[i].back, s.lines[i].qty); fen > 0 {
			takers = takers.plus(s.lines[i].merchant, int64(fen))
		}
	}
	if len(takers) > 0 {
		for _, f := range b.funders(back) {
			for i, n := range lot.Split(f.n, takers.weights()) {
				b.cell(day, f.party, takers[i].party, Cell{BackPoints: lot.Amount(n)})
			}
		}
	}
	s.part = now
}

// clawed books what a return takes back of what was earned and won.
func (b *Book) clawed(x *ledger.Return) {
	claw, due := slices.Clone(x.Claw), slices.Clone(x.Due)
	for _, p := range x.Plays {
		claw, due = append(claw, p.Claw...), append(due, p.Due...)
	}
	b.takeBack(claw, x.Day)
	for _, d := range due {
		if src := b.source(lot.ID{Origin: x.Of, N: d.Award}); src.asset.Points() {
			b.issuedOf(x.Day, src.funder, src.asset).Due += d.Amount
		}
	}
}

func (b *Book) takeBack(draws []lot.Draw, day lot.Day) {
	for _, d := range draws {
		if src := b.source(d.Lot); src.asset.Points() {
			is := b.issuedOf(day, src.funder, src.asset)
			is.Clawed += d.Amount
			is.BackMilli += int64(d.Amount) * int64(src.unitCost)
		}
	}
}

// voucher is one that may be handed out for.
type voucher struct {
	benefit string
	paid    shares // points that bought it, by funder; none for a gift
	used    bool
	taker   Party
	fen     lot.Fen
}

// used credits who hands out what a voucher promises with what it is worth.
func (b *Book) used(x *ledger.VoucherUse) {
	v := b.vouchers[x.Voucher]
	src := b.source(x.Voucher)
	if v == nil {
		v = &voucher{benefit: x.Benefit}
		b.vouchers[x.Voucher] = v
	}
	if v.paid == nil { // a gift or a prize: who gave it bears it
		v.paid = shares{{src.funder, 0}}
	}
	v.taker, v.fen, v.used = src.funder, src.unitCost/1000, true
	if b.o.Merchant != nil {
		if m := b.o.Merchant(x.Handed()); m != "" {
			v.taker = m
		}
	}
	b.handed(v, x.Day, func(points lot.Amount, fen lot.Fen) Cell { return Cell{Points: points, Fen: fen} })
}

func (b *Book) handed(v *voucher, day lot.Day, cell func(lot.Amount, lot.Fen) Cell) {
	weights := v.paid.weights()
	if len(weights) == 1 && weights[0] == 0 {
		weights[0] = 1
	}
	for i, fen := range lot.Split(int64(v.fen), weights) {
		b.cell(day, v.paid[i].party, v.taker, cell(lot.Amount(v.paid[i].n), lot.Fen(fen)))
	}
}

// back takes the credit for a voucher back whose goods came back.
func (b *Book) back(x *ledger.VoucherBack) {
	if v := b.vouchers[x.Voucher]; v != nil && v.used {
		v.used = false
		b.handed(v, x.Day, func(points lot.Amount, fen lot.Fen) Cell { return Cell{BackPoints: points, BackFen: fen} })
	}
}
