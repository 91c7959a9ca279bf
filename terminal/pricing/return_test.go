package pricing_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// double is the rule of the published vector: ¥1 earns 1 point, twice.
var double = &programme.Programme{Rules: []programme.Rule{{ID: "base", Asset: "points:consumption", Rate: lot.Ratio{Num: 2, Den: 100}}}}

func s06Receipt() pricing.Sold {
	return pricing.Sold{
		Rules: double,
		Lines: []pricing.SoldLine{
			{Qty: 1, Fen: 1000, Merchant: "m1"}, {Qty: 1, Fen: 1000, Merchant: "m1"}, {Qty: 1, Fen: 999, Merchant: "m1"},
		},
		Awards: []pricing.SoldAward{{Rule: "base", Funder: "m1", Amount: 59}},
	}
}

// steps returns one set of quantities after the other, and what each step claws
// of the first award.
func steps(t *testing.T, s pricing.Sold, sets ...[]int64) (clawed []lot.Amount, at pricing.Returned) {
	t.Helper()
	at = s.NothingReturned()
	for _, qty := range sets {
		after, err := pricing.Return(s, at, qty)
		if err != nil {
			t.Fatalf("Return(%v): %v", qty, err)
		}
		clawed = append(clawed, after.Clawed[0]-at.Clawed[0])
		at = after
	}
	return clawed, at
}

// Rule S06, the published vectors: return C → 19; then A → 20; then B → 20. With
// "from ¥25 on ×2", return C → what stays earns 20 → 39. And its neighbours.
func TestReturnVectors(t *testing.T) {
	withRule := func(edit func(*programme.Rule), awarded lot.Amount) pricing.Sold {
		s := s06Receipt()
		rule := programme.Rule{ID: "base", Asset: "points:consumption", Rate: lot.Ratio{Num: 1, Den: 100}, MultiplierBP: 20_000}
		edit(&rule)
		s.Rules, s.Awards[0].Amount = &programme.Programme{Rules: []programme.Rule{rule}}, awarded
		return s
	}
	from := func(fen lot.Fen) func(*programme.Rule) {
		return func(r *programme.Rule) { r.ThresholdFen = fen }
	}
	kept := func(r *programme.Rule) { r.ThresholdFen, r.Proportional = 2500, true }
	cap30 := func(r *programme.Rule) { r.Cap.PerReceipt = 30 }
	gold := withRule(func(r *programme.Rule) { r.MultiplierBP = 0 }, 59)
	gold.Rules.Tiers.Ladder, gold.Tier = []programme.Tier{{ID: "basic", MultiplierBP: 10_000}, {ID: "gold", MultiplierBP: 20_000}}, "gold"
	c, a, b := []int64{0, 0, 1}, []int64{1}, []int64{0, 1}
	tests := map[string]struct {
		sold pricing.Sold
		want []lot.Amount // of C, then A, then B
	}{
		"published":              {s06Receipt(), []lot.Amount{19, 20, 20}},
		"published-threshold":    {withRule(from(2500), 59), []lot.Amount{39, 10, 10}},
		"threshold-just-kept":    {withRule(from(2000), 59), []lot.Amount{19, 30, 10}},
		"threshold-just-missed":  {withRule(from(2001), 59), []lot.Amount{39, 10, 10}},
		"threshold-proportional": {withRule(kept, 59), []lot.Amount{19, 20, 20}},
		"tier-of-the-sale":       {gold, []lot.Amount{19, 20, 20}},
		"cap-of-the-receipt":     {withRule(cap30, 30), []lot.Amount{0, 10, 20}},
		"cap-of-the-day-bit":     {withRule(func(*programme.Rule) {}, 25), []lot.Amount{0, 5, 20}},
		"nothing-earned":         {withRule(func(*programme.Rule) {}, 0), []lot.Amount{0, 0, 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, at := steps(t, test.sold, c, a, b)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Return of C, A, B: clawed -want +got\n%s", diff)
			}
			if at.Fen != 2999 || !at.Coupons {
				t.Errorf("Return of all: got %s back and coupons back %v, want 29.99 and true", at.Fen, at.Coupons)
			}
		})
	}
}

