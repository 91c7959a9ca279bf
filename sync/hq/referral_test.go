package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// joins enrols a member whom another brought along; HQ has matched them.
func (t *terminal) joins(who, by member.ID) {
	t.b.Helper()
	t.do(&ledger.Enrol{Member: who, Referrer: by})
	t.sync()
}

func (t *terminal) buys(who member.ID, fen lot.Fen) lot.Origin {
	t.b.Helper()
	e := t.do(&ledger.Sale{Member: who, Day: t.b.programme.Day(t.b.now), Lines: []ledger.Line{{Qty: 1, Fen: fen}}})
	t.sync()
	return e.Origin
}

// night is a day on, when HQ settles.
func (b *bench) nights(n int) {
	b.Helper()
	for range n {
		b.now = b.now.AddDate(0, 0, 1)
		b.ok("Nightly", b.Nightly())
	}
}

func TestReferralRewardsBothOnceForTheFirstRealPurchase(t *testing.T) {
	const fresh, bringer = 1<<63 | member.ID(7), wang
	for name, c := range map[string]struct {
		happens        func(b *bench, one *terminal)
		referrer, came lot.Amount
	}{
		"a-week-after": {func(b *bench, one *terminal) { one.buys(fresh, 5000); b.nights(7) }, 200, 100},
		"not-before":   {func(b *bench, one *terminal) { one.buys(fresh, 5000); b.nights(6) }, 0, 0},
		"too-small":    {func(b *bench, one *terminal) { one.buys(fresh, 4999); b.nights(9) }, 0, 0},
		"once": {func(b *bench, one *terminal) {
			one.buys(fresh, 5000)
			b.nights(8)
			one.buys(fresh, 9000)
			b.nights(9)
		}, 200, 100},
		"back-later": {func(b *bench, one *terminal) { // what was given stays: see the decision
			of := one.buys(fresh, 5000)
			b.nights(8)
			one.do(&ledger.Return{Of: of, Day: b.programme.Day(b.now), Member: fresh, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 5000})
			one.sync()
			b.nights(2)
		}, 200, 100},
		"returned": {func(b *bench, one *terminal) {
			of := one.buys(fresh, 5000)
			one.do(&ledger.Return{Of: of, Day: b.programme.Day(b.now), Member: fresh, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 5000})
			one.sync()
			b.nights(9)
		}, 0, 0},
		"the-second-stands": {func(b *bench, one *terminal) {
			of := one.buys(fresh, 5000)
			one.buys(fresh, 6000)
			one.do(&ledger.Return{Of: of, Day: b.programme.Day(b.now), Member: fresh, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 5000})
			one.sync()
			b.nights(9)
		}, 200, 100},
		"known-before": {func(b *bench, one *terminal) {
			one.buys(fresh, 5000)
			_, err := b.Merge(fresh, zhao, byZhou)
			b.ok("Merge", err)
			b.nights(9)
		}, 0, 0},
		"themselves": {func(b *bench, one *terminal) {
			one.buys(fresh, 5000)
			_, err := b.Merge(fresh, bringer, byZhou)
			b.ok("Merge", err)
			b.nights(9)
		}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.give(wang, 1)
			b.give(zhao, 1)
			one := b.terminals[0]
			one.joins(fresh, bringer)
			b.ok("Match", b.Match(fresh, byZhou))
			c.happens(b, one)
			if got := b.freeOf(bringer, points) - 1; got != c.referrer {
				t.Errorf("who brought them has %d points more, want %d", got, c.referrer)
			}
			if name == "known-before" || name == "themselves" {
				return
			}
			if got := b.freeOf(fresh, points); got != c.came {
				t.Errorf("the new member has %d points, want %d", got, c.came)
			}
		})
	}
}

// Whom HQ has not matched may be somebody whom it knew already.
func TestReferralWaitsForTheMatch(t *testing.T) {
	const fresh = 1<<63 | member.ID(7)
	b := newBench(t)
	b.give(wang, 1)
	one := b.terminals[0]
	one.joins(fresh, wang)
	one.buys(fresh, 5000)
	b.nights(9)
	if got := b.freeOf(wang, points); got != 1 {
		t.Errorf("not matched: who brought them has %d points, want 1", got)
	}
	b.ok("Match", b.Match(fresh, byZhou))
	b.nights(1)
	if got := b.freeOf(wang, points); got != 201 {
		t.Errorf("matched: who brought them has %d points, want 201", got)
	}
}

// Of one who brings more in a month than the programme rewards, the new members alone
// get something (law L25).
func TestReferralIsCappedByTheMonth(t *testing.T) {
	b := newBench(t)
	b.give(wang, 1)
	one := b.terminals[0]
	const many = 7
	for n := range member.ID(many) {
		who := 1<<63 | (n + 1)
		one.joins(who, wang)
		b.ok("Match", b.Match(who, byZhou))
		one.buys(who, 5000)
	}
	b.nights(8)
	if got := b.freeOf(wang, points); got != 1+5*200 {
		t.Errorf("who brought %d has %d points, want five times 200 and 1", many, got)
	}
	if got := b.freeOf(1<<63|many, points); got != 100 {
		t.Errorf("the last one has %d points, want 100", got)
	}
}

// How long a purchase must have stood is the programme's.
func TestReferralWaitsAsLongAsTheProgrammeSays(t *testing.T) {
	const fresh = 1<<63 | member.ID(7)
	b := newBench(t)
	b.ok("Release", b.Release(b.changed("2", "settled_after_days: 7", "settled_after_days: 15"), byZhou))
	b.give(wang, 1)
	one := b.terminals[0]
	one.joins(fresh, wang)
	b.ok("Match", b.Match(fresh, byZhou))
	one.buys(fresh, 5000)
	for _, c := range []struct {
		nights int
		want   lot.Amount
	}{{14, 1}, {1, 201}} {
		b.nights(c.nights)
		if got := b.freeOf(wang, points); got != c.want {
			t.Errorf("after %d nights more who brought them has %d points, want %d", c.nights, got, c.want)
		}
	}
}
