package bill

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
)

// Ceilings lets pricing see what may still be conceded here of every strict
// ceiling in the month of the sale: what the terminal holds of it, and of one that
// it holds nothing of, nothing (cap P9). It returns what the programme owns here.
func Ceilings(r *pricing.Request, usable func(member.ID) ([]lot.Holding, error)) (stock []lot.Holding, err error) {
	for i := range r.Programme.Merchants {
		m := &r.Programme.Merchants[i]
		if !m.Strict || m.CeilingFen == 0 {
			continue
		}
		if r.Ceilings == nil {
			r.Ceilings = map[string]lot.Amount{}
			if stock, err = usable(0); err != nil {
				return nil, err
			}
		}
		r.Ceilings[m.ID] = lot.Available(stock, lot.CeilingAsset(m.ID, r.At.Business), r.Today)
	}
	return stock, nil
}

// fund plans out of which lots of strict ceilings a sale's awards are conceded.
func fund(sale *ledger.Sale, r pricing.Request, stock []lot.Holding) error {
	if len(r.Ceilings) == 0 {
		return nil
	}
	var order []string
	cost := map[string]lot.Amount{}
	for _, a := range sale.Awards {
		if _, strict := r.Ceilings[a.Funder]; !strict || a.UnitCost == 0 {
			continue
		}
		if cost[a.Funder] == 0 {
			order = append(order, a.Funder)
		}
		cost[a.Funder] += a.Amount * lot.Amount(a.UnitCost)
	}
	for _, m := range order {
		draws, err := lot.Plan(stock, lot.CeilingAsset(m, r.At.Business), cost[m], r.Today)
		if err != nil {
			return err
		}
		if len(sale.Ceilings)+len(draws) > lot.HoldingsMax {
			return ErrLots
		}
		sale.Ceilings = append(sale.Ceilings, draws...)
	}
	return nil
}

// CeilingsAfter lets the sale of an exchange concede what its return gives back to
// strict ceilings; paid is what had paid for the sale that is returned. It returns
// what the programme owns here then.
func CeilingsAfter(r *pricing.Request, stock []lot.Holding, back *ledger.Return, paid []count.Paid) []lot.Holding {
	for _, d := range back.Ceilings {
		if n := slices.IndexFunc(stock, func(h lot.Holding) bool { return h.Lot.ID == d.Lot }); n >= 0 {
			stock[n].Amount += d.Amount
		} else if n := slices.IndexFunc(paid, func(p count.Paid) bool { return p.Lot.ID == d.Lot }); n >= 0 {
			stock = append(stock, lot.Holding{Lot: paid[n].Lot, Amount: d.Amount})
		}
	}
	for m := range r.Ceilings {
		r.Ceilings[m] = lot.Available(stock, lot.CeilingAsset(m, r.At.Business), r.Today)
	}
	return stock
}
