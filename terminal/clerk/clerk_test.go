package clerk_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

const points = lot.Asset("points:consumption")

var by = clerk.By{Lane: 1, Actor: "c1"}

// newBench is a till's bench, of which these tests use the clerk alone.
func newBench(t *testing.T) *tilltest.Bench {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	must(t, err)
	t.Cleanup(func() { store.Close() })
	return tilltest.New(t, store)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// grant gives a member points, as an action under a reference.
func grant(b *tilltest.Bench, ref string, n lot.Amount) (clerk.Done, error) {
	return b.Till.Act(action(ref, n), func(x *clerk.Txn) (ledger.Body, error) {
		return &ledger.Grant{
			Member: 1001, Reason: "goodwill", Day: b.Programme.BusinessDay(x.Now.Wall),
			Issues: []ledger.Issue{{Asset: points, Amount: n, Expires: 30_000}},
		}, nil
	})
}

func action(ref string, n lot.Amount) clerk.Action {
	return clerk.Action{By: by, Ref: ref, Kind: ledger.KindGrant, Input: fmt.Append(nil, n)}
}

// holds is what the member may use here, and what is frozen.
func holds(t *testing.T, b *tilltest.Bench) (usable, frozen lot.Amount) {
	t.Helper()
	must(t, b.Journal.View(func(tx journal.Tx) error {
		state, err := b.Till.State(tx)
		if err != nil {
			return err
		}
		u, err := state.Usable(1001)
		f, e := state.Frozen(1001)
		today := b.Till.Today(b.Clock.Now())
		usable, frozen = lot.Available(u, points, today), lot.Available(f, points, today)
		return errors.Join(err, e)
	}))
	return usable, frozen
}

func wantHolds(t *testing.T, b *tilltest.Bench, what string, usable, frozen lot.Amount) {
	t.Helper()
	if u, f := holds(t, b); u != usable || f != frozen {
		t.Errorf("%s: %d usable, %d frozen; want %d, %d", what, u, f, usable, frozen)
	}
}

// bodies are what the journal says, oldest first.
func bodies(t *testing.T, b *tilltest.Bench) (list []ledger.Body) {
	t.Helper()
	progress, err := b.Till.Progress()
	must(t, err)
	for _, s := range progress.Streams {
		records, err := b.Till.Entries(s.Incarnation, 1, 10_000, 1<<24)
		must(t, err)
		for _, r := range records {
			e, err := ledger.Decode(r.Raw)
			must(t, err)
			list = append(list, e.Body)
		}
	}
	return list
}

func kinds(t *testing.T, b *tilltest.Bench) (list []ledger.Kind) {
	t.Helper()
	for _, body := range bodies(t, b) {
		list = append(list, body.Kind())
	}
	return list
}

func TestWitnessedRestartGoesOn(t *testing.T) {
	b := newBench(t)
	for n := range 3 {
		_, err := grant(b, fmt.Sprint("r", n), 10)
		must(t, err)
		b.Restart(t)
	}
	want := []ledger.Kind{ledger.KindOpen, ledger.KindGrant, ledger.KindGrant, ledger.KindGrant}
	if diff := cmp.Diff(want, kinds(t, b)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	wantHolds(t, b, "after restarts in one boot", 30, 0)
}

// TestHeadLeftBehindProvesTheParent is a restart after the boot was told of an
// older entry of the same incarnation: later ones are there as well.
func TestHeadLeftBehindProvesTheParent(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r1", 10)
	must(t, err)
	left := *b.Left
	_, err = grant(b, "r2", 10)
	must(t, err)
	b.Left = &left
	b.Restart(t)
	_, err = grant(b, "r3", 10)
	must(t, err)
	wantHolds(t, b, "with a head that is behind", 30, 0)
}

func TestWrongHeadIsNoWitness(t *testing.T) {
	for name, edit := range map[string]func(*ledger.Head){
		"other-hash":             func(h *ledger.Head) { h.Hash[0] ^= 1 },
		"entry-that-is-not-here": func(h *ledger.Head) { h.Seq += 5 },
		"older-with-other-hash":  func(h *ledger.Head) { h.Seq--; h.Hash[0] ^= 1 },
		"other-incarnation":      func(h *ledger.Head) { h.Incarnation++ },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			_, err := grant(b, "r1", 10)
			must(t, err)
			left := *b.Left
			edit(&left)
			b.Left = &left
			b.Restart(t)
			_, err = grant(b, "r2", 7)
			must(t, err)
			wantHolds(t, b, name, 7, 10)
		})
	}
}

