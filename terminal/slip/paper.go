package slip

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Limits of what one paper tells of.
const (
	pointsMax  = 64
	couponsMax = 64
)

// ErrNoPaper says that an entry has no such paper.
var ErrNoPaper = errors.New("entry has no such paper")

// Kind says what a paper is. Stored: append, never reuse.
type Kind uint8

// The kinds of paper.
const (
	Receipt Kind = 1
	Voucher Kind = 2
	Handout Kind = 3
	Return  Kind = 4
	Void    Kind = 5
	Day     Kind = 6
	Claim   Kind = 7
)

// OfReturn is the kind of a return's paper.
func OfReturn(r *ledger.Return) Kind {
	if r.Void {
		return Void
	}
	return Return
}

// Title is the word of the catalogue that a paper of this kind is headed with.
func (k Kind) Title() string {
	switch k {
	case Receipt:
		return "paper-receipt"
	case Voucher:
		return "paper-voucher"
	case Handout:
		return "paper-handout"
	case Return:
		return "paper-return"
	case Void:
		return "paper-void"
	case Day:
		return "paper-day"
	case Claim:
		return "paper-claim"
	}
	return "paper"
}

// Facts are what a paper says and its entry does not: how things stood when
// the entry was written. They are kept with the intent to print, so that the
// paper says the same whenever it is made.
type Facts struct {
	Left    []Left     // what a receipt's member could use here afterwards
	Next    lot.Amount // of that, what expires next; 0 for nothing
	NextDay lot.Day
	Back    lot.Amount  // points that a return gives back
	Coupons []lot.Asset // coupons that it gives back
	Moved   ledger.Head // the last entry that moved a right before a day's close, or zero
}

// Left is how many points of a kind were usable.
type Left struct {
	Asset  lot.Asset
	Amount lot.Amount
}

// Fields lists the message's fields.
func (l *Left) Fields(c *codec.Coder) {
	codec.String(c, 1, &l.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &l.Amount)
}

// Fields lists the message's fields.
func (f *Facts) Fields(c *codec.Coder) {
	codec.List(c, 1, &f.Left, pointsMax)
	codec.Int(c, 2, &f.Next)
	codec.Int(c, 3, &f.NextDay)
	codec.Int(c, 4, &f.Back)
	codec.ByteStrings(c, 5, &f.Coupons, couponsMax, lot.AssetBytesMax)
	if c.Reading() || f.Moved != (ledger.Head{}) {
		codec.Value(c, 6, &f.Moved)
	}
}

func (f Facts) left(a lot.Asset) lot.Amount {
	for _, l := range f.Left {
		if l.Asset == a {
			return l.Amount
		}
	}
	return 0
}

// AfterSale is what the member can use here once a sale is made, out of what
// they could use before.
func (s Shop) AfterSale(sale *ledger.Sale, held []lot.Holding, today lot.Today) (f Facts) {
	if sale.Member == 0 {
		return f
	}
	var gone []lot.Draw
	if sale.Deduction != nil {
		gone = append(gone, sale.Deduction.Draws...)
	}
	for _, r := range sale.Redemptions {
		gone = append(gone, r.Draws...)
	}
	left := lot.Without(held, gone)
	for _, a := range sale.Awards {
		left = append(left, lot.Holding{Lot: lot.Lot{Asset: a.Asset, Expires: a.Expires, Active: a.Active}, Amount: a.Amount})
	}
	for _, kind := range s.Programme.Points {
		if n := lot.Available(left, kind.Asset, today); n > 0 {
			f.Left = append(f.Left, Left{kind.Asset, n})
		}
	}
	if next, ok := lot.NextExpiry(left, today); ok {
		f.Next, f.NextDay = next.Amount, next.Day
	}
	return f
}

// AfterReturn is what a return gives back; paid is what had paid for the sale
// and for what was redeemed in it.
func AfterReturn(r *ledger.Return, paid []fold.Paid) (f Facts) {
	for _, d := range comesBack(r) {
		n := slices.IndexFunc(paid, func(p fold.Paid) bool { return p.Lot.ID == d.Lot })
		switch {
		case n >= 0 && paid[n].Lot.Asset.Points():
			f.Back += d.Amount
		case n >= 0 && paid[n].Lot.Asset.Coupon() != "":
			f.Coupons = append(f.Coupons, paid[n].Lot.Asset)
		}
	}
	return f
}

// comesBack lists what a return gives back: to its lots, and to new ones in
// their place.
func comesBack(r *ledger.Return) []lot.Draw {
	list, anew := slices.Clone(r.Back), slices.Clone(r.Anew)
	for _, v := range r.Vouchers {
		list, anew = append(list, v.Back...), append(anew, v.Anew...)
	}
	for _, a := range anew {
		list = append(list, lot.Draw{Lot: a.From, Amount: a.Amount})
	}
	return list
}

// Paper makes the paper of an entry, by the programme that was in force then.
// An entry with several has the voucher of its lot n beside its receipt.
func (s Shop) Paper(k Kind, id lot.ID, e ledger.Entry, f Facts) (*receipt.Document, error) {
	at := Moment{Wall: time.UnixMilli(e.Wall), Clock: e.Clock}
	switch b := e.Body.(type) {
	case *ledger.Sale:
		if n := int(id.N) - ledger.VoucherFrom; k == Voucher && n >= 0 && n < len(b.Redemptions) {
			return s.sealed(at, b.Redemptions[n], id)
		} else if k == Receipt {
			return s.Receipt(at, id.Origin, b, f), nil
		}
	case *ledger.Redeem:
		r := ledger.Redemption{Benefit: b.Benefit, Asset: b.Asset, Draws: b.Draws, Voucher: b.Voucher}
		return s.sealed(at, r, id)
	case *ledger.VoucherUse:
		return s.Handout(at, e.Lane, e.Actor, b), nil
	case *ledger.Return:
		return s.Return(at, b, f), nil
	case *ledger.ReturnClaim:
		return s.ReturnClaim(at, id.Origin, b), nil
	case *ledger.DayClose:
		code, err := s.sealedHead(at, b, f.Moved)
		return s.Day(at, b, e.Actor, code), err
	case *ledger.CheckIn:
		return s.Claim(at, id.Origin, b.Member, b.Issues), nil
	case *ledger.Answer:
		return s.Claim(at, id.Origin, b.Member, b.Issues), nil
	}
	return nil, fmt.Errorf("paper %d of %s: %w", k, id, ErrNoPaper)
}

// sealedHead is the code of a day's close, or "" where nothing was moved yet.
func (s Shop) sealedHead(at Moment, c *ledger.DayClose, moved ledger.Head) (string, error) {
	if moved.Seq == 0 {
		return "", nil
	}
	minute := uint32(max(at.Wall.Unix()/60, 0))
	code, err := token.SealHead(token.Head{Terminal: s.Terminal, Head: moved, Day: c.Day, Minute: minute}, s.Key)
	if err != nil {
		return "", fmt.Errorf("sign the head of %s's close: %w", c.Day, err)
	}
	return code, nil
}

// sealed is a voucher with its signed code, which is the same each time.
func (s Shop) sealed(at Moment, r ledger.Redemption, id lot.ID) (*receipt.Document, error) {
	code, err := token.SealVoucher(token.Voucher{Lot: id, Benefit: r.Benefit, Expires: r.Voucher.Expires, Units: 1}, s.Key)
	if err != nil {
		return nil, fmt.Errorf("sign voucher: %w", err)
	}
	return s.Voucher(at, r, id, code), nil
}
