package slip

import (
	"cmp"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Limits of what one paper tells of.
const (
	pointsMax   = 64
	couponsMax  = 64
	expiriesMax = 3 // the next ones (feat F30)
)

// freshFor is how long HQ's word on a balance is no estimate.
const freshFor = 10 * time.Minute

// Facts are what a paper says and its entry does not: how things stood when
// the entry was written. They are kept with the intent to print, so that the
// paper says the same whenever it is made.
type Facts struct {
	Left    []Left     // what a receipt's member could use here afterwards
	Next    lot.Amount // read from old papers only: of that, what expires next
	NextDay lot.Day
	Back    lot.Amount  // points that a return gives back
	Coupons []lot.Asset // coupons that it gives back
	Moved   ledger.Head // the last entry that moved a right before a day's close, or zero

	Expiries []Expiry // of what could be used here, the next to expire, the first one first
	Heard    int64    // when HQ last told the member's balances, in milliseconds; 0 is never in this run

	// What a return takes back of what plays had won: points, points that are
	// not here, and other prizes, here or not.
	Won, WonDue lot.Amount
	Prizes      []lot.Asset
}

// Left is how many points of a kind were usable.
type Left struct {
	Asset   lot.Asset
	Amount  lot.Amount
	Pending lot.Amount // here, and not usable yet
	There   lot.Amount // at HQ and at other terminals, as HQ said
}

// Expiry is how many points of a kind expire on a day.
type Expiry struct {
	Asset  lot.Asset
	Amount lot.Amount
	Day    lot.Day
}

// Fields lists the message's fields.
func (l *Left) Fields(c *codec.Coder) {
	codec.String(c, 1, &l.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &l.Amount)
	codec.Int(c, 3, &l.Pending)
	codec.Int(c, 4, &l.There)
}

// Fields lists the message's fields.
func (e *Expiry) Fields(c *codec.Coder) {
	codec.String(c, 1, &e.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &e.Amount)
	codec.Int(c, 3, &e.Day)
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
	codec.List(c, 7, &f.Expiries, expiriesMax)
	codec.Int(c, 8, &f.Heard)
	codec.Int(c, 9, &f.Won)
	codec.Int(c, 10, &f.WonDue)
	codec.ByteStrings(c, 11, &f.Prizes, couponsMax, lot.AssetBytesMax)
}

func (f Facts) left(a lot.Asset) Left {
	for _, l := range f.Left {
		if l.Asset == a {
			return l
		}
	}
	return Left{Asset: a}
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
		l := Left{Asset: kind.Asset, Amount: lot.Available(left, kind.Asset, today)}
		for _, h := range left {
			if h.Lot.Asset == kind.Asset && h.Lot.Active > today.Day && !today.Spendable(h.Lot) {
				l.Pending += h.Amount
			}
		}
		if l.Amount > 0 || l.Pending > 0 {
			f.Left = append(f.Left, l)
		}
	}
	f.Expiries = expiries(left, today)
	return f
}

// Told adds what HQ said of the member's points of one kind that are not here.
func (f *Facts) Told(a lot.Asset, there lot.Amount, at time.Time) {
	f.Heard = at.UnixMilli()
	if n := slices.IndexFunc(f.Left, func(l Left) bool { return l.Asset == a }); n >= 0 {
		f.Left[n].There = there
	} else if there > 0 && len(f.Left) < pointsMax {
		f.Left = append(f.Left, Left{Asset: a, There: there})
	}
}

// expiries are the next days on which points expire.
func expiries(held []lot.Holding, today lot.Today) (list []Expiry) {
	for _, h := range held {
		if !h.Lot.Asset.Points() || h.Amount == 0 || h.Lot.Expires == 0 || !today.Spendable(h.Lot) {
			continue
		}
		n := slices.IndexFunc(list, func(e Expiry) bool { return e.Asset == h.Lot.Asset && e.Day == h.Lot.Expires })
		if n < 0 {
			list = append(list, Expiry{Asset: h.Lot.Asset, Day: h.Lot.Expires})
			n = len(list) - 1
		}
		list[n].Amount += h.Amount
	}
	slices.SortFunc(list, func(a, b Expiry) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Asset, b.Asset)) })
	return list[:min(len(list), expiriesMax)]
}
