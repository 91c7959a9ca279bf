package lot_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const points = lot.Asset("points:consumption")

var trusted = lot.Today{Day: 20_779, Trusted: true} // 2026-11-22

func id(n uint32) lot.ID {
	return lot.ID{Origin: lot.Origin{Terminal: 1, Incarnation: 0xabc, Seq: 17}, N: n}
}

func held(n uint32, amount lot.Amount, expires lot.Day) lot.Holding {
	l := lot.Lot{ID: id(n), Owner: 1017, Asset: points, Amount: 1000, Earned: 20_000, Expires: expires}
	return lot.Holding{Lot: l, Amount: amount}
}

func earned(h lot.Holding, on lot.Day) lot.Holding {
	h.Lot.Earned = on
	return h
}

// Rule S05: soonest expiry first, then earned first, then by id.
func TestPlan(t *testing.T) {
	vector := []lot.Holding{held(1, 100, trusted.Day+39), held(2, 50, trusted.Day+8), held(3, 200, 0)}
	tests := map[string]struct {
		holdings []lot.Holding
		want     lot.Amount
		draws    []lot.Draw
	}{
		"rule-s05-vector":       {vector, 120, []lot.Draw{{Lot: id(2), Amount: 50}, {Lot: id(1), Amount: 70}}},
		"no-expiry-comes-last":  {vector, 350, []lot.Draw{{Lot: id(2), Amount: 50}, {Lot: id(1), Amount: 100}, {Lot: id(3), Amount: 200}}},
		"exactly-one-lot":       {vector, 50, []lot.Draw{{Lot: id(2), Amount: 50}}},
		"one-more-than-a-lot":   {vector, 51, []lot.Draw{{Lot: id(2), Amount: 50}, {Lot: id(1), Amount: 1}}},
		"nothing":               {vector, 0, nil},
		"earned-first":          {[]lot.Holding{earned(held(1, 9, 0), 5), earned(held(2, 9, 0), 4)}, 10, []lot.Draw{{Lot: id(2), Amount: 9}, {Lot: id(1), Amount: 1}}},
		"equal-by-id":           {[]lot.Holding{held(8, 9, 0), held(7, 9, 0)}, 10, []lot.Draw{{Lot: id(7), Amount: 9}, {Lot: id(8), Amount: 1}}},
		"empty-holding-skipped": {[]lot.Holding{held(1, 0, 0), held(2, 9, 0)}, 1, []lot.Draw{{Lot: id(2), Amount: 1}}},
		"over-since-yesterday":  {[]lot.Holding{held(1, 9, trusted.Day-1), held(2, 9, 0)}, 1, []lot.Draw{{Lot: id(2), Amount: 1}}},
		"last-day":              {[]lot.Holding{held(1, 9, trusted.Day), held(2, 9, 0)}, 1, []lot.Draw{{Lot: id(1), Amount: 1}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := append([]lot.Holding(nil), test.holdings...)
			got, err := lot.Plan(test.holdings, points, test.want, trusted)
			if diff := cmp.Diff(test.draws, got); diff != "" || err != nil {
				t.Errorf("Plan(%d): got error %v; -want +got\n%s", test.want, err, diff)
			}
			if diff := cmp.Diff(before, test.holdings); diff != "" {
				t.Errorf("Plan(%d) changed the holdings it was given:\n%s", test.want, diff)
			}
			if lot.Sum(got) != test.want {
				t.Errorf("Sum: got %d, want %d", lot.Sum(got), test.want)
			}
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	other := held(4, 1000, 0)
	other.Lot.Asset = "points:green"
	holdings := []lot.Holding{held(1, 100, 0), held(2, 50, trusted.Day-1), other}
	_, err := lot.Plan(holdings, points, 101, trusted)
	var short *lot.ShortError
	if !errors.As(err, &short) || *short != (lot.ShortError{Asset: points, Want: 101, Has: 100}) || !errors.Is(err, lot.ErrShort) {
		t.Errorf("Plan(101): got %v, want a ShortError with 100 held", err)
	}
	if want := "points:consumption: 101 wanted, 100 held"; err.Error() != want {
		t.Errorf("Plan(101): got %q, want %q", err, want)
	}
	if _, err := lot.Plan(holdings, points, 150, lot.Today{Day: trusted.Day}); err != nil {
		t.Errorf("Plan(150) by a clock in doubt: got %v, want the lapsed lot to count", err)
	}
	for _, want := range []lot.Amount{-1, lot.AmountMax + 1} {
		if _, err := lot.Plan(holdings, points, want, trusted); !errors.Is(err, lot.ErrAmount) {
			t.Errorf("Plan(%d): got %v, want ErrAmount", want, err)
		}
	}
}

// Whatever is available can be drawn, one more cannot, and the order in which
// the holdings come makes no difference.
func TestPlanAgreesWithAvailable(t *testing.T) {
	random := rand.New(rand.NewPCG(20_261_122, 1))
	for range 2000 {
		var holdings []lot.Holding
		for n := range uint32(random.IntN(8)) {
			h := held(n, lot.Amount(random.Int64N(40)), trusted.Day-3+lot.Day(random.Int32N(6)))
			holdings = append(holdings, earned(h, lot.Day(random.Int32N(3))))
		}
		has := lot.Available(holdings, points, trusted)
		want := lot.Amount(random.Int64N(int64(has) + 1))
		draws, err := lot.Plan(holdings, points, want, trusted)
		if err != nil || lot.Sum(draws) != want {
			t.Fatalf("Plan(%v, %d): got %v, %v", holdings, want, draws, err)
		}
		if _, err := lot.Plan(holdings, points, has+1, trusted); !errors.Is(err, lot.ErrShort) {
			t.Fatalf("Plan(%v, %d): got %v, want ErrShort", holdings, has+1, err)
		}
		random.Shuffle(len(holdings), func(i, j int) { holdings[i], holdings[j] = holdings[j], holdings[i] })
		if again, _ := lot.Plan(holdings, points, want, trusted); !cmp.Equal(draws, again) {
			t.Fatalf("Plan(%v, %d): got %v in one order and %v in another", holdings, want, draws, again)
		}
	}
}

func TestNames(t *testing.T) {
	if got := fmt.Sprint(id(3)); got != "t1/0000000000000abc/17.3" {
		t.Errorf("String(): got %s, want t1/0000000000000abc/17.3", got)
	}
	if got, err := lot.ParseID("t1/0000000000000abc/17.3"); err != nil || got != id(3) {
		t.Errorf("ParseID: got %v, %v; want %v", got, err, id(3))
	}
	for _, text := range []string{"", "t1/abc/17.3", "t1/0000000000000abc/17", "t1/0000000000000abc/17.3 ", "t01/0000000000000abc/17.3", "t1/0000000000000ABC/17.3", "t-1/0000000000000abc/17.3", "t4294967296/0000000000000abc/17.3"} {
		if got, err := lot.ParseID(text); err == nil {
			t.Errorf("ParseID(%q): got %v, want an error", text, got)
		}
	}
	if got, err := lot.ParseOrigin(id(3).Origin.String()); err != nil || got != id(3).Origin {
		t.Errorf("ParseOrigin: got %v, %v; want %v", got, err, id(3).Origin)
	}
	for _, text := range []string{"", "t1/0000000000000abc", "t1/0000000000000abc/17.3", "t1/0000000000000abc/17 ", "t1/abc/17"} {
		if got, err := lot.ParseOrigin(text); err == nil {
			t.Errorf("ParseOrigin(%q): got %v, want an error", text, got)
		}
	}
	for fen, want := range map[lot.Fen]string{0: "0.00", 5: "0.05", 1280: "12.80", -1: "-0.01", -1280: "-12.80", lot.FenMax: "100000000000.00"} {
		if got := fen.String(); got != want {
			t.Errorf("Fen(%d).String(): got %s, want %s", int64(fen), got, want)
		}
	}
	if !points.Points() || points.Benefit() != "" || lot.BenefitAsset("tea").Benefit() != "tea" || lot.BenefitAsset("tea").Points() {
		t.Error("Asset: points and benefits are mixed up")
	}
}

func TestOrderOfIDs(t *testing.T) {
	ordered := []lot.ID{
		{}, {N: 1}, {Origin: lot.Origin{Seq: 1}}, {Origin: lot.Origin{Incarnation: 1}}, {Origin: lot.Origin{Incarnation: 1, Seq: 5}, N: 9},
		{Origin: lot.Origin{Incarnation: 2}}, {Origin: lot.Origin{Terminal: 1}}, {Origin: lot.Origin{Terminal: 2}},
	}
	for i, a := range ordered {
		for j, b := range ordered {
			if got, want := a.Compare(b), min(max(i-j, -1), 1); got != want {
				t.Errorf("%s.Compare(%s): got %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestStoredForm(t *testing.T) {
	want := lot.Note{ID: id(0).Origin, Terminal: 2, Incarnation: 9, Ask: 4, Holdings: []lot.Holding{held(1, 5, 0), held(2, 6, 20_800)}}
	want.Holdings[0].Lot.Funder, want.Holdings[0].Lot.UnitCost, want.Holdings[0].Lot.Terms = "m1", 1000, "1-1a2b3c4d"
	var got lot.Note
	if err := codec.Unmarshal(codec.Marshal(&want), &got); err != nil || !cmp.Equal(want, got) {
		t.Errorf("Unmarshal(Marshal(note)): got error %v; -want +got\n%s", err, cmp.Diff(want, got))
	}
	draw, again := lot.Draw{Lot: id(2), Amount: 7}, lot.Draw{}
	if err := codec.Unmarshal(codec.Marshal(&draw), &again); err != nil || draw != again {
		t.Errorf("Unmarshal(Marshal(draw)): got %+v, %v; want %+v", again, err, draw)
	}
}

func TestStoredFormKeepsItsLimits(t *testing.T) {
	full := func(n int) *lot.Note { return &lot.Note{Holdings: make([]lot.Holding, n)} }
	tests := map[string]struct {
		in, out codec.Message
		ok      bool
	}{
		"most-holdings":     {full(lot.HoldingsMax), new(lot.Note), true},
		"holdings-too-many": {full(lot.HoldingsMax + 1), new(lot.Note), false},
		"largest-amount":    {&lot.Lot{Amount: lot.AmountMax, UnitCost: lot.FenMax}, new(lot.Lot), true},
		"amount-too-large":  {&lot.Lot{Amount: lot.AmountMax + 1}, new(lot.Lot), false},
		"amount-negative":   {&lot.Lot{Amount: -1}, new(lot.Lot), false},
		"cost-too-large":    {&lot.Lot{UnitCost: lot.FenMax + 1}, new(lot.Lot), false},
		"cost-negative":     {&lot.Lot{UnitCost: -1}, new(lot.Lot), false},
		"longest-texts":     {&lot.Lot{Asset: lot.Asset(strings.Repeat("a", lot.AssetBytesMax)), Funder: strings.Repeat("f", lot.TextBytesMax)}, new(lot.Lot), true},
		"asset-too-long":    {&lot.Lot{Asset: lot.Asset(strings.Repeat("a", lot.AssetBytesMax+1))}, new(lot.Lot), false},
		"terms-too-long":    {&lot.Lot{Terms: strings.Repeat("a", lot.TextBytesMax+1)}, new(lot.Lot), false},
		"holding-negative":  {&lot.Holding{Amount: -1}, new(lot.Holding), false},
		"draw-of-nothing":   {&lot.Draw{}, new(lot.Draw), false},
		"draw-negative":     {&lot.Draw{Amount: -1}, new(lot.Draw), false},
		"draw-too-large":    {&lot.Draw{Amount: lot.AmountMax + 1}, new(lot.Draw), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := codec.Unmarshal(codec.Marshal(test.in), test.out); (err == nil) != test.ok || err != nil && !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("Unmarshal: got %v, want accepted: %v", err, test.ok)
			}
		})
	}
}
