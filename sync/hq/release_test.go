package hq_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/exposure"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
)

var person = hq.By{Actor: "a1", Reason: "seen"}

func (b *bench) release(most lot.Fen) (worth lot.Fen, err error) {
	err = b.Decide(func(w *decision.Work) error {
		worth, err = w.Release(1, 0x101, most, person)
		return err
	})
	return worth, err
}

func (b *bench) exposure() (e exposure.Exposure, err error) {
	err = b.Decide(func(w *decision.Work) error {
		e, err = exposure.Of(w, 1)
		return err
	})
	return e, err
}

// TestPersonReleasesWhatWaits: up to a worth, once, and the exposure is booked;
// HQ's fold and the terminal's agree before and after.
func TestPersonReleasesWhatWaits(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	id := one.sell(1000)
	moved := one.state.Moved()
	one.sync()
	if _, err := b.release(1000); !errors.Is(err, decision.ErrNothingWaits) {
		t.Errorf("Release of what is alive = %v, want ErrNothingWaits", err)
	}
	head := one.state.Head()
	one.open(0x102)
	one.sell(5)
	one.sync()
	e, err := b.exposure()
	b.ok("Exposure", err)
	want := exposure.Exposure{Held: 1005, Frozen: 1000, Trusted: map[lot.Asset]lot.Amount{}, Waiting: []lineage.Waiting{{Head: head, Moved: moved}}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("Exposure() (-want +got):\n%s", diff)
	}
	if worth, err := b.release(999); !errors.Is(err, decision.ErrExposure) || worth != 1000 {
		t.Errorf("Release up to ￥9.99 = ￥%s, %v, want ErrExposure at ￥10.00", worth, err)
	}
	if worth, err := b.release(1000); err != nil || worth != 1000 {
		t.Errorf("Release up to ￥10.00 = ￥%s, %v, want it freed", worth, err)
	}
	one.hear()
	one.do(&ledger.Mark{})
	if effects := one.spend(id, 1000); effects.Risk != 0 || len(effects.Exposed) != 0 {
		t.Errorf("spending what was released: risk %d, exposed %v, want none", effects.Risk, effects.Exposed)
	}
	one.sync()
	if e, err = b.exposure(); err != nil || e.Released != 1000 || len(e.Waiting) != 0 {
		t.Errorf("Exposure() = %+v, %v, want ￥10.00 released and nothing waiting", e, err)
	}
	if _, err := b.release(1000); !errors.Is(err, decision.ErrNothingWaits) {
		t.Errorf("Release again = %v, want ErrNothingWaits", err)
	}
	b.ok("Check", b.Check())
}

// A person frees what they are shown. A card that goes back to before that line ended has
// of it what was used since: it hears the same word, and keeps it frozen.
func TestWhatAPersonFreedIsNotFreedOnAnOlderCard(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	id := one.sell(1000)
	one.sync()
	older := one.clone()
	one.spend(id, 600)
	one.sync()
	one.open(0x102)
	one.sync()
	if _, err := b.release(400); err != nil {
		t.Fatalf("Release up to ￥4.00 = %v, want it freed", err)
	}
	one.hear()
	if n := one.has(); n != 400 {
		t.Errorf("usable = %d where nothing is lost, want 400", n)
	}
	one.do(&ledger.Mark{})
	one.sync()
	b.waits("when all have heard of it")
	older.open(0x103)
	older.hear()
	if n := older.has(); n != 0 {
		t.Errorf("usable = %d on the older card, of which HQ knows that 600 are spent; want 0", n)
	}
	older.sync()
	b.waits("after the older card's start", "conflict-unproven")
}

// A book that goes back to before a person freed something hears so of the terminal: what
// a home there may have made until then counts by that day.
func TestThatAPersonFreedALineIsHeardOfTheTerminal(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(1000)
	one.sync()
	one.open(0x102)
	one.syncAll()
	backup := b.backup()
	if _, err := b.release(1000); err != nil {
		t.Fatalf("Release up to ￥10.00 = %v, want it freed", err)
	}
	one.hear()
	one.do(&ledger.Mark{})
	one.syncAll()
	b.goesBack(backup)
	for _, x := range b.terminals {
		x.hello()
	}
	one.syncAll()
	b.ok("View", b.book.View(func(tx book.Tx) error {
		_, day, err := office.NewDesk(tx.Desk()).Exposed(1)
		if want := b.programme.Day(b.now); day != want {
			t.Errorf("something was freed last on day %s, want %s", day, want)
		}
		return err
	}))
	b.ok("Check", b.Check())
}

// TestTrustIsSeenAtHQ: what a terminal used on trust, by its own opening or by
// HQ's standing order, HQ's fold counts alike.
func TestTrustIsSeenAtHQ(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	id := one.sell(1000)
	one.sync()
	bounds := []ledger.Bound{{Asset: points, Member: 300, Terminal: 400}}
	b.ok("Stand", b.Decide(func(w *decision.Work) error { return exposure.Stand(w, 1, bounds, person) }))
	one.hear()
	one.write(0x102, &ledger.Open{Parent: one.state.Head(), Trust: one.state.Standing()})
	if effects := one.spend(id, 300); effects.Risk != 0 {
		t.Errorf("spending on trust: risk %d, want none", effects.Risk)
	}
	one.sync()
	e, err := b.exposure()
	b.ok("Exposure", err)
	if diff := cmp.Diff(map[lot.Asset]lot.Amount{points: 300}, e.Trusted); diff != "" || e.Released != 0 {
		t.Errorf("Exposure(): released %d, trusted (-want +got):\n%s", e.Released, diff)
	}
	b.sums("in the end", hq.TotalView{Issued: 1000, Terminals: 700, Spent: 300})
	b.ok("Check", b.Check())
}

func TestDoubtRaisesAnAlarm(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(10)
	one.sync()
	one.open(0x102)
	one.do(&ledger.Doubt{Witness: ledger.SlipWitness, Named: ledger.Head{Incarnation: 0x101, Seq: 77}})
	one.sync()
	if !slices.Equal(b.alarms(), []string{"alarm-doubt"}) {
		t.Errorf("alarms %v, want alarm-doubt", b.alarms())
	}
	b.ok("Check", b.Check())
}

// What is on its way to a terminal it may have taken in and used: a person who ends it
// hears of that too.
func TestExposureCountsWhatIsOnItsWay(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.sync()
	before, err := b.exposure()
	b.ok("Exposure", err)
	one.ask(1, 60)
	after, err := b.exposure()
	b.ok("Exposure", err)
	if after.Held-before.Held != 60 {
		t.Errorf("Exposure() holds ￥%s more with a note of 60 points on its way, want ￥0.60", after.Held-before.Held)
	}
	one.hear()
	one.do(&ledger.Mark{})
	one.sync()
	if there, err := b.exposure(); err != nil || there.Held != after.Held {
		t.Errorf("Exposure() = ￥%s, %v once it has come, want the same ￥%s", there.Held, err, after.Held)
	}
}