// Rule S02: what a part of a receipt earned is what the whole earned less what
// the rest earns, never the floor of a negative number.
func TestReturnsAreTheMirrorOfSales(t *testing.T) {
	tests := map[string]struct {
		prices []lot.Fen
		earned lot.Amount
		claws  []lot.Amount // returning the lines in their order
	}{
		"fractions-below-one": {[]lot.Fen{50, 50}, 1, []lot.Amount{1, 0}},
		"one-fen-over":        {[]lot.Fen{1, 100}, 1, []lot.Amount{0, 1}},
		"one-fen-first":       {[]lot.Fen{100, 1}, 1, []lot.Amount{1, 0}},
		"one-fen-short":       {[]lot.Fen{99, 99, 99}, 2, []lot.Amount{1, 1, 0}},
		"free-goods":          {[]lot.Fen{0, 100}, 1, []lot.Amount{0, 1}},
		"whole-yuan":          {[]lot.Fen{100, 200, 300}, 6, []lot.Amount{1, 2, 3}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			once := &programme.Programme{Rules: []programme.Rule{{ID: "base", Rate: lot.Ratio{Num: 1, Den: 100}}}}
			s := pricing.Sold{Rules: once, Awards: []pricing.SoldAward{{Rule: "base", Funder: "m1", Amount: test.earned}}}
			var sets [][]int64
			for i, fen := range test.prices {
				s.Lines = append(s.Lines, pricing.SoldLine{Qty: 1, Fen: fen, Merchant: "m1"})
				qty := make([]int64, len(test.prices))
				qty[i] = 1
				sets = append(sets, qty)
			}
			got, at := steps(t, s, sets...)
			if diff := cmp.Diff(test.claws, got); diff != "" || at.Clawed[0] != test.earned {
				t.Errorf("Return line by line: clawed %v of %d; -want +got\n%s", at.Clawed, test.earned, diff)
			}
		})
	}
}

// Money comes back as paid: a line's share of coupons, points and small change
// stays away, each piece a part of what was paid, and the last what is left.
func TestMoneyComesBackAsPaid(t *testing.T) {
	s := pricing.Sold{Rules: double, Points: 7, Lines: []pricing.SoldLine{
		{Qty: 3, Fen: 300, Off: 100, Deducted: 7, Rounded: 3, Merchant: "m1"}, // 1.90 paid
		{Qty: 3, Fen: 3, Off: 1, Deducted: 0, Rounded: 2, Merchant: "m1"},     // nothing paid
	}}
	want := []pricing.Returned{
		{Qty: []int64{1, 0}, Fen: 64, Points: 2, Clawed: []lot.Amount{}},
		{Qty: []int64{2, 1}, Fen: 127, Points: 4, Clawed: []lot.Amount{}},
		{Qty: []int64{2, 3}, Fen: 127, Points: 4, Clawed: []lot.Amount{}},
		{Qty: []int64{3, 3}, Fen: 190, Points: 7, Clawed: []lot.Amount{}, Coupons: true},
	}
	at := s.NothingReturned()
	for i, qty := range [][]int64{{1, 0}, {1, 1}, {0, 2}, {1, 0}} {
		after, err := pricing.Return(s, at, qty)
		if diff := cmp.Diff(want[i], after); diff != "" || err != nil {
			t.Fatalf("Return(%v): got error %v; -want +got\n%s", qty, err, diff)
		}
		at = after
	}
}

// What stays may earn its only point for a merchant that had none of the
// receipt's: it is still earned, and nothing is taken.
func TestPointsThatMoveToAnotherMerchantStay(t *testing.T) {
	once := &programme.Programme{Rules: []programme.Rule{{ID: "base", Rate: lot.Ratio{Num: 1, Den: 100}}}}
	s := pricing.Sold{
		Rules:  once,
		Lines:  []pricing.SoldLine{{Qty: 3, Fen: 90, Merchant: "m1"}, {Qty: 1, Fen: 80, Merchant: "m2"}},
		Awards: []pricing.SoldAward{{Rule: "base", Funder: "m1", Amount: 1}},
	}
	got, _ := steps(t, s, []int64{2, 0}, []int64{1, 0}, []int64{0, 1})
	if diff := cmp.Diff([]lot.Amount{0, 1, 0}, got); diff != "" {
		t.Errorf("Return: clawed -want +got\n%s", diff)
	}
}

