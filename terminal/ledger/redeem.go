package ledger

import (
	"cmp"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Redeem exchanges points for one benefit: the points are spent and a voucher,
// a lot of the benefit's asset with number 0, is born at this terminal.
type Redeem struct {
	Member  member.ID
	Proof   member.Proof
	Benefit string
	Asset   lot.Asset // paid in
	Draws   []lot.Draw
	Voucher Issue
	Day     lot.Day // business day
	Pool    []PoolPart
	Stock   []lot.Draw // of a limited benefit: what the programme owns of it
	Quota   []lot.Draw // of a benefit limited for each member
}

// Fields lists the message's fields.
func (r *Redeem) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.Member)
	codec.Uint(c, 2, &r.Proof)
	codec.String(c, 3, &r.Benefit, TextBytesMax)
	codec.String(c, 4, &r.Asset, lot.AssetBytesMax)
	codec.List(c, 5, &r.Draws, lot.HoldingsMax)
	codec.Value(c, 6, &r.Voucher)
	codec.Int(c, 7, &r.Day)
	codec.List(c, 8, &r.Pool, PoolMax)
	codec.List(c, 9, &r.Stock, lot.HoldingsMax)
	codec.List(c, 10, &r.Quota, lot.HoldingsMax)
	if c.Reading() && r.Voucher.Amount <= 0 {
		c.Refuse("redemption without a voucher")
	}
}

// Kind is KindRedeem.
func (*Redeem) Kind() Kind { return KindRedeem }

// Critical is true: it spends.
func (*Redeem) Critical() bool { return true }

// VoucherUse hands over what a voucher promises. It is refused unless this
// terminal holds the voucher's right.
type VoucherUse struct {
	Member  member.ID
	Voucher lot.ID
	Benefit string
	Day     lot.Day
	Proof   member.Proof // of who stood there; the voucher itself is the right
	Instead string       // the benefit that was chosen and handed out in its place, or "" (cap C2)
}

// Fields lists the message's fields.
func (u *VoucherUse) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &u.Member)
	codec.Value(c, 2, &u.Voucher)
	codec.String(c, 3, &u.Benefit, TextBytesMax)
	codec.Int(c, 4, &u.Day)
	codec.Uint(c, 5, &u.Proof)
	codec.String(c, 6, &u.Instead, TextBytesMax)
}

// Handed is the benefit that was handed out.
func (u *VoucherUse) Handed() string { return cmp.Or(u.Instead, u.Benefit) }

// Kind is KindVoucherUse.
func (*VoucherUse) Kind() Kind { return KindVoucherUse }

// Critical is true: it spends.
func (*VoucherUse) Critical() bool { return true }

// VoucherBack takes a voucher back, used or not, and gives the points that
// bought it back to the lots they came from: there is no "兑换后不退换" (cap P6).
type VoucherBack struct {
	Member  member.ID
	Voucher lot.ID
	Benefit string
	Used    bool // the goods came back, not the paper
	Day     lot.Day
	Back    []lot.Draw
	Anew    []Anew
}

// Fields lists the message's fields.
func (v *VoucherBack) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &v.Member)
	codec.Value(c, 2, &v.Voucher)
	codec.String(c, 3, &v.Benefit, TextBytesMax)
	codec.Bool(c, 4, &v.Used)
	codec.Int(c, 5, &v.Day)
	codec.List(c, 6, &v.Back, lot.HoldingsMax)
	codec.List(c, 7, &v.Anew, lot.HoldingsMax)
}

// Kind is KindVoucherBack.
func (*VoucherBack) Kind() Kind { return KindVoucherBack }

// Critical is true: it gives and takes.
func (*VoucherBack) Critical() bool { return true }

// PoolMax bounds how many sharers of a household pay for one thing.
const PoolMax = 8

// PoolPart is what a sharer's points pay for somebody of the same household,
// within what the sharer lets the pool spend: a quota of theirs that is used up
// by as much (rule S13).
type PoolPart struct {
	Owner     member.ID
	Draws     []lot.Draw
	Allowance []lot.Draw // of the sharer's quota
}

// Fields lists the message's fields.
func (p *PoolPart) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &p.Owner)
	codec.List(c, 2, &p.Draws, lot.HoldingsMax)
	codec.List(c, 3, &p.Allowance, lot.HoldingsMax)
	if c.Reading() && (p.Owner == 0 || lot.Sum(p.Draws) != lot.Sum(p.Allowance)) {
		c.Refuse("pool part without its allowance")
	}
}
