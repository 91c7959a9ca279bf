package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// TestSpentOfALateAwardWaitsForNobody: a lost till awarded 40, spent 30 of it and took
// back 4, all of which HQ hears of afterwards: 6 are left to be given.
func TestSpentOfALateAwardWaitsForNobody(t *testing.T) {
	for _, c := range []struct {
		name     string
		decided  bool // before the rest is heard
		hq, risk lot.Amount
	}{
		{"told-at-once", false, 6, 0},
		{"given-before-the-rest-is-told", true, 40, 34},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			one := b.terminals[0]
			one.do(&ledger.Mark{})
			one.sync()
			b.ok("Decommission", b.Decommission(1, burnt))
			of := one.sell(40)
			if c.decided {
				one.sync()
				b.ok("DecideLate", b.DecideLate(of.Origin, true, hq.By{Actor: "1", Reason: "receipt"}))
			}
			one.spend(of, 30)
			one.do(&ledger.WriteOff{Member: wang, Asset: points, Reason: "goodwill", Draws: []lot.Draw{{Lot: of, Amount: 4}}})
			one.sync()
			if !c.decided {
				b.ok("DecideLate", b.DecideLate(of.Origin, true, hq.By{Actor: "1", Reason: "receipt"}))
			}
			if rest, err := b.Late(); len(rest) != 0 || err != nil {
				t.Errorf("Late() = %v, %v, want nothing left", rest, err)
			}
			if got := b.total(); got.HQ != c.hq || got.Spent != 30 || got.Risk != c.risk {
				t.Errorf("account %+v, want %d at HQ, 30 spent and %d of it the store's loss", got, c.hq, c.risk)
			}
			b.ok("Check", b.Check())
		})
	}
}

// TestHeardBeforeTheEndIsNotLate: HQ had heard an award of a till before that was ended,
// and hears it again after its book went back: the member has it, and nothing waits.
func TestHeardBeforeTheEndIsNotLate(t *testing.T) {
	b, _ := logged(t)
	one := b.terminals[0]
	one.syncAll()
	old := b.backup()
	one.sell(40)
	one.syncAll()
	b.ok("Decommission", b.Decommission(1, burnt))
	b.terminals[1].hear() // so the log has it
	b.restore(old)
	_, err := b.Hear(1, code, operator)
	b.ok("Hear", err)
	one.sell(30)
	one.syncAll()
	if list, err := b.Late(); err != nil || len(list) != 1 || list[0].Amount != 30 {
		t.Errorf("Late() = %+v, %v, want the 30 of afterwards only", list, err)
	}
	b.sums("heard again", hq.TotalView{Issued: 70, HQ: 40, Terminals: 30})
	b.ok("Check", b.Check())
}
