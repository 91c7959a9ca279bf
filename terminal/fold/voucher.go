package fold

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/fold/sold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// What is known of a voucher, by the fold's names.
type (
	Voucher       = sold.Voucher
	VoucherStatus = sold.VoucherStatus
)

// The states of a voucher at one terminal.
const (
	VoucherUnknown  = sold.VoucherUnknown
	VoucherIssued   = sold.VoucherIssued
	VoucherUsed     = sold.VoucherUsed
	VoucherReturned = sold.VoucherReturned
)

// Voucher returns what is known here of a voucher, and how long it lasts; ok is
// false for one that was never held here.
func (s *State) Voucher(id lot.ID) (v Voucher, ok bool, err error) {
	p, err := get[Voucher](s, voucherKey(id))
	if err != nil {
		return Voucher{}, false, err
	}
	v = *p
	v.Paid = slices.Clone(p.Paid)
	about, err := s.About(v.Member)
	v.Lot = about.Ruling.Last(v.Lot)
	return v, p.Status != VoucherUnknown, err
}

// meet makes the record of a voucher, or of a coupon, when its lot is first
// held here.
func (s *step) meet(l lot.Lot) error {
	if l.Asset.Benefit() == "" && l.Asset.Coupon() == "" {
		return nil
	}
	key := voucherKey(l.ID)
	v, err := get[Voucher](s.State, key)
	if err == nil && v.Status == VoucherUsed && l.Asset.Coupon() != "" { // HQ gave it back: it is here again
		return s.couponBack(l.ID)
	}
	if err != nil || v.Status != VoucherUnknown {
		return err
	}
	*v = Voucher{Status: VoucherIssued, Member: l.Owner, Lot: l}
	s.touch(key)
	return nil
}

func (s *step) redeem(b *ledger.Redeem) error {
	s.figures(b.Day).Vouchers++
	return s.exchange(b.Member, 0, b.Day, ledger.Redemption{
		Benefit: b.Benefit, Asset: b.Asset, Draws: b.Draws, Voucher: b.Voucher, Pool: b.Pool, Stock: b.Stock, Quota: b.Quota,
	})
}

// exchange takes what pays for a benefit, and what is limited of it, and gives
// the voucher with number n.
func (s *step) exchange(who member.ID, n uint32, day lot.Day, r ledger.Redemption) error {
	paid, err := s.pay(who, r.Asset, r.Draws, r.Pool, day)
	if err != nil {
		return err
	}
	stock, err := s.draw(programmeOwner, r.Stock, stockAsset, AccountSpent)
	if err != nil {
		return err
	}
	quota, err := s.draw(who, r.Quota, anyQuota, AccountSpent)
	if err != nil {
		return err
	}
	l, err := s.issue(who, n, r.Voucher, day)
	if err != nil {
		return err
	}
	key := voucherKey(l.ID)
	v, err := get[Voucher](s.State, key)
	if err != nil {
		return err
	}
	if err := s.edit(who, func(m *Member) { m.Counted = count.Add(m.Counted, RedeemRule, day, 1) }); err != nil {
		return err
	}
	payments, err := count.Payments(append(append(paid, stock...), quota...))
	if err != nil {
		return err
	}
	*v = Voucher{Status: VoucherIssued, Member: who, Lot: l, Paid: payments}
	s.touch(key)
	return nil
}

// pay takes points that pay for something: the member's own, then those of
// others of the household, each within their allowance.
func (s *step) pay(who member.ID, asset lot.Asset, own []lot.Draw, pool []ledger.PoolPart, day lot.Day) ([]lot.Holding, error) {
	paid, err := s.draw(who, own, asset, AccountSpent)
	if err != nil {
		return nil, err
	}
	used := lot.Sum(own)
	for _, part := range pool {
		points, err := s.draw(part.Owner, part.Draws, asset, AccountSpent)
		if err != nil {
			return nil, err
		}
		allowance, err := s.draw(part.Owner, part.Allowance, anyQuota, AccountSpent)
		if err != nil {
			return nil, err
		}
		used += lot.Sum(part.Draws)
		paid = append(append(paid, points...), allowance...)
	}
	s.countUse(day, asset, used)
	return paid, nil
}

