package pricing_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// anyProgramme draws rules with everything a programme may have. Thresholds are
// left out where they would make "more goods earn more" untrue.
func anyProgramme(t *rapid.T, base *programme.Programme) *programme.Programme {
	p := *base
	p.Rules = slices.Clone(base.Rules)
	for i := range p.Rules {
		r := &p.Rules[i]
		r.Rate = lot.Ratio{Num: rapid.Int64Range(1, 30).Draw(t, "points"), Den: rapid.Int64Range(1, 300).Draw(t, "fen")}
		r.MultiplierBP = rapid.SampledFrom([]int64{0, 10_000, 15_000, 33_333}).Draw(t, "multiplier")
		r.ThresholdFen = rapid.SampledFrom([]lot.Fen{0, 0, 2500}).Draw(t, "threshold")
		r.Proportional = rapid.Bool().Draw(t, "proportional")
		r.Cap.PerReceipt = rapid.SampledFrom([]lot.Amount{0, 0, 25}).Draw(t, "receipt cap")
		r.Cap.PerMemberDay = rapid.SampledFrom([]lot.Amount{0, 0, 40}).Draw(t, "day cap")
	}
	p.Tiers.Ladder = []programme.Tier{{ID: "basic", MultiplierBP: 10_000}, {ID: "gold", MultiplierBP: 17_500}}
	p.Rounding.ToFen = rapid.SampledFrom([]lot.Fen{0, 10, 100}).Draw(t, "rounding")
	p.Deduction.MaxShareBP = rapid.Int64Range(0, 10_000).Draw(t, "share")
	p.Excluded.Earn = map[string]bool{"bag": true}
	p.Excluded.Deduct = map[string]bool{"bag": true, "card": true}
	return &p
}

func anyLine(t *rapid.T) pricing.Line {
	p := goods(rapid.SampledFrom([]string{"m1", "m2"}).Draw(t, "merchant"), lot.Fen(rapid.Int64Range(0, 3000).Draw(t, "price")))
	p.Eco = rapid.Bool().Draw(t, "eco")
	p.Category = rapid.SampledFrom([]string{"", "tea", "rice"}).Draw(t, "category")
	p.GTIN = rapid.SampledFrom([]string{"rice", "tea", "bag", "card"}).Draw(t, "product")
	return pricing.Line{Product: p, Qty: rapid.Int64Range(1, 4).Draw(t, "qty")}
}

func anyRequest(t *rapid.T, base *programme.Programme) pricing.Request {
	r := plainRequest(t, base)
	if rapid.Bool().Draw(t, "with campaigns") {
		r.Programme = anyCampaigns(t, r.Programme)
	}
	return r
}

// plainRequest is one without campaigns.
func plainRequest(t *rapid.T, base *programme.Programme) pricing.Request {
	all := make([]string, len(coupons))
	for i, c := range coupons {
		all[i] = c.ID
	}
	use := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 3, rapid.ID).Draw(t, "coupons")
	r := withCoupons(anyProgramme(t, base), rapid.SliceOfN(rapid.Custom(anyLine), 0, 5).Draw(t, "lines"),
		lot.Amount(rapid.Int64Range(0, 4000).Draw(t, "held")), lot.Fen(rapid.Int64Range(-1, 3000).Draw(t, "deduct")), use...)
	r.Tier = rapid.SampledFrom([]string{"", "gold"}).Draw(t, "tier")
	r.Counted = map[string]lot.Amount{"base": lot.Amount(rapid.Int64Range(0, 50).Draw(t, "counted"))}
	return r
}

// The lines add up to the bill at every step of rule S03, and the awards to what
// the rules give.
func TestEverythingAddsUp(t *testing.T) {
	base := open.parse(t)
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(t, base)
		q := price(t, r)
		var sum pricing.LineQuote
		for _, l := range q.Lines {
			if l.Fen != l.Off+l.Deducted+l.Rounded+l.Net || min(l.Off, l.Deducted, l.Rounded, l.Net) < 0 {
				t.Fatalf("line does not add up: %+v", l)
			}
			sum = pricing.LineQuote{Fen: sum.Fen + l.Fen, Off: sum.Off + l.Off, Deducted: sum.Deducted + l.Deducted, Rounded: sum.Rounded + l.Rounded, Net: sum.Net + l.Net}
		}
		if want := (pricing.LineQuote{Fen: q.Total, Off: q.Off, Deducted: q.Deduction.Fen, Rounded: q.Rounding, Net: q.ToPay}); sum != want {
			t.Fatalf("lines add up to %+v, the bill is %+v", sum, want)
		}
		var off lot.Fen
		for _, c := range q.Coupons {
			for _, s := range c.Shares {
				off += s.Fen
			}
		}
		for _, p := range q.Promotions {
			var of lot.Fen
			for _, s := range p.Shares {
				of += s.Fen
			}
			if off += of; of != p.Fen || of == 0 {
				t.Fatalf("campaign %s takes off %s, its shares are %s", p.Campaign, p.Fen, of)
			}
		}
		if off != q.Off {
			t.Fatalf("campaigns and coupons take off %s, their shares are %s", q.Off, off)
		}
		for _, rule := range q.Rules {
			if got := awarded(q, rule.Rule); got != rule.Points || rule.Bonus < 0 || rule.Bonus > rule.Points || rule.Cut < 0 {
				t.Fatalf("rule %+v has awards of %d", rule, got)
			}
		}
		if again := price(t, r); !cmp.Equal(q, again) {
			t.Fatalf("two quotes differ: %s", cmp.Diff(q, again))
		}
	})
}

