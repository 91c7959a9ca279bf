package till_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Facts about whose turn it is: other lanes, HQ, and the day's close.

func TestNothingIsSoldAfterTheClose(t *testing.T) {
	b := newBench(t)
	earn(t, b, 1)
	if _, err := b.Till.CloseDay(by, ref(), 4990); err != nil {
		t.Fatalf("CloseDay: %v", err)
	}
	scan(t, b, wang, rice)
	v := view(t, b)
	p := till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}}
	if _, err := b.Till.Pay(by, p); err == nil || refusal(t, err) != "day-is-closed" {
		t.Errorf("Pay after the close = %v, want day-is-closed", err)
	}
	if _, err := b.Till.OpenDay(by, ref(), 0); err != nil {
		t.Fatalf("OpenDay: %v", err)
	}
	if _, err := b.Till.Pay(by, p); err != nil {
		t.Errorf("Pay after the next opening = %v, want nil", err)
	}
}

func TestWhatOneLaneHoldsNoOtherCanUse(t *testing.T) {
	b := newBench(t)
	earn(t, b, 20) // 998 points
	scan(t, b, wang, rice)
	if err := b.Till.Deduct(by, pricing.DeductMax); err != nil {
		t.Fatalf("Deduct: %v", err)
	}
	held := view(t, b).Quote.Deduction.Points
	if held < 500 {
		t.Fatalf("the first lane holds %d points: the test shows nothing", held)
	}
	other := clerk.By{Lane: 2, Actor: "c2"}
	if err := b.Till.SignIn(other); err != nil {
		t.Fatalf("SignIn: %v", err)
	}
	if err := b.Till.Scan(other, "", wang); err != nil {
		t.Fatalf("Scan: %v", err)
	}
	v, err := b.Till.View(2)
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	if got := v.Member.Points[0].Here; got != 998-held {
		t.Errorf("the second lane can use %d points, want %d", got, 998-held)
	}
}

func TestRecallWaitsForWhoIsServed(t *testing.T) {
	b := newBench(t)
	earned := []lot.Draw{{Lot: lot.ID{Origin: sell(t, b, rice)}, Amount: 49}}
	recall := ledger.SignDown(ledger.Down{Terminal: tilltest.Terminal, Epoch: 1, Seq: 1, Recall: &ledger.Recall{Member: 1001, Draws: earned}}, b.HQKey)
	scan(t, b, wang)
	b.Line.Set(true)
	if _, err := b.Till.ApplyDown([][]byte{recall}); err != nil {
		t.Fatalf("ApplyDown: %v", err)
	}
	tick(t, b)
	if got := written[*ledger.NoteGiven](t, b); len(got) != 0 {
		t.Fatalf("%d notes to HQ while the member is served, want none", len(got))
	}
	if err := b.Till.Clear(by); err != nil {
		t.Fatalf("Clear: %v", err)
	}
	tick(t, b)
	if got := written[*ledger.NoteGiven](t, b); len(got) != 1 || got[0].Recall != 1 {
		t.Errorf("notes to HQ after the member has gone = %+v, want one that answers the recall", got)
	}
}
