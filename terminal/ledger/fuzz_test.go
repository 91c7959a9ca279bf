package ledger_test

import (
	"bytes"
	"errors"
	"reflect"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// bytesPerByteMax bounds what reading may allocate for each byte that it is
// given: an empty holding of two bytes becomes a struct of some two hundred.
const bytesPerByteMax = 512

func FuzzDecode(f *testing.F) {
	for _, b := range bodies() {
		f.Add(encode(f, full(b)))
	}
	f.Add(raw(99, true, []byte("later")))
	f.Add(raw(ledger.KindRedeem, true, nil))
	f.Add(bytes.Repeat([]byte{0x32, 0}, 100))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e ledger.Entry
		var err error
		bounded(t, len(b), func() { e, err = ledger.Decode(b) })
		switch {
		case errors.Is(err, ledger.ErrUnknownKind):
			return // kept as it came, never written again
		case err != nil:
			if !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("Decode() = %v, want an error that matches ErrMalformed", err)
			}
			return
		}
		again, err := ledger.Encode(e)
		if err != nil {
			t.Fatalf("Encode(what was decoded) = %v, want nil", err)
		}
		got, err := ledger.Decode(again)
		if diff := cmp.Diff(e, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("Decode(Encode(e)) = %v (-want +got):\n%s", err, diff)
		}
		if third, err := ledger.Encode(got); err != nil || !bytes.Equal(third, again) {
			t.Errorf("Encode(Decode(canonical)) = %x, %v, want %x", third, err, again)
		}
	})
}

// FuzzBody reads its input as the body of every kind: each decoder meets all
// of it, whatever its header would have said.
func FuzzBody(f *testing.F) {
	for _, b := range bodies() {
		f.Add(uint16(b.Kind()), codec.Marshal(b))
	}
	f.Fuzz(func(t *testing.T, kind uint16, b []byte) {
		if len(b) > ledger.EntryBytesMax-100 {
			return
		}
		e, err := ledger.Decode(raw(ledger.Kind(kind), true, b))
		if err != nil {
			return
		}
		body := e.Body
		canonical := codec.Marshal(body)
		again := reflect.New(reflect.TypeOf(body).Elem()).Interface().(ledger.Body)
		bounded(t, len(canonical), func() { err = codec.Unmarshal(canonical, again) })
		if diff := cmp.Diff(body, again, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("%T: read again = %v (-want +got):\n%s", body, err, diff)
		}
		if third := codec.Marshal(again); !bytes.Equal(third, canonical) {
			t.Errorf("%T: written again = %x, want %x", body, third, canonical)
		}
	})
}

// FuzzMessage does the same for what is inside other messages and for what is
// signed, each decoder by itself.
func FuzzMessage(f *testing.F) {
	all := messages()
	for n, m := range all {
		f.Add(uint8(n), codec.Marshal(m))
	}
	f.Fuzz(func(t *testing.T, n uint8, b []byte) {
		kind := reflect.TypeOf(all[int(n)%len(all)]).Elem()
		read := func(b []byte) (m codec.Message, err error) {
			m = reflect.New(kind).Interface().(codec.Message)
			bounded(t, len(b), func() { err = codec.Unmarshal(b, m) })
			return m, err
		}
		m, err := read(b)
		if err != nil {
			if !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("%s: %v, want an error that matches ErrMalformed", kind, err)
			}
			return
		}
		canonical := codec.Marshal(m)
		again, err := read(canonical)
		if diff := cmp.Diff(m, again, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("%s: read again = %v (-want +got):\n%s", kind, err, diff)
		}
		if third := codec.Marshal(again); !bytes.Equal(third, canonical) {
			t.Errorf("%s: written again = %x, want %x", kind, third, canonical)
		}
	})
}

// messages has one of every message that is not a body: what comes down from
// HQ, and what a body has inside.
func messages() []codec.Message {
	down, note := downEntry(), downEntry().Note
	figures := bodies()[len(bodies())-2].(*ledger.DayClose).Figures
	return []codec.Message{
		&ledger.Head{Incarnation: 5, Seq: 6, Hash: ledger.Hash{31: 7}}, &down, &ledger.SignedDown{Bytes: codec.Marshal(&down)}, note,
		&lot.Minted{Owner: 10001001, Quota: "quota:birthday:2027", Expires: 20700}, &ledger.Recall{Member: 10001001, Draws: draws},
		&ledger.Alias{From: 2, To: 1, Undo: true}, &ledger.Settled{Of: someLot.Origin, Granted: true, Reason: "given"},
		&ledger.Ruling{Member: 1, Tier: "gold", Blocked: true, Owed: []ledger.Owed{{Asset: "points:green", Owed: 1, Due: 2}}},
		&ledger.Owed{Asset: "points:green", Owed: 1, Due: 2}, &ledger.Line{Qty: 1, Fen: 9, Off: 1, Deducted: 2, Rounded: 3, Category: "tea", Brand: "b"}, &ledger.Promotion{Campaign: "c", Fen: 1}, &coupons[0], &redemption,
		&issue, &ledger.Share{Line: 1, Amount: 2}, &ledger.Deduction{Draws: draws, Pool: pool},
		&ledger.Tender{Kind: "cash", Fen: 1}, &ledger.ReturnLine{Line: 1, Qty: 2}, &ledger.Due{Award: 1, Amount: 2}, &ledger.Anew{From: someLot, Amount: 1},
		&pool[0], &stake, &once, &ledger.Choice{Question: 1, Option: 2}, &figures, &figures.Tenders[0], &figures.Points[0], &ledger.Count{Code: "x", N: 1},
	}
}

func FuzzOpenDown(f *testing.F) {
	f.Add(ledger.SignDown(downEntry(), hqKey))
	f.Add(ledger.SignDown(ledger.Down{}, otherKey))
	for _, d := range downBodies() {
		f.Add(ledger.SignDown(d, otherKey))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ledger.OpenDown(b, public(hqKey))
		if err == nil && !cmp.Equal(d, downEntry()) {
			t.Fatalf("OpenDown() = %+v, which HQ never signed", d)
		}
		bounded(t, len(b), func() { d, err = ledger.OpenDown(b, nil) })
		if err != nil {
			return
		}
		again, err := ledger.OpenDown(ledger.SignDown(d, hqKey), public(hqKey))
		if !bytes.Equal(ledger.SignDown(again, hqKey), ledger.SignDown(d, hqKey)) {
			t.Errorf("SignDown(OpenDown(SignDown(d))) differs from SignDown(d) for %+v", d)
		}
		if diff := cmp.Diff(d, again, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("OpenDown(SignDown(d)) = %v (-want +got):\n%s", err, diff)
		}
	})
}

// bounded runs fn and holds what it allocates against the length of its input.
func bounded(t *testing.T, size int, fn func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<10+bytesPerByteMax*size); got > most {
		t.Errorf("%d bytes were allocated to read %d, want at most %d", got, size, most)
	}
}
