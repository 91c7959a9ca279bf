package clerk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// TestACardThatWentBackIsHealed puts an old copy of the ledger back. What HQ has
// of what it forgot stands in its place again, and a reference that was used
// keeps its answer.
func TestACardThatWentBackIsHealed(t *testing.T) {
	folder := t.TempDir()
	var again *boltstore.Store
	t.Cleanup(func() { again.Close() })
	store, err := boltstore.Open(filepath.Join(folder, "ledger.db"), tilltest.Terminal)
	must(t, err)
	b := tilltest.New(t, store)
	b.Line.Set(true)
	for _, ref := range []string{"r0", "r1"} {
		_, err := grant(b, ref, 10)
		must(t, err)
	}
	card, err := os.ReadFile(filepath.Join(folder, "ledger.db"))
	must(t, err)
	forgotten, err := grant(b, "r2", 10)
	must(t, err)
	b.Reboot(t, "boot-2")
	_, err = grant(b, "r3", 10)
	must(t, err)
	progress, err := b.Till.Progress()
	must(t, err)
	heads := progress.Streams
	histories := map[ledger.Incarnation][][]byte{}
	for _, s := range heads {
		records, err := b.Till.Entries(s.Incarnation, 1, 100, 1<<20)
		must(t, err)
		for _, r := range records {
			histories[s.Incarnation] = append(histories[s.Incarnation], r.Raw)
		}
	}
	must(t, store.Close())
	again = putBack(t, b, card)
	b.Reboot(t, "boot-3")
	parent, err := b.Till.Progress()
	must(t, err)
	child, err := grant(b, "r4", 10)
	must(t, err)
	wantHolds(t, b, "before HQ is heard", 10, 20)

	b.Hear(t, ledger.Down{Heal: &ledger.Heal{Child: child.Head.Incarnation, Parent: parent.Streams[0]}})
	first, second := heads[0].Incarnation, heads[1].Incarnation
	for n, raws := range [][][]byte{histories[first][parent.Streams[0].Seq:], histories[second]} {
		after, before, ok := b.Till.Lacks()
		if !ok || before != child.Head.Incarnation {
			t.Fatalf("Lacks() = before %s, %v; want before %s", before, ok, child.Head.Incarnation)
		}
		must(t, b.Till.History(clerk.Missing{After: ledger.Head{Incarnation: 99, Seq: 1}, Before: before}, first, raws, true)) // nobody asked for that
		must(t, b.Till.History(clerk.Missing{After: after, Before: 99}, 0, nil, true))                                         // nor for this
		must(t, b.Till.History(clerk.Missing{After: after, Before: before}, []ledger.Incarnation{first, second}[n], raws, false))
		must(t, b.Till.Tick()) // not before all has come
	}
	after, _, _ := b.Till.Lacks()
	b.Restart(t) // it is asked for anew
	for after != heads[1] {
		t.Fatalf("Lacks() after all = %s, want %s", after, heads[1])
	}
	for n, raws := range [][][]byte{histories[first][parent.Streams[0].Seq:], histories[second], nil} {
		after, before, _ := b.Till.Lacks()
		must(t, b.Till.History(clerk.Missing{After: after, Before: before}, []ledger.Incarnation{first, second, 0}[n], raws, n == 2))
	}
	must(t, b.Till.Tick())
	want := []ledger.Kind{
		ledger.KindOpen, ledger.KindGrant, ledger.KindGrant, ledger.KindGrant,
		ledger.KindOpen, ledger.KindGrant, ledger.KindOpen, ledger.KindGrant, ledger.KindHealed,
	}
	got := slices.DeleteFunc(kinds(t, b), func(k ledger.Kind) bool { return k == ledger.KindInForce })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	wantHolds(t, b, "healed", 10, 40)
	done, err := grant(b, "r2", 10)
	if err != nil || done.Origin != forgotten.Origin || !done.Again {
		t.Errorf("the same reference again = %s, %v, %v; want the first answer %s", done.Origin, done.Again, err, forgotten.Origin)
	}
	if _, _, ok := b.Till.Lacks(); ok {
		t.Error("Lacks() once it is healed: something, want nothing")
	}
}

