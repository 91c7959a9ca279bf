package hq_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

var byZhou = hq.By{Actor: "zhou", Reason: "goodwill"}

// owes holds what a member owes and what is due against what is wanted.
func (b *bench) owes(when string, id member.ID, owed, due lot.Amount) {
	b.Helper()
	s, err := b.Ruling(id)
	b.ok("Ruling", err)
	got := [2]lot.Amount{}
	for _, o := range s.Owed {
		got[0], got[1] = got[0]+o.Owed, got[1]+o.Due
	}
	if got != [2]lot.Amount{owed, due} {
		b.Errorf("%s: %s owes %d and %d are due, want %d and %d", when, id, got[0], got[1], owed, due)
	}
}

// says holds what a terminal was told of a member against what is wanted.
func (t *terminal) says(when string, id member.ID, want ...ledger.Owed) {
	t.b.Helper()
	t.hear()
	a, err := t.state.About(id)
	t.b.ok("About", err)
	if diff := cmp.Diff(want, a.Ruling.Owed); diff != "" {
		t.b.Errorf("%s: %s knows of %s other debts (-want +got):\n%s", when, t.id, id, diff)
	}
}

// undo returns all of a sale of n points, of which the terminal has not got due.
func (t *terminal) undo(id lot.ID, n, due lot.Amount) {
	t.b.Helper()
	r := &ledger.Return{Of: id.Origin, Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}}
	if n > due {
		r.Claw = []lot.Draw{{Lot: id, Amount: n - due}}
	}
	if due > 0 {
		r.Due = []ledger.Due{{Amount: due}}
	}
	if e := t.do(r); e.Wrong != "" || e.Risk != 0 {
		t.b.Fatalf("return = %+v, want it right", e)
	}
}

func (t *terminal) giveBack(id lot.ID, n lot.Amount) {
	t.b.Helper()
	t.do(&ledger.NoteGiven{Member: wang, Draws: []lot.Draw{{Lot: id, Amount: n}}})
}

func TestDueComesFromWhatHQHoldsOfTheLot(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	id := one.sell(60)
	one.giveBack(id, 50)
	one.undo(id, 60, 50)
	one.sync()
	b.sums("returned", hq.TotalView{Issued: 60, Gone: 60})
	b.owes("returned", wang, 0, 0)
	one.says("returned", wang)
}

func TestDueStaysOpenWhileThePartIsElsewhere(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	b.give(wang, 1000)
	id := one.sell(60)
	one.giveBack(id, 60)
	one.sync()
	two.askOf(lot.AskID(1), id, 1060)
	two.sync() // the note is on its way
	one.undo(id, 60, 60)
	one.sync()
	b.owes("in a note on its way", wang, 0, 60)
	two.hear()
	two.sync()
	two.do(&ledger.Mark{})
	two.sync()
	b.owes("held by another terminal", wang, 0, 60)
	one.says("held by another terminal", wang, ledger.Owed{Asset: points, Due: 60})
	two.says("held by another terminal", wang, ledger.Owed{Asset: points, Due: 60})
	two.giveBack(id, 20)
	two.sync()
	b.owes("some came back", wang, 0, 40)
	two.spend(id, 15) // the rest of it can come back no more
	two.giveBack(lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}, 10)
	two.sync()
	b.owes("some was spent, and 10 of another lot came back", wang, 5, 25)
	two.giveBack(id, 25)
	two.sync()
	b.owes("the rest came back", wang, 5, 0)
	one.says("the rest came back", wang, ledger.Owed{Asset: points, Owed: 5})
}

// askOf asks for points and checks that the note has a lot whole.
func (t *terminal) askOf(ask lot.AskID, id lot.ID, n lot.Amount) {
	t.b.Helper()
	t.ask(ask, n)
	raws, err := t.b.Down(t.id, t.state.Mark())
	t.b.ok("Down", err)
	for _, raw := range raws {
		d, err := ledger.OpenDown(raw, nil)
		t.b.ok("OpenDown", err)
		if d.Note == nil {
			continue
		}
		for _, h := range d.Note.Holdings {
			if h.Lot.ID == id {
				return
			}
		}
	}
	t.b.Fatalf("no note has lot %s", id)
}

func TestDueComesFromOtherLotsSoonestExpiryFirstAndIsOwedLast(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	first, second := one.sell(30), one.sell(40)
	id := one.sell(100)
	one.giveBack(first, 30)
	one.giveBack(second, 40)
	one.spend(id, 100)
	one.undo(id, 100, 100)
	one.sync()
	b.sums("returned", hq.TotalView{Issued: 170, Spent: 100, Gone: 70})
	b.owes("returned", wang, 30, 0)
	one.says("returned", wang, ledger.Owed{Asset: points, Owed: 30})
}

// TestDueOfOneLotLeavesWhatIsDueOfAnother: each is taken from its own lot first.
func TestDueOfOneLotLeavesWhatIsDueOfAnother(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	first, second := one.sell(10), one.sell(20)
	one.spend(first, 10)
	one.giveBack(second, 20)
	one.sync()
	two.ask(1, 10)
	two.hear()
	one.undo(first, 10, 10)
	r := &ledger.Return{Of: second.Origin, Member: wang, Due: []ledger.Due{{Amount: 10}}}
	if e := one.do(r); e.Wrong != "" {
		t.Fatalf("return = %+v, want it right", e)
	}
	one.sync()
	b.owes("returned", wang, 10, 0)
}