func TestColdBootFreezesAndAwardsGoOn(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r1", 10)
	must(t, err)
	for n := range 3 {
		b.Reboot(t, fmt.Sprint("boot-", n+2))
		_, err := grant(b, fmt.Sprint("again", n), 1)
		must(t, err)
		wantHolds(t, b, "after a cold boot", 1, lot.Amount(10+n))
	}
	if done, err := grant(b, "r1", 10); err != nil || !done.Again {
		t.Errorf("a reference of an older incarnation = %+v, %v; want its answer", done, err)
	}
}

func TestStopProvesUnlessSomethingElseDoes(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r1", 10)
	must(t, err)
	must(t, b.Till.Stop())
	b.Restart(t)
	_, err = grant(b, "r2", 10)
	must(t, err)
	wantHolds(t, b, "after a stop in the same boot", 20, 0)
	must(t, b.Till.Stop())
	b.Reboot(t, "boot-2") // a stop alone is no witness: the file may be an old one
	_, err = grant(b, "r3", 5)
	must(t, err)
	wantHolds(t, b, "after a stop and a cold boot", 5, 20)
}

func TestStopOfATillThatWroteNothingWritesNothing(t *testing.T) {
	b := newBench(t)
	must(t, b.Till.Stop())
	if list := bodies(t, b); len(list) != 0 {
		t.Errorf("entries %v, want none", list)
	}
	b.Reboot(t, "boot-2")
	_, err := grant(b, "r1", 10)
	must(t, err)
	b.Reboot(t, "boot-3")
	must(t, b.Till.Stop()) // this boot opened nothing
	if n := len(bodies(t, b)); n != 2 {
		t.Errorf("%d entries, want the opening and the grant", n)
	}
}

// asked is a bench that has asked for a member's points.
func asked(t *testing.T) (*tilltest.Bench, clerk.Ask) {
	t.Helper()
	b := newBench(t)
	b.Line.Set(true)
	must(t, b.Till.AskFor(by, 1001))
	must(t, b.Till.AskFor(by, 1001)) // once is enough
	asks := b.Line.Asked()
	if len(asks) != 1 || !b.Till.Asking(1001) {
		t.Fatalf("asks %+v, want one", asks)
	}
	return b, asks[0]
}

func TestAskSaysWhatIsMissing(t *testing.T) {
	b, ask := asked(t)
	progress, err := b.Till.Progress()
	must(t, err)
	want := clerk.Ask{
		ID: ask.ID, Incarnation: progress.Streams[0].Incarnation, Member: 1001, Within: 5 * time.Second,
		Wants: []clerk.Want{{Asset: points, Amount: 20_000}, {Asset: "points:green", Amount: 20_000}},
	}
	if diff := cmp.Diff(want, ask); diff != "" {
		t.Errorf("ask (-want +got):\n%s", diff)
	}
	_, err = b.Till.ApplyDown([][]byte{b.Note(t, 1, ask, 19_999)})
	must(t, err)
	if b.Till.Asking(1001) {
		t.Error("still asking after the note")
	}
	must(t, b.Till.AskFor(by, 1001))
	if asks := b.Line.Asked(); len(asks) != 2 || asks[1].Wants[0].Amount != 1 || asks[1].ID == ask.ID {
		t.Errorf("asks %+v, want a second one for the one point that is missing", asks)
	}
	b.Line.Set(false)
	must(t, b.Till.AskFor(by, 1002))
	if len(b.Line.Asked()) != 2 {
		t.Error("asked while the line is down")
	}
}

