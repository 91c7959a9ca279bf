package settle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/hq/settle"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Rule S21: the funders of the lots pay in the proportion in which the lots paid;
// a refund takes the same shares back, step by step to nothing. 50, 70 and 1
// points of two funders paid.
func TestFundersPayInProportion(t *testing.T) {
	for _, c := range []struct {
		fen    lot.Fen
		m1, m2 lot.Fen
	}{{121, 70, 51}, {100, 58, 42}, {1, 1, 0}, {0, 0, 0}} {
		b := settle.New(settle.Options{})
		b.Add(at(1), &ledger.Sale{Day: march, Awards: []ledger.Award{points(50, "m2"), points(70, "m1"), points(1, "m2")}})
		b.Add(at(2), &ledger.Sale{
			Day: march, Lines: []ledger.Line{{Merchant: "m9", Qty: 2, Fen: c.fen + 200, Deducted: c.fen}},
			Deduction: &ledger.Deduction{Asset: lot.Consumption, Fen: c.fen, Draws: []lot.Draw{
				{Lot: lot.ID{Origin: at(1)}, Amount: 50}, {Lot: lot.ID{Origin: at(1), N: 1}, Amount: 70}, {Lot: lot.ID{Origin: at(1), N: 2}, Amount: 1},
			}},
		})
		for n := range 2 {
			b.Add(at(uint64(3+n)), &ledger.Return{Of: at(2), Day: march, Lines: []ledger.ReturnLine{{Qty: 1}}})
		}
		b.Close()
		for funder, want := range map[settle.Party]lot.Fen{"m1": c.m1, "m2": c.m2} {
			var got settle.Cell
			for _, row := range b.Statement(funder, march, nil).Owes {
				got = row.Cell
			}
			if got.Fen != want || got.BackFen != want {
				t.Errorf("of %s %s bears %s and has %s back, want %s of each", c.fen, funder, got.Fen, got.BackFen, want)
			}
		}
	}
}

// Points that a play won and that a return takes back, or leaves due, are told
// with what their funder gave.
func TestPrizeTakenBackIsItsFundersAgain(t *testing.T) {
	b := settle.New(settle.Options{})
	b.Add(at(1), &ledger.Sale{Day: march, Lines: []ledger.Line{{Merchant: "m9", Qty: 1, Fen: 100}}, Plays: []ledger.Stake{
		{Game: "spring", Issues: []ledger.Issue{{Asset: lot.Consumption, Amount: 20, Funder: "m1", UnitCost: 1000}}},
	}})
	prize := lot.ID{Origin: at(1), N: ledger.PrizeLot(0, 0)}
	b.Add(at(2), &ledger.Return{Of: at(1), Day: march, Lines: []ledger.ReturnLine{{Qty: 1}}, Plays: []ledger.PlayBack{
		{Claw: []lot.Draw{{Lot: prize, Amount: 15}}, Due: []ledger.Due{{Award: prize.N, Amount: 5}}},
	}})
	b.Close()
	want := []settle.IssuedRow{{Asset: lot.Consumption, Issued: settle.Issued{Points: 20, Clawed: 15, Due: 5, CostMilli: 20_000, BackMilli: 15_000}}}
	if diff := cmp.Diff(want, b.Statement("m1", march, nil).Issued); diff != "" {
		t.Errorf("what m1 funded (-want +got):\n%s", diff)
	}
}
