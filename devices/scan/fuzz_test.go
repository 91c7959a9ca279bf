package scan_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/scan"
)

// FuzzFramer cuts the same bytes in different ways: the events are the same,
// none is larger than a frame, and no terminator or stray control byte comes
// through.
func FuzzFramer(f *testing.F) {
	for _, s := range []string{"A1\r\nB2\t", "]E06901234567892\r", "\x02A\x03\r", "\x00\xff\x7f\r", "NR\rNR\r", "ABCDEFGHIJ\rK\r"} {
		f.Add([]byte(s), uint64(1), 8, false, uint8(0))
		f.Add([]byte(s), uint64(2), 512, true, uint8(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64, limit int, prefixed bool, aim uint8) {
		opt := scan.Options{MaxFrame: limit, STX: prefixed, AIM: scan.AIMMode(aim % 3)}
		want := scan.NewFramer(opt).Feed(data, ms)

		cut := scan.NewFramer(opt)
		rng := rand.New(rand.NewPCG(seed, 0))
		var got []scan.Event
		for rest := data; len(rest) > 0; {
			n := 1 + rng.IntN(len(rest))
			got = append(got, cut.Feed(rest[:n], ms)...)
			got = append(got, cut.Idle(ms)...)
			rest = rest[n:]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Feed(%q) cut with seed %d (-whole +cut):\n%s", data, seed, diff)
		}
		for _, e := range want {
			check(t, opt, e)
		}
	})
}

// check reports what no event may be.
func check(t *testing.T, opt scan.Options, e scan.Event) {
	t.Helper()
	limit := opt.MaxFrame
	if limit <= 0 {
		limit = scan.DefaultMaxFrame
	}
	if n := len(e.AIM + e.Text); n > limit || n > scan.LargestMaxFrame {
		t.Errorf("event of %d bytes, want at most %d", n, limit)
	}
	if (e.Text == "") != (e.Bad != scan.NotBad) {
		t.Errorf("event %+v: want a text or a reason, not both", e)
	}
	for _, b := range []byte(e.Text) {
		if b < ' ' && b != 0x1d && b != 0x1e && b != 0x04 || b == 0x7f {
			t.Errorf("event text %q holds the control byte %#x", e.Text, b)
		}
	}
}