func TestAskIsGivenUpBeforeItsLateNote(t *testing.T) {
	b, ask := asked(t)
	b.Clock.Advance(4999 * time.Millisecond)
	must(t, b.Till.Tick())
	if !b.Till.Asking(1001) {
		t.Fatal("given up before its deadline")
	}
	b.Clock.Advance(time.Millisecond)
	must(t, b.Till.Tick())
	must(t, b.Till.Tick())
	var up []*ledger.AskGivenUp
	for _, body := range bodies(t, b) {
		if g, ok := body.(*ledger.AskGivenUp); ok {
			up = append(up, g)
		}
	}
	if diff := cmp.Diff([]*ledger.AskGivenUp{{Ask: ask.ID}}, up); diff != "" || b.Till.Asking(1001) {
		t.Errorf("asking %v; given up (-want +got):\n%s", b.Till.Asking(1001), diff)
	}
	_, err := b.Till.ApplyDown([][]byte{b.Note(t, 1, ask, 500)})
	must(t, err)
	wantHolds(t, b, "after the late note", 0, 0)
	_, err = grant(b, "r1", 1)
	must(t, err)
	wantHolds(t, b, "after the entry that meets it", 1, 0)
}

func TestRefusedAskIsOver(t *testing.T) {
	b, ask := asked(t)
	b.Till.Answered(clerk.Answer{Ask: ask.ID, Member: 1001, Given: true})
	if !b.Till.Asking(1001) {
		t.Error("an ask that is granted is over before its note is here")
	}
	b.Till.Answered(clerk.Answer{Ask: ask.ID, Member: 1001, Left: []clerk.Balance{{Asset: points, Elsewhere: 9}}})
	if b.Till.Asking(1001) || b.Till.Heard(1001).Left[0].Elsewhere != 9 {
		t.Errorf("asking %v, heard %+v; want it over, 9 elsewhere", b.Till.Asking(1001), b.Till.Heard(1001))
	}
}

func TestDownIsTakenInOrderAndOnce(t *testing.T) {
	b := newBench(t)
	b.Give(t, lot.Lot{Owner: 1001, Asset: points, Amount: 5})
	one := b.Say(ledger.Down{Note: b.Gift(t, lot.Lot{Owner: 1001, Asset: points, Amount: 10})})
	two := b.Say(ledger.Down{Note: b.Gift(t, lot.Lot{Owner: 1001, Asset: points, Amount: 20})})
	three := b.Say(ledger.Down{Note: b.Gift(t, lot.Lot{Owner: 1001, Asset: points, Amount: 40})})
	if at, err := b.Till.ApplyDown([][]byte{one, three}); err == nil {
		t.Errorf("ApplyDown with a gap = %d, nil; want an error", at)
	}
	wantHolds(t, b, "after a gap", 5, 0)
	if at, err := b.Till.ApplyDown([][]byte{one, one, two}); at != 3 || err != nil {
		t.Errorf("ApplyDown = %d, %v; want 3, nil", at, err)
	}
	if at, err := b.Till.ApplyDown([][]byte{two, three}); at != 4 || err != nil {
		t.Errorf("ApplyDown = %d, %v; want 4, nil", at, err)
	}
	wantHolds(t, b, "after all of it", 75, 0)
}

