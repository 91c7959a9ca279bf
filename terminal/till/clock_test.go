package till_test

import (
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// A board without a battery wakes up in 1970, offline, for as long as nobody
// tells it the time.

// unset has the board know no time but that since 1970.
func unset(b *tilltest.Bench) {
	b.Clock.SetQuality(ledger.ClockUnset)
	b.Clock.Step(time.Unix(0, 0).Sub(b.Clock.Now().Wall))
}

// lastDay sells something and returns the last day of what it earned.
func lastDay(t *testing.T, b *tilltest.Bench) lot.Day {
	t.Helper()
	scan(t, b, wang, rice)
	return pay(t, b).Entry.Body.(*ledger.Sale).Awards[0].Expires
}

// TestWhatIsEarnedWithoutAClockLasts is fault C1: the newest entry and what HQ
// last said are past, so it is later than that.
func TestWhatIsEarnedWithoutAClockLasts(t *testing.T) {
	b := newBench(t)
	lasts := lastDay(t, b)
	unset(b)
	b.Reboot(t, "boot-2")
	must(t, b.Till.SignIn(by))
	if got := lastDay(t, b); got != lasts {
		t.Errorf("earned after a start in 1970 until day %d, want %d", got, lasts)
	}
	month := b.Programme.Day(time.Date(2026, 12, 22, 2, 0, 0, 0, time.UTC))
	b.Hear(t, ledger.Down{Wall: time.Date(2026, 12, 22, 2, 0, 0, 0, time.UTC).UnixMilli(), Ruling: &ledger.Ruling{Member: 1001}})
	if got, want := lastDay(t, b), b.Programme.ExpiryOf(consumption, month); got != want {
		t.Errorf("earned after HQ said that it is a month later until day %d, want %d", got, want)
	}
}

func TestFirstDayOfABoardWithoutAClockIsClosed(t *testing.T) {
	b := newBench(t)
	now := b.Clock.Now().Wall
	unset(b)
	b.Reboot(t, "boot-2")
	must(t, b.Till.SignIn(by))
	scan(t, b, rice)
	pay(t, b)
	b.Clock.Step(now.Sub(b.Clock.Now().Wall))
	b.Clock.SetQuality(ledger.ClockSynced)
	if body := closeDay(t, b, 0); body.Figures.Sales != 1 {
		t.Errorf("the slip says %d sales, want 1", body.Figures.Sales)
	}
}
