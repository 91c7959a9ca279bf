package devicetool

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/terminal/words"
)

// lineMax is the longest line that is looked at as one.
const lineMax = maxHexLine

// Setup is how a scanner is set up, as the tools are told.
type Setup struct {
	AIM     string // auto, on or off; "" is auto
	STX     bool
	Silence time.Duration // ends a scan of a scanner without suffix; 0 is none
	Shop    *barcode.Shop // the codes that the shop makes for itself; nil is none
}

func (s Setup) framer() (scan.Options, error) {
	o := scan.Options{STX: s.STX, Idle: s.Silence}
	switch s.AIM {
	case "", "auto":
	case "on":
		o.AIM = scan.AIMOn
	case "off":
		o.AIM = scan.AIMOff
	default:
		return o, fmt.Errorf("the identifier is auto, on or off, not %q", s.AIM)
	}
	return o, nil
}

// DecodeOptions say how bytes of a scanner are read.
type DecodeOptions struct {
	Setup
	Hex bool // the input is hexadecimal digits, with blanks and line ends as one likes
}

// ScanReport is what one scan is: one line of JSON.
type ScanReport struct {
	AtMS       int64           `json:"at_ms"`
	Kind       string          `json:"kind,omitempty"`
	AIM        string          `json:"aim,omitempty"`
	Text       string          `json:"text,omitempty"` // in full for goods only
	GTIN       string          `json:"gtin,omitempty"`
	Fen        *int64          `json:"fen,omitempty"`
	Milligrams int64           `json:"milligrams,omitempty"`
	Count      int64           `json:"count,omitempty"`
	Elements   []ElementReport `json:"elements,omitempty"`
	Repeat     bool            `json:"repeat,omitempty"`  // the till takes it for the scan before
	Refused    string          `json:"refused,omitempty"` // why the till does not take it
	ZH         string          `json:"zh,omitempty"`
	EN         string          `json:"en,omitempty"`
	Detail     string          `json:"detail,omitempty"`
}

// ElementReport is one element of GS1 data.
type ElementReport struct {
	AI    string `json:"ai"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Decode reads the bytes of a scanner and writes one line of JSON for each scan.
// A line such as +250ms is a pause. Its memory is bounded on endless input.
func Decode(in io.Reader, out io.Writer, o DecodeOptions) error {
	framer, err := o.framer()
	if err != nil {
		return err
	}
	d := decoding{framer: scan.NewFramer(framer), shop: o.Shop, out: json.NewEncoder(out)}
	d.out.SetEscapeHTML(false)
	r := bufio.NewReaderSize(in, lineMax)
	whole := true // the next piece begins a line
	for {
		piece, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("read the scanner's bytes: %w", err)
		}
		if pause, ok := pauseOf(piece); ok && whole && !errors.Is(err, bufio.ErrBufferFull) {
			d.now += pause
			d.take(d.framer.Idle(d.now))
		} else if err := d.feed(piece, o.Hex); err != nil {
			return err
		}
		whole = err == nil
		if errors.Is(err, io.EOF) {
			break
		}
	}
	d.take(d.framer.Cut(d.now))
	return d.err
}

// decoding is a decode on its way.
type decoding struct {
	framer *scan.Framer
	shop   *barcode.Shop
	now    time.Duration
	out    *json.Encoder
	err    error
}

// feed takes bytes as a scanner sent them, or the digits that stand for them.
func (d *decoding) feed(piece []byte, digits bool) error {
	if digits {
		text := bytes.Join(bytes.Fields(piece), nil)
		piece = make([]byte, hex.DecodedLen(len(text)))
		if _, err := hex.Decode(piece, text); err != nil {
			return fmt.Errorf("%q is neither hexadecimal digits nor a pause such as +250ms: %w", shorten(string(text)), err)
		}
	}
	d.take(d.framer.Feed(piece, d.now))
	return d.err
}

func (d *decoding) take(events []scan.Event) {
	for _, e := range events {
		if d.err == nil {
			d.err = d.out.Encode(Report(e, d.shop))
		}
	}
}

// pauseOf reads a line such as +250ms.
func pauseOf(line []byte) (time.Duration, bool) {
	text, ok := strings.CutPrefix(strings.TrimSpace(string(line[:min(len(line), 32)])), "+")
	if !ok || len(line) > 32 {
		return 0, false
	}
	pause, err := time.ParseDuration(text)
	return pause, err == nil && pause >= 0
}

// Report says what a scan is, as a till would take it.
func Report(e scan.Event, shop *barcode.Shop) ScanReport {
	r := ScanReport{AtMS: e.At.Milliseconds(), AIM: e.AIM, Repeat: e.Repeat}
	if e.Bad != scan.NotBad {
		r.refuse("bad-read", e.Bad.String())
		return r
	}
	code, err := shop.Classify(e.AIM, e.Text)
	r.Kind, r.Text, r.GTIN = code.Kind.String(), shown(code), code.GTIN
	if code.Piece.Priced {
		r.Fen = &code.Piece.Fen
	}
	r.Milligrams, r.Count = code.Piece.Milligrams, code.Piece.Count
	for _, el := range code.Elements {
		r.Elements = append(r.Elements, ElementReport{el.AI, el.Name, el.Value})
	}
	switch {
	case errors.Is(err, barcode.ErrCheckDigit):
		r.refuse("check-digit", err.Error())
	case errors.Is(err, barcode.ErrInStore):
		r.refuse("in-store-code", err.Error())
	case errors.Is(err, barcode.ErrTooLong):
		r.refuse("code-too-long", err.Error())
	case err != nil:
		r.refuse("unknown-code", err.Error())
	case code.Kind == barcode.Payment:
		r.refuse("payment-code", "")
	case code.Kind == barcode.Shipment:
		r.refuse("unknown-code", "a carton or pallet under way is nothing to sell")
	}
	return r
}

func (r *ScanReport) refuse(code, detail string) {
	r.Refused, r.Detail, r.ZH, r.EN = code, detail, words.In("zh", code), words.In("en", code)
}

// shown is the text of a code as it may be shown: in full only when it names no
// person and is no money.
func shown(c barcode.Code) string {
	switch c.Kind {
	case barcode.GTIN, barcode.InStore, barcode.Shipment:
		return c.Text
	}
	_, tail, _ := strings.Cut(c.String(), " ")
	return tail
}

func shorten(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
