package hq_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/roll"
)

func TestOfTwoHQsTheOlderFallsSilent(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one, two := b.terminals[0], b.terminals[1]
	two.ask(8, 5)
	two.hear()
	two.hello() // this HQ is at work
	// Another HQ, begun on a backup, speaks with t1 in a later epoch.
	raw := ledger.SignDown(ledger.Down{Terminal: 1, Epoch: b.Epoch() + 1<<40, Seq: 1}, hqKey)
	one.downs = append(one.downs, raw)
	m := &wire.Hello{Down: 1, Last: raw}
	if _, err := b.Hello(1, m); !errors.Is(err, hq.ErrFenced) {
		t.Fatalf("Hello() = %v, want ErrFenced", err)
	}
	b.restart() // it stays so
	if _, err := b.Ask(2, &wire.Ask{ID: 9, Incarnation: two.state.Head().Incarnation, Member: wang, Wants: []wire.Want{{Asset: points, Amount: 1}}}); !errors.Is(err, hq.ErrFenced) {
		t.Errorf("Ask() = %v, want ErrFenced", err)
	}
	if _, _, err := b.Ingest(2, two.batch(1, 1)); !errors.Is(err, hq.ErrFenced) {
		t.Errorf("Ingest() = %v, want ErrFenced", err)
	}
	if raws, err := b.Down(2, 0); len(raws) != 0 || !errors.Is(err, hq.ErrFenced) {
		t.Errorf("Down() = %d entries, %v, want ErrFenced", len(raws), err)
	}
	epoch := b.Epoch()
	b.ok("TakeOver", b.TakeOver(hq.By{Actor: "1", Reason: "other is off"}))
	if b.Epoch() <= epoch+1<<40 || b.Fenced() {
		t.Errorf("epoch = %d, fenced %v, want one after the other HQ's", b.Epoch(), b.Fenced())
	}
}

// TestFencedHQDecidesNothing: what it took in and what it decided, the other HQ would
// never hear of. A person is told so, and takes over or does it on the other one.
func TestFencedHQDecidesNothing(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	b.terminals[0].hello()
	raw := ledger.SignDown(ledger.Down{Terminal: 1, Epoch: b.Epoch() + 1<<40, Seq: 1}, hqKey)
	if _, err := b.Hello(1, &wire.Hello{Down: 1, Last: raw}); !errors.Is(err, hq.ErrFenced) {
		t.Fatalf("Hello() = %v, want ErrFenced", err)
	}
	b.third = hq.Board{ID: 3, Name: "three", Store: "S3", Code: code}
	b.restart()
	before := b.total()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	m := &wire.Enrol{Mac: wire.EnrolMac(code, 3, key), Software: "test"}
	copy(m.Key[:], key)
	for name, call := range map[string]func() error{
		"Enrol":        func() error { _, err := b.Enrol(3, m); return err },
		"Certify":      func() error { _, err := b.Certify(1); return err },
		"Vouched":      func() error { return b.Vouched(3, key) },
		"Invite":       func() error { _, err := b.Invite(2, code, true, byZhou); return err },
		"Admit":        func() error { return b.Admit(3, true, byZhou) },
		"Decommission": func() error { return b.Decommission(2, byZhou) },
		"Adjust":       func() error { return b.Adjust(wang, []ledger.Issue{{Asset: points, Amount: 9}}, nil, byZhou) },
		"Publish":      func() error { return b.Publish("programme", "2", demo.Programme, time.Time{}) },
		"OpenMember":   func() error { return b.OpenMember(roll.Person{ID: zhao}) },
		"Nightly":      b.Nightly,
	} {
		if err := call(); !errors.Is(err, hq.ErrFenced) {
			t.Errorf("%s() = %v, want ErrFenced", name, err)
		}
	}
	if known, err := b.Key(3); err != nil || known != nil {
		t.Errorf("Key(3) = %x, %v, want that no board came in", known, err)
	}
	if after := b.total(); after != before {
		t.Errorf("account %+v after %+v, want nothing decided", after, before)
	}
	list, err := b.Conflicts()
	b.ok("Conflicts", err)
	b.ok("Choose", b.Choose(list[0], hq.ChooseTakeOver, byZhou))
	_, err = b.Enrol(3, m)
	b.ok("Enrol after a person took over", err)
}

// TestATerminalThatKeepsToAnHQThatIsGoneIsForAPerson: another HQ was set up by mistake,
// spoke with t1 and told it nothing that it could show. Nobody's mere word begins a new
// life of HQ: the person who switched the other one off says so.
func TestATerminalThatKeepsToAnHQThatIsGoneIsForAPerson(t *testing.T) {
	b := newBench(t)
	later := b.Epoch() + 1<<40
	byZhou := hq.By{Actor: "zhou", Reason: "the other is off"}
	if err := b.TakeOver(byZhou); !errors.Is(err, hq.ErrNotFenced) {
		t.Errorf("TakeOver() of nothing = %v, want ErrNotFenced", err)
	}
	for range 2 {
		if _, err := b.Hello(1, &wire.Hello{Epoch: later}); err != nil {
			t.Fatalf("Hello() = %v", err)
		}
	}
	if diff := cmp.Diff([]string{"alarm-later-epoch"}, b.alarms()); diff != "" || b.Fenced() {
		t.Errorf("fenced %v, alarms (-want +got):\n%s", b.Fenced(), diff)
	}
	list, err := b.Conflicts()
	b.ok("Conflicts", err)
	if len(list) != 1 || list[0].Code != "conflict-later-epoch" || list[0].Terminal != 1 {
		t.Fatalf("what waits for a person is %v, want t1's later HQ", list)
	}
	b.ok("Choose", b.Choose(list[0], hq.ChooseTakeOver, byZhou))
	if b.Epoch() <= later {
		t.Errorf("epoch = %d, want one after the other HQ's", b.Epoch())
	}
	if list, err = b.Conflicts(); err != nil || slices.ContainsFunc(list, func(c hq.Conflict) bool { return c.Code == "conflict-later-epoch" }) {
		t.Errorf("afterwards %v, %v wait for a person", list, err)
	}
}

