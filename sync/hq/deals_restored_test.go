package hq_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/sync/sealed"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// dealing lets HQ deal batches of games.
func (b *bench) dealing(seed byte) {
	b.Helper()
	o := b.options(b.log)
	o.Random = rand.NewChaCha8([32]byte{seed})
	made, err := hq.New(o)
	b.ok("New", err)
	b.HQ = made
}

// games is an HQ that deals, on a day of the games of the demonstration.
func games(t *testing.T) (b *bench, one *terminal) {
	b, _ = logged(t)
	b.on(start + 5)
	b.dealing(1)
	b.ok("Publish", b.Publish("programme", b.programme.Version(), demo.Programme, time.Time{}))
	return b, b.terminals[0]
}

// turns lets HQ and the terminal tell each other how they stand, and what follows.
func (t *terminal) turns() {
	t.b.Helper()
	for range 3 {
		t.reports()
		t.do(&ledger.Mark{})
		t.sync()
	}
}

// batches are those that the terminal was told of last, as it fetches and opens them.
func (t *terminal) batches() (list []game.Deal, root ledger.Hash) {
	t.b.Helper()
	t.b.ok("View", t.b.book.View(func(tx book.Tx) error {
		raws, err := tx.Down(t.id, 0, 1000)
		for _, raw := range raws {
			if d, err := ledger.OpenDown(raw, nil); err == nil && d.Document != nil && d.Document.What == library.Deals {
				root = d.Document.Root
			}
		}
		return err
	}))
	c, err := t.b.Fetch(t.id, &wire.Fetch{Root: root})
	t.b.ok("Fetch", err)
	if len(c.Bytes) == 0 {
		return nil, root
	}
	whole, err := parcel.Unpack(c.Bytes, nil, root)
	t.b.ok("Unpack", err)
	plain, err := sealed.Open(t.key, whole)
	t.b.ok("Open", err)
	list, err = game.ReadDeals(plain)
	t.b.ok("ReadDeals", err)
	return list, root
}

// TestBatchesAreGivenAgainWhereTheBookForgotThem: the log deals them again, and in the
// book are no bytes of what the terminal was told of.
func TestBatchesAreGivenAgainWhereTheBookForgotThem(t *testing.T) {
	b, one := games(t)
	one.sync()
	backup := b.backup() // before anything was dealt
	b.dealing(1)
	one.turns()
	before, root := one.batches()
	if len(before) == 0 {
		t.Fatal("nothing was dealt")
	}
	b.restore(backup)
	b.dealing(2)
	one.hello()
	for range 3 {
		one.hear()
		one.do(&ledger.Mark{})
		one.syncAll()
		one.reports()
	}
	after, again := one.batches()
	if again == root {
		t.Errorf("the terminal was not told of another document, and nobody has that one")
	}
	if !slices.EqualFunc(before, after, func(a, b game.Deal) bool { return a.Seal == b.Seal && a.Seed == b.Seed }) {
		t.Errorf("%d batches after the restore, want the %d of before", len(after), len(before))
	}
	down := one.state.Mark()
	one.reports()
	one.hear()
	one.do(&ledger.Mark{})
	if _, last := one.batches(); last != again || one.state.Mark() > down+1 {
		t.Errorf("they are given again and again")
	}
}

// TestTicketsInLivesThatAreProven: a till that starts anew each morning plays the
// tickets that it has, and gets no others for that.
func TestTicketsInLivesThatAreProven(t *testing.T) {
	b, one := games(t)
	one.sync()
	for life := range ledger.Incarnation(6) {
		if life > 0 {
			one.write(0x101+life, &ledger.Open{Parent: one.state.Head(), Witness: ledger.SlipWitness, Named: one.state.Moved()})
			one.sync()
		}
		one.turns()
		if list, _ := one.batches(); len(list) != 1 {
			t.Fatalf("%d batches after %d starts that are proven, want the one of before", len(list), life)
		}
	}
	b.ok("Check", b.Check())
}

// Tickets on their way to a life that is over come to nobody: the one that is alive gets
// others.
func TestTicketsOnTheirWayToALifeThatIsOver(t *testing.T) {
	b, one := games(t)
	one.sync()
	one.turns()
	for life := range ledger.Incarnation(3) {
		one.open(0x102 + life)
		one.sync()
		b.ok("Report", b.Report(one.id, &wire.Report{Head: one.state.Head(), Down: one.state.Mark()})) // what it brings is not heard
		if list, _ := one.batches(); len(list) != int(life)+2 {
			t.Errorf("%d batches in life %d, want one more than before", len(list), life+2)
		}
	}
	b.ok("Check", b.Check())
}

// TestTicketsInLivesThatNothingProves: each of them leaves a batch that nobody may play.
// HQ deals four, and a person is told once that there is none to play.
func TestTicketsInLivesThatNothingProves(t *testing.T) {
	b, one := games(t)
	lives := func(life ledger.Incarnation) int {
		if life > 0x101 {
			one.open(life)
			one.sync()
		}
		one.turns()
		list, _ := one.batches()
		return len(list)
	}
	one.sync()
	first := lives(0x101)
	if first == 0 {
		t.Fatal("nothing was dealt")
	}
	told := func() (n int) {
		for _, code := range b.alarms() {
			if code == "alarm-tickets-frozen" {
				n++
			}
		}
		return n
	}
	for n := range ledger.Incarnation(5) {
		got, want := lives(0x102+n), int(min(n+2, 4))*first
		if got != want {
			t.Errorf("%d batches after %d starts that nothing proves, want %d", got, n+1, want)
		}
		if n := told(); n != 0 {
			t.Errorf("a person was told %d times on the day of the start, want none: somebody may prove it", n)
		}
	}
	for range 2 {
		b.now = b.now.Add(24 * time.Hour)
		one.reports()
		if n := told(); n != first {
			t.Errorf("a person was told %d times since, want once for each of %d games", n, first)
		}
	}
	b.ok("Check", b.Check())
}
