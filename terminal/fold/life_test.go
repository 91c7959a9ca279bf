package fold_test

import (
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const wrongCarry = "rights carried without a parent that waits or a witness"

// unproven are three incarnations, none proven by the next; each earned wang
// ten points.
func unproven(t *testing.T) (b *bench, waiting []lineage.Waiting, lots []lot.ID) {
	b = newBench(t)
	for n := range ledger.Incarnation(4) {
		b.open(n+1, ledger.NoWitness)
		if n < 3 {
			lots = append(lots, b.award(wang, points, 10))
			moved := b.state.Moved()
			b.add(&ledger.Mark{})
			waiting = append(waiting, lineage.Waiting{Head: b.state.Head(), Moved: moved})
		}
	}
	return b, waiting, lots
}

// carries is the entry of a witness that names the right one.
func carries(w lineage.Waiting) *ledger.Carry {
	return &ledger.Carry{Parent: w.Head, Witness: ledger.FileWitness, Named: w.Moved}
}

func TestCarryFreesTheParentItNames(t *testing.T) {
	b, waiting, lots := unproven(t)
	want(t, "Waiting", waiting, b.state.Waiting())
	effects := b.add(carries(waiting[2]))
	says(t, "Carry", effects, "", 0)
	nothing(t, "Carry", effects)
	want(t, "Waiting", waiting[:2], b.state.Waiting())
	want(t, "Usable", held{lots[2]: 10}, b.usable(wang))
	want(t, "Frozen", held{lots[0]: 10, lots[1]: 10}, b.frozen(wang))
	says(t, "Sale of what was freed", b.add(spend(wang, draw(lots[2], 10))), "", 0)
	says(t, "Carry again", b.add(carries(waiting[2])), wrongCarry, 0)
	says(t, "Carry of the one before", b.add(carries(waiting[1])), "", 0)
	want(t, "Usable", held{lots[1]: 10}, b.usable(wang))
	// What was freed stays so after a proven boot, and waits again after another.
	b.open(5, ledger.BootWitness)
	want(t, "Usable after a proven boot", held{lots[1]: 10}, b.usable(wang))
	last := lineage.Waiting{Head: b.state.Head(), Moved: b.state.Moved()}
	b.open(6, ledger.NoWitness)
	want(t, "Usable after an unproven boot", held{}, b.usable(wang))
	says(t, "Carry of all that one had", b.add(carries(last)), "", 0)
	want(t, "Usable after that", held{lots[1]: 10}, b.usable(wang))
	want(t, "Frozen after that", held{lots[0]: 10}, b.frozen(wang))
}

func TestCarryWithoutItsRightFreesNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		carry func(b *bench, waiting []lineage.Waiting) *ledger.Carry
	}{
		{"no-witness", func(_ *bench, w []lineage.Waiting) *ledger.Carry {
			return &ledger.Carry{Parent: w[2].Head, Named: w[2].Moved}
		}},
		{"boot-of-another-time", func(_ *bench, w []lineage.Waiting) *ledger.Carry {
			return &ledger.Carry{Parent: w[2].Head, Named: w[2].Moved, Witness: ledger.BootWitness}
		}},
		{"a-person-without-a-release", func(_ *bench, w []lineage.Waiting) *ledger.Carry {
			return &ledger.Carry{Parent: w[2].Head, Named: w[2].Moved, Witness: ledger.HQWitness}
		}},
		{"no-parent", func(*bench, []lineage.Waiting) *ledger.Carry { return &ledger.Carry{Witness: ledger.FileWitness} }},
		{"itself", func(b *bench, _ []lineage.Waiting) *ledger.Carry {
			return &ledger.Carry{Parent: b.state.Head(), Witness: ledger.FileWitness, Named: b.state.Moved()}
		}},
		{"an-earlier-entry-of-the-parent", func(_ *bench, w []lineage.Waiting) *ledger.Carry {
			w[2].Head.Seq--
			return carries(w[2])
		}},
		{"other-bytes-of-the-parent", func(_ *bench, w []lineage.Waiting) *ledger.Carry {
			w[2].Head.Hash[0]++
			return carries(w[2])
		}},
		{"not-the-last-entry-that-moved-a-right", func(_ *bench, w []lineage.Waiting) *ledger.Carry {
			w[2].Moved = w[2].Head
			return carries(w[2])
		}},
		{"an-unproven-one-after-it-moved-rights", func(_ *bench, w []lineage.Waiting) *ledger.Carry { return carries(w[1]) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, waiting, _ := unproven(t)
			says(t, "Carry", b.add(c.carry(b, slices.Clone(waiting))), wrongCarry, 0)
			want(t, "Usable", held{}, b.usable(wang))
			want(t, "Waiting", waiting, b.state.Waiting())
		})
	}
}

