package hq_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/memberpage"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// shown is where the member's points are, as HQ's person is shown it.
func (b *bench) shown() people.Points {
	b.Helper()
	for _, p := range b.card(wang).Points {
		if p.Asset == points {
			p.Asset = ""
			return p
		}
	}
	return people.Points{}
}

// givenOn has a board give n back, and another one spend all that HQ has then.
func givenOn(b *bench, one *terminal, n lot.Amount) {
	one.givesUp(n)
	one.sync()
	two := b.terminals[1]
	two.ask(2, 140+n)
	two.hear()
	two.spendAny(140 + n)
	two.sync()
}

// A board took in a note and used some of it, HQ heard so and ended the board, and then
// HQ's book went back to before it had heard. What the board is known to have had at the
// end is the member's, once; of the rest it may have used everything, and it is on no way.
func TestNoteThatALostBoardTookInIsCountedOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		does  func(b *bench, one *terminal)
		after hq.TotalView
		open  lot.Amount
		heard hq.TotalView
	}{
		{"all-was-there", func(_ *bench, one *terminal) { one.do(&ledger.Mark{}) },
			hq.TotalView{Issued: 200, HQ: 200}, 0, hq.TotalView{Issued: 200, HQ: 200}},
		{"some-was-spent", func(_ *bench, one *terminal) { one.spendAny(20) },
			hq.TotalView{Issued: 200, HQ: 180, Terminals: 20}, 20, hq.TotalView{Issued: 200, HQ: 180, Spent: 20}},
		{"some-came-back-and-was-given-on", func(b *bench, one *terminal) { givenOn(b, one, 30) },
			hq.TotalView{Issued: 200, Terminals: 30, Spent: 170}, 30, hq.TotalView{Issued: 200, HQ: 30, Spent: 170}},
		{"all-came-back-and-was-given-on", func(b *bench, one *terminal) { givenOn(b, one, 60) },
			hq.TotalView{Issued: 200, Spent: 200}, 0, hq.TotalView{Issued: 200, Spent: 200}},
		{"other-notes-are-on-their-way", func(b *bench, one *terminal) {
			one.spendAny(20)
			one.sync()
			one.ask(2, 50) // it has not heard of this one when it ends
			b.terminals[1].ask(2, 30)
		}, hq.TotalView{Issued: 200, HQ: 150, Terminals: 20, Flight: 30}, 20, hq.TotalView{Issued: 200, HQ: 150, Spent: 20, Flight: 30}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, _ := logged(t)
			b.give(wang, 200)
			one, two := b.terminals[0], b.terminals[1]
			one.syncAll()
			two.syncAll()
			old := b.backup()
			one.ask(1, 60)
			one.hear()
			c.does(b, one)
			one.syncAll()
			b.ok("Decommission", b.Decommission(1, burnt))
			two.hear() // what leaves HQ is in the grant log, and all before it
			b.restore(old)
			two.hello()
			two.syncAll()
			b.sums("HQ has forgotten", c.after)
			if got, want := b.shown(), (people.Points{HQ: c.after.HQ, Carried: c.after.Flight, Lost: c.open}); got != want {
				t.Errorf("card %+v, want %+v", got, want)
			}
			b.ok("Kinds", b.Look(func(w *decision.Work) error {
				list, err := memberpage.Kinds(w, wang)
				var has lot.Amount
				for _, k := range list {
					has += k.Amount
				}
				if want := c.after.HQ + c.after.Flight; has != want {
					t.Errorf("the member's page shows %d points, want %d", has, want)
				}
				return err
			}))
			if e, err := b.exposure(); err != nil || e.Held != lot.Fen(c.open) {
				t.Errorf("Exposure() = ￥%s, %v, want %d fen: what the board may have used", e.Held, err, c.open)
			}
			b.ok("Check", b.Check())
			_, err := b.Hear(1, code, operator)
			b.ok("Hear", err)
			one.hello()
			one.syncAll()
			b.sums("the board turned up", c.heard)
			b.ok("Check", b.Check())
		})
	}
}

// Nobody is told to wait, or that tills were asked, for what a lost board had.
func TestWhatALostBoardHadIsNotSaidToCome(t *testing.T) {
	b, _ := logged(t)
	b.give(wang, 60)
	one := b.terminals[0]
	one.syncAll()
	old := b.backup()
	one.ask(1, 60)
	one.hear()
	one.spendAny(20)
	one.syncAll()
	b.ok("Decommission", b.Decommission(1, burnt))
	b.terminals[1].hear()
	b.restore(old)
	by := hq.By{Actor: "1", Reason: "asked for"}
	err := b.Decide(func(w *decision.Work) error { return people.Correct(w, wang, points, -50, by) })
	if err == nil || strings.Contains(err.Error(), "on the way") || !strings.Contains(err.Error(), "20 ") {
		t.Errorf("Correct() = %v, want that 20 are with the lost board and none on their way", err)
	}
	if err := b.Decide(func(w *decision.Work) error { return people.Recall(w, wang, points, by) }); err == nil || strings.Contains(err.Error(), "on the way") {
		t.Errorf("Recall() = %v, want that no till holds any", err)
	}
	left := b.terminals[1].ask(3, 10).Left[0]
	if left.HQ != 30 || left.Elsewhere != 0 {
		t.Errorf("another till is told of %d at HQ and %d elsewhere, want 30 and 0", left.HQ, left.Elsewhere)
	}
}

// A quota went to a board that used it and is gone, and HQ has forgotten that it came
// there: who claims by it elsewhere is not left without an answer for ever.
func TestClaimWhoseQuotaIsAdriftIsForAPerson(t *testing.T) {
	b, _ := logged(t)
	one, two := b.terminals[0], b.terminals[1]
	spring := quota.Activity("spring").Asset
	one.do(checkIn(wang, "earlier")) // HQ makes the home
	one.sync()
	one.home()
	one.do(&ledger.QuotaMinted{Member: wang, Quota: ledger.Issue{Asset: spring, Amount: 1}})
	one.sync()
	b.ok("RecallMember", b.RecallMember(wang, spring, byZhou))
	one.answers()
	two.syncAll()
	old := b.backup()
	one.askFor(78, wang, spring, 1)
	one.hear()
	held, err := one.state.Usable(wang)
	b.ok("Usable", err)
	at := slices.IndexFunc(held, func(h lot.Holding) bool { return h.Lot.Asset == spring })
	if at < 0 {
		t.Fatalf("the board has %v, want the quota", held)
	}
	one.do(&ledger.CheckIn{Member: wang, Activity: "spring", Once: ledger.Once{Quota: []lot.Draw{{Lot: held[at].Lot.ID, Amount: 1}}}})
	one.syncAll()
	b.ok("Decommission", b.Decommission(1, burnt))
	two.hear()
	b.restore(old)
	two.hello()
	two.syncAll()
	two.do(checkIn(wang, "spring"))
	two.sync()
	b.waits("the board may turn up, and may not", "claim-away")
	b.ok("Check", b.Check())
}
