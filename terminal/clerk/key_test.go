package clerk_test

import (
	"crypto/ed25519"
	"slices"
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

// believes checks which keys before the newest are believed, newest first.
func believes(t *testing.T, b *tilltest.Bench, when string, keys ...ed25519.PrivateKey) {
	t.Helper()
	var want []ed25519.PublicKey
	for _, k := range keys {
		want = append(want, k.Public().(ed25519.PublicKey))
	}
	if got := b.Till.FormerHQKeys(); !slices.EqualFunc(got, want, func(a, b ed25519.PublicKey) bool { return a.Equal(b) }) {
		t.Errorf("%s: FormerHQKeys() = %x, want %x", when, got, want)
	}
}

// Two keys in a row: what HQ said under the first is on its way while the till hears of
// both.
func TestTwoKeysInARowLeaveTheFirstBelieved(t *testing.T) {
	b := newBench(t)
	first := b.HQKey
	one := change(b, 1)
	second := b.HQKey
	two := change(b, 2)
	if at, err := b.Till.ApplyDown([][]byte{one, two}); at != 2 || err != nil {
		t.Fatalf("ApplyDown over two keys = %d, %v; want 2, nil", at, err)
	}
	believes(t, b, "before HQ spoke under the newest", second, first)
	must(t, b.Till.HQKeyHeard())
	believes(t, b, "after it did")
	three, four := change(b, 3), gift(t, b, 5)
	if at, err := b.Till.ApplyDown([][]byte{three, four}); at != 4 || err != nil {
		t.Fatalf("ApplyDown over the next key = %d, %v; want 4, nil", at, err)
	}
	if former := b.Till.FormerHQKeys(); len(former) != 1 {
		t.Errorf("FormerHQKeys() = %x, want only the one before", former)
	}
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
	believes(t, b, "before HQ spoke under the newest", first)
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
	believes(t, b, "after HQ spoke under the newest, and a restart")
	four, five := change(b, 2), gift(t, b, 40)
	if at, err := b.Till.ApplyDown([][]byte{four, five}); at != 5 || err != nil {
		t.Errorf("ApplyDown over the next change = %d, %v; want 5, nil", at, err)
	}
	wantHolds(t, b, "after both", 55, 0)
}
