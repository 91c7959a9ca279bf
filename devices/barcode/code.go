package barcode

import (
	"fmt"
	"io"
	"strings"
)

// shownDigits is how much of a code that names a person or holds money may be
// shown or logged.
const shownDigits = 4

// A Code is one scanned text and what it is. Formatted in any way (fmt, slog,
// JSON) it shows goods in full and of everything else the last four characters
// only; the fields hold the whole text for those who need it.
type Code struct {
	Kind     Kind
	Text     string    // as scanned, without the terminator
	GTIN     string    // 14 digits when Kind is GTIN or InStore, else empty
	Piece    Piece     // what the code says of the piece in hand
	Elements []Element // of GS1 data, in their order
}

// Card returns the card number in upper case, or "" for any other kind.
func (c Code) Card() string {
	if c.Kind != Card {
		return ""
	}
	return strings.ToUpper(c.Text)
}

// String names the code for a log, such as "gtin 06901234567892" or
// "payment …4321".
func (c Code) String() string {
	if c.Kind == GTIN || c.Kind == InStore {
		return c.Kind.String() + " " + c.GTIN
	}
	return c.Kind.String() + " …" + tail(c.Text)
}

// Format shows String for every verb, so that %+v and %#v give nothing away.
func (c Code) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText gives String, so that a log handler or a JSON encoder gives
// nothing away. It is one way: a code is never read back from it.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// tail returns the last shownDigits characters of s with everything but
// letters and digits replaced, and nothing of an s that they would show whole.
func tail(s string) string {
	if len(s) <= shownDigits {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '.'
	}, s[len(s)-shownDigits:])
}
