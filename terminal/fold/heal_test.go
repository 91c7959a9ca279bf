package fold_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// TestWhatADiskForgotIsFoldedBeforeWhatItWroteSince: a slip that was older than
// what was lost made the till believe that it may spend.
func TestWhatADiskForgotIsFoldedBeforeWhatItWroteSince(t *testing.T) {
	b := opened(t)
	id := b.award(wang, points, 10)
	went, moved := b.state.Head(), b.state.Moved()
	b.down(note(1, first, 0, 5)) // heard after the copy was made
	says(t, "Sale that the disk forgot", b.add(spend(wang, draw(id, 4))), "", 0)

	effects, err := b.tryMarked(second, 0, &ledger.Open{Parent: went, Witness: ledger.SlipWitness, Named: moved})
	if err != nil {
		t.Fatalf("Apply(Open of an earlier parent) = %v, want nil", err)
	}
	says(t, "Open", effects, "opening proven by a witness that proves nothing", 0)
	want(t, "Behind", ledger.Incarnation(second), b.state.Behind())
	effects, err = b.tryMarked(second, 0, spend(wang, draw(id, 8)))
	if err != nil {
		t.Fatalf("Apply(Sale with a mark behind) = %v, want nil", err)
	}
	says(t, "Sale of what had been spent", effects, "", 2)
	want(t, "Exposed", draw(id, 6), effects.Exposed)
	says(t, "Healed of another", b.add(&ledger.Healed{Child: 77}), "", 0)
	want(t, "Behind", ledger.Incarnation(second), b.state.Behind())
	b.add(&ledger.Healed{Child: second})
	want(t, "Behind once it is healed", ledger.Incarnation(0), b.state.Behind())
	if _, err := b.tryMarked(second, 0, &ledger.Mark{}); err == nil {
		t.Error("an entry with a mark behind was taken in after all was healed")
	}
}

// TestAnEndThatMovedNothingLeavesTheProofGood: what the disk forgot comes back before
// the opening, and nothing of it moved a right. The witness named what it should.
func TestAnEndThatMovedNothingLeavesTheProofGood(t *testing.T) {
	for _, c := range []struct {
		name  string
		proof ledger.Witness // of the opening; NoWitness where the slip comes later
	}{{"file", ledger.FileWitness}, {"slip-later", ledger.NoWitness}} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			id := b.award(wang, points, 10)
			went, moved := b.state.Head(), b.state.Moved()
			b.add(&ledger.Mark{}) // which the disk forgot
			open := &ledger.Open{Parent: went, Witness: c.proof}
			if c.proof.Names() {
				open.Named = moved
			}
			effects, err := b.tryMarked(second, b.state.Mark(), open)
			if err != nil {
				t.Fatalf("Apply(Open of an earlier parent) = %v, want nil", err)
			}
			says(t, "Open", effects, "", 0)
			if !c.proof.Names() {
				says(t, "Carry", b.add(&ledger.Carry{Parent: went, Witness: ledger.SlipWitness, Named: moved}), "", 0)
			}
			want(t, "Usable", held{id: 10}, b.usable(wang))
			says(t, "Sale", b.add(spend(wang, draw(id, 8))), "", 0)
		})
	}
}

// tryMarked applies an entry that says how far HQ's journal was when it was
// written.
func (b *bench) tryMarked(i ledger.Incarnation, mark ledger.DownSeq, body ledger.Body) (fold.Effects, error) {
	b.t.Helper()
	raw, err := ledger.Encode(ledger.Entry{Mark: mark, Programme: version, Actor: "c1", Lane: 3, Wall: 99, Body: body})
	if err != nil {
		b.t.Fatalf("Encode(%T) = %v, want nil", body, err)
	}
	return b.tryRaw(i, raw)
}
