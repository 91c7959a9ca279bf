package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

var (
	hqKey    = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	otherKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
)

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func downEntry() ledger.Down {
	l := lot.Lot{
		ID: someLot, Owner: 10001001, Asset: "points:green", Amount: 20, Funder: "m1", UnitCost: 1000,
		Earned: 20779, Expires: 21000, Terms: "hongmi-green/1",
	}
	return ledger.Down{
		Terminal: 1, Epoch: 2, Seq: 3, Wall: 1795000000000,
		Note: &lot.Note{
			ID: lot.Origin{Incarnation: 2, Seq: 9}, Terminal: 1, Incarnation: 1 << 62, Ask: 5,
			Holdings: []lot.Holding{{Lot: l, Amount: 15}, {Lot: lot.Lot{ID: lot.ID{N: 1}}, Amount: 1}},
		},
	}
}

func TestDownEntryComesBackAsSigned(t *testing.T) {
	want := downEntry()
	b := ledger.SignDown(want, hqKey)
	for name, key := range map[string]ed25519.PublicKey{"with-key": public(hqKey), "without-key": nil} {
		got, err := ledger.OpenDown(b, key)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: OpenDown() = %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestForgedDownEntryIsRefused(t *testing.T) {
	good := ledger.SignDown(downEntry(), hqKey)
	var signed ledger.SignedDown
	if err := codec.Unmarshal(good, &signed); err != nil {
		t.Fatal(err)
	}
	dressed := func(edit func(*ledger.Down)) []byte { // another entry under the old signature
		d := downEntry()
		edit(&d)
		return codec.Marshal(&ledger.SignedDown{Bytes: codec.Marshal(&d), Signature: signed.Signature})
	}
	bare := codec.Marshal(&ledger.SignedDown{Bytes: signed.Bytes})
	naked := codec.Marshal(&ledger.SignedDown{
		Bytes: signed.Bytes, Signature: [ed25519.SignatureSize]byte(ed25519.Sign(hqKey, signed.Bytes)),
	})
	for _, c := range []struct {
		name string
		b    []byte
		key  ed25519.PublicKey
	}{
		{"signed-by-another", ledger.SignDown(downEntry(), otherKey), public(hqKey)},
		{"other-key-expected", good, public(otherKey)},
		{"key-too-short", good, public(hqKey)[:31]},
		{"key-empty", good, ed25519.PublicKey{}},
		{"other-terminal", dressed(func(d *ledger.Down) { d.Terminal++ }), public(hqKey)},
		{"other-epoch", dressed(func(d *ledger.Down) { d.Epoch++ }), public(hqKey)},
		{"other-number", dressed(func(d *ledger.Down) { d.Seq++ }), public(hqKey)},
		{"more-points", dressed(func(d *ledger.Down) { d.Note.Holdings[0].Amount++ }), public(hqKey)},
		{"other-incarnation", dressed(func(d *ledger.Down) { d.Note.Incarnation++ }), public(hqKey)},
		{"no-signature", bare, public(hqKey)},
		{"signature-over-bytes-alone", naked, public(hqKey)},
		{"empty", nil, public(hqKey)},
		{"cut-short", good[:len(good)-1], public(hqKey)},
		{"cut-short-without-key", good[:len(good)-1], nil},
		{"no-entry-inside", codec.Marshal(&ledger.SignedDown{Bytes: []byte{0xff}}), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d, err := ledger.OpenDown(c.b, c.key); !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("OpenDown() = %+v, %v, want an error that matches ErrMalformed", d, err)
			}
		})
	}
}

func TestEveryBitOfADownEntryCounts(t *testing.T) {
	good := ledger.SignDown(downEntry(), hqKey)
	want := downEntry()
	for bit := range len(good) * 8 {
		b := bytes.Clone(good)
		b[bit/8] ^= 1 << (bit % 8)
		if d, err := ledger.OpenDown(b, public(hqKey)); err == nil && !cmp.Equal(d, want) {
			t.Errorf("OpenDown(bit %d flipped) = %+v, want an error", bit, d)
		}
	}
}
