package view

import (
	"time"

	"github.com/jifen-pos/jifen/terminal/bestuse"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Best is what the member's points and coupons save at most on the basket (cap
// P8), as far as it is known here.
type Best struct {
	Saved   lot.Fen
	ToPay   lot.Fen
	Points  lot.Amount       // that deduct
	Coupons []programme.Text // held
	Buy     []programme.Text // bought with points on the way
	Taken   bool             // the basket is paid this way already
	Next    programme.Text   // the coupon or campaign that is nearly reached, or nothing
	Missing lot.Fen          // of goods, for Next
}

// Along is a benefit that is redeemed in the same entry as the sale.
type Along struct {
	ID    string
	Name  programme.Text
	Asset programme.Text
	Cost  lot.Amount
	Short bool // the points that the sale leaves do not reach for it
}

// Parked is a basket that waits for its customer to come back.
type Parked struct {
	N      uint64
	At     time.Time
	By     string
	Lane   uint32
	First  programme.Text // name of its first goods
	Pieces int64
	Member member.ID // 0 for nobody
}

// Return is a sale whose goods are being taken back.
type Return struct {
	Ref     string // to be sent back with Return
	Of      lot.Origin
	Receipt uint64
	Day     lot.Day
	Member  member.ID
	Lines   []ReturnLine
	CanVoid bool // all of it, today
	Void    bool
	Plan    *ReturnPlan // nil while nothing is chosen
	Swap    *Swap       // nil: nothing lies in the basket
	Why     string      // why there is none: a word of the catalogue
}

// ReturnLine is one line of the sale.
type ReturnLine struct {
	Name     programme.Text
	Sold     int64
	Returned int64 // before
	Chosen   int64
	Net      lot.Fen // paid for the whole line
}

// ReturnPlan is what a return would do.
type ReturnPlan struct {
	Refund   lot.Fen
	Back     lot.Amount // points that paid, given back
	Claw     lot.Amount // points that the goods earned, taken back here
	Due      lot.Amount // of them, what is not here: HQ settles it
	Coupons  int        // given back
	Vouchers int        // taken back with a void
	Prizes   int        // of games, taken back
}

// Swap is what an exchange for the basket's goods comes to: one of the two is
// nothing.
type Swap struct {
	Pay  lot.Fen // by the customer
	Back lot.Fen // to the customer
}

// Claim is a sale of another till whose goods are being taken back here: its
// points are for HQ to settle; or what the receipt awarded is claimed.
type Claim struct {
	Ref    string
	Sale   string // its entry, as its receipt shows it
	Points bool   // the receipt's code was scanned: HQ can be asked for what it awarded
}

// Survey is a question that the customer is being asked, of a survey's questions.
type Survey struct {
	Name     programme.Text
	Question programme.Text
	Answers  []programme.Text // to choose from; none is 1 to Most, the more the better
	Most     int
	N, Of    int // this question, from 1, and how many there are
	Gives    lot.Amount
	Asset    programme.Text
}

// Day is how the business day stands.
type Day struct {
	Day     lot.Day
	Closed  bool
	Figures ledger.Figures
}

// Mark is a medal, a task or a birthday: a line about the member.
type Mark struct {
	Name  programme.Text
	Count lot.Amount
}

// BestOf is a plan by the names of a programme; q is what the basket comes to as
// it stands.
func BestOf(p *programme.Programme, plan bestuse.Plan, q pricing.Quote) *Best {
	b := &Best{Saved: plan.Saved, ToPay: plan.ToPay, Points: plan.Points, Taken: plan.Saved > 0 && q.ToPay <= plan.ToPay}
	for _, c := range plan.Coupons {
		known, _ := p.Coupon(c.Asset.Coupon())
		b.Coupons = append(b.Coupons, known.Name)
	}
	for _, id := range plan.Buy {
		known, _ := p.Benefit(id)
		b.Buy = append(b.Buy, known.Name)
	}
	if n := plan.Next; n != nil {
		b.Missing = n.Missing
		if c, ok := p.Coupon(n.Coupon); ok {
			b.Next = c.Name
		} else if c, ok := p.Campaign(n.Campaign); ok {
			b.Next = c.Name
		}
	}
	return b
}

// Pending is what of a kind of points can be used from a later day on.
func Pending(held []lot.Holding, asset lot.Asset, today lot.Today) (n lot.Amount) {
	for _, h := range held {
		if h.Lot.Asset == asset && h.Lot.Active > today.Day {
			n += h.Amount
		}
	}
	return n
}

// MedalOf is a medal that is held, by the names of a programme.
func MedalOf(p *programme.Programme, h lot.Holding) (Mark, bool) {
	parts, err := lot.ParseAsset(h.Lot.Asset)
	if err != nil || parts.Class != lot.ClassMedal {
		return Mark{}, false
	}
	for _, m := range p.Medals {
		if m.ID == parts.ID {
			return Mark{Name: m.Name, Count: h.Amount}, true
		}
	}
	return Mark{Name: Plain(parts.ID), Count: h.Amount}, true
}

// Show fills in what a member has here: held, and frozen until a witness turns
// up. There is what HQ said of the rest.
func (m *Member) Show(p *programme.Programme, held, frozen []lot.Holding, there []clerk.Balance, today lot.Today) {
	for _, kind := range p.Points {
		k := Points{
			Asset: kind.Asset, Name: kind.Name, Here: lot.Available(held, kind.Asset, today), Frozen: lot.Available(frozen, kind.Asset, today),
			Pending: Pending(held, kind.Asset, today),
		}
		if worth, err := kind.Worth.Inverse().Floor(int64(k.Here)); err == nil {
			k.Worth = lot.Fen(worth)
		}
		for _, b := range there {
			if b.Asset == kind.Asset {
				k.HQ, k.Elsewhere = b.HQ, b.Elsewhere
			}
		}
		m.Points = append(m.Points, k)
	}
	if next, ok := lot.NextExpiry(held, today); ok {
		m.Next, m.NextDay = next.Amount, next.Day
	}
	for _, h := range held {
		m.Tickets = addTicket(m.Tickets, p, h)
		if v := VoucherOf(p, h.Lot); h.Lot.Asset.Benefit() != "" {
			m.Vouchers = append(m.Vouchers, v)
		} else if h.Lot.Asset.Coupon() != "" {
			m.Coupons = append(m.Coupons, v)
		} else if mark, ok := MedalOf(p, h); ok {
			m.Medals = append(m.Medals, mark)
		}
	}
}
