// Package pricing works out what a basket costs and earns: list prices, what
// campaigns and coupons take off, what points deduct, small change, what is left
// to pay, and the points awarded, in the one order of rule S03; and what a return
// of it gives and takes. It is pure arithmetic on what it is given: it draws no lots,
// writes nothing and never uses more points than the holdings it was shown.
package pricing

import (
	"errors"
	"fmt"
	"math"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Limits of one basket.
const (
	LinesMax   = 999
	QtyMax     = 9999
	CouponsMax = 16
)

// Errors that callers match.
var (
	ErrLimit   = errors.New("basket beyond its limits")
	ErrProduct = errors.New("product of a merchant unknown to the programme")
)

// LimitError says which limit a basket breaks. It matches ErrLimit.
type LimitError struct {
	What     string // lines, quantity, price, total, points, holdings, coupons or deduction
	Line     int    // from 0; -1 for the whole basket
	Got, Max int64
}

func (e *LimitError) Error() string {
	if e.Line < 0 {
		return fmt.Sprintf("%s: %d, the limit is %d", e.What, e.Got, e.Max)
	}
	return fmt.Sprintf("line %d: %s: %d, the limit is %d", e.Line+1, e.What, e.Got, e.Max)
}

// Is makes the error match ErrLimit.
func (e *LimitError) Is(target error) bool { return target == ErrLimit }

// pointsError reports a sum of points that no entry can hold. What overflows
// is not known, and counts as the largest number there is.
func pointsError(points int64, overflow error) error {
	if overflow != nil {
		points = math.MaxInt64
	}
	return &LimitError{What: "points", Line: -1, Got: points, Max: int64(lot.AmountMax)}
}

// DeductMax asks for the largest deduction there can be.
const DeductMax lot.Fen = -1

// Line is one line of a basket.
type Line struct {
	Product programme.Product
	Qty     int64
}

// Request is what a quote is asked for.
type Request struct {
	Programme *programme.Programme
	Lines     []Line
	Member    member.ID // 0 is nobody
	Proof     member.Proof
	Holdings  []lot.Holding // the member's, that this terminal holds and may use
	Today     lot.Today
	DeductFen lot.Fen // a wish: 0 nothing, DeductMax all there can be, else that much at most
	Coupons   []CouponUse
	Tier      string                // the member's, as the terminal knows it; "" is none (rule S12)
	Counted   map[string]lot.Amount // what each rule gave the member this business day (rule S28)

	At       calendar.Moment // when it is sold
	Store    string          // where
	Tender   string          // the one kind that pays, "" while it is not known or several do
	Birthday bool            // the member's day is near
	Grade    string          // the member's green one, as the terminal knows it; "" is none

	Ceilings map[string]lot.Amount // what strict merchants may still concede here, in thousandths of a fen (cap P9)
}

// Quote is what a basket comes to.
type Quote struct {
	Lines        []LineQuote
	Total        lot.Fen     // at list prices
	Off          lot.Fen     // by campaigns and coupons
	Promotions   []Promotion // campaigns that took something off, in their order
	Coupons      []CouponOff // as asked for
	Deduction    Deduction   // what the wish came to
	MaxDeduction MaxDeduction
	Rounding     lot.Fen // small change left out (rule S30)
	ToPay        lot.Fen
	Rules        []RuleQuote  // what each rule gives, whether there is a member or not
	Awards       []Award      // empty without a member
	WouldEarn    []Earning    // what a member gets for it, whether there is one or not
	Redeemable   []string     // benefits that the holdings pay for, after the deduction
	NextBenefit  *NextBenefit // the nearest one that they do not, or nil
	Offers       []Offer      // what benefits cost the member now
	ToConfirm    []string     // rules and campaigns that wait for a clock that can be trusted (rule S11)
}

// LineQuote is what one line comes to.
type LineQuote struct {
	Fen      lot.Fen // price × quantity: Off + Deducted + Rounded + Net
	Off      lot.Fen // its share of what campaigns and coupons took off
	Deducted lot.Fen // its share of the deduction
	Rounded  lot.Fen // its share of the small change
	Net      lot.Fen // what is paid for it, and earns
}

// Deduction is what points pay of the bill.
type Deduction struct {
	Asset  lot.Asset
	Fen    lot.Fen
	Points lot.Amount
}

// Limit says what keeps the largest deduction below the bill.
type Limit string

// The limits.
const (
	LimitNone     Limit = "none"      // points can pay the whole bill
	LimitExcluded Limit = "excluded"  // goods that points do not pay
	LimitShare    Limit = "share"     // the share of a bill that points may pay
	LimitMax      Limit = "max"       // the most that one bill deducts
	LimitPoints   Limit = "points"    // the points at hand
	LimitMinimum  Limit = "minimum"   // too few points for the least deduction
	LimitProof    Limit = "proof"     // a phone number alone earns and never spends
	LimitNoMember Limit = "no-member" // nobody to take points from
)

// MaxDeduction is the most that points can pay of the bill, and why not more.
type MaxDeduction struct {
	Fen    lot.Fen
	Points lot.Amount
	Limit  Limit
}

// Award is what one rule gives for the lines of one merchant, who funds it.
type Award struct {
	Rule     string
	Asset    lot.Asset
	Amount   lot.Amount
	Funder   string  // merchant
	UnitCost lot.Fen // what the funder pays for 1,000 points
	Earned   lot.Day
	Active   lot.Day // first day it can be used; 0 is at once (rule S07)
	Expires  lot.Day
	Shares   []Share // add up to Amount; no zero shares
}

// Share is the part of an award that a line earned.
type Share struct {
	Line   int // from 0
	Amount lot.Amount
}

// Earning is a sum of points of one kind.
type Earning struct {
	Asset  lot.Asset
	Amount lot.Amount
}

// NextBenefit is a benefit that is nearly paid for.
type NextBenefit struct {
	ID      string
	Asset   lot.Asset
	Missing lot.Amount
}

// Price works out a quote. The same request gives the same quote everywhere
// (rule S24). The error is a *LimitError, which matches ErrLimit, or matches
// ErrProduct.
func Price(r Request) (Quote, error) {
	w, err := begin(r)
	if err != nil {
		return Quote{}, err
	}
	q := w.Quote
	if err := q.useCoupons(r, &w.on); err != nil {
		return Quote{}, err
	}
	if err := q.deduct(r); err != nil {
		return Quote{}, err
	}
	q.round(r.Programme.Rounding)
	if err := w.earn(); err != nil {
		return Quote{}, err
	}
	w.ceilings()
	q.suggest(r)
	return *q, nil
}

// begin prices a basket up to where the member's choices come in.
func begin(r Request) (*work, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	q, err := listPrices(r.Lines)
	if err != nil {
		return nil, err
	}
	w := &work{Quote: &q, r: r, on: r.occasion()}
	w.gather()
	w.onLines()
	w.gaps = w.gapsOf()
	w.onBill()
	return w, nil
}

func (r Request) check() error {
	switch {
	case len(r.Lines) > LinesMax:
		return &LimitError{What: "lines", Line: -1, Got: int64(len(r.Lines)), Max: LinesMax}
	case len(r.Holdings) > lot.MemberLotsMax:
		return &LimitError{What: "holdings", Line: -1, Got: int64(len(r.Holdings)), Max: lot.MemberLotsMax}
	case len(r.Coupons) > CouponsMax:
		return &LimitError{What: "coupons", Line: -1, Got: int64(len(r.Coupons)), Max: CouponsMax}
	case r.DeductFen < DeductMax || r.DeductFen > lot.FenMax:
		return &LimitError{What: "deduction", Line: -1, Got: int64(r.DeductFen), Max: int64(lot.FenMax)}
	}
	for i, line := range r.Lines {
		if _, ok := r.Programme.Merchant(line.Product.Merchant); !ok {
			return fmt.Errorf("line %d: merchant %q: %w", i+1, line.Product.Merchant, ErrProduct)
		}
	}
	return nil
}

// listPrices is the first step: price times quantity, and their sum.
func listPrices(lines []Line) (Quote, error) {
	q := Quote{Lines: make([]LineQuote, len(lines))}
	for i, line := range lines {
		price := line.Product.Fen
		if price < 0 || price > programme.PriceMax {
			return Quote{}, &LimitError{What: "price", Line: i, Got: int64(price), Max: int64(programme.PriceMax)}
		}
		if line.Qty < 1 || line.Qty > QtyMax {
			return Quote{}, &LimitError{What: "quantity", Line: i, Got: line.Qty, Max: QtyMax}
		}
		fen := price * lot.Fen(line.Qty)
		q.Lines[i] = LineQuote{Fen: fen, Net: fen}
		q.Total += fen
		if q.Total > lot.FenMax {
			return Quote{}, &LimitError{What: "total", Line: -1, Got: int64(q.Total), Max: int64(lot.FenMax)}
		}
	}
	q.ToPay = q.Total
	return q, nil
}
