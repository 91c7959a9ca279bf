package clerk_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// code is what a witness is shown now.
func code(t *testing.T, b *tilltest.Bench) string {
	t.Helper()
	text, err := b.Till.HeadCode()
	must(t, err)
	return text
}

func testify(t *testing.T, b *tilltest.Bench, w ledger.Witness, text string, want clerk.Verdict) {
	t.Helper()
	got, _, err := b.Till.Testify(by, w, text)
	if err != nil || got != want {
		t.Errorf("Testify = %q, %v; want %q", got, err, want)
	}
}

// spend takes points of member 1001, as a sale does.
func spend(b *tilltest.Bench, ref string, n lot.Amount) error {
	_, err := b.Till.Act(action(ref, n), func(x *clerk.Txn) (ledger.Body, error) {
		held, err := x.State.Spendable(1001)
		if err != nil {
			return nil, err
		}
		draws, err := lot.Plan(held, points, n, x.Today)
		if err != nil {
			return nil, &clerk.Declined{Code: "points-short", Member: 1001}
		}
		return &ledger.Redeem{Member: 1001, Asset: points, Draws: draws, Benefit: "x", Voucher: ledger.Issue{Asset: "benefit:x", Amount: 1}}, nil
	})
	return err
}

// TestFiveNightsOffAndTheSlipEveryMorning: everything that could be spent can
// still be.
func TestFiveNightsOffAndTheSlipEveryMorning(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r", 1000)
	must(t, err)
	for n := range 5 {
		slip := code(t, b)
		if n%2 == 0 {
			must(t, b.Till.Stop())
		}
		b.Reboot(t, fmt.Sprint("boot-", n+2))
		must(t, b.Till.Record(by, &ledger.SignIn{}))
		wantHolds(t, b, "before the scan", 0, lot.Amount(1000-100*n))
		testify(t, b, ledger.SlipWitness, slip, clerk.WitnessFreed)
		testify(t, b, ledger.SlipWitness, slip, clerk.WitnessIdle)
		wantHolds(t, b, "after the scan", lot.Amount(1000-100*n), 0)
		must(t, spend(b, fmt.Sprint("s", n), 100))
	}
}

// TestRestoredDiskAndTheSlipOfADayItDoesNotHave: frozen, and said.
func TestRestoredDiskAndTheSlipOfADayItDoesNotHave(t *testing.T) {
	b, image := newBench(t), newBench(t) // the same chance: the same journal
	for _, x := range []*tilltest.Bench{b, image} {
		_, err := grant(x, "r", 20_000)
		must(t, err)
	}
	yesterday := code(t, b)
	must(t, spend(b, "s", 100))
	slip := code(t, b)

	image.Reboot(t, "boot-2")
	must(t, image.Till.Record(by, &ledger.SignIn{}))
	testify(t, image, ledger.SlipWitness, slip, clerk.WitnessLost)
	wantHolds(t, image, "after the slip of a day that is lost", 0, 20_000)
	testify(t, image, ledger.SlipWitness, yesterday, clerk.WitnessLost)
	wantHolds(t, image, "after an older slip", 0, 20_000)
	list := bodies(t, image)
	if d, ok := list[len(list)-1].(*ledger.Doubt); !ok || d.Witness != ledger.SlipWitness {
		t.Errorf("newest entry %+v, want one doubt", list[len(list)-1])
	}
}

func TestOlderSlipProvesNothing(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r", 100)
	must(t, err)
	slip := code(t, b)
	_, err = grant(b, "r2", 100)
	must(t, err)
	b.Reboot(t, "boot-2")
	testify(t, b, ledger.SlipWitness, slip, clerk.WitnessOlder)
	wantHolds(t, b, "after an older slip", 0, 200)
	kinds := kinds(t, b)
	if last := kinds[len(kinds)-1]; last != ledger.KindOpen {
		t.Errorf("newest entry of kind %d, want the opening: an older slip is no trouble", last)
	}
}