// TestWitnessAtTheOpening: it must name the last entry that moved a right, and
// the board must be the same.
func TestWitnessAtTheOpening(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*ledger.Open)
		held bool
	}{
		{"names-it", func(*ledger.Open) {}, true},
		{"names-an-older-one", func(o *ledger.Open) { o.Named.Seq-- }, false},
		{"names-other-bytes", func(o *ledger.Open) { o.Named.Hash[3]++ }, false},
		{"names-nothing", func(o *ledger.Open) { o.Named = ledger.Head{} }, false},
		{"names-the-newest-entry", func(o *ledger.Open) { o.Named = o.Parent }, false},
		{"another-board", func(o *ledger.Open) { o.Board = "another" }, false},
		{"another-board-in-the-same-boot", func(o *ledger.Open) { o.Board, o.Witness = "another", ledger.BootWitness }, false},
		{"a-person", func(o *ledger.Open) { o.Witness = ledger.HQWitness }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			id := b.award(wang, points, 10)
			moved := b.state.Moved()
			b.add(&ledger.Stop{})
			open := &ledger.Open{Parent: b.state.Head(), Witness: ledger.SlipWitness, Named: moved}
			c.edit(open)
			effects, err := b.try(second, open)
			if err != nil {
				t.Fatalf("Apply(opening) = %v, want nil", err)
			}
			if c.held {
				says(t, "Open", effects, "", 0)
				want(t, "Usable", held{id: 10}, b.usable(wang))
				want(t, "Waiting", []lineage.Waiting(nil), b.state.Waiting())
				return
			}
			says(t, "Open", effects, "opening proven by a witness that proves nothing", 0)
			want(t, "Usable", held{}, b.usable(wang))
			want(t, "Frozen", held{id: 10}, b.frozen(wang))
		})
	}
}

// TestBootsThatMovedNothingAreFreedWithTheOneBefore: the slip of the last close
// is scanned on the third try.
func TestBootsThatMovedNothingAreFreedWithTheOneBefore(t *testing.T) {
	b := opened(t)
	id := b.award(wang, points, 10)
	slip := b.state.Moved()
	for n := range ledger.Incarnation(3) {
		b.open(second+n, ledger.NoWitness)
		b.add(&ledger.SignIn{})
	}
	waiting := b.state.Waiting()
	if len(waiting) != 2 || waiting[0].Moved != slip || waiting[1].Moved.Seq != 0 {
		t.Fatalf("Waiting() = %+v, want the one that moved rights and, together, those that did not", waiting)
	}
	says(t, "Carry", b.add(carries(waiting[0])), "", 0)
	want(t, "Waiting", []lineage.Waiting(nil), b.state.Waiting())
	want(t, "Usable", held{id: 10}, b.usable(wang))
	want(t, "Moved", slip, b.state.Moved())
	if effects := b.down(note(1, second, 0, 5)); effects.Refused == nil {
		t.Errorf("note for one that moved nothing: %+v, want it given back: it is over", effects)
	}
}

// TestOpeningOfTheDayMakesTheLastSlipWorthless: from then on rights may move.
func TestOpeningOfTheDayMakesTheLastSlipWorthless(t *testing.T) {
	b := opened(t)
	b.award(wang, points, 10)
	slip := b.state.Moved()
	b.add(&ledger.DayClose{Day: 0})
	want(t, "Moved after the close", slip, b.state.Moved())
	b.open(second, ledger.NoWitness)
	b.add(carries(b.state.Waiting()[0]))
	b.add(&ledger.DayOpen{Day: 20001})
	b.open(second+1, ledger.NoWitness)
	w := b.state.Waiting()[0]
	says(t, "Carry", b.add(&ledger.Carry{Parent: w.Head, Witness: ledger.SlipWitness, Named: slip}), wrongCarry, 0)
}

