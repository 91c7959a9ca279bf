package office_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

func ones(n int) []lot.Amount {
	out := make([]lot.Amount, n)
	for k := range out {
		out[k] = 1
	}
	return out
}

// Earlier builds wrote entries that were longer than they could read: these are read.
func TestLongEntriesOfEarlierBuildsAreRead(t *testing.T) {
	owed := make([]office.Owing, 600)
	unheard := make([]ledger.TerminalID, 5000)
	for n := range owed {
		owed[n] = office.Owing{Owner: 1017, Asset: points, Since: lot.Day(20_000 + n), Amount: 1}
	}
	stores := make([]byte, 600)
	for n := range stores {
		stores[n] = "S1 "[n%3]
	}
	for name, body := range map[string]office.Body{
		"due":      &office.SettleDue{Owner: 1017, Asset: points, Lot: id(1), Draws: draws(ones(600)...), By: by},
		"swapped":  &office.Expire{Lot: id(1), Swapped: draws(ones(600)...), By: by},
		"net":      &office.Net{Owed: owed, Draws: draws(ones(600)...), By: by},
		"forgiven": &office.Forgive{Owed: owed, By: by},
		"restored": &office.Restored{Unheard: unheard, By: by},
		"pilot":    &office.Judge{Verdict: office.Published, Document: &ledger.Document{What: "programme"}, Stores: string(stores), By: by},
	} {
		if _, err := office.Decode(body.Kind(), codec.Marshal(body)); err != nil {
			t.Errorf("%s: Decode = %v, want nil", name, err)
		}
	}
}

// A terminal lives more often than one record can say: what is newest stays, and the
// record can always be read.
func TestManyLivesOfATerminal(t *testing.T) {
	table := fold.Memory{}
	d := office.NewDesk(table)
	const lives = 10_000
	for n := range lives {
		if err := d.IsOver(3, ledger.Incarnation(n+1)); err != nil {
			t.Fatalf("IsOver = %v, want nil", err)
		}
	}
	for _, i := range []uint64{lives, lives + 1} {
		if err := d.Pass(3, lot.Note{ID: lot.Origin{Incarnation: 1, Seq: i}, Terminal: 3, Incarnation: i}); err != nil {
			t.Fatalf("Pass = %v, want nil", err)
		}
	}
	heads := make([]ledger.Head, 4000)
	for n := range heads {
		heads[n] = ledger.Head{Incarnation: ledger.Incarnation(n + 1), Seq: 7}
	}
	for _, some := range [][]ledger.Head{heads[2000:], heads[:2000], heads[3000:]} {
		if err := d.Enter(lot.Origin{Incarnation: 1, Seq: 1}, &office.Decommission{Terminal: 3, Heads: some, By: by}); err != nil {
			t.Fatalf("Enter = %v, want nil", err)
		}
	}
	if err := d.Flush(table.Put); err != nil {
		t.Fatalf("Flush = %v, want nil", err)
	}
	gone, err := office.NewDesk(table).Gone(3)
	if err != nil || gone == nil || len(gone.Heads) != len(heads) {
		t.Fatalf("Gone = %v, %v, want all %d lives", gone, err, len(heads))
	}
	for n, h := range heads {
		if gone.After(h.Incarnation, h.Seq) || !gone.After(h.Incarnation, h.Seq+1) {
			t.Fatalf("life %d is not known to have been heard up to its entry %d", n+1, h.Seq)
		}
	}
}

// More may wait for a terminal that is not heard than one record can say: it is told all
// of it in its order, the newest ruling of each member.
func TestMuchWaitsForATerminal(t *testing.T) {
	table := fold.Memory{}
	d := office.NewDesk(table)
	const members = 9000
	var want []ledger.Down
	hold := func(entry ledger.Down) {
		t.Helper()
		if err := d.Hold(3, entry); err != nil {
			t.Fatalf("Hold = %v, want nil", err)
		}
	}
	for n := range members {
		entry := ledger.Down{Ruling: &ledger.Ruling{Member: member.ID(n + 1), Tier: "silver"}}
		want = append(want, entry)
		hold(entry)
	}
	hold(ledger.Down{Recall: &ledger.Recall{Member: 1}}) // it is made again when it is needed
	newer := ledger.Down{Ruling: &ledger.Ruling{Member: 6, Tier: "gold"}}
	document := ledger.Down{Document: &ledger.Document{What: "programme", Version: "2"}}
	hold(newer)
	hold(document)
	want = append(slices.Delete(want, 5, 6), newer, document)
	if err := d.Flush(table.Put); err != nil {
		t.Fatalf("Flush = %v, want nil", err)
	}
	d = office.NewDesk(table)
	got, err := d.Release(3)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Release = %d entries, %v, want %d; (-want +got):\n%.500s", len(got), err, len(want), diff)
	}
	if got, err = d.Release(3); err != nil || len(got) != 0 {
		t.Errorf("Release once more = %d entries, %v, want none", len(got), err)
	}
}
