// Package lot is the arithmetic of rights: lots, how much of them a holder
// has, the order in which they are used up, the notes that move them, and the
// rounding of money and points. It does no I/O and reads no clock, uses no
// floating point, and never lets a holder use what it does not hold.
package lot

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Limits of what one lot and one note may say.
const (
	AssetBytesMax     = 64
	TextBytesMax      = 64
	HoldingsMax       = 512  // lots that one note or one payment names
	MemberLotsMax     = 7500 // lots of one member at one holder
	AmountMax         = Amount(1e15)
	FenMax            = Fen(1e13)
	neverExpires  Day = math.MaxInt32
)

// Errors that callers match.
var (
	ErrShort  = errors.New("holdings do not cover the amount")
	ErrAmount = errors.New("amount out of range")
)

// Amount counts units of an asset: points, or pieces of a benefit.
type Amount int64

// Fen is money in hundredths of a yuan.
type Fen int64

// String writes yuan with two decimals, such as "12.80".
func (f Fen) String() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, f/100, f%100)
}

// Origin names the entry in which something was born: the terminal (0 is HQ),
// its incarnation (for HQ its epoch) and the sequence number.
type Origin struct {
	Terminal    uint32
	Incarnation uint64
	Seq         uint64
}

// Fields lists the message's fields.
func (o *Origin) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &o.Terminal)
	codec.Fixed64(c, 2, &o.Incarnation)
	codec.Uint(c, 3, &o.Seq)
}

// Compare orders origins by terminal, incarnation and sequence.
func (o Origin) Compare(p Origin) int {
	return cmp.Or(cmp.Compare(o.Terminal, p.Terminal), cmp.Compare(o.Incarnation, p.Incarnation), cmp.Compare(o.Seq, p.Seq))
}

// String writes the origin for people and logs: t1/0123456789abcdef/17.
func (o Origin) String() string {
	return fmt.Sprintf("t%d/%016x/%d", o.Terminal, o.Incarnation, o.Seq)
}

// ID names a lot for ever: the entry that issued it and its place there.
type ID struct {
	Origin
	N uint32
}

// Fields lists the message's fields.
func (id *ID) Fields(c *codec.Coder) {
	id.Origin.Fields(c)
	codec.Uint(c, 4, &id.N)
}

// Compare orders ids by origin, then by place.
func (id ID) Compare(other ID) int {
	return cmp.Or(id.Origin.Compare(other.Origin), cmp.Compare(id.N, other.N))
}

// String writes the id for people and logs: t1/0123456789abcdef/17.0.
func (id ID) String() string { return fmt.Sprintf("%s.%d", id.Origin, id.N) }

// ParseOrigin reads the form that an origin's String writes.
func ParseOrigin(s string) (o Origin, err error) {
	if _, err := fmt.Sscanf(s, "t%d/%x/%d", &o.Terminal, &o.Incarnation, &o.Seq); err != nil || o.String() != s {
		return Origin{}, fmt.Errorf("not the name of an entry: %q", s)
	}
	return o, nil
}

// ParseID reads the form that String writes.
func ParseID(s string) (ID, error) {
	var id ID
	if _, err := fmt.Sscanf(s, "t%d/%x/%d.%d", &id.Terminal, &id.Incarnation, &id.Seq, &id.N); err != nil || id.String() != s {
		return ID{}, fmt.Errorf("not a lot id: %q", s)
	}
	return id, nil
}

// Lot is one parcel of a right with the terms under which it was issued. The
// terms never change (cap F2); how much of it is where, holdings say.
type Lot struct {
	ID       ID
	Owner    member.ID
	Asset    Asset
	Amount   Amount // as issued
	Funder   string // merchant that pays for it, or "" for the programme
	UnitCost Fen    // what the funder pays for 1,000 units
	Earned   Day
	Expires  Day // last day it can be used; 0 is never
	Terms    string
	Active   Day // first day it can be used; 0 is at once (rule S07)
	From     ID  // the lot whose terms it goes on with, or zero
}

