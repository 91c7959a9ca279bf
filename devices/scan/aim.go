package scan

import "strings"

// aimLen is the length of a prefix: "]", a letter for the symbology and a
// modifier.
const aimLen = 3

// aimModifiers holds the known prefixes (ISO/IEC 15424): for each letter, the
// modifiers that scanners send.
var aimModifiers = map[byte]string{
	'A': "01234578",      // Code 39
	'C': "0124",          // Code 128, GS1-128
	'E': "01234",         // EAN and UPC
	'F': "0124",          // Codabar
	'G': "01",            // Code 93
	'I': "013",           // Interleaved 2 of 5
	'J': "012345",        // DotCode
	'L': "012345",        // PDF417
	'Q': "0123456",       // QR
	'd': "0123456",       // Data Matrix
	'e': "0123",          // GS1 DataBar
	'h': "0123",          // Han Xin
	'z': "0123456789ABC", // Aztec
}

// split takes the prefix off a text as the mode says. A text that is nothing
// but a prefix stays whole: dropping it would lose a scan without a word.
func (m AIMMode) split(text string) (aim, rest string) {
	if m == AIMOff || len(text) <= aimLen || text[0] != ']' {
		return "", text
	}
	known := strings.IndexByte(aimModifiers[text[1]], text[2]) >= 0
	if known || m == AIMOn && isLetter(text[1]) && isModifier(text[2]) {
		return text[:aimLen], text[aimLen:]
	}
	return "", text
}

// isLetter reports an ASCII letter.
func isLetter(b byte) bool {
	return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}

// isModifier reports what may stand third in a prefix.
func isModifier(b byte) bool {
	return b >= '0' && b <= '9' || isLetter(b)
}
