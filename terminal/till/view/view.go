// Package view is what a lane shows: to a screen, and to another till's software.
// It holds no more than the words and figures; working them out is the till's.
package view

import (
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Lane is all that a lane's screen shows. It is worked out anew from the
// journal each time: a page is a projection, never a place where state lives.
type Lane struct {
	Lane      uint32
	Terminal  ledger.TerminalID
	Store     programme.Text
	Programme programme.Text
	Cashier   string // id, or "" when nobody is signed in
	Ref       string // to be sent back with the next Pay, Redeem or UseVoucher

	Lines  []Line
	Quote  pricing.Quote
	Wish   lot.Fen // as given to Deduct
	Member *Member

	Best      *Best    // nil: nothing can be saved, and nothing is near
	Used      []lot.ID // coupons in the basket
	Benefits  []Benefit
	Along     []Along  // redeemed together with the basket
	Voucher   *Voucher // scanned, to be handed out
	Challenge string   // for the customer's phone to bring to HQ, "" for none
	Return    *Return  // being taken back
	Claim     *Claim   // of another till, being taken back
	NewCard   string   // scanned last, of nobody: it waits for a member
	Handed    *Voucher // scanned last, and handed out here: its goods may come back
	Survey    *Survey  // waits for the customer's finger
	Parked    []Parked
	Day       Day
	Message   Message
	Last      *Last
	Jobs      []printjob.Job // newest first
	Games     []Game         // of the programme in force
	Offer     *Offer         // waits for the customer's finger
	Draws     []Drawn        // what was played last, while the lane speaks of it
	Winners   []Winner       // who won what everybody is to be told, newest first (law L14)
	Ledger    clerk.LedgerView
	Now       time.Time // in the programme's zone
	Clock     ledger.Clock
}

// Line is one line of the basket.
type Line struct {
	GTIN     string
	Name     programme.Text
	Merchant programme.Text
	Eco      bool
	Unit     lot.Fen
	Qty      int64
	Fen      lot.Fen
	Deducted lot.Fen
}

// Member is the member on the sale, masked.
type Member struct {
	ID       member.ID
	Name     string
	Card     string
	Phone    string
	Proof    member.Proof
	Points   []Points
	Next     lot.Amount // points that expire next, 0 for none
	NextDay  lot.Day
	Vouchers []Voucher
	Coupons  []Voucher // to be used on a bill
	Medals   []Mark
	Tickets  []Ticket // plays of games that are theirs
	Birthday bool     // the day is near
	Gifts    []Gift   // that are due, each to be given once
	Schemes  []Scheme // one-to-one, of which they are
	Tier     string
	Grade    string        // the green one
	Blocked  bool          // earns, and spends nothing
	Owed     []ledger.Owed // shown, and never collected here
	Asking   bool          // HQ has been asked and may still answer
	AsOf     time.Time     // when HQ last said something of this member, or zero
	Pool     *Pool         // nil for a member without a household that shares
}

// Pool is what a household lets one of it use of its points.
type Pool struct {
	On      bool // it pays in this basket
	Sharers []Sharer
}

// Sharer is another member of the household and what of theirs could be used here
// now, within what they allow for the month.
type Sharer struct {
	ID     member.ID
	Name   string
	Here   lot.Amount
	Asking bool // HQ has been asked and may still answer
}

// Points is one kind of a member's points.
type Points struct {
	Asset     lot.Asset
	Name      programme.Text
	Here      lot.Amount // usable now, online or not
	Worth     lot.Fen    // what Here deducts
	Frozen    lot.Amount // here, being checked
	Pending   lot.Amount // here, usable from a later day on
	HQ        lot.Amount // free at HQ, as of AsOf
	Elsewhere lot.Amount // at other terminals, as of AsOf
}

// Benefit is a catalogue entry as the member on the sale sees it.
type Benefit struct {
	ID      string
	Name    programme.Text
	Asset   programme.Text
	Cost    lot.Amount
	Missing lot.Amount // 0 when the points here pay for it
}

// Voucher is a voucher or a coupon held here, and what it is called.
type Voucher struct {
	Lot     lot.ID
	Code    string
	Benefit programme.Text
	Expires lot.Day
	Choices []Choice // what may be handed out for it, where there is more than one thing
}

// Level says how a message sounds and looks.
type Level string

// The levels of a message.
const (
	OK        Level = "ok"
	Attention Level = "attention"
	Refused   Level = "refused"
)

// Message is a sentence for the cashier: a word of the catalogue and what is
// to be filled in.
type Message struct {
	Level Level
	Code  string
	Args  []programme.Text
	N     uint64 // grows with every message of the lane
}

// Last is the newest thing a lane has finished.
type Last struct {
	Kind   ledger.Kind
	Origin lot.Origin
	Paid   lot.Fen
	Change lot.Fen
	Job    uint64 // what is printed for it
}

// Refusal is an answer to the cashier: a word of the catalogue and what is to
// be filled in. Nothing was changed.
type Refusal struct {
	Code      string
	Args      []programme.Text
	Attention bool // less than a refusal: nothing is wrong, something is to be known
}

func (r *Refusal) Error() string { return r.Code }

// Refuse makes a refusal.
func Refuse(code string, args ...programme.Text) error { return &Refusal{Code: code, Args: args} }

// Short turns rights that do not cover what is wanted into a decline.
func Short(err error, code string, who member.ID) error {
	var s *lot.ShortError
	if errors.As(err, &s) {
		return clerk.Short(code, who, s)
	}
	return err
}

// Plain is a value that reads the same in every language.
func Plain(v any) programme.Text {
	s := fmt.Sprint(v)
	return programme.Text{ZH: s, EN: s}
}

// Level is how it sounds and looks.
func (r *Refusal) Level() Level {
	if r.Attention {
		return Attention
	}
	return Refused
}

// VoucherOf is a lot that is a voucher or a coupon, by the names of a programme.
func VoucherOf(p *programme.Programme, l lot.Lot) Voucher {
	v := Voucher{Lot: l.ID, Code: token.ShortCode(l.ID), Expires: l.Expires}
	if b, ok := p.Benefit(l.Asset.Benefit()); ok {
		v.Benefit = b.Name
	} else if c, ok := p.Coupon(l.Asset.Coupon()); ok {
		v.Benefit = c.Name
	}
	return v
}
