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

// looksLikeGoods reports a text of the length of EAN-8, UPC-A or EAN-13. The
// lengths are refused from symbologies that read half a code as a whole one:
// Interleaved 2 of 5, Code 39 and Codabar (dev 6.1).
func looksLikeGoods(aim, text string) bool {
	if len(aim) == 3 && strings.IndexByte("IAF", aim[1]) >= 0 {
		return false
	}
	switch len(text) {
	case 8, 12, 13:
		return isDigits(text) && strings.Trim(text, "0") != ""
	}
	return false
}

// gtin14 checks a number of 8, 12 or 13 digits and fills it up to 14.
func gtin14(text string) (string, error) {
	last := len(text) - 1
	if checkDigit(text[:last]) != text[last] {
		return "", ErrCheckDigit
	}
	full := strings.Repeat("0", gtinLen-len(text)) + text
	if isInStore(len(text), full) {
		return "", ErrInStore
	}
	return full, nil
}

// isInStore reports the ranges that each shop fills for itself (dev 7): 02, 04
// and 20 to 29 of the 13 digit form, and 0 and 2 of EAN-8, whose prefixes are
// counted apart.
func isInStore(scanned int, full string) bool {
	if scanned == 8 {
		return full[6] == '0' || full[6] == '2'
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
