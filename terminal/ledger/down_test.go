package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/hqkey"
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

// downBodies has one entry of everything that HQ says, with every field set.
func downBodies() []ledger.Down {
	head := func(d ledger.Down) ledger.Down {
		d.Terminal, d.Epoch, d.Seq, d.Wall = 1, 2, 3, 1795000000000
		return d
	}
	moved := downEntry()
	moved.Note.Minted = []lot.Minted{{Owner: 10001001, Quota: "quota:birthday:2027", Expires: 20700}}
	return []ledger.Down{
		moved,
		head(ledger.Down{}),
		head(ledger.Down{Document: &ledger.Document{What: "products", Version: "7", Root: ledger.Hash{1}, Size: 9, From: 1795000000000}}),
		head(ledger.Down{Unlock: &ledger.Unlock{Person: "li", By: "chen", Reason: "forgot"}}),
		head(ledger.Down{Key: &hqkey.Change{Key: [ed25519.PublicKeySize]byte(public(otherKey))}}),
		head(ledger.Down{Recall: &ledger.Recall{Member: 10001001, Draws: draws}}),
		head(ledger.Down{Alias: &ledger.Alias{From: 10001002, To: 10001001, Undo: true}}),
		head(ledger.Down{Settled: &ledger.Settled{Of: someLot.Origin, Granted: true, Reason: "given-elsewhere"}}),
		head(ledger.Down{Ruling: &ledger.Ruling{
			Pool: 3000, Household: []ledger.Relative{{Member: 9, Pool: 1}, {Member: 10}},
			Member: 10001001, Tier: "gold", Grade: "tree", Blocked: true, Owed: []ledger.Owed{{Asset: "points:green", Owed: 3, Due: 4}},
			Lasts: []ledger.Lasting{{Lot: someLot, Until: 20_800, Owner: 10001001}},
			Gifts: []string{"birthday", "task-visits"},
		}}),
	}
}

func TestEverythingHQSaysComesBackAsSigned(t *testing.T) {
	for _, want := range downBodies() {
		got, err := ledger.OpenDown(ledger.SignDown(want, hqKey), public(hqKey))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("OpenDown(SignDown(%+v)) = %v (-want +got):\n%s", want, err, diff)
		}
	}
}

func TestWhatHQCannotMeanIsRefused(t *testing.T) {
	owed := func(o ledger.Owed) ledger.Down {
		return ledger.Down{Ruling: &ledger.Ruling{Member: 1, Owed: []ledger.Owed{o}}}
	}
	for name, d := range map[string]ledger.Down{
		"two-bodies":           {Alias: &ledger.Alias{From: 1, To: 2}, Recall: &ledger.Recall{Member: 1}},
		"alias-of-nobody":      {Alias: &ledger.Alias{To: 1}},
		"alias-to-nobody":      {Alias: &ledger.Alias{From: 1}},
		"alias-of-oneself":     {Alias: &ledger.Alias{From: 1, To: 1}},
		"owed-below-nothing":   owed(ledger.Owed{Owed: -1}),
		"owed-too-much":        owed(ledger.Owed{Owed: lot.AmountMax + 1}),
		"due-below-nothing":    owed(ledger.Owed{Due: -1}),
		"due-too-much":         owed(ledger.Owed{Due: lot.AmountMax + 1}),
		"owed-of-too-many":     {Ruling: &ledger.Ruling{Owed: make([]ledger.Owed, ledger.OwedMax+1)}},
		"pool-below-nothing":   {Ruling: &ledger.Ruling{Pool: -1}},
		"household-too-large":  {Ruling: &ledger.Ruling{Household: make([]ledger.Relative, ledger.HouseholdMax)}},
		"relative-is-nobody":   {Ruling: &ledger.Ruling{Household: []ledger.Relative{{Pool: 1}}}},
		"too-many-last":        {Ruling: &ledger.Ruling{Lasts: make([]ledger.Lasting, ledger.LastsMax+1)}},
		"tier-too-long":        {Ruling: &ledger.Ruling{Tier: strings.Repeat("x", ledger.TextBytesMax+1)}},
		"reason-too-long":      {Settled: &ledger.Settled{Reason: strings.Repeat("x", ledger.TextBytesMax+1)}},
		"recall-of-nothing":    {Recall: &ledger.Recall{Draws: []lot.Draw{{}}}},
		"recall-of-too-many":   {Recall: &ledger.Recall{Draws: make([]lot.Draw, lot.HoldingsMax+1)}},
		"minted-too-many":      {Note: &lot.Note{Minted: make([]lot.Minted, lot.HoldingsMax+1)}},
		"holding-below-none":   {Note: &lot.Note{Holdings: []lot.Holding{{Amount: -1}}}},
		"holdings-too-many":    {Note: &lot.Note{Holdings: make([]lot.Holding, lot.HoldingsMax+1)}},
		"minted-name-too-long": {Note: &lot.Note{Minted: []lot.Minted{{Quota: lot.Asset(strings.Repeat("q", lot.AssetBytesMax+1))}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := ledger.OpenDown(ledger.SignDown(d, hqKey), public(hqKey)); !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("OpenDown() = %+v, %v, want an error that matches ErrMalformed", got, err)
			}
		})
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