// HQ signs the journals of all terminals: one of another's entries is no gap, but
// somebody's doing, and is told apart.
func TestEntryForAnotherTerminalIsNoGap(t *testing.T) {
	b := newBench(t)
	b.Give(t, lot.Lot{Owner: 1001, Asset: points, Amount: 5})
	note := b.Gift(t, lot.Lot{Owner: 1001, Asset: points, Amount: 10})
	theirs := ledger.SignDown(ledger.Down{Terminal: tilltest.Terminal + 1, Epoch: 1, Seq: 2, Note: note}, b.HQKey)
	if at, err := b.Till.ApplyDown([][]byte{theirs}); !errors.Is(err, clerk.ErrNotOurs) {
		t.Errorf("ApplyDown of another terminal's = %d, %v; want ErrNotOurs", at, err)
	}
	late := ledger.SignDown(ledger.Down{Terminal: tilltest.Terminal, Epoch: 1, Seq: 9, Note: note}, b.HQKey)
	if at, err := b.Till.ApplyDown([][]byte{late}); err == nil || errors.Is(err, clerk.ErrNotOurs) {
		t.Errorf("ApplyDown with a gap = %d, %v; want an error that is not ErrNotOurs", at, err)
	}
	wantHolds(t, b, "after both", 5, 0)
}

func TestNothingIsTakenInBeforeEnrolment(t *testing.T) {
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	must(t, err)
	t.Cleanup(func() { store.Close() })
	b := tilltest.NewUnenrolled(t, store)
	if _, err := b.Till.ApplyDown([][]byte{b.Say(ledger.Down{})}); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("ApplyDown before enrolment = %v, want ErrNotFound", err)
	}
}

func TestHQIsToldWhatWasAppliedWhenItIsQuiet(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	must(t, b.Till.Tick())
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1001}})
	must(t, b.Till.Tick())
	before := len(bodies(t, b))
	for range 4 {
		b.Clock.Advance(6 * time.Second)
		must(t, b.Till.Tick())
	}
	list := bodies(t, b)
	if len(list) != before+1 || list[before].Kind() != ledger.KindMark {
		t.Errorf("entries %v beyond %d, want one mark", list[before:], before)
	}
}

// TestBootIsToldInOrder writes from many places at once; those of one
// transaction come back in any order.
func TestBootIsToldInOrder(t *testing.T) {
	b := newBench(t)
	var group sync.WaitGroup
	for n := range 16 {
		group.Go(func() {
			for k := range 20 {
				if _, err := grant(b, fmt.Sprintf("r%d-%d", n, k), 1); err != nil {
					t.Errorf("grant: %v", err)
				}
			}
		})
	}
	group.Wait()
	for n := 1; n < len(b.Told); n++ {
		if b.Told[n].Seq <= b.Told[n-1].Seq {
			t.Fatalf("told of entry %d after %d", b.Told[n].Seq, b.Told[n-1].Seq)
		}
	}
	if last := b.Told[len(b.Told)-1]; last.Seq != 16*20+1 || last != b.Verify(t).Head {
		t.Errorf("told of %s last, the journal ends with %s", last, b.Verify(t).Head)
	}
	wantHolds(t, b, "after 320 grants", 320, 0)
}

