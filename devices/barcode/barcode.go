// Package barcode says what a scanned text is: goods, a member card, a token
// of ours, a phone number, or a payment code that the till must refuse.
//
// It never looks anything up: that a number is well formed says nothing about
// whether such goods, such a member or such a token exist. It never trims or
// mends a text, and it never shows a payment code or a member in clear.
package barcode

import (
	"errors"
	"fmt"
	"strings"
)

// MaxText is the longest text, in bytes, that Classify looks at. A scanner
// frame is no longer than this by default (dev 6.1).
const MaxText = 512

// TokenPrefix begins every QR text of ours. What follows is kept exactly as it
// was scanned, spaces included, because base45 uses them (dev 6.1).
const TokenPrefix = "JF1."

// The reasons for which a text is refused. A caller chooses the sentence for
// the cashier by errors.Is; none of them holds the text itself.
var (
	// ErrUnknownCode: the text has the form of nothing that a till knows.
	ErrUnknownCode = errors.New("barcode: the code is of no known kind")
	// ErrCheckDigit: the form is right and the check digit is not, so it was
	// misread or mistyped. Scanning again usually helps.
	ErrCheckDigit = errors.New("barcode: the check digit is wrong")
	// ErrCardCheck is ErrCheckDigit of a member card.
	ErrCardCheck = fmt.Errorf("member card: %w", ErrCheckDigit)
	// ErrInStore: a number from the ranges that each shop fills for itself,
	// as scales do (dev 7). It is never a catalogue number.
	ErrInStore = errors.New("barcode: in-store numbers are not taken")
	// ErrTooLong: more than MaxText bytes.
	ErrTooLong = errors.New("barcode: the code is too long")
)

// Kind is what a scanned text stands for.
type Kind uint8

// The kinds of code. Unknown is also the kind of every text that Classify
// refuses.
const (
	Unknown Kind = iota
	GTIN         // goods: EAN-13, EAN-8 or UPC-A
	Card         // a member card, see ValidCard
	Token        // a signed text of ours, not yet verified
	Payment      // somebody's money: to be refused, never kept, never logged
	Phone        // a mobile number of the Chinese mainland
)

var kindNames = [...]string{"unknown", "gtin", "card", "token", "payment", "phone"}

// String names the kind in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Classify says what text is. The aim is the ISO/IEC 15424 prefix that the
// scanner sent, such as "]E0", or "" when it sent none.
//
// Payment codes are looked for before anything else (dev 7), so no wrong
// setting elsewhere can turn money into goods. A payment code is no error: it
// comes back with its kind so that the caller can refuse it by name. With an
// error the code has kind Unknown and still holds the text.
func Classify(aim, text string) (Code, error) {
	c := Code{Text: text}
	if len(text) > MaxText {
		return c, ErrTooLong
	}
	var err error
	switch {
	case isPayment(text):
		c.Kind = Payment
	case strings.HasPrefix(text, TokenPrefix):
		c.Kind = Token
	case looksLikeCard(text):
		c.Kind, err = Card, checkCard(text)
	case looksLikeGoods(aim, text):
		c.Kind = GTIN
		c.GTIN, err = gtin14(text)
	case isPhone(text):
		c.Kind = Phone
	default:
		err = ErrUnknownCode
	}
	if err != nil {
		return Code{Text: text}, err
	}
	return c, nil
}

// isPhone reports a mobile number: 11 digits that begin with 13 to 19.
func isPhone(text string) bool {
	return len(text) == 11 && isDigits(text) && text[0] == '1' && text[1] >= '3'
}

// isDigits reports that s is one or more ASCII digits and nothing else.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
