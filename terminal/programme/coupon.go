package programme

import (
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

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
	Scope     Scope           // narrower still: goods, stores, tiers
}

// ExpiryFrom is the last day on which a coupon issued on a day can be used.
func (c Coupon) ExpiryFrom(issued lot.Day) lot.Day { return issued + lot.Day(c.ValidDays) }

// Covers reports whether the coupon is about a product.
func (c Coupon) Covers(p Product) bool {
	return (c.Merchant == "" || c.Merchant == p.Merchant) && (c.Products == nil || c.Products[p.GTIN]) && c.Scope.Covers(&p)
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

func (d *draft) readCoupon(o document.Object) Coupon {
	c := Coupon{
		ID:        d.newID(o, "id", d.coupons),
		Name:      o.Text("name", NameBytesMax),
		MinFen:    lot.Fen(o.IntegerOr("min_fen", document.Fen, 0, 1, sumMax)),
		Products:  products(o, "products"),
		ValidDays: int(o.Integer("valid_days", document.Days, 0, ValidDaysMax)),
		Exclusive: o.Flag("exclusive"),
		Merchant:  d.knownOr(o, "merchant", merchantWord, d.merchants),
		Scope:     d.readScope(o.Optional("scope")),
	}
	// A sum or a share, never both.
	o.OneOf(
		document.Case{Key: "off_bp", Read: func() {
			c.OffBP = o.Integer("off_bp", document.Share, 1, basisPoints)
			c.MaxFen = lot.Fen(o.IntegerOr("max_fen", document.Fen, 0, 1, sumMax))
		}},
		document.Case{Key: "off_fen", Read: func() { c.OffFen = lot.Fen(o.Integer("off_fen", document.Fen, 1, sumMax)) }},
	)
	return c
}