// TestRefusedActionHarmsNobody shares transactions between actions that go
// through, that are declined, refused, and that panic.
func TestRefusedActionHarmsNobody(t *testing.T) {
	b := newBench(t)
	refusal := errors.New("refused")
	var group sync.WaitGroup
	var landed sync.Map
	for n := range 24 {
		group.Go(func() {
			defer func() { _ = recover() }()
			ref := fmt.Sprint("r", n)
			_, err := b.Till.Act(action(ref, 1), func(x *clerk.Txn) (ledger.Body, error) {
				x.Landed(func() { landed.Store(n, true) })
				x.Then(func() error { return x.PutNote(ref, []byte("then")) })
				body := &ledger.Grant{Member: 1001, Reason: "goodwill", Issues: []ledger.Issue{{Asset: points, Amount: 1, Expires: 30_000}}}
				switch n % 4 {
				case 1:
					return body, refusal
				case 2:
					return nil, &clerk.Declined{Code: "points-short", Member: 1001, Asset: points, Want: 2, Has: 1}
				case 3:
					panic("a bug")
				}
				return body, nil
			})
			if want := map[int]error{1: refusal, 2: clerk.ErrDeclined}[n%4]; !errors.Is(err, want) {
				t.Errorf("Act %d = %v, want %v", n, err, want)
			}
		})
	}
	group.Wait()
	wantHolds(t, b, "after six grants", 6, 0)
	must(t, b.Journal.View(func(tx journal.Tx) error {
		for n := range 24 {
			_, there := landed.Load(n)
			note, err := tx.Note(fmt.Sprint("r", n))
			if _, failed := tx.Referred(fmt.Sprint("r", n)); (failed == nil) != (n%2 == 0) || (note != nil) != (n%4 == 0) || there != (n%4 == 0) {
				t.Errorf("action %d: reference %v, note %q, landed %v", n, failed, note, there)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}))
	b.Restart(t)
	_, err := grant(b, "later", 1)
	must(t, err)
	wantHolds(t, b, "after a restart", 7, 0)
}

// failing is a journal whose disk fails once it is told to.
type failing struct {
	journal.Journal
	fails bool
}

func (f *failing) Update(fn func(journal.Tx) error) error {
	if !f.fails {
		return f.Journal.Update(fn)
	}
	lost := errors.New("lost")
	err := f.Journal.Update(func(tx journal.Tx) error { return errors.Join(fn(tx), lost) })
	if errors.Is(err, lost) {
		return fmt.Errorf("write: %w", journal.ErrUnknownResult)
	}
	return err
}

// TestLostWriteIsNotBuiltOn loses a transaction on its way to the disk: what
// the boot left before still proves what is there.
func TestLostWriteIsNotBuiltOn(t *testing.T) {
	b := newBench(t)
	disk := &failing{Journal: b.Journal}
	b.Journal = disk
	b.Restart(t)
	_, err := grant(b, "r1", 10)
	must(t, err)
	disk.fails = true
	if _, err := grant(b, "r2", 20); !errors.Is(err, journal.ErrUnknownResult) {
		t.Fatalf("grant on a disk that fails = %v, want ErrUnknownResult", err)
	}
	disk.fails = false
	done, err := grant(b, "r2", 20)
	if err != nil || done.Again {
		t.Errorf("grant afterwards = %+v, %v; want it done now", done, err)
	}
	wantHolds(t, b, "afterwards", 30, 0)
	if a := b.Verify(t); a.Streams != 1 {
		t.Errorf("%d incarnations, want 1", a.Streams)
	}
}

func TestPointsGoBackWhenHQHasEverythingAndNobodyIsServed(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	must(t, b.Till.SettleBoot())   // in an entry of its own
	_, err := grant(b, "r1", 6000) // the allotment keeps 5,000
	must(t, err)
	must(t, b.Till.Tick())
	wantHolds(t, b, "before HQ's ack", 6000, 0)
	b.Till.Acked(b.Told[0])
	must(t, b.Till.Tick())
	wantHolds(t, b, "while HQ lacks the grant", 6000, 0)
	b.Till.Acked(*b.Left)
	b.Line.Set(false)
	must(t, b.Till.Tick())
	wantHolds(t, b, "while the line is down", 6000, 0)
	b.Line.Set(true)
	must(t, b.Till.Tick())
	wantHolds(t, b, "after HQ's ack", 5000, 0)
	_, err = grant(b, "r2", 1000)
	must(t, err)
	must(t, b.Till.Tick())
	wantHolds(t, b, "before HQ's next ack", 6000, 0)
	b.Till.Acked(*b.Left)
	must(t, b.Till.Tick())
	wantHolds(t, b, "after it", 5000, 0)
}

// A terminal that goes out before it has given points back gives them back
// afterwards, whether or not it had written down whose.
func TestPointsStillGoBackAfterARestart(t *testing.T) {
	for name, kept := range map[string]bool{"not-written-down": false, "written-down": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.Line.Set(true)
			must(t, b.Till.SettleBoot())
			_, err := grant(b, "r1", 6000)
			must(t, err)
			must(t, b.Till.SignIn(by))
			must(t, b.Till.Scan(by, "", "HM10001001V"))
			b.Till.Acked(*b.Left)
			if kept { // while the member is served, and so their points stay
				must(t, b.Till.Tick())
				b.Clock.Advance(6 * time.Second)
				must(t, b.Till.Tick())
			}
			wantHolds(t, b, "of a member who is served", 6000, 0)
			must(t, b.Till.DropMember(by))
			acked := *b.Left
			b.Restart(t)
			b.Till.Acked(acked)
			must(t, b.Till.Tick())
			wantHolds(t, b, "after the restart", 5000, 0)
		})
	}
}