func (s *step) use(b *ledger.VoucherUse) error {
	s.figures(b.Day).HandOuts++
	key := voucherKey(b.Voucher)
	v, err := get[Voucher](s.State, key)
	if err != nil {
		return err
	}
	asset := lot.BenefitAsset(b.Benefit)
	if len(asset) > lot.AssetBytesMax { // no lot has such an asset
		asset = lot.BenefitAsset("")
	}
	draws := []lot.Draw{{Lot: b.Voucher, Amount: max(v.Lot.Amount, 1)}}
	if _, err := s.draw(b.Member, draws, asset, AccountSpent); err != nil {
		return err
	}
	s.used(v, key)
	return nil
}

// used notes when and where a voucher or a coupon was first used.
func (s *step) used(v *Voucher, key []byte) {
	if v.Status != VoucherUsed && v.Status != VoucherReturned {
		v.Status, v.Used, v.Wall, v.Lane, v.Actor = VoucherUsed, s.Origin, s.Entry.Wall, s.Entry.Lane, s.Entry.Actor
		s.touch(key)
	}
}

// couponUsed and couponBack keep the record of a coupon that a sale used, and
// that a return gave back.
func (s *step) couponUsed(id lot.ID) error {
	v, err := get[Voucher](s.State, voucherKey(id))
	if err == nil && v.Status == VoucherIssued {
		s.used(v, voucherKey(id))
	}
	return err
}

func (s *step) couponBack(id lot.ID) error {
	v, err := get[Voucher](s.State, voucherKey(id))
	if err == nil && v.Status == VoucherUsed {
		v.Status, v.Used, v.Wall, v.Lane, v.Actor = VoucherIssued, lot.Origin{}, 0, 0, ""
		s.touch(voucherKey(id))
	}
	return err
}

// prizeGone ends a voucher or a coupon that a play had given.
func (s *step) prizeGone(id lot.ID) error {
	v, err := get[Voucher](s.State, voucherKey(id))
	if err == nil && v.Status == VoucherIssued {
		v.Status = VoucherReturned
		s.touch(voucherKey(id))
	}
	return err
}

// prizeBack counts a prize that came back by itself: its sale's return takes it
// no more.
func (s *step) prizeBack(id lot.ID, n lot.Amount) error {
	r, err := get[Sale](s.State, saleKey(id.Origin))
	if play := ledger.PlayOf(id.N); err == nil && play >= 0 && play < len(r.Plays) && r.Plays[play].Take(play, id.N, n) {
		s.touch(saleKey(id.Origin))
	}
	return err
}

// voucherBack takes a voucher back and gives back what bought it; new lots are
// numbered from from on. What bought one of another terminal is claimed.
func (s *step) voucherBack(b *ledger.VoucherBack, from int) error {
	key := voucherKey(b.Voucher)
	v, err := get[Voucher](s.State, key)
	if err != nil {
		return err
	}
	want := VoucherIssued
	if b.Used {
		want = VoucherUsed
	}
	if v.Status != want || v.Member != b.Member {
		s.wrong(wrongVoucher)
		return nil
	}
	if !b.Used {
		draws := []lot.Draw{{Lot: b.Voucher, Amount: v.Lot.Amount}}
		if _, err := s.draw(b.Member, draws, v.Lot.Asset, AccountClawed); err != nil {
			return err
		}
	}
	v.Status = VoucherReturned
	s.touch(key)
	if err := s.prizeBack(b.Voucher, v.Lot.Amount); err != nil {
		return err
	}
	if made := b.Voucher.Terminal; made != 0 && made != uint32(s.terminal) && len(b.Back)+len(b.Anew) == 0 {
		return s.claim(b.Member)
	}
	return s.giveBack(v.Paid, b.Back, b.Anew, from)
}
