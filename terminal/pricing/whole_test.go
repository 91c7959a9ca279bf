package pricing_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
)

// taken is what each campaign, each coupon, points and rounding take off a bill.
func taken(q pricing.Quote) map[string]lot.Fen {
	off := map[string]lot.Fen{"points": q.Deduction.Fen, "rounding": q.Rounding}
	for _, p := range q.Promotions {
		off[p.Campaign] += p.Fen
	}
	for _, c := range q.Coupons {
		off[string(c.Asset)] += c.Fen
	}
	return off
}

// Whatever there is of campaigns, coupons, points and rounding: with one line more,
// a rule's lines are paid less for only by what something takes off more than before
// (a step of 满减 that is reached, a coupon that reaches further), and by a fen a line
// where a sum is parted. So a rule earns less for more goods only where a rule says so.
func TestAnItemMoreEarnsLessOnlyByWhatIsTakenOff(t *testing.T) {
	base := open.parse(t)
	said := 0
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(t, base)
		before := price(t, r)
		r.Lines = append(r.Lines, anyLine(t))
		after := price(t, r)
		was, more := taken(before), lot.Fen(0)
		for what, fen := range taken(after) {
			if what == "rounding" || what == "points" { // parted over lines by what is left of each: none is left out
				more += fen
				continue
			}
			more += max(fen-was[what], 0)
		}
		for _, b := range before.Rules {
			i := slices.IndexFunc(after.Rules, func(a pricing.RuleQuote) bool { return a.Rule == b.Rule })
			if b.Of != "" || b.Kind != 0 { // campaigns have their own lines
				continue
			}
			var is lot.Fen
			if i >= 0 {
				is = after.Rules[i].BaseFen
			} else if b.BaseFen > 0 { // what is too little for a point is not listed
				continue
			}
			if slack := lot.Fen(len(before.Lines) * (1 + len(was))); is+more+slack < b.BaseFen {
				t.Fatalf("rule %s: %s of its lines were paid, with one line more %s, though only %s more is taken off", b.Rule, b.BaseFen, is, more)
			}
			said++
		}
	})
	if said == 0 {
		t.Error("no basket was judged")
	}
}

// What is quoted is what is sold: the entry has the quote's very numbers, line by
// line and award by award, and the lots that it takes come to what the quote said.
func TestASaleIsWhatWasQuoted(t *testing.T) {
	base := open.parse(t)
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(t, base)
		q := price(t, r)
		sale, err := bill.Make(r, q, bill.Payers{Own: r.Holdings})
		if err != nil {
			t.Fatalf("Make: %v", err)
		}
		if sale.Total() != q.Total || sale.Net() != q.ToPay || sale.Rounded != q.Rounding {
			t.Fatalf("sale of %s for %s, rounded %s; quoted %s, %s, %s", sale.Total(), sale.Net(), sale.Rounded, q.Total, q.ToPay, q.Rounding)
		}
		for i, l := range q.Lines {
			if s := sale.Lines[i]; s.Fen != l.Fen || s.Off != l.Off || s.Deducted != l.Deducted || s.Rounded != l.Rounded || s.Net() != l.Net {
				t.Fatalf("line %d is sold as %+v, quoted as %+v", i, s, l)
			}
		}
		points, used := map[string]lot.Amount{}, lot.Amount(0)
		for _, a := range sale.Awards {
			points[a.Rule] += a.Amount
			if n := sumShares(a.Shares); n != a.Amount {
				t.Fatalf("award %+v: its shares come to %d", a, n)
			}
		}
		for _, rule := range q.Rules {
			if points[rule.Rule] != rule.Points {
				t.Fatalf("rule %s gave %d, quoted %d", rule.Rule, points[rule.Rule], rule.Points)
			}
		}
		if sale.Deduction != nil {
			used = lot.Sum(sale.Deduction.Draws)
		}
		if used != q.Deduction.Points {
			t.Fatalf("%d points are taken, quoted %d", used, q.Deduction.Points)
		}
	})
}

func sumShares(shares []ledger.Share) (n lot.Amount) {
	for _, s := range shares {
		n += s.Amount
	}
	return n
}
