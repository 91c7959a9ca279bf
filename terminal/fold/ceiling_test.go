package fold_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What a return gives back to a strict ceiling is held here again, and no more than
// the sale had conceded: the books of the budget come out even (cap P9).
func TestReturnGivesBackToACeiling(t *testing.T) {
	b := opened(t)
	ceiling := lot.CeilingAsset("m1", 20000)
	fund := b.bring(0, ceiling, 10_000)
	of := b.add(&ledger.Sale{
		Member: wang, Day: 20000, Lines: []ledger.Line{{Product: "06900000000017", Qty: 2, Fen: 800}}, Ceilings: draw(fund, 8000),
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 8, Funder: "m1", UnitCost: 1000, Expires: 21000}}},
	}).Origin
	want(t, "Usable of the programme", held{fund: 2000}, b.usable(0))
	back := func(n lot.Amount) *ledger.Return {
		return &ledger.Return{
			Of: of, Member: wang, Day: 20000, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 400,
			Claw: draw(lot.ID{Origin: of}, 4), Ceilings: draw(fund, n),
		}
	}
	says(t, "Return", b.add(back(4000)), "", 0)
	want(t, "Usable of the programme after half", held{fund: 6000}, b.usable(0))
	says(t, "Return of more than was conceded", b.add(back(4001)), "more given back than was paid", 0)
	want(t, "Usable of the programme after all", held{fund: 6000}, b.usable(0))
	if got := b.total(ceiling); got.Back != 4000 || got.Spent != 8000 {
		t.Errorf("the ceiling's account %+v, want 8000 spent and 4000 back", got)
	}
	b.conserved()
}
