package till_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/pins"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// locked is who is locked here.
func locked(t *testing.T, b *tilltest.Bench) (who []string) {
	t.Helper()
	list, err := b.Till.TriedPINs()
	must(t, err)
	for _, p := range list {
		if p.Locked {
			who = append(who, p.Person)
		}
	}
	return who
}

// TestLockedPINsAreWrittenDown: who was locked, after how many wrong PINs, and
// which keeper let them in again; and it is known after a restart.
func TestLockedPINsAreWrittenDown(t *testing.T) {
	b := newBench(t)
	must(t, b.Till.KeepTried(pins.Tried{Person: "c2", Wrong: 9, WaitMS: 256_000}))
	must(t, b.Till.KeepTried(pins.Tried{Person: "c2", Wrong: 10, WaitMS: 512_000, Locked: true}))
	must(t, b.Till.KeepTried(pins.Tried{Person: "", Wrong: 10, WaitMS: 8000}))
	must(t, b.Till.KeepTried(pins.Tried{Person: "c2", Wrong: 10, WaitMS: 512_000, Locked: true}))
	b.Restart(t)
	if who := locked(t, b); len(who) != 1 || who[0] != "c2" {
		t.Errorf("locked after a restart: %v, want c2", who)
	}
	for n, want := range []bool{true, false} {
		if was, err := b.Till.UnlockPIN(by, "c2"); was != want || err != nil {
			t.Errorf("unlock %d = %v, %v, want %v", n+1, was, err, want)
		}
	}
	want := []*ledger.Locked{{Person: "c2", Wrong: 10}, {Person: "c2", Off: true}}
	if diff := cmp.Diff(want, written[*ledger.Locked](t, b)); diff != "" {
		t.Errorf("entries about locks (-want +got):\n%s", diff)
	}
	if who := locked(t, b); len(who) != 0 {
		t.Errorf("locked still: %v", who)
	}
}

// TestHQUnlocksWhoeverIsLocked: also between a day's close and the next opening,
// when nothing else that HQ says is taken in.
func TestHQUnlocksWhoeverIsLocked(t *testing.T) {
	for name, closed := range map[string]bool{"open": false, "closed": true} {
		t.Run(name, func(t *testing.T) {
			b := newLanes(t)
			must(t, b.Till.KeepTried(pins.Tried{Person: "k1", Wrong: 10, WaitMS: 512_000, Locked: true}))
			if closed {
				openDay(t, b)
				closeDay(t, b, 0)
			}
			said := b.Say(ledger.Down{Unlock: &ledger.Unlock{Person: "k1", By: "chen", Reason: "forgot"}})
			at, err := b.Till.ApplyDown([][]byte{said})
			if must(t, err); closed != (at == 0) {
				t.Errorf("taken in up to %d with the day closed: %v", at, closed)
			}
			if who := locked(t, b); len(who) != 0 {
				t.Errorf("locked still: %v", who)
			}
		})
	}
}