// A witness that names what cannot be of this journal is written down, once,
// though nothing waits for one: the journal is not what this terminal told.
func TestWitnessOfWhatCannotBeIsDoubted(t *testing.T) {
	for name, edit := range map[string]func(*ledger.Head){
		"a-number-beyond-the-end":   func(h *ledger.Head) { h.Seq += 5 },
		"the-number-of-nothing":     func(h *ledger.Head) { h.Seq = 0 },
		"the-number-of-other-bytes": func(h *ledger.Head) { h.Hash[3]++ },
		"an-older-of-other-bytes":   func(h *ledger.Head) { h.Seq-- },
		"a-life-that-never-was":     func(h *ledger.Head) { h.Incarnation++ },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			_, err := grant(b, "r", 100)
			must(t, err)
			_, err = grant(b, "r2", 100)
			must(t, err)
			head := *b.Left
			edit(&head)
			for range 2 {
				if v, err := b.Till.Witness(by, clerk.Named{Witness: ledger.TillWitness, Head: head}); err != nil || v != clerk.WitnessLost {
					t.Errorf("Witness(%s) = %q, %v; want %q", head, v, err, clerk.WitnessLost)
				}
			}
			var doubts []*ledger.Doubt
			for _, body := range bodies(t, b) {
				if d, ok := body.(*ledger.Doubt); ok {
					doubts = append(doubts, d)
				}
			}
			if len(doubts) != 1 || doubts[0].Named != head || doubts[0].Witness != ledger.TillWitness {
				t.Errorf("doubts %+v, want one of %s", doubts, head)
			}
		})
	}
}

// An entry that was sealed, and that only its archive has, is told from a forged one.
func TestWitnessOfASealedEntryIsToldFromAForgedOne(t *testing.T) {
	b := newBench(t)
	for n := range 3 {
		_, err := grant(b, fmt.Sprint("r", n), 100)
		must(t, err)
	}
	named := *b.Left
	_, err := grant(b, "r3", 100)
	must(t, err)
	b.Reboot(t, "boot-2")
	_, err = grant(b, "r4", 100)
	must(t, err)
	if n, err := b.Journal.(*boltstore.Store).Seal(*b.Left); n == 0 || err != nil {
		t.Fatalf("Seal() = %d, %v; want the first boot's entries sealed", n, err)
	}
	for n := range 17 { // and dropped at the pace of appends
		_, err := grant(b, fmt.Sprint("d", n), 1)
		must(t, err)
	}
	for n, want := range []clerk.Verdict{clerk.WitnessOlder, clerk.WitnessLost} {
		head := named
		head.Hash[0] += byte(n)
		if v, err := b.Till.Witness(by, clerk.Named{Witness: ledger.TillWitness, Head: head}); err != nil || v != want {
			t.Errorf("Witness(%s) = %q, %v; want %q", head, v, err, want)
		}
	}
}

func TestForeignCodeIsNoWitness(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r", 100)
	must(t, err)
	text := code(t, b)
	b.Reboot(t, "boot-2")
	for name, bad := range map[string]string{"other-text": "JF1.R.ABC", "nothing": "", "one-letter-off": text[:len(text)-1] + "%", "another-kind": "JF1.V." + text[6:]} {
		if v, _, err := b.Till.Testify(by, ledger.SlipWitness, bad); !errors.Is(err, clerk.ErrForeign) {
			t.Errorf("Testify(%s) = %q, %v; want ErrForeign", name, v, err)
		}
	}
	must(t, b.Till.Record(by, &ledger.SignIn{}))
	wantHolds(t, b, "after foreign codes", 0, 100)
}

// TestHeadFileProvesTheParentAtTheOpening, or disproves it.
func TestHeadFileProvesTheParentAtTheOpening(t *testing.T) {
	for name, c := range map[string]struct {
		board  string
		edit   func(*ledger.Head)
		usable lot.Amount
		doubt  bool
	}{
		"names-it":          {"", func(*ledger.Head) {}, 100, false},
		"names-a-lost-one":  {"", func(h *ledger.Head) { h.Seq += 5 }, 0, true},
		"names-other-bytes": {"", func(h *ledger.Head) { h.Hash[1]++ }, 0, true},
		"names-nothing":     {"", func(h *ledger.Head) { *h = ledger.Head{} }, 0, false},
		"another-board":     {"board-2", func(*ledger.Head) {}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			_, err := grant(b, "r", 100)
			must(t, err)
			head, err := b.Till.OpenHead(code(t, b))
			must(t, err)
			c.edit(&head.Head)
			b.Board, b.Named = c.board, []clerk.Named{{Witness: ledger.FileWitness, Head: head.Head}}
			b.Reboot(t, "boot-2")
			must(t, b.Till.Record(by, &ledger.SignIn{}))
			wantHolds(t, b, name, c.usable, 100-c.usable)
			list := kinds(t, b)
			if got := list[len(list)-2] == ledger.KindDoubt; got != c.doubt {
				t.Errorf("kinds %v, want a doubt %v", list, c.doubt)
			}
		})
	}
}

