package programme

import "github.com/jifen-pos/jifen/terminal/lot"

// Coupon takes something off a bill (cap P4): a sum, or a share of the lines
// it is about.
type Coupon struct {
	ID        string
	Name      Text
	OffFen    lot.Fen         // or
	OffBP     int64           // of its lines, in 1/10,000, rounded down
	MaxFen    lot.Fen         // the most a share takes off; 0 is no bound
	MinFen    lot.Fen         // what its lines must come to at least
	Merchant  string          // only its goods; "" is everyone's
	Products  map[string]bool // only these, by GTIN of 14 digits; nil is all
	ValidDays int             // days after the day of issue on which it is good
	Exclusive bool            // no other coupon beside it (rule S26)
}

// ExpiryFrom is the last day on which a coupon issued on a day can be used.
func (c Coupon) ExpiryFrom(issued lot.Day) lot.Day { return issued + lot.Day(c.ValidDays) }

// Covers reports whether the coupon is about a product.
func (c Coupon) Covers(p Product) bool {
	return (c.Merchant == "" || c.Merchant == p.Merchant) && (c.Products == nil || c.Products[p.GTIN])
}

// Off is what the coupon takes off lines that come to a sum: never more than
// they do, nothing below its least.
func (c Coupon) Off(sum lot.Fen) (lot.Fen, error) {
	if sum < c.MinFen {
		return 0, nil
	}
	if c.OffFen > 0 {
		return min(c.OffFen, sum), nil
	}
	off, err := lot.Ratio{Num: c.OffBP, Den: basisPoints}.Floor(int64(sum))
	if c.MaxFen > 0 {
		off = min(off, int64(c.MaxFen))
	}
	return lot.Fen(off), err
}

func (d *draft) readCoupon(o object) Coupon {
	c := Coupon{
		ID:        o.newID("id", d.coupons),
		Name:      o.text("name", NameBytesMax),
		MinFen:    lot.Fen(o.integerOr("min_fen", 0, 1, sumMax)),
		Products:  o.products("products"),
		ValidDays: int(o.integer("valid_days", 0, ValidDaysMax)),
		Exclusive: o.flag("exclusive"),
	}
	if o.has("merchant") {
		c.Merchant = o.known("merchant", "merchant", d.merchants)
	}
	c.readOff(o)
	return c
}

// readOff takes a sum or a share, never both.
func (c *Coupon) readOff(o object) {
	if o.has("off_bp") {
		c.OffBP = o.integer("off_bp", 1, basisPoints)
		c.MaxFen = lot.Fen(o.integerOr("max_fen", 0, 1, sumMax))
		return
	}
	c.OffFen = lot.Fen(o.integer("off_fen", 1, sumMax))
}
