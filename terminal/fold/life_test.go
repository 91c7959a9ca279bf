package fold_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const wrongCarry = "rights carried without a parent that waits or a witness"

// unproven are the heads of three incarnations, none proven by the next; each
// earned wang ten points.
func unproven(t *testing.T) (b *bench, heads []ledger.Head, lots []lot.ID) {
	b = newBench(t)
	for n := range ledger.Incarnation(4) {
		b.open(n+1, ledger.NoWitness)
		if n < 3 {
			lots = append(lots, b.award(wang, points, 10))
			b.add(&ledger.Mark{})
			heads = append(heads, b.state.Head())
		}
	}
	return b, heads, lots
}

func TestCarryFreesTheParentItNames(t *testing.T) {
	b, heads, lots := unproven(t)
	want(t, "Unproven", heads, b.state.Unproven())
	effects := b.add(&ledger.Carry{Parent: heads[1], Witness: ledger.FileWitness})
	says(t, "Carry", effects, "", 0)
	nothing(t, "Carry", effects)
	want(t, "Unproven", []ledger.Head{heads[0], heads[2]}, b.state.Unproven())
	want(t, "Usable", held{lots[1]: 10}, b.usable(wang))
	want(t, "Frozen", held{lots[0]: 10, lots[2]: 10}, b.frozen(wang))
	says(t, "Sale of what was freed", b.add(spend(wang, draw(lots[1], 10))), "", 0)
	says(t, "Carry again", b.add(&ledger.Carry{Parent: heads[1], Witness: ledger.FileWitness}), wrongCarry, 0)
	says(t, "Carry of another", b.add(&ledger.Carry{Parent: heads[0], Witness: ledger.HQWitness}), "", 0)
	want(t, "Usable", held{lots[0]: 10}, b.usable(wang))
	// What was freed stays so after a proven boot, and waits again after another.
	b.open(5, ledger.BootWitness)
	want(t, "Usable after a proven boot", held{lots[0]: 10}, b.usable(wang))
	last := b.state.Head()
	b.open(6, ledger.NoWitness)
	want(t, "Usable after an unproven boot", held{}, b.usable(wang))
	says(t, "Carry of all that one had", b.add(&ledger.Carry{Parent: last, Witness: ledger.TillWitness}), "", 0)
	want(t, "Usable after that", held{lots[0]: 10}, b.usable(wang))
	want(t, "Frozen after that", held{lots[2]: 10}, b.frozen(wang))
}

func TestCarryWithoutItsRightFreesNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		carry func(b *bench, heads []ledger.Head) *ledger.Carry
	}{
		{"no-witness", func(_ *bench, heads []ledger.Head) *ledger.Carry { return &ledger.Carry{Parent: heads[1]} }},
		{"no-parent", func(*bench, []ledger.Head) *ledger.Carry { return &ledger.Carry{Witness: ledger.FileWitness} }},
		{"itself", func(b *bench, _ []ledger.Head) *ledger.Carry {
			return &ledger.Carry{Parent: b.state.Head(), Witness: ledger.FileWitness}
		}},
		{"an-earlier-entry-of-the-parent", func(_ *bench, heads []ledger.Head) *ledger.Carry {
			heads[1].Seq--
			return &ledger.Carry{Parent: heads[1], Witness: ledger.FileWitness}
		}},
		{"other-bytes-of-the-parent", func(_ *bench, heads []ledger.Head) *ledger.Carry {
			heads[1].Hash[0]++
			return &ledger.Carry{Parent: heads[1], Witness: ledger.FileWitness}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, heads, _ := unproven(t)
			waiting := b.state.Unproven()
			says(t, "Carry", b.add(c.carry(b, heads)), wrongCarry, 0)
			want(t, "Usable", held{}, b.usable(wang))
			want(t, "Unproven", waiting, b.state.Unproven())
		})
	}
}

// TestFrozenWaits: vouchers and rights of return wait with the rest, and are
// there again with it.
func TestFrozenWaits(t *testing.T) {
	b, old, of := sold(t)
	voucher := lot.ID{Origin: b.add(redeem(draw(old, 10))).Origin}
	parent := b.state.Head()
	b.open(second, ledger.NoWitness)
	back := &ledger.Return{Of: of, Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}}
	says(t, "Return while it waits", b.add(back), wrongReturn, 0)
	if _, usable, ok, err := b.state.Sale(of); usable || !ok || err != nil {
		t.Errorf("Sale() held = %v, known = %v, %v, want false, true, nil", usable, ok, err)
	}
	b.add(&ledger.Carry{Parent: parent, Witness: ledger.SlipWitness})
	says(t, "Return afterwards", b.add(back), "", 0)
	says(t, "VoucherUse afterwards", b.add(&ledger.VoucherUse{Member: wang, Voucher: voucher, Benefit: "tea-set"}), "", 0)
	want(t, "Status", fold.VoucherUsed, b.status(voucher))
}

// TestNoteForACarriedParentGoesBack: once it is continued it is over.
func TestNoteForACarriedParentGoesBack(t *testing.T) {
	b, heads, _ := unproven(t)
	if effects := b.down(note(1, heads[1].Incarnation, 0, 5)); effects.Left == nil {
		t.Errorf("note for a parent that waits: %+v, want it left", effects)
	}
	b.add(&ledger.Carry{Parent: heads[1], Witness: ledger.FileWitness})
	if effects := b.down(note(2, heads[1].Incarnation, 0, 5)); effects.Refused == nil {
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
		&ledger.Consent{Member: wang, Withdrawn: true}, &ledger.StepUp{Action: ledger.KindWriteOff}, &ledger.AskGivenUp{Ask: 4}, &ledger.Enrol{Member: li},
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