// TestWhatAnHQGaveBackBeforeItWentBackIsAskedForAnew: a card went back, HQ gives back
// what it forgot, and HQ's book goes back before that is in its place. What stands before
// the terminal's next life is then what the new HQ has there, and no more.
func TestWhatAnHQGaveBackBeforeItWentBackIsAskedForAnew(t *testing.T) {
	for name, all := range map[string]bool{"a part had come": false, "all had come": true} {
		t.Run(name, func(t *testing.T) {
			b, forgotten := wentBack(t)
			parent, before, _ := b.Till.Lacks()
			must(t, b.Till.History(clerk.Missing{After: parent, Before: before}, parent.Incarnation, forgotten, all))
			must(t, b.Till.Obey(2))
			must(t, b.Till.Tick())
			if after, _, ok := b.Till.Lacks(); !ok || after != parent {
				t.Fatalf("Lacks() in HQ's next life = after %s, %v; want after %s", after, ok, parent)
			}
			must(t, b.Till.History(clerk.Missing{After: parent, Before: before}, parent.Incarnation, forgotten[:1], true))
			must(t, b.Till.Tick())
			progress, err := b.Till.Progress()
			must(t, err)
			if got := progress.Streams[0]; got.Seq != parent.Seq+1 {
				t.Errorf("the life before ends with %s, want one entry after %s: HQ has no other", got, parent)
			}
			wantHolds(t, b, "healed", 10, 20)
		})
	}
}

// TestWhatCannotBeHealedKeepsNothingElseBack: HQ gives back what does not belong here.
// That is said each time, and the terminal goes on answering HQ.
func TestWhatCannotBeHealedKeepsNothingElseBack(t *testing.T) {
	b, _ := wentBack(t)
	parent, before, _ := b.Till.Lacks()
	stranger, err := ledger.Encode(ledger.Entry{Body: &ledger.Open{Parent: ledger.Head{Incarnation: 77, Seq: 1}}})
	must(t, err)
	must(t, b.Till.History(clerk.Missing{After: parent, Before: before}, 0x999, [][]byte{stranger}, true))
	b.Hear(t, ledger.Down{Recall: &ledger.Recall{Member: 1003}})
	for range 2 {
		if err := b.Till.Tick(); err == nil {
			t.Error("Tick() = nil, want that what HQ gave back does not belong here")
		}
	}
	if all := kinds(t, b); all[len(all)-1] != ledger.KindNoteGiven {
		t.Errorf("the last entry is of kind %d, want the answer to HQ's recall", all[len(all)-1])
	}
}

// putBack puts an old copy of the card in. Whoever made the bench closes it, after the
// bench has looked at it.
func putBack(t *testing.T, b *tilltest.Bench, card []byte) *boltstore.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, os.WriteFile(path, card, 0o600))
	again, err := boltstore.Open(path, tilltest.Terminal)
	must(t, err)
	b.Journal = again
	return again
}

// wentBack is a till whose card went back to before two grants, and that HQ has told so
// after it began another life. It returns the entries of the two.
func wentBack(t *testing.T) (b *tilltest.Bench, forgotten [][]byte) {
	t.Helper()
	folder := t.TempDir()
	var again *boltstore.Store
	t.Cleanup(func() { again.Close() })
	store, err := boltstore.Open(filepath.Join(folder, "ledger.db"), tilltest.Terminal)
	must(t, err)
	b = tilltest.New(t, store)
	b.Line.Set(true)
	_, err = grant(b, "r1", 10)
	must(t, err)
	card, err := os.ReadFile(filepath.Join(folder, "ledger.db"))
	must(t, err)
	for _, ref := range []string{"r2", "r3"} {
		done, err := grant(b, ref, 10)
		must(t, err)
		records, err := b.Till.Entries(done.Head.Incarnation, done.Head.Seq, 1, 1<<20)
		must(t, err)
		forgotten = append(forgotten, records[0].Raw)
	}
	must(t, store.Close())
	again = putBack(t, b, card)
	b.Reboot(t, "boot-2")
	before, err := b.Till.Progress()
	must(t, err)
	child, err := grant(b, "r4", 10)
	must(t, err)
	b.Hear(t, ledger.Down{Heal: &ledger.Heal{Child: child.Head.Incarnation, Parent: before.Streams[0]}})
	return b, forgotten
}

// TestASlipWaitsForWhatHQSaysIsMissing: HQ has said that the card went back. What it
// lost may have freed and used what the slip of an earlier day speaks for.
func TestASlipWaitsForWhatHQSaysIsMissing(t *testing.T) {
	b, forgotten := wentBack(t)
	slip := named(t, b)
	wantWitness(t, b, "before it came back", slip, clerk.WitnessAwait)
	b.Restart(t)
	wantWitness(t, b, "after a restart", slip, clerk.WitnessAwait)
	wantHolds(t, b, "before it came back", 10, 10)

	parent, before, _ := b.Till.Lacks()
	must(t, b.Till.History(clerk.Missing{After: parent, Before: before}, parent.Incarnation, forgotten, true))
	wantWitness(t, b, "before it is in its place", slip, clerk.WitnessAwait)
	must(t, b.Till.Tick())
	wantWitness(t, b, "older than what came back", slip, clerk.WitnessOlder)
	wantWitness(t, b, "of the newest of it", named(t, b), clerk.WitnessFreed)
	wantHolds(t, b, "healed", 40, 0)
}

