package ledger_test

import (
	"bytes"
	"errors"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
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
	})
}

func FuzzOpenDown(f *testing.F) {
	f.Add(ledger.SignDown(downEntry(), hqKey))
	f.Add(ledger.SignDown(ledger.Down{}, otherKey))
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
