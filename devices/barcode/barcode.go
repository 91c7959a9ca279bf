// Package barcode says what a scanned text is: goods, by EAN, UPC, GS1 data or a
// GS1 Digital Link; goods with their price or weight from the shop's own scales;
// a member card, a token of ours, a phone number, or a payment code that the till
// must refuse.
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
	// ErrInStore: a number from the ranges that each shop fills for itself, as
	// scales do (dev 7), and the shop's table has no layout for it. It is never
	// a catalogue number.
	ErrInStore = errors.New("barcode: an in-store number without a layout")
	// ErrNoGoods: GS1 data without fault that name neither goods nor a carton.
	ErrNoGoods = errors.New("barcode: the GS1 data name no goods")
	// ErrTooLong: more than MaxText bytes.
	ErrTooLong = errors.New("barcode: the code is too long")
)

// Kind is what a scanned text stands for.
type Kind uint8

// The kinds of code. Unknown is also the kind of every text that Classify
// refuses.
const (
	Unknown  Kind = iota
	GTIN          // goods: EAN, UPC, GS1 data or a Digital Link
	Card          // a member card, see ValidCard
	Token         // a signed text of ours, not yet verified
	Payment       // somebody's money: to be refused, never kept, never logged
	Phone         // a mobile number of the Chinese mainland
	InStore       // goods by a code of the shop's own scales, with price or weight
	Shipment      // a carton or pallet under way, by SSCC or content: nothing to sell
)

var kindNames = [...]string{"unknown", "gtin", "card", "token", "payment", "phone", "in-store", "shipment"}

// String names the kind in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Classify is the Classify of a shop that has agreed nothing with itself.
func Classify(aim, text string) (Code, error) { return (*Shop)(nil).Classify(aim, text) }

// Classify says what text is. The aim is the ISO/IEC 15424 prefix that the
// scanner sent, such as "]E0", or "" when it sent none.
//
// Payment codes are looked for before anything else (dev 7), so no wrong
// setting elsewhere can turn money into goods. A payment code is no error: it
// comes back with its kind so that the caller can refuse it by name. With an
// error the code has kind Unknown and still holds the text.
func (s *Shop) Classify(aim, text string) (Code, error) {
	if len(text) > MaxText {
		return Code{Text: text}, ErrTooLong
	}
	c := Code{Text: text}
	if err := s.classify(&c, aim, text); err != nil {
		return Code{Text: text}, err
	}
	return c, nil
}

func (s *Shop) classify(c *Code, aim, text string) (err error) {
	layout, ours := s.layout(text)
	switch {
	case isPayment(text) && !s.scaleCode(aim, text):
		c.Kind = Payment
	case strings.HasPrefix(text, TokenPrefix):
		c.Kind = Token
	case looksLikeCard(text):
		c.Kind, err = Card, checkCard(text)
	case fnc1First(aim):
		var all []Element
		if all, err = ParseElements(text); err == nil {
			err = c.elements(all)
		}
	case looksLikeLink(text):
		var all []Element
		if all, err = ParseLink(text); err == nil {
			err = c.elements(all)
		}
	case ours && !halfRead(aim):
		c.Kind, c.GTIN = InStore, layout.goods(text)
		c.Piece, err = layout.read(text)
	case s.looksLikeGoods(aim, text):
		c.Kind = GTIN
		c.GTIN, err = gtin14(aim, text)
	case isPhone(text):
		c.Kind = Phone
	default:
		err = ErrUnknownCode
	}
	return err
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
