package barcode

import (
	"fmt"
	"strings"
)

// CheckRule says how the last digit of an in-store code is verified. Scales
// differ, and nothing in a code says which rule it follows (dev 7).
type CheckRule uint8

// The rules of the check digit.
const (
	CheckRight CheckRule = iota // weights 3, 1, 3 … from the right, as GS1 has it
	CheckLeft                   // weights 1, 3, 1 … from the left: differs for 18 digits
	CheckOff                    // the scale prints something else there
)

// WeightUnit is what a scale counts weights in.
type WeightUnit uint8

// The units of weight.
const (
	Kilogram WeightUnit = iota
	Jin                 // 市斤, 500 g
)

// milligrams of one unit of weight.
func (u WeightUnit) milligrams() int64 {
	if u == Jin {
		return 500_000
	}
	return 1_000_000
}

// The limits of a layout.
const (
	LayoutsMax    = 32 // layouts of one shop
	decimalsMax   = 4
	fieldMax      = 9 // digits of one number within a code
	shortInStore  = 13
	longInStore   = 18
	prefixMin     = 2
	usualPriceDec = 2
	usualMassDec  = 3
)

// A Layout says what the digits of one kind of in-store code mean. The form is
// a picture with one character a digit, for example 21IIIIIPPPPPC:
//
//	0-9  the prefix that picks this layout; first, and at least two of them
//	I    the shop's number of the goods
//	P    the price of this piece
//	W    the weight of this piece
//	N    how many there are
//	V    a digit of no interest, such as the price's own check digit
//	C    the check digit; last
type Layout struct {
	Form           string
	Check          CheckRule
	PriceDecimals  int // of a yuan: 2 is fen, the usual
	WeightDecimals int // of the unit: 3 is grams of a kilogram, the usual
	Unit           WeightUnit
}

// UsualLayout is a layout of this form with everything else as most scales
// have it.
func UsualLayout(form string) Layout {
	return Layout{Form: form, PriceDecimals: usualPriceDec, WeightDecimals: usualMassDec}
}

// Options say what a shop has agreed with itself.
type Options struct {
	InStore []Layout
	ITF14   bool // cartons by Interleaved 2 of 5, of 14 digits; other lengths stay refused (dev 6.1)
}

// A Shop knows the codes that one shop makes for itself beside those that all
// shops have. A nil Shop knows the latter only. It may be used by several
// goroutines.
type Shop struct {
	layouts []layout
	itf14   bool
}

// A LayoutError says which layout of a shop's table cannot be used, from 0, and
// why.
type LayoutError struct {
	N   int
	Why string
}

func (e *LayoutError) Error() string { return fmt.Sprintf("in-store layout %d %s", e.N+1, e.Why) }

// layout is a Layout that was looked through.
type layout struct {
	Layout
	prefix string
}

// NewShop looks through the table. Its error is a *LayoutError.
func NewShop(o Options) (*Shop, error) {
	s := &Shop{itf14: o.ITF14}
	if len(o.InStore) > LayoutsMax {
		return nil, &LayoutError{LayoutsMax, fmt.Sprintf("is one too many: a shop has at most %d", LayoutsMax)}
	}
	for n, l := range o.InStore {
		prefix := l.Form[:len(l.Form)-len(strings.TrimLeft(l.Form, "0123456789"))]
		if why := l.wrong(prefix); why != "" {
			return nil, &LayoutError{n, why}
		}
		for m, other := range s.layouts {
			same := len(other.Form) == len(l.Form)
			if same && (strings.HasPrefix(prefix, other.prefix) || strings.HasPrefix(other.prefix, prefix)) {
				return nil, &LayoutError{n, fmt.Sprintf("takes the same codes as layout %d", m+1)}
			}
		}
		s.layouts = append(s.layouts, layout{l, prefix})
	}
	return s, nil
}

// wrong says what is wrong with a layout, or "".
func (l Layout) wrong(prefix string) string {
	digits := len(l.Form)
	body := strings.TrimPrefix(l.Form, prefix)
	switch {
	case digits != shortInStore && digits != longInStore:
		return fmt.Sprintf("must have 13 or 18 digits, not %d", digits)
	case len(prefix) < prefixMin:
		return "must begin with the two digits or more of its prefix"
	case !ownPrefix(digits, prefix):
		return fmt.Sprintf("has the prefix %s, which is not the shop's to give: 02, 04 and 20 to 29 are", prefix)
	case !strings.HasSuffix(body, "C") || strings.Count(body, "C") != 1:
		return "must end with its check digit C, and have no other"
	case strings.Trim(body, "IPWNVC") != "":
		return "may hold the letters I, P, W, N, V and C after the prefix, and nothing else"
	case !strings.Contains(body, "I"):
		return "must say with I which digits are the goods"
	case strings.LastIndex(l.Form, "I") >= shortInStore-1:
		return "must have the goods within the first 12 digits"
	case !strings.ContainsAny(body, "PWN"):
		return "must hold a price P, a weight W or a number N"
	case l.PriceDecimals < 0 || l.PriceDecimals > usualPriceDec:
		return "must have a price with 0 to 2 decimals"
	case l.WeightDecimals < 0 || l.WeightDecimals > decimalsMax:
		return "must have a weight with 0 to 4 decimals"
	case l.Check > CheckOff || l.Unit > Jin:
		return "has a check rule or a unit that does not exist"
	case l.Check == CheckOff && digits == longInStore && paymentLike(prefix):
		return "must have its check digit verified: without it payment codes could pass for goods"
	}
	for _, field := range "IPWN" {
		n := strings.Count(body, string(field))
		if n > fieldMax || !strings.Contains(body, strings.Repeat(string(field), n)) {
			return fmt.Sprintf("must have the digits %c side by side, at most %d", field, fieldMax)
		}
	}
	return ""
}

// ownPrefix reports the prefixes that a shop may fill for itself. Codes of 18
// digits are in no standard, so any prefix is.
func ownPrefix(digits int, prefix string) bool {
	return digits == longInStore || prefix[0] == '2' || prefix[:2] == "02" || prefix[:2] == "04"
}

// paymentLike reports that some payment code of 18 digits begins so.
func paymentLike(prefix string) bool {
	head := prefix[:2]
	return head >= "10" && head <= "15" || head >= "25" && head <= "30"
}
