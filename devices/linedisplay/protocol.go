package linedisplay

import (
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/jifen-pos/jifen/devices/display"
)

// Protocol is what a display understands.
type Protocol string

// The protocols.
const (
	CD5220 Protocol = "cd5220"
	ESCPOS Protocol = "escpos"
)

// begin makes a display ready, whatever it was told before.
func (o Options) begin() []byte {
	b := []byte("\x1b@\x0c")
	if o.Brightness > 0 {
		if o.Protocol == CD5220 {
			b = append(b, 0x1B, '*', byte(o.Brightness))
		} else {
			b = append(b, 0x1F, 'X', byte(o.Brightness))
		}
	}
	return b
}

func (o Options) dark() []byte { return []byte{0x0C} }

// state is what shows s: both rows in full, so that nothing of the last one is left.
func (o Options) state(s display.Show) []byte {
	upper, lower := s.Rows(o.Columns, !o.GBK)
	if o.Protocol == CD5220 {
		b := append([]byte("\x1bQA"), o.encode(upper)...)
		b = append(append(b, '\r'), "\x1bQB"...)
		return append(append(b, o.encode(lower)...), '\r')
	}
	b := append([]byte("\x1f$\x01\x01"), o.encode(upper)...)
	return append(append(b, "\x1f$\x01\x02"...), o.encode(lower)...)
}

// encode returns the bytes of a row. What GBK lacks is a question mark of both
// its columns.
func (o Options) encode(row string) []byte {
	var out []byte
	for _, r := range row {
		if r < 0x80 {
			out = append(out, byte(r))
			continue
		}
		pair, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(string(r)))
		if err != nil || len(pair) != 2 {
			pair = []byte("??")
		}
		out = append(out, pair...)
	}
	return out
}
