package pricing

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Draft is a bill after campaigns, on which coupons and points can be tried
// out. It never changes: what is tried gives another one.
type Draft struct {
	r     *Request
	on    *programme.Occasion
	lines []LineQuote
	toPay lot.Fen
	gaps  []StepGap
}

// Begin prices a basket up to where the member's choices come in.
func Begin(r Request) (*Draft, error) {
	w, err := begin(r)
	if err != nil {
		return nil, err
	}
	return &Draft{r: &w.r, on: &w.on, lines: w.Lines, toPay: w.ToPay, gaps: w.gaps}, nil
}

// ToPay is the bill as it stands.
func (d *Draft) ToPay() lot.Fen { return d.toPay }

// Base is what a coupon's lines come to.
func (d *Draft) Base(c *programme.Coupon) lot.Fen {
	var base lot.Fen
	for i := range d.lines {
		if d.covers(c, i) {
			base += d.lines[i].Net
		}
	}
	return base
}

func (d *Draft) covers(c *programme.Coupon, line int) bool {
	p := &d.r.Lines[line].Product
	return c.Covers(*p) && !d.r.Programme.Excluded.Discount[p.GTIN]
}

// With is the bill with one coupon more; off is what it takes off, 0 for
// nothing.
func (d *Draft) With(c *programme.Coupon) (next *Draft, off lot.Fen, err error) {
	if !c.Scope.Here(d.on) {
		return d, 0, nil
	}
	q := Quote{Lines: slices.Clone(d.lines), ToPay: d.toPay}
	var o CouponOff
	if err := q.takeOff(*c, *d.r, &o); err != nil || o.Fen == 0 {
		return d, 0, err
	}
	return &Draft{r: d.r, on: d.on, lines: q.Lines, toPay: q.ToPay, gaps: d.gaps}, o.Fen, nil
}

// Least is the least that is left to pay when so many points may pay, after
// small change, and what the points pay of it.
func (d *Draft) Least(available lot.Amount) (toPay lot.Fen, by MaxDeduction, err error) {
	rules := d.r.Programme.Deduction
	var eligible lot.Fen
	for i := range d.lines {
		if !d.r.Programme.Excluded.Deduct[d.r.Lines[i].Product.GTIN] {
			eligible += d.lines[i].Net
		}
	}
	q := Quote{ToPay: d.toPay}
	if by, err = q.mostDeducted(*d.r, d.r.Programme.Worth(rules.Asset), eligible, available); err != nil {
		return 0, by, err
	}
	toPay = d.toPay - by.Fen
	if to := d.r.Programme.Rounding.ToFen; to > 1 {
		toPay -= toPay % to
	}
	return toPay, by, nil
}

// StepGap is how much of its goods a campaign's next step is away.
type StepGap struct {
	Campaign string
	Missing  lot.Fen
}

// Gaps lists the steps of campaigns that the basket does not reach yet, of each
// campaign the next one.
func (d *Draft) Gaps() []StepGap { return d.gaps }

// gapsOf looks at the bill before steps take anything off.
func (w *work) gapsOf() []StepGap {
	var gaps []StepGap
	for i := range w.deals {
		c := &w.deals[i]
		if c.Kind != programme.BillOff {
			continue
		}
		var base lot.Fen
		for _, line := range c.lines {
			base += w.Lines[line].Net
		}
		for _, s := range c.Steps {
			from := s.FromFen
			if c.Each {
				from = s.FromFen * (base/s.FromFen + 1)
			}
			if base < from {
				gaps = append(gaps, StepGap{c.ID, from - base})
				break
			}
		}
	}
	return gaps
}