// TestDoubtEndsWhatWitnessesCanDo: one named an entry that is not here, so that
// its end is lost. What another names is of no use then; a person's word is.
func TestDoubtEndsWhatWitnessesCanDo(t *testing.T) {
	b, waiting, lots := unproven(t)
	b.add(&ledger.Doubt{Witness: ledger.FileWitness, Named: waiting[1].Moved})
	want(t, "Waiting after a doubt of what is here", waiting, b.state.Waiting())
	b.add(&ledger.Doubt{Witness: ledger.FileWitness, Named: ledger.Head{Incarnation: 3, Seq: 99}})
	for n := range waiting {
		waiting[n].Lost = true
	}
	want(t, "Waiting after a doubt", waiting, b.state.Waiting())
	says(t, "Carry", b.add(carries(waiting[2])), wrongCarry, 0)
	says(t, "Release", b.hq(ledger.Down{Release: &ledger.Release{Incarnation: 1}}), "", 0)
	want(t, "Waiting after a release", waiting[1:], b.state.Waiting())
	want(t, "Usable", held{lots[0]: 10}, b.usable(wang))
	says(t, "Release again", b.hq(ledger.Down{Release: &ledger.Release{Incarnation: 1}}), "", 0)
	says(t, "Release of what never was", b.hq(ledger.Down{Release: &ledger.Release{Incarnation: 77}}), "", 0)
	want(t, "Waiting after those", waiting[1:], b.state.Waiting())
}

// TestAPersonsWordFreesNoLimit: what they take upon themselves is worth so much. What
// says how much there may be in all, or how often, may be used up, and stays frozen also
// when the line that took it in waits itself; so does the right of a return.
func TestAPersonsWordFreesNoLimit(t *testing.T) {
	b, old, of := sold(t)
	n := note(77, first, 0, 5)
	pieces := lot.Lot{ID: lot.ID{Origin: n.ID, N: 1}, Asset: lot.StockAsset("tea-set"), Amount: 9}
	n.Holdings = append(n.Holdings, lot.Holding{Lot: pieces, Amount: 9})
	b.down(n)
	b.home(wang)
	b.open(second, ledger.NoWitness)
	has := b.frozen(wang)
	b.hq(ledger.Down{Release: &ledger.Release{Incarnation: first}})
	for _, when := range []string{"freed", "freed again"} {
		if b.usable(wang)[old] != 70 || len(b.frozen(wang)) != 1 || len(has) != 4 {
			t.Errorf("%s: usable %v, frozen %v of %v; want all but the home free", when, b.usable(wang), b.frozen(wang), has)
		}
		want(t, "usable of the programme, "+when, held{}, b.usable(0))
		want(t, "frozen of the programme, "+when, held{pieces.ID: 9}, b.frozen(0))
		b.open(b.state.Head().Incarnation+1, ledger.NoWitness)
		b.hq(ledger.Down{Release: &ledger.Release{Incarnation: second}})
	}
	says(t, "Return", b.add(&ledger.Return{Of: of, Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}}), wrongReturn, 0)
	says(t, "Sale of what was freed", b.add(spend(wang, draw(old, 70))), "", 0)
}

// TestFrozenWaits: vouchers and rights of return wait with the rest, and are
// there again with it.
func TestFrozenWaits(t *testing.T) {
	b, old, of := sold(t)
	voucher := lot.ID{Origin: b.add(redeem(draw(old, 10))).Origin}
	b.open(second, ledger.NoWitness)
	back := &ledger.Return{Of: of, Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}}
	says(t, "Return while it waits", b.add(back), wrongReturn, 0)
	if _, usable, ok, err := b.state.Sale(of); usable || !ok || err != nil {
		t.Errorf("Sale() held = %v, known = %v, %v, want false, true, nil", usable, ok, err)
	}
	b.add(carries(b.state.Waiting()[0]))
	says(t, "Return afterwards", b.add(back), "", 0)
	says(t, "VoucherUse afterwards", b.add(&ledger.VoucherUse{Member: wang, Voucher: voucher, Benefit: "tea-set"}), "", 0)
	want(t, "Status", fold.VoucherUsed, b.status(voucher))
}

