package hq_test

import (
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// lapsed has a member of both tills lose a hundred points in the night.
func lapsed(t *testing.T) (b *bench, last lot.Day) {
	t.Helper()
	b = newBench(t)
	last = start + 40
	b.award(100, last)
	for _, till := range b.terminals[:2] {
		till.served()
	}
	b.ok("Notice", b.Notice(wang, last, "receipt", byZhou))
	b.night(last + 1)
	if got := b.freeOf(wang, points); got != 0 {
		t.Fatalf("%d points after they lapsed, want none", got)
	}
	return b, last
}

// TestLapsedPointsComeBackOnce: a person corrects an incident's last day, and finds
// another one of the same days. What lapsed in it comes back, once in all.
func TestLapsedPointsComeBackOnce(t *testing.T) {
	b, last := lapsed(t)
	for n, name := range []string{"line down", "line down", "another"} {
		err := b.Decide(func(w *decision.Work) error {
			_, err := makegood.AtStore(w, name, "S1", last, last+1+lot.Day(3*n), byZhou)
			return err
		})
		if n == 0 && err != nil || n > 0 && !errors.Is(err, makegood.ErrFree) {
			t.Errorf("%s, %d: %v, want it done once, and then nothing left to do", name, n, err)
		}
		if got := b.freeOf(wang, points); got != 100 {
			t.Errorf("%s, %d: %d points, want the 100 that had lapsed", name, n, got)
		}
	}
}

// TestOutagesOfTwoTillsGiveLapsedPointsOnce: each proposal is applied, the shorter first.
func TestOutagesOfTwoTillsGiveLapsedPointsOnce(t *testing.T) {
	b, _ := lapsed(t)
	b.ok("Release", b.Release(b.policied(), byZhou))
	ms := func(days int) int64 { return b.now.AddDate(0, 0, days).UnixMilli() }
	for n, days := range []int{-3, -8} {
		b.terminals[n].do(&ledger.Outage{From: ms(days), To: ms(0)})
		b.terminals[n].sync()
	}
	applied := 0
	for list := b.proposals(); len(list) > 0 && applied < 4; list = b.proposals() {
		b.ok("apply", b.apply(list[len(list)-1].ID, byZhou))
		applied++
	}
	if got := b.freeOf(wang, points); got != 100 || applied == 0 {
		t.Errorf("%d points after %d proposals, want the 100 that had lapsed", got, applied)
	}
}

// TestNothingIsGivenAnewBeforeTheTillsWereHeard: HQ's book went back to before it gave
// anew what had lapsed, and a till may hold that.
func TestNothingIsGivenAnewBeforeTheTillsWereHeard(t *testing.T) {
	b, last := lapsed(t)
	before := b.backup()
	again := func() error {
		return b.Decide(func(w *decision.Work) error {
			_, err := makegood.AtStore(w, "line down", "S1", last, last+1, byZhou)
			return err
		})
	}
	b.ok("AtStore", again())
	one := b.terminals[0]
	one.ask(1, 100)
	one.hear()
	b.goesBack(before)
	if err := again(); !errors.Is(err, makegood.ErrWaits) {
		t.Errorf("AtStore() before the tills were heard = %v, want ErrWaits", err)
	}
	for _, till := range b.terminals {
		till.hello()
	}
	if err := again(); !errors.Is(err, makegood.ErrFree) {
		t.Errorf("AtStore() once they were = %v, want that nothing is left to do", err)
	}
	if got := one.has(); got != 100 {
		t.Errorf("the till holds %d points, want the 100 that had lapsed", got)
	}
}
