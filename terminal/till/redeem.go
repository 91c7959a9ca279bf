package till

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till/person"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Redeem exchanges the member's points for a benefit and prints its voucher
// (cap P5). The same reference again gives the same answer.
func (t *Till) Redeem(by clerk.By, ref, benefit string) (clerk.Done, error) {
	return t.act(by, func(l *lane) (clerk.Done, error) { return t.redeemAt(by, l, ref, benefit) })
}

func (t *Till) redeemAt(by clerk.By, l *lane, ref, benefit string) (clerk.Done, error) {
	alike := func(b ledger.Body) bool { return b.(*ledger.Redeem).Benefit == benefit }
	return t.confirmAt(by, l, ref, ledger.KindRedeem, alike, func(l *lane) (confirmation, error) {
		b, ok := t.Programme().Benefit(benefit)
		switch {
		case !ok:
			return confirmation{}, refuse("unknown-benefit")
		case l.Member == 0:
			return confirmation{}, refuse("no-member")
		case !l.Proof.MaySpend():
			return confirmation{}, refuse("not-proved")
		}
		return confirmation{
			input: fmt.Appendf(nil, "%s %s %v", benefit, l.Member, l.Pool),
			next:  l.basket,
			build: func(x *clerk.Txn) (ledger.Body, error) { return t.redeem(x, by, l, b) },
			done: func(d clerk.Done) {
				l.last = &Last{Kind: ledger.KindRedeem, Origin: d.Origin}
				l.say(OK, "redeemed", b.Name)
			},
		}, nil
	})
}

func (t *Till) redeem(x *clerk.Txn, by clerk.By, l *lane, b programme.Benefit) (ledger.Body, error) {
	var payers bill.Payers
	var err error
	if payers.Own, err = t.spendable(x.State, by.Lane, l.Member); err == nil && l.Pool {
		payers.Sharers, err = t.sharers(x.State, by.Lane, l.Member)
	}
	if err != nil {
		return nil, err
	}
	r, err := t.redemption(x, l, payers, b, nil)
	if err != nil {
		return nil, err
	}
	body := &ledger.Redeem{
		Member: l.Member, Proof: l.Proof, Benefit: r.Benefit, Asset: r.Asset, Draws: r.Draws, Pool: r.Pool, Voucher: r.Voucher,
		Day: t.Programme().BusinessDay(x.Now.Wall), Stock: r.Stock, Quota: r.Quota,
	}
	t.Print(x, by.Lane, slip.Voucher, 0, slip.Facts{})
	return body, nil
}

// redemption plans what pays for a benefit out of what is held, and what is
// limited of it beyond what others before it in the same entry take.
func (t *Till) redemption(
	x *clerk.Txn, l *lane, payers bill.Payers, b programme.Benefit, before []ledger.Redemption,
) (r ledger.Redemption, err error) {
	who := l.Member
	about, err := x.State.About(who)
	if err != nil || about.Ruling.Blocked {
		return r, cmp.Or(err, refuse("member-blocked"))
	}
	if t.o.Short != nil && t.o.Short() { // awards are the last thing that is refused (bolt R19)
		return r, refuse("ledger-short")
	}
	if most := t.Programme().Limits.Redemptions; most > 0 {
		had, err := x.State.Counted(who, fold.RedeemRule, t.Programme().BusinessDay(x.Now.Wall))
		if err != nil || int64(had)+int64(len(before)) >= most {
			return r, cmp.Or(err, refuse("redemptions-day", plain(most)))
		}
	}
	q := pricing.Request{Programme: t.Programme(), Member: who, Today: x.Today, Tier: about.Ruling.Tier, Grade: about.Ruling.Grade, Store: t.o.Place.Store}
	q.At = t.Programme().Moment(x.Now.Wall)
	cost, offered := pricing.CostOf(q, b)
	if !offered {
		return r, refuse("benefit-not-offered")
	}
	var gone []lot.Draw
	for _, o := range before {
		gone = append(append(gone, o.Stock...), o.Quota...)
	}
	r = ledger.Redemption{Benefit: b.ID, Asset: b.Cost.Asset, Voucher: bill.Promise(t.Programme(), b, x.Today.Day)}
	own, parts, err := payers.Plan(b.Cost.Asset, cost, x.Today)
	if errors.Is(err, bill.ErrLots) {
		return r, refuse("too-many-lots")
	}
	if err != nil {
		return r, short(err, "points-short", who)
	}
	r.Draws, r.Pool = own, bill.Pool(parts)
	if b.Limited {
		stock, err := x.State.Usable(0)
		if err != nil {
			return r, err
		}
		if r.Stock, err = lot.Plan(lot.Without(stock, gone), lot.StockAsset(b.ID), 1, x.Today); err != nil {
			return r, short(err, "stock-short", who)
		}
	}
	if b.PerMember > 0 {
		if r.Quota, err = t.UseQuota(x, who, person.BenefitQuota(b, x.Today.Day), gone); err != nil {
			return r, short(err, "quota-short", who)
		}
	}
	return r, nil
}

