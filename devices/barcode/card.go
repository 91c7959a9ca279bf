package barcode

import (
	"fmt"
	"strings"
)

// MaxCard is the highest number that a member card can carry.
const MaxCard = 99_999_999

// A member card reads HM, eight digits and one ISO 7064 MOD 37,36 check
// character over everything before it. The letters keep goods, payment codes
// and phone numbers from passing for a member (dev 7).
const (
	cardPrefix  = "HM"
	cardLen     = len(cardPrefix) + 8 + 1
	cardLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// CardNumber returns the text of the member card with this number, or "" for a
// number above MaxCard, which no card has.
func CardNumber(n uint32) string {
	if n > MaxCard {
		return ""
	}
	body := fmt.Sprintf("%s%08d", cardPrefix, n)
	return body + string(cardCheck(body))
}

// ValidCard reports that s is a member card as CardNumber writes it; lower
// case is taken for upper case.
func ValidCard(s string) bool {
	return looksLikeCard(s) && checkCard(s) == nil
}

// looksLikeCard reports the form of a card, whatever the check character is.
func looksLikeCard(s string) bool {
	if len(s) != cardLen || !strings.EqualFold(s[:len(cardPrefix)], cardPrefix) {
		return false
	}
	return isDigits(s[len(cardPrefix):cardLen-1]) && cardValue(s[cardLen-1]) >= 0
}

// checkCard returns ErrCardCheck when the last character is not the check
// character of those before it.
func checkCard(s string) error {
	if cardValue(s[cardLen-1]) != cardValue(cardCheck(s[:cardLen-1])) {
		return ErrCardCheck
	}
	return nil
}

// cardCheck computes the check character of ISO 7064 MOD 37,36: the character
// that brings the running product to 1.
func cardCheck(body string) byte {
	p := 36
	for i := range len(body) {
		s := (p + cardValue(body[i])) % 36
		if s == 0 {
			s = 36
		}
		p = s * 2 % 37
	}
	return cardLetters[(37-p)%36]
}

// cardValue returns the value of a letter or digit, or -1 for anything else.
func cardValue(b byte) int {
	switch {
	case b >= '0' && b <= '9':
		return int(b - '0')
	case b >= 'A' && b <= 'Z':
		return int(b-'A') + 10
	case b >= 'a' && b <= 'z':
		return int(b-'a') + 10
	}
	return -1
}