// TestASlipWaitsForNothingElse: only what is missing in the line that it speaks for, or
// after that, can have used it.
func TestASlipWaitsForNothingElse(t *testing.T) {
	b, _ := wentBack(t)
	older := named(t, b)
	b.Reboot(t, "boot-3")
	must(t, b.Till.Record(by, &ledger.SignIn{}))
	wantWitness(t, b, "of a day after what is missing", named(t, b), clerk.WitnessFreed)
	wantWitness(t, b, "of the day with what is missing", older, clerk.WitnessAwait)

	again, _ := wentBack(t)
	again.Reboot(t, "boot-3")
	must(t, again.Till.Record(by, &ledger.SignIn{}))
	again.Hear(t, ledger.Down{Heal: &ledger.Heal{Child: 0x999}}) // a life that is not here at all
	wantWitness(t, again, "a whole life is missing", named(t, again), clerk.WitnessAwait)

	fresh := newBench(t) // begun on an empty card: what was on the one before is missing
	first, err := grant(fresh, "r1", 10)
	must(t, err)
	fresh.Hear(t, ledger.Down{Heal: &ledger.Heal{Child: first.Head.Incarnation}})
	fresh.Reboot(t, "boot-2")
	must(t, fresh.Till.Record(by, &ledger.SignIn{}))
	wantWitness(t, fresh, "of a day on the new card", named(t, fresh), clerk.WitnessFreed)
}

// TestASlipWaitsForWhatHQHas: a till whose day is closed hears of no heal, but HQ greets
// it with what it has.
func TestASlipWaitsForWhatHQHas(t *testing.T) {
	b := newBench(t)
	for n, ref := range []string{"r1", "r2"} { // two days, of which nothing proves the first
		_, err := grant(b, ref, 10)
		must(t, err)
		b.Reboot(t, fmt.Sprint("boot-", n+2))
	}
	must(t, b.Till.Record(by, &ledger.SignIn{}))
	progress, err := b.Till.Progress()
	must(t, err)
	newer, all := named(t, b), progress.Streams
	end := func(n int) []ledger.Head {
		more := slices.Clone(all)
		more[n].Seq++
		return more
	}
	for about, has := range map[string][]ledger.Head{
		"a whole life is missing":    append(slices.Clone(all), ledger.Head{Incarnation: 0x999, Seq: 1}),
		"the end of its day":         end(1),
		"the end of the running day": end(2),
	} {
		b.Restart(t)
		b.Till.HQHas(has)
		b.Till.HQHas(all) // said before that, and late
		wantWitness(t, b, about, newer, clerk.WitnessAwait)
	}
	b.Restart(t)
	b.Till.HQHas(end(0))
	wantWitness(t, b, "the end of the day before", newer, clerk.WitnessFreed)
	older := named(t, b)
	wantWitness(t, b, "its own end is missing", older, clerk.WitnessAwait)
	b.Restart(t)
	b.Till.HQHas(all[:2])
	wantWitness(t, b, "HQ has no more than is here", older, clerk.WitnessFreed)
	wantHolds(t, b, "in the end", 20, 0)
}

// TestASlipWaitsForWhatIsMissingInTheMiddle: what is missing is not at the end of the
// line that the slip speaks for.
func TestASlipWaitsForWhatIsMissingInTheMiddle(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r1", 10)
	must(t, err)
	b.Named = []clerk.Named{{Witness: ledger.FileWitness, Head: *b.Left}}
	b.Reboot(t, "boot-2")
	child, err := grant(b, "r2", 10)
	must(t, err)
	progress, err := b.Till.Progress()
	must(t, err)
	b.Hear(t, ledger.Down{Heal: &ledger.Heal{Child: child.Head.Incarnation, Parent: progress.Streams[0]}})
	b.Named = nil
	b.Reboot(t, "boot-3")
	must(t, b.Till.Record(by, &ledger.SignIn{}))
	wantHolds(t, b, "two days that one witness joined", 0, 20)
	wantWitness(t, b, "of the newer", named(t, b), clerk.WitnessAwait)
}

// named is the entry that a witness of what waits must name.
func named(t *testing.T, b *tilltest.Bench) (head ledger.Head) {
	t.Helper()
	must(t, b.Till.Update(func(x *clerk.Txn) error {
		waiting := x.State.Waiting()
		head = waiting[len(waiting)-1].Moved
		return nil
	}))
	return head
}

func wantWitness(t *testing.T, b *tilltest.Bench, about string, head ledger.Head, want clerk.Verdict) {
	t.Helper()
	if v, err := b.Till.Witness(by, clerk.Named{Witness: ledger.SlipWitness, Head: head}); err != nil || v != want {
		t.Errorf("the slip %s: %q, %v; want %q", about, v, err, want)
	}
}