// Rule S31: goods exchanged are a return and a sale; only the money is netted.
func TestExchange(t *testing.T) {
	for _, test := range []struct{ refund, toPay, pay, back lot.Fen }{
		{0, 0, 0, 0}, {999, 0, 0, 999}, {0, 999, 999, 0}, {999, 999, 0, 0}, {999, 998, 0, 1}, {998, 999, 1, 0},
	} {
		want := pricing.Settlement{Pay: test.pay, Back: test.back}
		if got := pricing.Exchange(test.refund, test.toPay); got != want {
			t.Errorf("Exchange(%s, %s): got %+v, want %+v", test.refund, test.toPay, got, want)
		}
	}
	clawed, back := steps(t, s06Receipt(), []int64{0, 0, 1})
	q := price(t, card(open.parse(t), lines(goods("m1", 1099)), 0, 0))
	got := pricing.Exchange(back.Fen, q.ToPay)
	if clawed[0] != 19 || awarded(q, "base") != 10 || got != (pricing.Settlement{Pay: 100}) {
		t.Errorf("Exchange of 9.99 for 10.99: got %+v, %d clawed and %d earned; want 1.00 to pay, 19 and 10", got, clawed[0], awarded(q, "base"))
	}
}

func TestReturnRefusesWhatWasNotSold(t *testing.T) {
	s := s06Receipt()
	all, err := pricing.Return(s, s.NothingReturned(), []int64{1, 1, 1})
	if err != nil {
		t.Fatalf("Return: %v", err)
	}
	for _, test := range []struct {
		name   string
		before pricing.Returned
		qty    []int64
	}{
		{"more-than-sold", s.NothingReturned(), []int64{2}},
		{"negative", s.NothingReturned(), []int64{-1}},
		{"no-such-line", s.NothingReturned(), []int64{0, 0, 0, 1}},
		{"returned-already", all, []int64{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := pricing.Return(s, test.before, test.qty); !errors.Is(err, pricing.ErrReturn) {
				t.Errorf("Return(%v) = %v, want ErrReturn", test.qty, err)
			}
		})
	}
}

// TestAnyOrderOfReturnsEndsWhereAFullReturnEnds also holds every step to be no
// step back, and the whole to give back just what was paid and earned.
func TestAnyOrderOfReturnsEndsWhereAFullReturnEnds(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	for range 3000 {
		s := randomSold(random)
		full := make([]int64, len(s.Lines))
		for i, l := range s.Lines {
			full[i] = l.Qty
		}
		at := s.NothingReturned()
		for !cmp.Equal(at.Qty, full) {
			qty := make([]int64, len(full))
			for i := range qty {
				qty[i] = random.Int64N(full[i] - at.Qty[i] + 1)
			}
			after, err := pricing.Return(s, at, qty)
			if err != nil {
				t.Fatalf("Return(%+v, %v): %v", s, qty, err)
			}
			if after.Fen < at.Fen || after.Points < at.Points {
				t.Fatalf("return %v of %+v takes money or points back again: %+v, then %+v", qty, s, at, after)
			}
			for i := range after.Clawed {
				if after.Clawed[i] < at.Clawed[i] || after.Clawed[i] > s.Awards[i].Amount {
					t.Fatalf("return %v of %+v claws %v, then %v", qty, s, at.Clawed, after.Clawed)
				}
			}
			at = after
		}
		want := s.NothingReturned()
		want.Qty, want.Points, want.Coupons = full, s.Points, true
		for _, l := range s.Lines {
			want.Fen += l.Fen - l.Deducted
		}
		for i, a := range s.Awards {
			want.Clawed[i] = a.Amount
		}
		if diff := cmp.Diff(want, at); diff != "" {
			t.Fatalf("after all returns of %+v (-want +got):\n%s", s, diff)
		}
	}
}

// randomSold makes a receipt with awards as the rule gives them.
func randomSold(random *rand.Rand) pricing.Sold {
	s := pricing.Sold{Rules: double}
	weights := make([]int64, 1+random.IntN(5))
	var net int64
	for i := range weights {
		l := pricing.SoldLine{Qty: 1 + random.Int64N(4), Merchant: []string{"m1", "m2"}[random.IntN(2)]}
		l.Fen = lot.Fen(l.Qty * (1 + random.Int64N(3000)))
		l.Deducted = lot.Fen(random.Int64N(int64(l.Fen) + 1))
		if random.IntN(2) == 0 {
			l.Deducted = 0
		}
		s.Lines = append(s.Lines, l)
		s.Points += lot.Amount(l.Deducted)
		weights[i] = int64(l.Fen - l.Deducted)
		net += weights[i]
	}
	points, err := double.Rules[0].Rate.Floor(net)
	if err != nil {
		panic(err)
	}
	by := map[string]lot.Amount{}
	for i, n := range lot.Split(points, weights) {
		by[s.Lines[i].Merchant] += lot.Amount(n)
	}
	for _, m := range []string{"m1", "m2"} {
		if by[m] > 0 {
			s.Awards = append(s.Awards, pricing.SoldAward{Rule: "base", Funder: m, Amount: by[m]})
		}
	}
	return s
}
