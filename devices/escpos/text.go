package escpos

import (
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// missing is printed for what the encoding does not hold: □. The library's own
// replacement is a control byte (0x1A) and would upset the printer (dev 5).
var missing = []byte{0xA1, 0xF5}

// encodeRune returns the bytes of a character beyond ASCII.
func (c Encoding) encodeRune(r rune) []byte {
	switch c {
	case UTF8:
		return utf8.AppendRune(nil, r)
	case GB18030:
		return wide(simplifiedchinese.GB18030, r)
	}
	if b := wide(simplifiedchinese.GBK, r); len(b) == 2 {
		return b
	}
	return missing
}

// wide encodes one character and takes nothing that a printer would not see as
// one of several bytes.
func wide(c encoding.Encoding, r rune) []byte {
	b, err := c.NewEncoder().Bytes([]byte(string(r)))
	if err != nil || len(b) < 2 || b[0] < 0x81 || len(b) == 2 && b[1] < 0x40 {
		return missing
	}
	return b
}
