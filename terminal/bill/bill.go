// Package bill turns a quote into the entry of a sale: what each line comes to,
// what it earned, which coupons were used and which lots pay, and whether what was
// handed over covers it. It decides
// nothing that the quote did not, and reads no state of its own.
package bill

import (
	"errors"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// ErrLots says that more lots would pay than one entry may name.
var ErrLots = errors.New("too many lots")

// Payers is whose lots pay: the member's own and, where the household's pool is
// used, those of others of it, each within what they allow (rule S13).
type Payers struct {
	Own     []lot.Holding
	Sharers []lot.Sharer
	Stock   []lot.Holding // what the programme owns here, where a merchant's ceiling is strict
}

// Plan chooses the lots that pay for want of an asset: the member's own first.
func (p Payers) Plan(asset lot.Asset, want lot.Amount, today lot.Today) ([]lot.Draw, []lot.PoolDraw, error) {
	own, parts, err := lot.PlanPool(p.Own, p.Sharers, asset, want, today)
	lots := len(own)
	for _, part := range parts {
		lots += len(part.Draws) + len(part.Allowance)
	}
	if err == nil && (lots > lot.HoldingsMax || len(parts) > ledger.PoolMax) {
		err = ErrLots
	}
	return own, parts, err
}

// Less is what is left when some of it was planned.
func (p Payers) Less(own []lot.Draw, parts []lot.PoolDraw) Payers {
	return Payers{Own: lot.Without(p.Own, own), Sharers: lot.Less(p.Sharers, parts), Stock: p.Stock}
}

// Pool is the parts of others as an entry has them.
func Pool(parts []lot.PoolDraw) (out []ledger.PoolPart) {
	for _, p := range parts {
		out = append(out, ledger.PoolPart{Owner: p.Member, Draws: p.Draws, Allowance: p.Allowance})
	}
	return out
}

// Parts is Pool read back.
func Parts(pool []ledger.PoolPart) (out []lot.PoolDraw) {
	for _, p := range pool {
		out = append(out, lot.PoolDraw{Member: p.Owner, Draws: p.Draws, Allowance: p.Allowance})
	}
	return out
}

// Make makes the entry of what was asked for, as it was quoted.
func Make(r pricing.Request, q pricing.Quote, payers Payers) (*ledger.Sale, error) {
	sale := &ledger.Sale{
		Member: r.Member, Proof: r.Proof, Tier: r.Tier, Grade: r.Grade, Lines: lines(r, q), Awards: awards(q), Rounded: q.Rounding,
	}
	for _, c := range q.Coupons {
		if c.Why == pricing.CouponApplies {
			sale.Coupons = append(sale.Coupons, ledger.CouponUse{Lot: c.Lot, Asset: c.Asset, Fen: c.Fen})
		}
	}
	sale.Promotions = promotions(q)
	if err := fund(sale, r, payers.Stock); err != nil {
		return nil, err
	}
	d := q.Deduction
	if d.Fen == 0 {
		return sale, nil
	}
	own, parts, err := payers.Plan(d.Asset, d.Points, r.Today)
	if err != nil {
		return nil, err
	}
	sale.Deduction = &ledger.Deduction{Asset: d.Asset, Fen: d.Fen, Draws: own, Pool: Pool(parts)}
	return sale, nil
}

func lines(r pricing.Request, q pricing.Quote) []ledger.Line {
	lines := make([]ledger.Line, len(q.Lines))
	for i, l := range q.Lines {
		product := r.Lines[i].Product
		lines[i] = ledger.Line{
			Product: product.GTIN, Qty: r.Lines[i].Qty, Fen: l.Fen, Off: l.Off, Deducted: l.Deducted, Rounded: l.Rounded,
			Merchant: product.Merchant, Eco: product.Eco, Category: product.Category, Brand: product.Brand,
		}
	}
	return lines
}

// promotions are what campaigns took off; those beyond the limit of an entry
// stand together at its end.
func promotions(q pricing.Quote) []ledger.Promotion {
	var list []ledger.Promotion
	for _, p := range q.Promotions {
		if len(list) == ledger.PromotionsMax {
			last := &list[len(list)-1]
			last.Campaign, last.Fen = "", last.Fen+p.Fen
			continue
		}
		list = append(list, ledger.Promotion{Campaign: p.Campaign, Fen: p.Fen})
	}
	return list
}

// awards turns a quote's awards into those of an entry; what a tier or a rule
// multiplied is no part of an award's base (rule S12).
func awards(quote pricing.Quote) []ledger.Award {
	var list []ledger.Award
	var base []int64
	for _, rule := range quote.Rules {
		var amounts []int64
		for _, a := range quote.Awards {
			if a.Rule == rule.Rule {
				list = append(list, award(a))
				amounts = append(amounts, int64(a.Amount))
			}
		}
		base = append(base, lot.Split(int64(rule.Points-rule.Bonus), amounts)...)
	}
	for i := range list {
		list[i].Base = lot.Amount(base[i])
	}
	return list
}

func award(a pricing.Award) ledger.Award {
	out := ledger.Award{
		Issue: ledger.Issue{Asset: a.Asset, Amount: a.Amount, Funder: a.Funder, UnitCost: a.UnitCost, Expires: a.Expires, Active: a.Active},
		Rule:  a.Rule,
	}
	for _, s := range a.Shares {
		out.Shares = append(out.Shares, ledger.Share{Line: uint32(s.Line), Amount: s.Amount})
	}
	return out
}

// Promise is the terms of a benefit's voucher, or of the coupon that it gives.
func Promise(p *programme.Programme, b programme.Benefit, today lot.Day) ledger.Issue {
	i := ledger.Issue{Asset: lot.BenefitAsset(b.ID), Amount: 1, Funder: b.Merchant, UnitCost: b.WorthFen * 1000, Expires: b.ExpiryFrom(today)}
	if c, ok := p.Coupon(b.Coupon); ok {
		i.Asset, i.Expires = lot.CouponAsset(c.ID), c.ExpiryFrom(today)
	}
	return i
}
