package clerk_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/jifen-pos/jifen/terminal/hqkey"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// gift is the next entry of HQ's journal, of points, under the bench's key of HQ.
func gift(t *testing.T, b *tilltest.Bench, n lot.Amount) []byte {
	t.Helper()
	return b.Say(ledger.Down{Note: b.Gift(t, lot.Lot{Owner: 1001, Asset: points, Amount: n})})
}

// change is the entry in which HQ names another key; from then on the bench signs
// with that.
func change(b *tilltest.Bench, seed byte) []byte {
	key := ed25519.NewKeyFromSeed(append(make([]byte, 31), seed))
	next := &hqkey.Change{}
	copy(next.Key[:], key.Public().(ed25519.PublicKey))
	raw := b.Say(ledger.Down{Key: next})
	b.HQKey = key
	return raw
}

// HQ's journal names the next key under the one before; what is new is of the
// newest alone, over a restart too, and the ledger verifies.
func TestHQsNextKeyComesUnderTheOneBefore(t *testing.T) {
	b := newBench(t)
	first := b.HQKey
	one := gift(t, b, 5)
	two, three := change(b, 1), gift(t, b, 10)
	if at, err := b.Till.ApplyDown([][]byte{one, two, three}); at != 3 || err != nil {
		t.Fatalf("ApplyDown over a change of HQ's key = %d, %v; want 3, nil", at, err)
	}
	wantHolds(t, b, "after it", 15, 0)
	if got := b.Till.HQKey(); !got.Equal(b.HQKey.Public()) {
		t.Errorf("HQKey() = %x, want the newest", got)
	}
	if former := b.Till.FormerHQKey(); !former.Equal(first.Public().(ed25519.PublicKey)) {
		t.Errorf("FormerHQKey() = %x before HQ spoke under the newest, want the first", former)
	}
	newest := b.HQKey
	b.HQKey = first
	stolen := gift(t, b, 20)
	if _, err := b.Till.ApplyDown([][]byte{stolen}); err == nil {
		t.Error("ApplyDown took a new entry under the key of before")
	}
	thief := change(b, 9)
	if _, err := b.Till.ApplyDown([][]byte{thief}); err == nil {
		t.Error("ApplyDown took a key that the one of before names")
	}
	if at, err := b.Till.ApplyDown([][]byte{one, two}); at != 3 || err != nil {
		t.Errorf("ApplyDown of what is there already = %d, %v; want 3, nil", at, err)
	}
	b.Unsay(2)
	b.HQKey = newest
	must(t, b.Till.HQKeyHeard())
	b.Restart(t)
	if b.Till.FormerHQKey() != nil {
		t.Error("after HQ spoke under the newest and a restart the one of before is believed")
	}
	four, five := change(b, 2), gift(t, b, 40)
	if at, err := b.Till.ApplyDown([][]byte{four, five}); at != 5 || err != nil {
		t.Errorf("ApplyDown over the next change = %d, %v; want 5, nil", at, err)
	}
	wantHolds(t, b, "after both", 55, 0)
}