// UseVoucher hands out what the voucher on the lane promises, once.
func (t *Till) UseVoucher(by clerk.By, ref string) (clerk.Done, error) {
	return t.UseVoucherFor(by, ref, "")
}

// UseVoucherFor hands out what the member has chosen of what may stand in for what
// the voucher promises; "" is that itself (cap C2).
func (t *Till) UseVoucherFor(by clerk.By, ref, instead string) (clerk.Done, error) {
	return t.act(by, func(l *lane) (clerk.Done, error) { return t.useAt(by, l, ref, instead) })
}

func (t *Till) useAt(by clerk.By, l *lane, ref, instead string) (clerk.Done, error) {
	alike := func(b ledger.Body) bool { return instead == "" || b.(*ledger.VoucherUse).Handed() == instead }
	return t.confirmAt(by, l, ref, ledger.KindVoucherUse, alike, func(l *lane) (confirmation, error) {
		if l.Voucher == nil {
			return confirmation{}, refuse("no-voucher")
		}
		id := *l.Voucher
		next := l.basket
		next.Voucher = nil
		return confirmation{
			input: []byte(strings.TrimSpace(id.String() + " " + instead)),
			next:  next,
			build: func(x *clerk.Txn) (ledger.Body, error) { return t.handOut(x, by, l, id, instead) },
			done: func(d clerk.Done) {
				b, _ := t.Programme().Benefit(d.Entry.Body.(*ledger.VoucherUse).Handed())
				l.last = &Last{Kind: ledger.KindVoucherUse, Origin: d.Origin}
				l.say(OK, "handed-out", b.Name)
			},
		}, nil
	})
}

func (t *Till) handOut(x *clerk.Txn, by clerk.By, l *lane, id lot.ID, instead string) (ledger.Body, error) {
	v, err := t.bearer.Voucher(x.State, id, x.Today)
	if err != nil {
		return nil, err
	}
	if about, err := x.State.About(v.Member); err != nil || about.Ruling.Blocked {
		return nil, cmp.Or(err, refuse("member-blocked"))
	}
	if code := view.MayHandOut(t.Programme(), v.Lot, instead, x.Today.Day); code != "" {
		return nil, refuse(code)
	}
	body := &ledger.VoucherUse{
		Member: v.Member, Voucher: id, Benefit: v.Lot.Asset.Benefit(), Day: t.Programme().BusinessDay(x.Now.Wall), Proof: l.Proof,
	}
	if instead != body.Benefit {
		body.Instead = instead
	}
	t.Print(x, by.Lane, slip.Handout, 0, slip.Facts{})
	return body, nil
}

// PutVoucherAway takes a scanned voucher off the lane unused.
func (t *Till) PutVoucherAway(by clerk.By) error {
	return t.edit(by, func(l *lane) error {
		l.Voucher = nil
		t.bearer.Drop(by.Lane)
		return nil
	})
}
