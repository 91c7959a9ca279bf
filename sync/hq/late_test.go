package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/quota"
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

// TestOnceGivenByALostTerminalToo: HQ had the home of a lost till back, and granted once
// what the till had given; what the till gave is one too many, and goes to nobody.
func TestOnceGivenByALostTerminalToo(t *testing.T) {
	for _, c := range []struct {
		name    string
		claimed bool // elsewhere, before the end
		used    bool // at the lost till
		waits   lot.Amount
	}{
		{"given-at-both", true, true, 0},
		{"made-at-both", true, false, 0},
		{"given-at-the-lost-one", false, true, 10},
		{"made-at-the-lost-one", false, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			one, two := b.terminals[0], b.terminals[1]
			one.do(checkIn(wang, "earlier")) // HQ makes the home
			one.sync()
			one.home()
			one.do(&ledger.Mark{})
			one.sync()
			minted := one.do(&ledger.QuotaMinted{Member: wang, Quota: ledger.Issue{Asset: quota.Activity("spring").Asset, Amount: 1}})
			if c.used {
				one.do(&ledger.CheckIn{Member: wang, Activity: "spring", Issues: reward(10), Once: ledger.Once{Quota: []lot.Draw{{Lot: minted.Issued[0].ID, Amount: 1}}}})
			}
			if c.claimed {
				of := two.do(checkIn(wang, "spring")).Origin
				two.sync()
				b.ok("Decommission", b.Decommission(1, burnt))
				two.settled("the home is back", of, fold.ClaimGranted, "")
			} else {
				b.ok("Decommission", b.Decommission(1, burnt))
			}
			one.sync()
			list, err := b.Late()
			b.ok("Late", err)
			var waits lot.Amount
			for _, l := range list {
				waits += l.Amount
			}
			if waits != c.waits {
				t.Errorf("Late() = %+v, want %d that wait", list, c.waits)
			}
			if !c.claimed && c.used {
				of := two.do(checkIn(wang, "spring")).Origin
				two.sync()
				two.settled("claimed afterwards", of, fold.ClaimRefused, "claim-used")
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
