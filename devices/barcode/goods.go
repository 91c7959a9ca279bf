package barcode

import "slices"

// cny is the number of the yuan in ISO 4217.
const cny = "156"

// moneyMax is the largest price that is read from a code, in fen: above it the
// decimals of the code are wrong.
const moneyMax = 1_000_000_000

// elements makes a code of the elements of a symbol or of a Digital Link.
func (c *Code) elements(all []Element) error {
	c.Elements = all
	gtin := c.Element("01")
	if gtin == "" {
		if c.Element("00") != "" || c.Element("02") != "" {
			c.Kind = Shipment
			return nil
		}
		return ErrNoGoods
	}
	if isInStore(gtin) {
		return ErrInStore
	}
	c.Kind, c.GTIN = GTIN, gtin
	return c.piece()
}

// Element returns the data of an identifier, "" when the code does not have it.
func (c Code) Element(ai string) string {
	i := slices.IndexFunc(c.Elements, func(e Element) bool { return e.AI == ai })
	if i < 0 {
		return ""
	}
	return c.Elements[i].Value
}

// piece reads weight, price and count out of the elements. Prices are taken in
// yuan only; a weight in pounds is not read, and stays an element.
func (c *Code) piece() error {
	for _, e := range c.Elements {
		value, decimals := e.Value, int(e.AI[len(e.AI)-1]-'0')
		switch e.Name {
		case "net-weight-kg":
			c.Piece.Milligrams = scaled(value, 6-decimals)
		case "count-of-measure":
			c.Piece.Count = scaled(value, 0)
		case "price", "price-in":
			if e.Name == "price-in" {
				if value[:3] != cny {
					return &GS1Error{e.AI, FaultForm}
				}
				value = value[3:]
			}
			c.Piece.Priced, c.Piece.Fen = true, scaled(value, 2-decimals)
			if c.Piece.Fen > moneyMax {
				return &GS1Error{e.AI, FaultLong}
			}
		}
	}
	return nil
}

// scaled reads digits and moves the point to the right by places, or to the left,
// where what falls off is rounded half up. It stops at moneyMax times ten.
func scaled(digits string, places int) (n int64) {
	up := false
	if places < 0 {
		cut := max(len(digits)+places, 0)
		up = len(digits)+places >= 0 && cut < len(digits) && digits[cut] >= '5'
		digits, places = digits[:cut], 0
	}
	for i := range len(digits) + places {
		n *= 10
		if i < len(digits) {
			n += int64(digits[i] - '0')
		}
		if n > 10*moneyMax {
			return n
		}
	}
	if up {
		n++
	}
	return n
}
