package audit_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

var by = clerk.By{Lane: 1, Actor: "c1"}

func newBench(t *testing.T) *tilltest.Bench {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { store.Close() })
	b := tilltest.New(t, store)
	if err := b.Till.SignIn(by); err != nil {
		t.Fatalf("SignIn: %v", err)
	}
	return b
}

// sell sells a sack of rice to the member with the card, or to nobody.
func sell(t *testing.T, b *tilltest.Bench, card string) lot.Origin {
	t.Helper()
	for _, code := range []string{card, "6900001000112"} {
		if code != "" {
			if err := b.Till.Scan(by, "", code); err != nil {
				t.Fatalf("Scan(%s): %v", code, err)
			}
		}
	}
	v, err := b.Till.View(1)
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	done, err := b.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
	if err != nil {
		t.Fatalf("Pay: %v", err)
	}
	return done.Origin
}

func TestHistoryTellsWhatTouchedAMemberAndNothingElse(t *testing.T) {
	b := newBench(t)
	first := sell(t, b, "HM10001001V")
	sell(t, b, "HM10001138Y") // somebody else
	sell(t, b, "")
	if _, err := b.Till.Return(by, till.Returning{Ref: "r1", Of: first, Qty: []int64{1}, Tender: "cash"}); err != nil {
		t.Fatalf("Return: %v", err)
	}
	statement, err := audit.History(b.Journal, tilltest.Terminal, 1001)
	if err != nil {
		t.Fatalf("History: %v", err)
	}
	type told struct {
		Kind, From, To string
		Amount         lot.Amount
	}
	var got []told
	for _, e := range statement.Events {
		for _, m := range e.Moves {
			got = append(got, told{e.Kind, m.From, m.To, m.Amount})
		}
		if e.Programme != b.Programme.Version() || e.Actor != "c1" {
			t.Errorf("event %s under %q by %q, want %q by c1", e.Kind, e.Programme, e.Actor, b.Programme.Version())
		}
	}
	want := []told{{"kind-sale", "account-issued", "account-held", 49}, {"kind-return", "account-held", "account-clawed", 49}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]audit.Balance{{Asset: "points:consumption", Amount: 0}}, statement.Balances); diff != "" {
		t.Errorf("balances now (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{b.Programme.Version()}, statement.Programmes); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

// A member whom HQ found to be two is one person from their first entry on.
func TestHistoryFollowsAliases(t *testing.T) {
	b := newBench(t)
	sell(t, b, "HM10001001V")
	sell(t, b, "HM10001138Y")
	alias := ledger.SignDown(ledger.Down{Terminal: tilltest.Terminal, Epoch: 1, Seq: 1, Alias: &ledger.Alias{From: 1002, To: 1001}}, b.HQKey)
	if _, err := b.Till.ApplyDown([][]byte{alias}); err != nil {
		t.Fatalf("ApplyDown: %v", err)
	}
	for _, who := range []member.ID{1001, 1002} {
		s, err := audit.History(b.Journal, tilltest.Terminal, who)
		if err != nil {
			t.Fatalf("History(%s): %v", who, err)
		}
		if s.Member != "M1001" || len(s.Aliases) != 1 || len(s.Events) != 3 || s.Balances[0].Amount != 98 {
			t.Errorf("History(%s) = %+v, want one person with two sales, the alias and 98 points", who, s)
		}
		last := s.Events[2]
		if diff := cmp.Diff([]audit.Say{{Code: "history-alias", Args: []string{"M1002"}}}, last.Says); diff != "" {
			t.Errorf("the last event says (-want +got):\n%s", diff)
		}
	}
}

func TestHistoryTellsOfDeclinesAndNotes(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	if err := b.Till.Scan(by, "", "HM10001001V"); err != nil {
		t.Fatalf("Scan: %v", err)
	}
	v, err := b.Till.View(1)
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	if _, err := b.Till.Redeem(by, v.Ref, "tea-set"); err == nil {
		t.Fatal("Redeem without points went through")
	}
	if _, err := b.Till.ApplyDown([][]byte{b.Note(t, 1, b.Line.Asked()[0], 800)}); err != nil {
		t.Fatalf("ApplyDown: %v", err)
	}
	statement, err := audit.History(b.Journal, tilltest.Terminal, 1001)
	if err != nil {
		t.Fatalf("History: %v", err)
	}
	events := statement.Events
	if len(events) != 2 || events[0].Code != "points-short" || events[1].Kind != "kind-note" || events[1].Moves[0].Amount != 800 {
		t.Errorf("history = %+v, want the decline and HQ's note of 800", events)
	}
}

// TestRebuildComesToTheSameState works on a copy whose state and references
// were left out.
func TestRebuildComesToTheSameState(t *testing.T) {
	dir := t.TempDir()
	store, err := boltstore.Open(filepath.Join(dir, "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { store.Close() })
	b := tilltest.New(t, store)
	if err := b.Till.SignIn(by); err != nil {
		t.Fatalf("SignIn: %v", err)
	}
	of := sell(t, b, "HM10001001V")
	sell(t, b, "HM10001138Y")
	if _, err := b.Till.Return(by, till.Returning{Ref: "r1", Of: of, Qty: []int64{1}, Tender: "cash"}); err != nil {
		t.Fatalf("Return: %v", err)
	}
	path := filepath.Join(dir, "rebuilt.db")
	if _, err := store.CopyJournals(path); err != nil {
		t.Fatalf("CopyJournals: %v", err)
	}
	if _, err := store.CopyJournals(path); err == nil {
		t.Error("CopyJournals wrote over a file that was there")
	}
	rebuilt, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { rebuilt.Close() })
	if _, err := audit.Verify(rebuilt, tilltest.Terminal, nil); err == nil {
		t.Error("a ledger without its state verifies: the test shows nothing")
	}
	if err := audit.Rebuild(rebuilt, tilltest.Terminal); err != nil {
		t.Fatalf("Rebuild: %v", err)
	}
	want, got := b.Verify(t), audit.Report{}
	if got, err = audit.Verify(rebuilt, tilltest.Terminal, nil); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rebuilt ledger (-original +rebuilt):\n%s", diff)
	}
	if err := audit.Rebuild(rebuilt, tilltest.Terminal); err == nil {
		t.Error("Rebuild wrote over a state that was there")
	}
}
