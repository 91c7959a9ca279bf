package barcode

import (
	"fmt"
	"strings"
)

// gtinLen is the length to which every goods number is brought.
const gtinLen = 14

// EAN13 adds the check digit to 12 digits and returns the 13. Anything else
// than 12 digits is ErrUnknownCode.
func EAN13(first12 string) (string, error) {
	if len(first12) != 12 || !isDigits(first12) {
		return "", fmt.Errorf("compute the check digit of 12 digits: %w", ErrUnknownCode)
	}
	return first12 + string(checkDigit(first12)), nil
}

// symbology is the letter of an AIM prefix, or 0 when the scanner sent none.
func symbology(aim string) byte {
	if len(aim) != 3 {
		return 0
	}
	return aim[1]
}

// halfRead reports a symbology without a check that reads half a code as a
// whole one: Interleaved 2 of 5, Code 39 and Codabar (dev 6.1).
func halfRead(aim string) bool {
	kind := symbology(aim)
	return kind == 'I' || kind == 'A' || kind == 'F'
}

// looksLikeGoods reports a text of the length of some goods number. From
// Interleaved 2 of 5, 14 digits are taken where the shop says that it has such
// cartons.
func (s *Shop) looksLikeGoods(aim, text string) bool {
	if !isDigits(text) || strings.Trim(text, "0") == "" {
		return false
	}
	if symbology(aim) == 'I' {
		return len(text) == gtinLen && s != nil && s.itf14
	}
	if halfRead(aim) {
		return false
	}
	switch len(text) {
	case 8, 12, 13, 14:
		return true
	case 7, 11: // the number system or a leading 0 was left out
		return aim == aimEAN
	case 15, 18: // with an add-on of two or five digits
		return aim == aimAddOn
	}
	return false
}

// The prefixes of the EAN and UPC family that decide how digits are read.
const (
	aimEAN   = "]E0" // EAN-13, UPC-A and UPC-E
	aimAddOn = "]E3" // any of them with an add-on
	aimEAN8  = "]E4"
)

// gtin14 checks a number of goods and fills it up to 14 digits.
func gtin14(aim, text string) (string, error) {
	switch len(text) {
	case 7:
		text = "0" + text // UPC-E without its number system
	case 11:
		text = "0" + text // UPC-A without its number system
	case 15, 18:
		text = text[:13]
	}
	if len(text) == 8 {
		if upca, ok := upcE(aim, text); ok {
			text = upca
		}
	}
	last := len(text) - 1
	if checkDigit(text[:last]) != text[last] {
		return "", ErrCheckDigit
	}
	full := strings.Repeat("0", gtinLen-len(text)) + text
	if isInStore(full) {
		return "", ErrInStore
	}
	return full, nil
}

// upcE expands the eight digits of a UPC-E (number system, six digits, check
// digit) to the twelve of the UPC-A it stands for, and says whether to read it
// so. A scanner that names EAN-8 is believed; without a name the check digit
// decides, and where it fits both readings the first digit does: 0 begins no
// EAN-8 of the catalogue (dev 7), so it is a UPC-E.
func upcE(aim, text string) (string, bool) {
	if aim == aimEAN8 || text[0] > '1' {
		return "", false
	}
	upca := text[:1] + expandUPCE(text[1:7]) + text[7:]
	if checkDigit(upca[:11]) != upca[11] {
		return "", false
	}
	ean8 := checkDigit(text[:7]) == text[7]
	return upca, aim == aimEAN || text[0] == '0' || !ean8
}

// expandUPCE puts back the zeros that UPC-E leaves out of ten digits.
func expandUPCE(six string) string {
	switch d := six[5]; d {
	case '0', '1', '2':
		return six[:2] + string(d) + "0000" + six[2:5]
	case '3':
		return six[:3] + "00000" + six[3:5]
	case '4':
		return six[:4] + "00000" + six[4:5]
	default:
		return six[:5] + "0000" + string(d)
	}
}

// isInStore reports, of 14 digits, the ranges that each shop fills for itself
// (dev 7): 02, 04 and 20 to 29 of the 13 digit form, and 0 and 2 of EAN-8, whose
// prefixes are counted apart.
func isInStore(full string) bool {
	if strings.HasPrefix(full, "000000") {
		return full[6] == '0' || full[6] == '2'
	}
	if full[0] != '0' {
		return false // a carton of goods, numbered by who makes it
	}
	p := full[1:3]
	return p == "02" || p == "04" || p[0] == '2'
}

// checkDigit computes the GS1 check digit: weights 3, 1, 3 … from the right.
// Neighbours that differ by five can change places unseen; the scheme has that
// hole, not this code.
func checkDigit(digits string) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += weight * int(digits[i]-'0')
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}
