package till_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// next is the paper that the printer gets next, as text.
func next(t *testing.T, b *tilltest.Bench) (printjob.Paper, string) {
	t.Helper()
	p, ok, err := b.Till.NextJob()
	if err != nil || !ok {
		t.Fatalf("NextJob = %v, %v; want a paper", ok, err)
	}
	return p, receipt.PlainText(p.Marked(), 48)
}

func says(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the paper does not say %q:\n%s", w, text)
		}
	}
}

// TestPaperSaysHowThingsStoodAtTheSale prints two receipts after both sales:
// each says what was usable after its own, and when it was.
func TestPaperSaysHowThingsStoodAtTheSale(t *testing.T) {
	b := newBench(t)
	for range 2 {
		scan(t, b, wang, rice) // 49 points
		pay(t, b)
		b.Clock.Advance(600e9)
	}
	for n, when := range []string{"2026-11-22 10:00:00", "2026-11-22 10:10:00"} {
		_, text := next(t, b)
		says(t, text, fmt.Sprintf("消费积分 %d 分，2027-11-30 到期", 49*(n+1)), "时间 "+when, "截至 "+when)
	}
}

// TestReprintSaysWhatTheFirstPaperSaid changes the goods' names and the rules
// between the first print and the second, and sells more.
func TestReprintSaysWhatTheFirstPaperSaid(t *testing.T) {
	b := newBench(t)
	scan(t, b, wang, rice)
	pay(t, b)
	first, text := next(t, b)
	says(t, text, "东北长粒香米")
	if err := b.Till.EndJob(first.ID, printjob.Printed, ""); err != nil {
		t.Fatalf("EndJob: %v", err)
	}
	sell(t, b, rice)
	b.UseProducts(t, bytes.ReplaceAll(demo.Products, []byte("东北长粒香米"), []byte("泰国香米五号")))
	b.UseRules(t, bytes.ReplaceAll(demo.Programme, []byte("消费积分"), []byte("新积分")))
	if _, other := next(t, b); !strings.Contains(other, "泰国香米五号") { // the other sale's: printed now for the first time
		t.Errorf("a paper that is made now does not say what the goods are called now:\n%s", other)
	}
	if err := b.Till.Reprint(by, first.ID); err != nil {
		t.Fatalf("Reprint: %v", err)
	}
	again, _ := next(t, b)
	if again.ID != first.ID {
		t.Fatalf("NextJob = %d, want %d again", again.ID, first.ID)
	}
	if got := receipt.PlainText(again.Document, 48); got != text {
		t.Errorf("the reprint says\n%s\nwant what the first paper said:\n%s", got, text)
	}
	says(t, receipt.PlainText(again.Marked(), 48), "补打 第1次")
}

// TestReceiptGoesByTheRulesOfItsSale prints after the programme has changed.
func TestReceiptGoesByTheRulesOfItsSale(t *testing.T) {
	b := newBench(t)
	sell(t, b, rice)
	b.UseRules(t, bytes.ReplaceAll(demo.Programme, []byte("消费积分"), []byte("新积分")))
	_, text := next(t, b)
	says(t, text, "消费积分")
}

// TestPaperThatCannotBeMadeKeepsNoneWaiting has an intent for an entry without
// a paper, as a fault in the code would leave it.
func TestPaperThatCannotBeMadeKeepsNoneWaiting(t *testing.T) {
	b := newBench(t)
	sell(t, b, rice)
	if err := b.Till.SignOut(by); err != nil { // an entry without a paper
		t.Fatalf("SignOut: %v", err)
	}
	must(t, b.Journal.Update(func(tx journal.Tx) error {
		jobs, err := printjob.Newest(tx, 1)
		if err != nil {
			return err
		}
		j := jobs[0]
		j.Entry.Seq++
		if err := printjob.Put(tx, j); err != nil {
			return err
		}
		j.Entry.Seq, j.ID = j.Entry.Seq-1, j.ID+1
		return printjob.Put(tx, j)
	}))
	b.Restart(t)
	good, text := next(t, b)
	says(t, text, "东北长粒香米")
	if good.Kind != slip.Receipt || good.State != printjob.Sending {
		t.Errorf("the next paper is %d, %s; want the receipt, being sent", good.Kind, good.State)
	}
	must(t, b.Journal.View(func(tx journal.Tx) error {
		jobs, err := printjob.Newest(tx, 2)
		if err == nil && (jobs[1].State != printjob.Failed || jobs[1].Reason != "document") {
			t.Errorf("the other one is %s %q, want failed", jobs[1].State, jobs[1].Reason)
		}
		return err
	}))
}

// doubtful is a journal whose newest transaction may be gone.
type doubtful struct{ journal.Journal }

func (doubtful) Doubtful() bool { return true }

// TestPaperThatMayHaveBeenSentIsAskedFor: the step before a paper was sent has no
// entry, so a damaged page of the ledger may have taken it. Then it is not
// printed again by itself; the others are.
func TestPaperThatMayHaveBeenSentIsAskedFor(t *testing.T) {
	b := newBench(t)
	for range 2 {
		scan(t, b, wang, rice)
		pay(t, b)
	}
	b.Journal = doubtful{b.Journal}
	b.Restart(t)
	p, _ := next(t, b)
	if p.ID != 2 {
		t.Errorf("paper %d is printed by itself, want the second", p.ID)
	}
	jobs, err := b.Till.Jobs()
	must(t, err)
	if first := jobs[len(jobs)-1]; first.ID != 1 || first.State != printjob.Unknown {
		t.Errorf("the first paper is %d, %s; want that somebody is asked", first.ID, first.State)
	}
}