// Fields lists the message's fields.
func (l *Lot) Fields(c *codec.Coder) {
	codec.Value(c, 1, &l.ID)
	codec.Uint(c, 2, &l.Owner)
	codec.String(c, 3, &l.Asset, AssetBytesMax)
	codec.Int(c, 4, &l.Amount)
	codec.String(c, 5, &l.Funder, TextBytesMax)
	codec.Int(c, 6, &l.UnitCost)
	codec.Int(c, 7, &l.Earned)
	codec.Int(c, 8, &l.Expires)
	codec.String(c, 9, &l.Terms, TextBytesMax)
	codec.Int(c, 10, &l.Active)
	if c.Reading() || l.From != (ID{}) {
		codec.Value(c, 11, &l.From)
	}
	if c.Reading() && (l.Amount < 0 || l.Amount > AmountMax || l.UnitCost < 0 || l.UnitCost > FenMax) {
		c.Refuse("lot amount or cost out of range")
	}
}

// Holding is how much of a lot one holder has.
type Holding struct {
	Lot    Lot
	Amount Amount
}

// Fields lists the message's fields.
func (h *Holding) Fields(c *codec.Coder) {
	codec.Value(c, 1, &h.Lot)
	codec.Int(c, 2, &h.Amount)
	if c.Reading() && (h.Amount < 0 || h.Amount > AmountMax) {
		c.Refuse("holding out of range")
	}
}

// Draw takes an amount out of a holding of a lot.
type Draw struct {
	Lot    ID
	Amount Amount
}

// Fields lists the message's fields.
func (d *Draw) Fields(c *codec.Coder) {
	codec.Value(c, 1, &d.Lot)
	codec.Int(c, 2, &d.Amount)
	if c.Reading() && (d.Amount <= 0 || d.Amount > AmountMax) {
		c.Refuse("draw out of range")
	}
}

// Sum adds up draws.
func Sum(draws []Draw) Amount {
	var total Amount
	for _, d := range draws {
		total += d.Amount
	}
	return total
}

// ShortError says how much was wanted and how much there was. It matches
// ErrShort.
type ShortError struct {
	Asset     Asset
	Want, Has Amount
}

func (e *ShortError) Error() string {
	return fmt.Sprintf("%s: %d wanted, %d held", e.Asset, e.Want, e.Has)
}

// Is makes the error match ErrShort.
func (e *ShortError) Is(target error) bool { return target == ErrShort }

// Available adds up what can be used of an asset on a day.
func Available(holdings []Holding, asset Asset, today Today) Amount {
	var total Amount
	for _, h := range holdings {
		if h.Lot.Asset == asset && today.Spendable(h.Lot) {
			total += h.Amount
		}
	}
	return total
}

// Plan chooses which holdings pay for want of an asset: the lot that expires
// soonest first, then the one earned first, then by id (rule S05), so that
// every machine draws alike. It returns a *ShortError, which matches ErrShort,
// if the usable holdings do not cover it.
func Plan(holdings []Holding, asset Asset, want Amount, today Today) ([]Draw, error) {
	if want < 0 || want > AmountMax {
		return nil, fmt.Errorf("plan %d of %s: %w", want, asset, ErrAmount)
	}
	usable := make([]Holding, 0, len(holdings))
	for _, h := range holdings {
		if h.Lot.Asset == asset && h.Amount > 0 && today.Spendable(h.Lot) {
			usable = append(usable, h)
		}
	}
	slices.SortFunc(usable, spendingOrder)
	var draws []Draw
	left := want
	for _, h := range usable {
		if left == 0 {
			break
		}
		n := min(left, h.Amount)
		draws = append(draws, Draw{Lot: h.Lot.ID, Amount: n})
		left -= n
	}
	if left > 0 {
		return nil, &ShortError{Asset: asset, Want: want, Has: want - left}
	}
	return draws, nil
}

func spendingOrder(a, b Holding) int {
	return cmp.Or(
		cmp.Compare(a.Lot.Expires.orNever(), b.Lot.Expires.orNever()),
		cmp.Compare(a.Lot.Earned, b.Lot.Earned),
		a.Lot.ID.Compare(b.Lot.ID),
	)
}

// Expiry is how much is lost on which day if it is not used.
type Expiry struct {
	Amount Amount
	Day    Day
}

// NextExpiry finds the points that expire next; ok is false if none do.
func NextExpiry(holdings []Holding, today Today) (next Expiry, ok bool) {
	for _, h := range holdings {
		if !h.Lot.Asset.Points() || h.Amount == 0 || h.Lot.Expires == 0 || !today.Spendable(h.Lot) {
			continue
		}
		switch {
		case !ok || h.Lot.Expires < next.Day:
			next, ok = Expiry{h.Amount, h.Lot.Expires}, true
		case h.Lot.Expires == next.Day:
			next.Amount += h.Amount
		}
	}
	return next, ok
}