// TestNoteForACarriedParentGoesBack: once it is continued it is over.
func TestNoteForACarriedParentGoesBack(t *testing.T) {
	b, waiting, _ := unproven(t)
	parent := waiting[2].Head.Incarnation
	if effects := b.down(note(1, parent, 0, 5)); effects.Left == nil {
		t.Errorf("note for a parent that waits: %+v, want it left", effects)
	}
	b.add(carries(waiting[2]))
	if effects := b.down(note(2, parent, 0, 5)); effects.Refused == nil {
		t.Errorf("note for a parent that was carried: %+v, want it given back", effects)
	}
}

func TestRecallIsOpenUntilANoteAnswersIt(t *testing.T) {
	b := opened(t)
	id := b.award(wang, points, 10)
	for _, n := range []lot.Amount{5, 6, 7} {
		effects := b.hq(ledger.Down{Recall: &ledger.Recall{Member: wang, Draws: draw(id, n)}})
		says(t, "Recall", effects, "", 0)
		nothing(t, "Recall", effects)
	}
	open := func() (out []ledger.DownSeq) {
		for _, r := range b.state.Recalls() {
			out = append(out, r.Seq)
		}
		return out
	}
	want(t, "Recalls", []ledger.DownSeq{1, 2, 3}, open())
	want(t, "Recalls", fold.Recall{Seq: 2, Recall: ledger.Recall{Member: wang, Draws: draw(id, 6)}}, b.state.Recalls()[1])
	want(t, "Usable", held{id: 10}, b.usable(wang))
	says(t, "NoteGiven in answer", b.add(&ledger.NoteGiven{Member: wang, Draws: draw(id, 4), Recall: 2}), "", 0)
	want(t, "Recalls", []ledger.DownSeq{1, 3}, open())
	says(t, "NoteGiven of nothing in answer", b.add(&ledger.NoteGiven{Member: wang, Recall: 1}), "", 0)
	says(t, "NoteGiven for no recall", b.add(&ledger.NoteGiven{Member: wang, Draws: draw(id, 1)}), "", 0)
	says(t, "NoteGiven for another", b.add(&ledger.NoteGiven{Member: wang, Recall: 9}), "", 0)
	want(t, "Recalls", []ledger.DownSeq{3}, open())
	// It outlives an incarnation: HQ still waits.
	b.open(second, ledger.NoWitness)
	want(t, "Recalls", []ledger.DownSeq{3}, open())
	want(t, "Usable", held{}, b.usable(wang))
}

// TestWhatMovesNothingChangesOnlyTheHead lists the kinds that only tell.
func TestWhatMovesNothingChangesOnlyTheHead(t *testing.T) {
	b, old, _ := sold(t)
	usable, totals, figures := b.usable(wang), b.totals(), b.figures()
	for _, body := range []ledger.Body{
		&ledger.Mark{}, &ledger.Decline{Code: "points-short", Member: wang, Asset: points, Want: 9}, &ledger.SignIn{}, &ledger.InForce{What: "programme"},
		&ledger.ClockStep{After: 9}, &ledger.Printed{Of: old.Origin}, &ledger.Reprint{Of: old.Origin}, &ledger.Outage{To: 9, Declined: 3},
		&ledger.Consent{Member: wang, Withdrawn: true}, &ledger.StepUp{Action: ledger.KindWriteOff}, &ledger.Locked{Person: "li", Wrong: 10}, &ledger.AskGivenUp{Ask: 4}, &ledger.Enrol{Member: li},
	} {
		effects := b.add(body)
		says(t, body.Kind().Word(), effects, "", 0)
		nothing(t, body.Kind().Word(), effects)
		if effects.Claims || effects.Parked || len(effects.Due) > 0 {
			t.Errorf("%T: %+v, want no effect", body, effects)
		}
	}
	want(t, "Usable", usable, b.usable(wang))
	want(t, "totals", totals, b.totals())
	want(t, "Figures", figures, b.figures())
}