func TestBacklogIsKnownAfterARestart(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	must(t, b.Till.Tick())
	_, err := grant(b, "r1", 1)
	must(t, err)
	b.Till.Acked(*b.Left)
	b.Clock.Advance(6 * time.Second)
	must(t, b.Till.Tick())
	b.Clock.Advance(time.Minute)
	at := b.Clock.Now().Wall
	_, err = grant(b, "r2", 1)
	must(t, err)
	_, err = grant(b, "r3", 1)
	must(t, err)
	b.Restart(t)
	progress, err := b.Till.Progress()
	must(t, err)
	if l := progress.Ledger; l.Backlog != 2 || !l.Oldest.Equal(at) || !l.Online {
		t.Errorf("backlog %d since %v, want 2 since %v", l.Backlog, l.Oldest, at)
	}
	b.Reboot(t, "boot-2") // an incarnation that HQ has nothing of
	_, err = grant(b, "r4", 1)
	must(t, err)
	if progress, err = b.Till.Progress(); err != nil || progress.Ledger.Backlog != 4 {
		t.Errorf("backlog %d, %v after a cold boot; want 4", progress.Ledger.Backlog, err)
	}
}

// TestEntryOnTheWayIsNotTheActions appends one entry before the action's own.
func TestEntryOnTheWayIsNotTheActions(t *testing.T) {
	b := newBench(t)
	for _, declines := range []bool{false, true} {
		var at []lot.Origin
		done, err := b.Till.Act(action(fmt.Sprint(declines), 1), func(x *clerk.Txn) (ledger.Body, error) {
			x.Then(func() error {
				at = append(at, b.Till.Newest(x))
				return nil
			})
			if _, err := b.Till.Append(x, ledger.Entry{Body: &ledger.Mark{}}); err != nil {
				return nil, err
			}
			if declines {
				return nil, &clerk.Declined{Code: "points-short"}
			}
			return &ledger.Consent{Member: 1001, Purpose: "sms", Withdrawn: true}, nil
		})
		switch {
		case declines && (len(at) != 0 || !errors.Is(err, clerk.ErrDeclined)):
			t.Errorf("after a decline: %v, ran at %v; want it not to run", err, at)
		case !declines && (err != nil || len(at) != 1 || at[0] != done.Origin):
			t.Errorf("ran at %v, %v; want once, at the action's entry %s", at, err, done.Origin)
		}
	}
}

// TestBoardThatDoesNotKnowTheTimeAsks: who reads the time holds up nobody who asks.
func TestBoardThatDoesNotKnowTheTimeAsks(t *testing.T) {
	b := newBench(t)
	b.Clock.SetQuality(ledger.ClockUnset)
	_, err := grant(b, "a", 5)
	must(t, err)
	asked, done := clerk.Ask{}, make(chan error)
	go func() {
		var err error
		asked, err = b.Till.Name(by, clerk.Ask{Member: 1001, Within: time.Second})
		done <- err
	}()
	select {
	case err := <-done:
		must(t, err)
	case <-time.After(20 * time.Second):
		t.Fatal("the question is never asked")
	}
	if asked.ID == 0 || !b.Till.Pending(asked.ID) {
		t.Errorf("Name() = %+v, want a question that waits", asked)
	}
}
