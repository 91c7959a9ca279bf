package barcode

import "strings"

// A Piece is what a code says of the piece in hand, beyond which goods it is. A
// code of the usual kind says none of it.
type Piece struct {
	Priced     bool  // Fen is the price of the piece; it may be 0
	Fen        int64 // integer fen, as all money
	Milligrams int64 // 0 is not said
	Count      int64 // 0 is not said
}

// Worth is what the weight costs at the price of a kilogram, rounded half up once
// (dev 7).
func (p Piece) Worth(fenPerKilogram int64) int64 {
	const kilogram = 1_000_000
	whole := p.Milligrams / kilogram * fenPerKilogram
	return whole + (p.Milligrams%kilogram*fenPerKilogram+kilogram/2)/kilogram
}

// Agrees reports whether price and weight of a piece fit the price of a
// kilogram within one percent and one fen. It is true when the code does not
// say both. A scale whose price field is too short prints a wrapped price, which
// is seen so and in no other way (dev 7).
func (p Piece) Agrees(fenPerKilogram int64) bool {
	if !p.Priced || p.Milligrams <= 0 || fenPerKilogram <= 0 {
		return true
	}
	want := p.Worth(fenPerKilogram)
	off := p.Fen - want
	if off < 0 {
		off = -off
	}
	return off <= want/100+1
}

// layout finds the layout of a text by its length and prefix.
func (s *Shop) layout(text string) (layout, bool) {
	if s == nil || !isDigits(text) {
		return layout{}, false
	}
	for _, l := range s.layouts {
		if len(text) == len(l.Form) && strings.HasPrefix(text, l.prefix) {
			return l, true
		}
	}
	return layout{}, false
}

// scaleCode reports an 18 digit code of the shop's scales that also has the form
// of a payment code. Three things must speak for the scale: the symbology, the
// table and the check digit (dev 7). A QR code is always money.
func (s *Shop) scaleCode(aim, text string) bool {
	if len(text) != longInStore || len(aim) != 3 || aim[1] != 'C' && aim[1] != 'E' {
		return false
	}
	l, ok := s.layout(text)
	return ok && l.Check != CheckOff && l.verify(text)
}

// verify reports that the check digit is right by the rule of the layout.
func (l layout) verify(text string) bool {
	body, last := text[:len(text)-1], text[len(text)-1]
	switch l.Check {
	case CheckOff:
		return true
	case CheckLeft:
		return checkFromLeft(body) == last
	default:
		return checkDigit(body) == last
	}
}

// read takes a text of this layout apart.
func (l layout) read(text string) (Piece, error) {
	if !l.verify(text) {
		return Piece{}, ErrCheckDigit
	}
	p := Piece{Priced: strings.Contains(l.Form, "P"), Count: l.number(text, "N")}
	p.Fen = l.number(text, "P") * power(usualPriceDec-l.PriceDecimals)
	p.Milligrams = l.number(text, "W") * (l.Unit.milligrams() / power(l.WeightDecimals))
	return p, nil
}

// number reads the digits of one field.
func (l layout) number(text, field string) (n int64) {
	for i := range len(text) {
		if l.Form[i] == field[0] {
			n = n*10 + int64(text[i]-'0')
		}
	}
	return n
}

// goods is the number under which the goods stand in the catalogue: the 13
// digits with prefix and item where the code has them, zeros for what differs
// from piece to piece, and a right check digit; filled up to 14. A code of 18
// digits is cut after its item.
func (l layout) goods(text string) string {
	kept := []byte("000000000000")
	end := min(len(kept), len(text)-1)
	for i := range end {
		if l.Form[i] == 'I' || i < len(l.prefix) {
			kept[i] = text[i]
		}
	}
	return "0" + string(kept) + string(checkDigit(string(kept)))
}

// checkFromLeft computes a check digit with the weights 1, 3, 1 … from the left.
func checkFromLeft(digits string) byte {
	sum, weight := 0, 1
	for i := range len(digits) {
		sum += weight * int(digits[i]-'0')
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}

// power is ten to the n.
func power(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
