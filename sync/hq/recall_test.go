package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

var byRecall = hq.By{Actor: "zhou", Reason: "recall"}

// recalls counts what HQ has asked a terminal for in all.
func (b *bench) recalls(id ledger.TerminalID) (n int) {
	b.Helper()
	raws, err := b.Down(id, 0)
	b.ok("Down", err)
	for _, raw := range raws {
		d, err := ledger.OpenDown(raw, nil)
		b.ok("OpenDown", err)
		if d.Recall != nil {
			n++
		}
	}
	return n
}

func TestRecalledHoldingsComeBackOnce(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	first, second := one.sell(30), one.sell(20)
	one.sync()
	two.sell(5)
	two.sync()
	b.ok("RecallMember", b.RecallMember(wang, points, byRecall))
	b.ok("RecallMember", b.RecallMember(wang, points, byRecall))
	b.ok("Recall", b.Recall(1, wang, []lot.Draw{{Lot: first, Amount: 30}}, byRecall))
	if one, two := b.recalls(1), b.recalls(2); one != 1 || two != 1 {
		t.Errorf("%d and %d recalls, want one each, however often it is asked for", one, two)
	}
	// An open basket holds the second lot; some of the first was spent meanwhile.
	one.spend(first, 12)
	one.hear()
	recall := one.state.Recalls()[0]
	one.do(&ledger.NoteGiven{Member: wang, Draws: []lot.Draw{{Lot: first, Amount: 18}}, Recall: recall.Seq})
	one.sync()
	b.sums("answered", hq.TotalView{Issued: 55, HQ: 18, Terminals: 25, Spent: 12})
	two.answers()
	b.sums("both answered", hq.TotalView{Issued: 55, HQ: 23, Terminals: 20, Spent: 12})
	// What it kept may be asked for anew.
	b.ok("Recall", b.Recall(1, wang, []lot.Draw{{Lot: second, Amount: 20}}, byRecall))
	one.answers()
	b.sums("answered again", hq.TotalView{Issued: 55, HQ: 43, Spent: 12})
	b.ok("RecallMember", b.RecallMember(wang, points, byRecall))
	if one, two := b.recalls(1), b.recalls(2); one != 2 || two != 1 {
		t.Errorf("%d and %d recalls when HQ has it all, want no more", one, two)
	}
}

// TestTwoHoldersThatKeepWhatTheyHaveAreNotAskedByTurns: two records of one person
// have a home each, at two tills that give neither up.
func TestTwoHoldersThatKeepWhatTheyHaveAreNotAskedByTurns(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	for n, who := range []member.ID{wang, zhao} {
		one.do(checkIn(who, "earlier"))
		one.sync()
		at := b.terminals[n]
		at.askFor(lot.AskID(70+n), who, lot.Home, 1)
		at.hear()
		at.do(&ledger.Mark{}) // the note has come
		at.sync()
	}
	_, err := b.Merge(wang, zhao, byZhou)
	b.ok("Merge", err)
	one.do(checkIn(wang, "spring"))
	one.sync()
	for range 4 {
		for _, t := range []*terminal{one, two} {
			t.hear()
			for _, r := range t.state.Recalls() {
				t.do(&ledger.NoteGiven{Member: r.Member, Recall: r.Seq})
			}
			t.sync()
		}
	}
	if first, second := b.recalls(1), b.recalls(2); first != 1 || second != 1 {
		t.Errorf("%d and %d recalls, want each till asked once", first, second)
	}
}

// TestEmptyAnswerIsNotAskedAgainAtOnce: a basket holds what is wanted, and the
// two would ask and answer without end.
func TestEmptyAnswerIsNotAskedAgainAtOnce(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	one.do(checkIn(wang, "earlier"))
	one.sync()
	one.home()
	two.do(checkIn(wang, "spring"))
	two.sync()
	if n := b.recalls(1); n != 0 {
		t.Errorf("%d recalls of what is on its way, want none", n)
	}
	one.do(&ledger.Mark{}) // the note has come
	one.sync()
	one.hear()
	one.do(&ledger.NoteGiven{Member: wang, Recall: one.state.Recalls()[0].Seq})
	one.sync()
	if n := b.recalls(1); n != 1 {
		t.Errorf("%d recalls after an empty answer, want the one", n)
	}
	one.do(&ledger.Sale{Member: wang})
	one.sync()
	if n := b.recalls(1); n != 2 {
		t.Errorf("%d recalls when the member is heard of again, want another", n)
	}
}
