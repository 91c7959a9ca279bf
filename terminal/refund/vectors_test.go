package refund_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/refund"
)

func day(year int, month time.Month, date int) lot.Day {
	return lot.DayOf(time.Date(year, month, date, 0, 0, 0, 0, time.UTC))
}

// Rules S05 and S06: 120 points were drawn, 50 of lot 2 to 11-30 and 70 of lot 1
// to 12-31. Refunded on 12-05, lot 1 has 70 again and a new lot 50 until 01-04.
func TestPointsThatPaidGoBack(t *testing.T) {
	paid := func(n uint32, amount lot.Amount, expires lot.Day) fold.Paid {
		return fold.Paid{Holding: lot.Holding{Lot: lot.Lot{ID: lot.ID{N: n}, Asset: lot.Consumption, Expires: expires}, Amount: amount}}
	}
	vector := []fold.Paid{paid(2, 50, day(2026, 11, 30)), paid(1, 70, day(2026, 12, 31))}
	partly := []fold.Paid{vector[0], vector[1]}
	partly[1].Back = 60
	dec5 := day(2026, 12, 5)
	tests := map[string]struct {
		paid  []fold.Paid
		n     lot.Amount
		today lot.Day
		back  []lot.Draw
		anew  []ledger.Anew
	}{
		"published":           {vector, 120, dec5, []lot.Draw{{Lot: lot.ID{N: 1}, Amount: 70}}, []ledger.Anew{{From: lot.ID{N: 2}, Amount: 50, Expires: day(2027, 1, 4)}}},
		"on-the-last-day":     {vector, 120, day(2026, 11, 30), []lot.Draw{{Lot: lot.ID{N: 1}, Amount: 70}, {Lot: lot.ID{N: 2}, Amount: 50}}, nil},
		"the-day-after":       {vector, 120, day(2026, 12, 1), []lot.Draw{{Lot: lot.ID{N: 1}, Amount: 70}}, []ledger.Anew{{From: lot.ID{N: 2}, Amount: 50, Expires: day(2026, 12, 31)}}},
		"part-of-it":          {vector, 71, dec5, []lot.Draw{{Lot: lot.ID{N: 1}, Amount: 70}}, []ledger.Anew{{From: lot.ID{N: 2}, Amount: 1, Expires: day(2027, 1, 4)}}},
		"after-an-earlier-60": {partly, 11, dec5, []lot.Draw{{Lot: lot.ID{N: 1}, Amount: 10}}, []ledger.Anew{{From: lot.ID{N: 2}, Amount: 1, Expires: day(2027, 1, 4)}}},
		"nothing":             {vector, 0, dec5, nil, nil},
		"over-a-leap-day":     {vector[:1], 50, day(2028, 2, 10), nil, []ledger.Anew{{From: lot.ID{N: 2}, Amount: 50, Expires: day(2028, 3, 11)}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			back, anew := refund.GiveBack(test.paid, test.n, lot.Today{Day: test.today, Trusted: true})
			if diff := cmp.Diff(test.back, back) + cmp.Diff(test.anew, anew); diff != "" {
				t.Errorf("GiveBack(%d) on %s: -want +got\n%s", test.n, test.today, diff)
			}
		})
	}
}

// Under a programme that takes back only what is pending, a return leaves with
// the member what is pending no more (rule S08); a void is its sale's exact
// inverse (rule S19).
func TestAVoidTakesBackWhatIsPendingNoMore(t *testing.T) {
	of := lot.Origin{Seq: 7}
	sale := &ledger.Sale{
		Day:    day(2026, 12, 5),
		Member: 1,
		Lines:  []ledger.Line{{Qty: 1, Fen: 1000}},
		Awards: []ledger.Award{{Rule: "gift", Issue: ledger.Issue{Amount: 10}}},
	}
	rules := &programme.Programme{Campaigns: []programme.Campaign{{ID: "gift", Effect: programme.Effect{Kind: programme.Bonus, Points: 10}}}}
	rules.Limits.Claw = lot.ClawPending
	usable := lot.Holding{Lot: lot.Lot{ID: lot.ID{Origin: of}, Asset: lot.Consumption, Active: sale.Day}, Amount: 10}
	for _, void := range []bool{false, true} {
		got, err := refund.Plan(refund.Request{
			Of: of, Sale: sale, Rules: rules, Qty: []int64{1}, Void: void, Tender: "cash", Day: sale.Day,
			Known: fold.Sale{Lines: make([]fold.SoldLine, 1), Awards: make([]fold.SoldAward, 1)},
			Today: lot.Today{Day: sale.Day, Trusted: true},
		}, []lot.Holding{usable})
		if err != nil {
			t.Fatalf("Plan, void %v: %v", void, err)
		}
		var taken, due lot.Amount
		for _, d := range got.Claw {
			taken += d.Amount
		}
		for _, d := range got.Due {
			due += d.Amount
		}
		if wantTaken := map[bool]lot.Amount{true: 10}[void]; taken != wantTaken || taken+due != 10 {
			t.Errorf("Plan, void %v: %d taken, %d due; want %d taken of 10", void, taken, due, wantTaken)
		}
	}
}