// TestOldHQSwitchedOnAgainTakesNothingOver: another HQ was set up in its place, and
// has told t1 something under a number under which the old one meant to tell it
// something else.
func TestOldHQSwitchedOnAgainTakesNothingOver(t *testing.T) {
	for _, seq := range []ledger.DownSeq{1, 2} {
		b := newBench(t)
		b.give(wang, 200)
		one := b.terminals[0]
		one.ask(8, 5) // answered with entry 1, which never comes
		b.restart()
		epoch := b.Epoch()
		raw := ledger.SignDown(ledger.Down{Terminal: 1, Epoch: epoch + 1, Seq: seq}, hqKey)
		if _, err := b.Hello(1, &wire.Hello{Down: seq, Last: raw}); !errors.Is(err, hq.ErrFenced) {
			t.Errorf("Hello() that shows entry %d of a later epoch = %v, want ErrFenced", seq, err)
		}
		if b.Epoch() != epoch {
			t.Errorf("epoch = %d, want %d: who goes on, a person says", b.Epoch(), epoch)
		}
	}
}

// TestOtherEntryUnderAKnownNumberIsForAPerson: what HQ would send next would not
// follow on what the terminal has.
func TestOtherEntryUnderAKnownNumberIsForAPerson(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	b.terminals[0].ask(8, 5)
	raw := ledger.SignDown(ledger.Down{Terminal: 1, Epoch: b.Epoch(), Seq: 1}, hqKey)
	for range 2 {
		_, err := b.Hello(1, &wire.Hello{Down: 1, Last: raw})
		if refused := (*exchange.RefusedError)(nil); !errors.As(err, &refused) || refused.Code != "trouble-journal" {
			t.Errorf("Hello() = %v, want it refused with trouble-journal", err)
		}
	}
	if diff := cmp.Diff([]string{"trouble-journal"}, b.alarms()); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
}

// Who goes by more of HQ's journal than HQ has is asked to show it: what HQ has
// signed begins a new life, and what nobody has signed stops the terminal.
func TestMoreOfHQsJournalThanHQHasMustBeShown(t *testing.T) {
	signed := ledger.SignDown(ledger.Down{Terminal: 1, Epoch: 1, Seq: 1}, hqKey)
	for _, c := range []struct {
		name     string
		echo     wire.Echo
		trouble  string
		restored bool
	}{
		{"shown", wire.Echo{First: 1, Entries: [][]byte{signed}, Down: 1}, "", true},
		{"said-only", wire.Echo{First: 1, Down: 1}, "trouble-journal", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			one := b.terminals[0]
			one.sell(10)
			one.sync()
			before := b.Epoch()
			raw, _ := ledger.Encode(ledger.Entry{Mark: 1, Body: &ledger.Mark{}})
			lacks := (*exchange.LacksError)(nil)
			if _, _, err := b.Ingest(1, one.batchOf(0x101, [][]byte{raw}, 3)); !errors.As(err, &lacks) || lacks.After != 0 {
				t.Fatalf("Ingest() of an entry that goes by entry 1 = %v, want what is lacking after 0", err)
			}
			c.echo.Epoch = before
			err := b.Echo(1, &c.echo)
			if refused := (*exchange.RefusedError)(nil); c.trouble != "" && (!errors.As(err, &refused) || refused.Code != c.trouble) {
				t.Errorf("Echo() = %v, want it refused with %s", err, c.trouble)
			}
			if got := b.overview().Terminals[0].Trouble; got != c.trouble {
				t.Errorf("trouble %q, want %q", got, c.trouble)
			}
			if b.Epoch() > before != c.restored {
				t.Errorf("epoch %d after %d, want another life: %v", b.Epoch(), before, c.restored)
			}
		})
	}
}

// TestOtherEntryIsSeenThoughTheTerminalHasMore: another HQ has told t1 more than this
// one meant to, and something else under the number of what never came from here.
func TestOtherEntryIsSeenThoughTheTerminalHasMore(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	b.terminals[0].ask(8, 5) // answered with entry 1, which never comes
	var raws [][]byte
	for seq := range ledger.DownSeq(2) {
		raws = append(raws, ledger.SignDown(ledger.Down{Terminal: 1, Epoch: b.Epoch() + 1, Seq: seq + 1}, hqKey))
	}
	shows := wire.Hello{Down: 2, Last: raws[1]}
	if _, err := b.Hello(1, &shows); !errors.Is(err, hq.ErrFenced) {
		t.Fatalf("Hello() that shows a later epoch = %v, want ErrFenced", err)
	}
	b.ok("TakeOver", b.TakeOver(hq.By{Actor: "1", Reason: "other is off"}))
	lacks, refused := (*exchange.LacksError)(nil), (*exchange.RefusedError)(nil)
	if _, err := b.Hello(1, &shows); !errors.As(err, &lacks) {
		t.Fatalf("Hello() = %v, want what is lacking", err)
	}
	err := b.Echo(1, &wire.Echo{First: lacks.After + 1, Entries: raws[lacks.After:], Down: 2, Epoch: b.Epoch()})
	if !errors.As(err, &refused) || refused.Code != "trouble-journal" {
		t.Errorf("Echo() after %d = %v, want it refused with trouble-journal", lacks.After, err)
	}
}