// A line more never earns less by any rule: without coupons and points, whose
// shares it would move.
func TestAnItemMoreNeverEarnsLess(t *testing.T) {
	base := open.parse(t)
	rapid.Check(t, func(t *rapid.T) {
		r := plainRequest(t, base)
		if rapid.Bool().Draw(t, "with campaigns") { // a bill that reaches the next step of one pays less
			r.Programme = anyCampaigns(t, r.Programme, "bill_off")
		}
		r.Coupons, r.DeductFen = nil, 0
		r.Programme.Rounding.ToFen = 0
		before := price(t, r)
		r.Lines = append(r.Lines, anyLine(t))
		after := price(t, r)
		for _, rule := range r.Programme.Rules {
			less, more := awarded(before, rule.ID), awarded(after, rule.ID)
			for _, c := range r.Programme.Campaigns {
				// What multiplies a rule counts with it; where the rule has a cap of its own,
				// a point that rounding moves from the one to the other is cut off.
				if c.Rule == rule.ID && rule.Cap == (programme.Cap{}) {
					less, more = less+awarded(before, c.ID), more+awarded(after, c.ID)
				}
			}
			if less > more {
				t.Fatalf("rule %+v and what multiplies it gave %d, with one line more %d", rule, less, more)
			}
		}
	})
}

// soldBy is the receipt that a quote becomes.
func soldBy(r pricing.Request, q pricing.Quote) pricing.Sold {
	s := pricing.Sold{Rules: r.Programme, Tier: r.Tier, Points: q.Deduction.Points}
	for i, l := range q.Lines {
		p := r.Lines[i].Product
		s.Lines = append(s.Lines, pricing.SoldLine{
			Product: p.GTIN, Qty: r.Lines[i].Qty, Fen: l.Fen, Off: l.Off, Deducted: l.Deducted, Rounded: l.Rounded, Merchant: p.Merchant, Eco: p.Eco,
			Category: p.Category, Brand: p.Brand,
		})
	}
	for _, a := range q.Awards {
		s.Awards = append(s.Awards, pricing.SoldAward{Rule: a.Rule, Funder: a.Funder, Amount: a.Amount})
	}
	return s
}

// Rules S02 and S06: a full return undoes a sale exactly, any order of partial
// returns ends where it does, and on the way nothing is given or taken twice:
// after every step what is not clawed is what the rest of the basket earns.
func TestReturnsUndoASale(t *testing.T) {
	base := open.parse(t)
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(t, base)
		q := price(t, r)
		s := soldBy(r, q)
		full := make([]int64, len(s.Lines))
		for i, l := range s.Lines {
			full[i] = l.Qty
		}
		at := s.NothingReturned()
		for !slices.Equal(at.Qty, full) {
			qty := make([]int64, len(full))
			for i := range qty {
				qty[i] = rapid.Int64Range(0, full[i]-at.Qty[i]).Draw(t, "back")
			}
			if slices.Max(qty) == 0 { // one piece at least, so that it ends
				i := 0
				for at.Qty[i] == full[i] {
					i++
				}
				qty[i] = 1
			}
			after, err := pricing.Return(s, at, qty)
			if err != nil {
				t.Fatalf("Return(%+v, %v): %v", s, qty, err)
			}
			if after.Fen < at.Fen || after.Points < at.Points || after.Fen > q.ToPay || after.Points > s.Points {
				t.Fatalf("Return(%v): %+v, then %+v", qty, at, after)
			}
			for i, n := range after.Clawed {
				if n < at.Clawed[i] || n > s.Awards[i].Amount {
					t.Fatalf("Return(%v): clawed %v, then %v of %+v", qty, at.Clawed, after.Clawed, s.Awards)
				}
			}
			at = after
		}
		once, err := pricing.Return(s, s.NothingReturned(), full)
		if err != nil {
			t.Fatalf("Return(all of %+v): %v", s, err)
		}
		want := pricing.Returned{Qty: full, Fen: q.ToPay, Points: s.Points, Coupons: true, Clawed: make([]lot.Amount, len(s.Awards))}
		for i, a := range s.Awards {
			want.Clawed[i] = a.Amount
		}
		if len(full) > 0 && !cmp.Equal(want, at) || !cmp.Equal(want, once) {
			t.Fatalf("after all returns: %+v, at once: %+v, want %+v", at, once, want)
		}
	})
}

// Rule S06: a partial return leaves the member with what the rest of the goods
// would have earned alone, as far as no cap of the day bit.
func TestTheRestKeepsWhatItEarns(t *testing.T) {
	base := open.parse(t)
	rapid.Check(t, func(t *rapid.T) {
		r := plainRequest(t, base) // with campaigns the prices of the rest alone may be others
		r.Coupons, r.DeductFen, r.Counted = nil, 0, nil
		r.Programme.Rounding.ToFen = 0
		for i := range r.Programme.Rules {
			r.Programme.Rules[i].Proportional = false
		}
		s := soldBy(r, price(t, r))
		qty, rest := make([]int64, len(r.Lines)), []pricing.Line(nil)
		for i, l := range r.Lines {
			qty[i] = rapid.Int64Range(0, l.Qty).Draw(t, "back")
			if l.Qty -= qty[i]; l.Qty > 0 {
				rest = append(rest, l)
			}
		}
		after, err := pricing.Return(s, s.NothingReturned(), qty)
		if err != nil {
			t.Fatalf("Return(%+v, %v): %v", s, qty, err)
		}
		r.Lines = rest
		alone := price(t, r)
		left := map[string]lot.Amount{}
		for i, a := range s.Awards {
			left[a.Rule] += a.Amount - after.Clawed[i]
		}
		for _, rule := range r.Programme.Rules {
			if got, want := left[rule.ID], awarded(alone, rule.ID); got != want {
				t.Fatalf("rule %+v leaves %d after %v, the rest alone earns %d", rule, got, qty, want)
			}
		}
	})
}
