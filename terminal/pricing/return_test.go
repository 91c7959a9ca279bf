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

// TestReturnVector is rule S06: return C → 19; then A → 20; then B → 20.
func TestReturnVector(t *testing.T) {
	s := s06Receipt()
	at := s.NothingReturned()
	var got []lot.Amount
	for _, qty := range [][]int64{{0, 0, 1}, {1, 0, 0}, {0, 1, 0}} {
		after, err := pricing.Return(s, at, qty)
		if err != nil {
			t.Fatalf("Return(%v): %v", qty, err)
		}
		got = append(got, after.Clawed[0]-at.Clawed[0])
		at = after
	}
	if diff := cmp.Diff([]lot.Amount{19, 20, 20}, got); diff != "" {
		t.Errorf("clawed (-want +got):\n%s", diff)
	}
	if at.Fen != 2999 {
		t.Errorf("money back = %s, want 29.99", at.Fen)
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
