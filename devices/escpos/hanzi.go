package escpos

import "golang.org/x/text/encoding/simplifiedchinese"

// missing is printed for what GBK does not hold: □. The library's own
// replacement is a control byte (0x1A) and would upset the printer (dev 5).
var missing = [2]byte{0xA1, 0xF5}

// hanzi returns the two GBK bytes of a character beyond ASCII.
func hanzi(r rune) [2]byte {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(string(r)))
	if err != nil || len(b) != 2 || b[0] < 0x81 || b[1] < 0x40 {
		return missing
	}
	return [2]byte{b[0], b[1]}
}
