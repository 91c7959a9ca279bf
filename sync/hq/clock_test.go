package hq_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// HQ's clock is wrong, by a day or by years, either way (fault H11): nothing lapses
// and nobody is written off, somebody is told, what terminals wrote is taken in as
// ever with the time that HQ got it, and nothing is left of it once the clock is
// right.
func TestNothingLapsesByAWrongClockOfHQ(t *testing.T) {
	for _, c := range []struct {
		name string
		off  time.Duration
	}{
		{"a-day-ahead", 24 * time.Hour}, {"a-year-ahead", 366 * 24 * time.Hour}, {"a-day-behind", -24 * time.Hour}, {"in-1970", -56 * 365 * 24 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			one := b.terminals[0]
			last := lot.DayOf(b.now.In(b.programme.Location())) + 8
			b.award(100, last)
			b.ok("Notice", b.Notice(wang, last, "receipt", byZhou))
			b.award(7, last+100)
			b.ok("Notice", b.Notice(wang, last+100, "receipt", byZhou))
			b.on(last)
			b.ok("Nightly", b.HQ.Nightly())
			one.sync()
			right := b.now
			says := func() {
				b.ok("Report", b.Report(1, &wire.Report{Wall: right.UnixMilli(), Clock: ledger.ClockSynced, Down: one.state.Mark(), Head: one.state.Head()}))
			}
			b.now = right.Add(c.off)
			says()
			b.ok("Nightly", b.HQ.Nightly())
			b.ok("Nightly", b.HQ.Nightly())
			b.atHQ("by the wrong clock", map[lot.Day]lot.Amount{last: 100, last + 100: 7})
			alarms := slices.DeleteFunc(b.alarms(), func(code string) bool { return code != "alarm-clock" })
			if len(alarms) != 1 {
				t.Errorf("%d alarms about the clock in one night, want one", len(alarms))
			}
			one.sell(40)
			one.sync()
			b.sums("a sale meanwhile", hq.TotalView{Issued: 147, HQ: 107, Terminals: 40})
			b.ok("View", b.book.View(func(tx book.Tx) error {
				recent, err := tx.Recent(1)
				if err == nil && recent[0].Received != b.now.UnixMilli() {
					t.Errorf("received at %d, want HQ's own time %d", recent[0].Received, b.now.UnixMilli())
				}
				return err
			}))
			b.now = right.Add(26 * time.Hour) // the clock is right again, a night later
			right = b.now
			says()
			b.ok("Nightly", b.HQ.Nightly())
			b.atHQ("by the right one", map[lot.Day]lot.Amount{last + 100: 7})
		})
	}
}

// Without a terminal in touch HQ goes by its own clock, but for a jump.
func TestHQAloneBelievesNoJump(t *testing.T) {
	b := newBench(t)
	b.award(7, start+9)
	b.ok("Notice", b.Notice(wang, start+9, "receipt", byZhou))
	b.on(start)
	b.ok("Nightly", b.HQ.Nightly())
	b.on(start + 10)
	b.ok("Nightly", b.HQ.Nightly())
	b.atHQ("after ten days at once", map[lot.Day]lot.Amount{start + 9: 7})
	b.on(start + 8)
	b.ok("Nightly", b.HQ.Nightly())
	b.on(start + 10)
	b.ok("Nightly", b.HQ.Nightly())
	b.atHQ("after eight, and two", map[lot.Day]lot.Amount{})
}
