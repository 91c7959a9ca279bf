package evdevscan

import (
	"bytes"
	"testing"

	"github.com/jifen-pos/jifen/devices/scan"
)

// Whatever a device sends, the decoder says at most one character an event, never
// one between a gap and its report, and the framer behind it stays within its
// limits.
func FuzzDecoder(f *testing.F) {
	e := func(kind, code byte, value byte) []byte {
		b := make([]byte, eventSize)
		b[headSize], b[headSize+2], b[headSize+4] = kind, code, value
		return b
	}
	f.Add(bytes.Join([][]byte{e(1, 2, 1), e(0, 0, 0), e(1, 28, 1)}, nil), byte(0))
	f.Add(bytes.Join([][]byte{e(1, 42, 1), e(1, 30, 1), e(0, 3, 0), e(1, 30, 1), e(0, 0, 0), e(1, 28, 1)}, nil), byte('~'))
	f.Add(bytes.Join([][]byte{e(1, 56, 1), e(1, 80, 1), e(1, 73, 1), e(1, 56, 0), e(1, 29, 1), e(1, 27, 1)}, nil), byte(0))
	f.Fuzz(func(t *testing.T, data []byte, gs byte) {
		d := decoder{gs: gs}
		framer := scan.NewFramer(scan.Options{MaxFrame: 64})
		gap := false
		for ; len(data) >= eventSize; data = data[eventSize:] {
			kind, code := data[headSize], data[headSize+2]
			short := data[headSize+1] == 0 && data[headSize+3] == 0
			c, what := d.step(data[:eventSize])
			switch {
			case short && kind == evSyn && code == synDropped:
				gap = true
			case what == dropped:
				if !gap {
					t.Fatal("a gap was told that was not there")
				}
				gap = false
				framer.Lose(0)
			case what == character:
				if gap {
					t.Fatalf("the character %q came out of a gap", c)
				}
				for _, s := range framer.Feed([]byte{c}, 0) {
					if len(s.Text) > 64 {
						t.Fatalf("a scan of %d bytes", len(s.Text))
					}
				}
			}
		}
	})
}