// newest names the newest entry of a kind in HQ's journal.
func (b *bench) newest(kind string) (at lot.Origin) {
	b.Helper()
	b.ok("View", b.book.View(func(tx book.Tx) error {
		rows, err := tx.Office(0, 0, 1000)
		for _, r := range rows {
			if r.Kind == kind {
				at = lot.Origin{Incarnation: r.Epoch, Seq: r.Seq}
			}
		}
		return err
	}))
	return at
}

func TestOwedIsNettedFromHalfOfEachNewAward(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	id := one.sell(30)
	one.spend(id, 30)
	one.undo(id, 30, 30)
	one.sync()
	b.owes("returned", wang, 30, 0)
	award := one.sell(21)
	one.sync()
	b.owes("an award that stays at the terminal", wang, 30, 0)
	one.giveBack(award, 4)
	one.sync()
	b.owes("4 of 21 came", wang, 26, 0)
	one.giveBack(award, 17)
	one.sync()
	b.owes("all 21 came, of which 10 are half", wang, 20, 0)
	b.sums("all 21 came", hq.TotalView{Issued: 51, HQ: 11, Spent: 30, Gone: 10})
	// What HQ gives out and gets back is no new award.
	one.ask(1, 11)
	one.hear()
	one.giveBack(award, 11)
	one.sync()
	b.owes("given out and back", wang, 20, 0)
	// Goodwill is not taken; an opening is.
	b.ok("MakeGood", b.MakeGood(wang, []ledger.Issue{{Asset: points, Amount: 10}}, "outage-1", nil, byZhou))
	b.owes("goodwill", wang, 20, 0)
	one.ask(2, 21)
	one.hear()
	one.giveBack(lot.ID{Origin: b.newest("make-good")}, 10)
	one.giveBack(award, 11)
	one.sync()
	b.owes("goodwill given out and back", wang, 20, 0)
	// What a relative gives was earned before.
	theirs := one.do(&ledger.Grant{Member: zhao, Issues: []ledger.Issue{{Asset: points, Amount: 8}}}).Issued[0].ID
	passed := one.do(&ledger.Transfer{From: zhao, To: wang, Asset: points, Draws: []lot.Draw{{Lot: theirs, Amount: 8}}}).Issued[0].ID
	one.giveBack(passed, 8)
	one.sync()
	b.owes("a transfer came", wang, 20, 0)
	b.ok("OpenMember", b.OpenMember(roll.Person{ID: wang, Opening: []programme.Cost{{Asset: points, Amount: 100}}}))
	b.owes("opening", wang, 0, 0)
	b.sums("opening", hq.TotalView{Issued: 177, HQ: 109, Spent: 30, Gone: 38})
	one.says("opening", wang)
}

func TestOwedIsWrittenOffAfterHalfAYearOrByAPerson(t *testing.T) {
	for _, c := range []struct {
		name string
		days int
		do   func(b *bench) error
		owed lot.Amount
	}{
		{"a-day-too-early", 179, func(b *bench) error { return b.Nightly() }, 30},
		{"after-180-days", 180, func(b *bench) error { return b.Nightly() }, 0},
		{"by-a-person", 1, func(b *bench) error { return b.Forgive(wang, byZhou) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			one := b.terminals[0]
			id := one.sell(30)
			one.spend(id, 30)
			one.undo(id, 30, 30)
			one.sync()
			b.now = b.now.AddDate(0, 0, c.days)
			b.ok("write off", c.do(b))
			b.owes("in the end", wang, c.owed, 0)
		})
	}
}

// TestStandingIsToldOnce: nothing is said again that was said.
func TestStandingIsToldOnce(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	id := one.sell(30)
	one.spend(id, 30)
	one.undo(id, 30, 30)
	one.sync()
	one.sell(1)
	one.sync()
	if raws, err := b.Down(1, 0); err != nil || len(raws) != 1 {
		t.Errorf("Down(1) = %d entries, %v, want the one ruling", len(raws), err)
	}
	if raws, err := b.Down(2, 0); err != nil || len(raws) != 0 {
		t.Errorf("Down(2) = %d entries, %v, want none for who has nothing of the member", len(raws), err)
	}
	two.sell(1)
	two.sync()
	two.says("at first sight", wang, ledger.Owed{Asset: points, Owed: 30})
	b.ok("SetStanding", b.SetStanding(wang, "gold", true, byZhou))
	one.hear()
	a, err := one.state.About(wang)
	b.ok("About", err)
	if a.Ruling.Tier != "gold" || !a.Ruling.Blocked {
		t.Errorf("ruling %+v, want gold and blocked", a.Ruling)
	}
	b.ok("SetStanding", b.SetStanding(wang, "gold", true, byZhou))
	if raws, err := b.Down(1, one.state.Mark()); err != nil || len(raws) != 0 {
		t.Errorf("Down(1) = %d new entries, %v, want nothing said again", len(raws), err)
	}
	b.ok("MakeGood", b.MakeGood(wang, []ledger.Issue{{Asset: points, Amount: 10}}, "outage-1", nil, byZhou))
	if answer := one.ask(1, 10); answer.Given {
		t.Error("Ask() of a member who is blocked gives, want nothing")
	}
}
