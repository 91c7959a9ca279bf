package till

import (
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Redeem exchanges the member's points for a benefit and prints its voucher
// (cap P5). The same reference again gives the same answer.
func (t *Till) Redeem(by By, ref, benefit string) (Done, error) {
	return t.confirm(by, ref, ledger.KindRedeem, func(l *lane) (confirmation, error) {
		b, ok := t.o.Programme.Benefit(benefit)
		switch {
		case !ok:
			return confirmation{}, refuse("unknown-benefit")
		case l.Member == 0:
			return confirmation{}, refuse("no-member")
		case !l.Proof.MaySpend():
			return confirmation{}, refuse("not-proved")
		}
		return confirmation{
			input: fmt.Appendf(nil, "%s %s", benefit, l.Member),
			next:  l.basket,
			build: func(x *txn) (ledger.Body, error) { return t.redeem(x, l, b) },
			done: func(d Done) {
				l.last = &Last{Kind: ledger.KindRedeem, Origin: d.Origin}
				l.say(OK, "redeemed", b.Name)
			},
		}, nil
	})
}

func (t *Till) redeem(x *txn, l *lane, b programme.Benefit) (ledger.Body, error) {
	holdings, err := x.state.Usable(l.Member)
	if err != nil {
		return nil, err
	}
	draws, err := lot.Plan(holdings, b.Cost.Asset, b.Cost.Amount, x.today)
	var short *lot.ShortError
	if errors.As(err, &short) {
		return nil, &Declined{Code: "points-short", Member: l.Member, Asset: short.Asset, Want: short.Want, Has: short.Has}
	}
	if err != nil {
		return nil, err
	}
	if len(draws) > lot.HoldingsMax {
		return nil, refuse("too-many-lots")
	}
	body := &ledger.Redeem{
		Member: l.Member, Proof: l.Proof, Benefit: b.ID, Asset: b.Cost.Asset, Draws: draws,
		Voucher: ledger.Issue{Asset: lot.BenefitAsset(b.ID), Amount: 1, Funder: b.Merchant, UnitCost: b.WorthFen * 1000, Expires: b.ExpiryFrom(x.today.Day)},
		Day:     t.o.Programme.BusinessDay(x.now.Wall),
	}
	id := lot.ID{Origin: t.coming(x)}
	text, err := token.SealVoucher(token.Voucher{Lot: id, Benefit: b.ID, Expires: body.Voucher.Expires, Units: 1}, t.o.Key)
	if err != nil {
		return nil, fmt.Errorf("sign voucher: %w", err)
	}
	x.print(t.shop().Voucher(x.moment(), body, id, text))
	return body, nil
}

// UseVoucher hands out what the voucher on the lane promises, once.
func (t *Till) UseVoucher(by By, ref string) (Done, error) {
	return t.confirm(by, ref, ledger.KindVoucherUse, func(l *lane) (confirmation, error) {
		if l.Voucher == nil {
			return confirmation{}, refuse("no-voucher")
		}
		id := *l.Voucher
		next := l.basket
		next.Voucher = nil
		return confirmation{
			input: []byte(id.String()),
			next:  next,
			build: func(x *txn) (ledger.Body, error) { return t.handOut(x, by, id) },
			done: func(d Done) {
				b, _ := t.o.Programme.Benefit(d.Entry.Body.(*ledger.VoucherUse).Benefit)
				l.last = &Last{Kind: ledger.KindVoucherUse, Origin: d.Origin}
				l.say(OK, "handed-out", b.Name)
			},
		}, nil
	})
}

func (t *Till) handOut(x *txn, by By, id lot.ID) (ledger.Body, error) {
	v, err := t.usableVoucher(x.state, id, x.today)
	if err != nil {
		return nil, err
	}
	body := &ledger.VoucherUse{
		Member: v.Member, Voucher: id, Benefit: v.Lot.Asset.Benefit(), Day: t.o.Programme.BusinessDay(x.now.Wall),
	}
	x.print(t.shop().Handout(x.moment(), by.Lane, by.Actor, body))
	return body, nil
}

// usableVoucher returns a voucher that may be handed out here now, or the
// refusal to show: a used one names the time and place of its first use.
func (t *Till) usableVoucher(state *fold.State, id lot.ID, today lot.Today) (fold.Voucher, error) {
	v, ok, err := state.Voucher(id)
	switch {
	case err != nil:
		return v, err
	case !ok:
		return v, refuse("voucher-unknown")
	case v.Status == fold.VoucherUsed:
		at := t.shop().Stamp(time.UnixMilli(v.Wall))
		return v, refuse("voucher-used", plain(at), t.o.Place.Name, plain(v.Lane))
	case v.Status == fold.VoucherReturned:
		return v, refuse("voucher-returned")
	case !today.Usable(v.Lot.Expires):
		return v, refuse("voucher-expired", plain(v.Lot.Expires))
	}
	held, err := state.Usable(v.Member)
	if err != nil {
		return v, err
	}
	for _, h := range held {
		if h.Lot.ID == id && h.Amount > 0 {
			return v, nil
		}
	}
	return v, refuse("voucher-frozen")
}

// PutVoucherAway takes a scanned voucher off the lane unused.
func (t *Till) PutVoucherAway(by By) error {
	return t.edit(by, func(l *lane) error {
		l.Voucher = nil
		return nil
	})
}