// TestOneWitnessThatKnowsOfMoreBeatsAll: the slip is as old as the disk.
func TestOneWitnessThatKnowsOfMoreBeatsAll(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r", 100)
	must(t, err)
	slip := code(t, b)
	b.Named = []clerk.Named{{Witness: ledger.FileWitness, Head: ledger.Head{Incarnation: 99, Seq: 7}}}
	b.Reboot(t, "boot-2")
	testify(t, b, ledger.SlipWitness, slip, clerk.WitnessLost)
	wantHolds(t, b, "after both", 0, 100)
}

// TestSlipOfAnotherBoardIsRefusedWithItsReason is a disk moved to another board.
func TestSlipOfAnotherBoardIsRefusedWithItsReason(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r", 100)
	must(t, err)
	slip := code(t, b)
	b.Board = "board-2"
	b.Reboot(t, "boot-2")
	testify(t, b, ledger.SlipWitness, slip, clerk.WitnessBoard)
	wantHolds(t, b, "on another board", 0, 100)
}

// TestTillThatCallsIsToldEveryMove, and only of what is on the disk.
func TestTillThatCallsIsToldEveryMove(t *testing.T) {
	b := newBench(t)
	if text := code(t, b); text != "" {
		t.Errorf("code %q before anything moved, want none", text)
	}
	_, err := grant(b, "r", 100)
	must(t, err)
	first := code(t, b)
	must(t, b.Till.Record(by, &ledger.SignIn{}))
	if text := code(t, b); text != first {
		t.Error("another code although nothing moved")
	}
	must(t, spend(b, "s", 10))
	second := code(t, b)
	b.Reboot(t, "boot-2")
	testify(t, b, ledger.TillWitness, first, clerk.WitnessOlder)
	testify(t, b, ledger.TillWitness, second, clerk.WitnessFreed)
	wantHolds(t, b, "after the till told", 90, 0)
	if text := code(t, b); text == "" {
		t.Error("no code after a boot, want the one of what was carried")
	}
}

// TestUnprovenBootTrustsALittle: points of ¥50 a member, as the programme says
// where it says nothing; HQ's standing order adds to it.
func TestUnprovenBootTrustsALittle(t *testing.T) {
	b := newBench(t)
	_, err := grant(b, "r", 20_000)
	must(t, err)
	b.Reboot(t, "boot-2")
	must(t, spend(b, "s1", 4_000))
	must(t, spend(b, "s2", 1_000))
	if err := spend(b, "s3", 1); !errors.Is(err, clerk.ErrDeclined) {
		t.Errorf("beyond ¥50: %v, want a decline", err)
	}
	wantHolds(t, b, "after ¥50", 0, 15_000)
	b.Hear(t, ledger.Down{Release: &ledger.Release{Standing: []ledger.Bound{{Asset: points, Member: 6_000, Terminal: 6_000}}}})
	must(t, b.Till.Record(by, &ledger.SignIn{}))
	if err := spend(b, "s4", 1); !errors.Is(err, clerk.ErrDeclined) {
		t.Errorf("a standing order for the boots to come: %v, want a decline", err)
	}
	b.Reboot(t, "boot-3")
	must(t, spend(b, "s5", 6_000))
	if err := spend(b, "s6", 1); !errors.Is(err, clerk.ErrDeclined) {
		t.Errorf("beyond the standing order: %v, want a decline", err)
	}
	var exposed lot.Amount
	must(t, b.Journal.View(func(tx journal.Tx) error {
		state, err := b.Till.State(tx)
		if err != nil {
			return err
		}
		exposed, err = state.Exposure(points)
		return err
	}))
	if exposed != 11_000 {
		t.Errorf("exposed %d, want 11,000", exposed)
	}
}

func TestPersonAtHQFreesWhatWaits(t *testing.T) {
	b := newBench(t)
	done, err := grant(b, "r", 100)
	must(t, err)
	b.Reboot(t, "boot-2")
	b.Hear(t, ledger.Down{Release: &ledger.Release{Incarnation: done.Head.Incarnation}})
	must(t, b.Till.Record(by, &ledger.SignIn{}))
	wantHolds(t, b, "after the release", 100, 0)
}
