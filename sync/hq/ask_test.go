package hq_test

import (
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// TestAskTwiceOverARestartIsAnsweredOnce: that it was answered stands in the
// book, not in HQ's memory.
func TestAskTwiceOverARestartIsAnsweredOnce(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.sync()
	for range 2 {
		if !one.ask(1, 60).Given {
			t.Error("Ask() = not given, want given")
		}
		b.restart()
	}
	if got := b.total(); got.Flight != 60 || got.HQ != 140 {
		t.Errorf("accounts %+v, want 60 on their way and 140 at HQ", got)
	}
	one.hear()
	one.ask(2, 30)
	if got := b.total(); got.Flight+got.Terminals != 90 {
		t.Errorf("accounts %+v after another ask, want 90 given", got)
	}
}

// A line may bring an old question again, however many came after it: it was answered,
// and moves nothing. One that others overtook is answered all the same.
func TestAskThatComesAgainMuchLaterMovesNothing(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.sync()
	for n := range 100 {
		one.ask(lot.AskID(1000-n), 1)
	}
	one.hear()
	again := one.ask(1000, 1)
	if got := b.total(); !again.Given || got.HQ != 100 {
		t.Errorf("accounts %+v after the first of 100 questions came again (given %v), want 100 at HQ", got, again.Given)
	}
	overtaken := one.ask(1, 1)
	if got := b.total(); !overtaken.Given || got.HQ != 99 {
		t.Errorf("accounts %+v after a question that 100 overtook (given %v), want 99 at HQ", got, overtaken.Given)
	}
}

// A book of an earlier build has a list of the last questions that were answered.
func TestAskThatAnEarlierBuildAnsweredMovesNothing(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.sync()
	b.ok("Update", b.book.Update(func(tx book.Tx) error {
		return tx.PutMeta("asked-t1", one.state.Head().Incarnation.String()+"/7")
	}))
	one.ask(7, 60)
	if got := b.total(); got.HQ != 200 {
		t.Errorf("accounts %+v after a question that was answered, want all at HQ", got)
	}
}

// TestWhatIsHereOrOnItsWayHereIsNotElsewhere: a terminal is told what it could get
// beside what it has, or will have once it has read its notes.
func TestWhatIsHereOrOnItsWayHereIsNotElsewhere(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one, two := b.terminals[0], b.terminals[1]
	two.ask(1, 30)
	told := func(when string, id lot.AskID, amount, atHQ, elsewhere lot.Amount) {
		t.Helper()
		answer := one.ask(id, amount)
		if left := answer.Left[0]; !answer.Given || left.HQ != atHQ || left.Elsewhere != elsewhere {
			t.Errorf("%s: given %v, %d at HQ and %d elsewhere, want %d and %d", when, answer.Given, left.HQ, left.Elsewhere, atHQ, elsewhere)
		}
	}
	told("with some on their way to another one", 1, 50, 120, 30)
	takesIn := func(who *terminal) {
		who.hear()
		who.do(&ledger.Mark{})
		who.sync()
	}
	takesIn(two)
	told("with some on their way here", 2, 20, 100, 30)
	takesIn(one)
	told("with some here", 3, 10, 90, 30)
	told("with some here and some on their way", 4, 10, 80, 30)
}

// TestAskAnsweredBeforeARestoreIsNotAnsweredAgain: the question may come a second
// time, hours late, and HQ has its note back from the log or from the terminal.
func TestAskAnsweredBeforeARestoreIsNotAnsweredAgain(t *testing.T) {
	for _, withLog := range []bool{true, false} {
		b := newBench(t)
		if withLog {
			b, _ = logged(t)
		}
		b.give(wang, 200)
		one := b.terminals[0]
		one.syncAll()
		old := b.backup()
		one.ask(7, 60)
		one.hear()
		b.restored = !withLog
		b.restore(old)
		b.restored = false
		for _, t := range b.terminals {
			t.hello()
			t.hear()
		}
		if !one.ask(7, 60).Given {
			t.Errorf("with log %v: Ask() again = not given, want given as before", withLog)
		}
		one.hear()
		if got := b.total(); got.Flight+got.Terminals != 60 {
			t.Errorf("with log %v: accounts %+v, want 60 given in all", withLog, got)
		}
	}
}

// TestMergeThatWasDecidedOtherwiseSinceIsForAPerson: HQ has forgotten a merge, and
// one that does not go with it was made since. What was decided last counts.
func TestMergeThatWasDecidedOtherwiseSinceIsForAPerson(t *testing.T) {
	const li = wang + 100
	b := newBench(t)
	b.give(wang, 200)
	b.give(zhao, 100)
	one := b.terminals[0]
	one.ask(1, 10)
	one.hear()
	old := b.backup()
	by := hq.By{Actor: "1", Reason: "one person"}
	_, err := b.Merge(wang, zhao, by)
	b.ok("Merge", err)
	one.hear() // it knows
	b.goesBack(old)
	b.give(li, 5)
	_, err = b.Merge(zhao, li, by)
	b.ok("Merge", err)
	b.settled()
	if got := b.alarms(); !slices.Contains(got, "alarm-merge-twice") {
		t.Errorf("alarms %v, want alarm-merge-twice", got)
	}
	for _, id := range []member.ID{wang, zhao} {
		about, err := one.state.About(id)
		b.ok("About", err)
		ruling, err := b.Ruling(id)
		b.ok("Ruling", err)
		if about.Member == wang && id == zhao || ruling.Member == wang && id == zhao {
			t.Errorf("%s is %s at the till and %s at HQ, want what was decided last", id, about.Member, ruling.Member)
		}
	}
}
