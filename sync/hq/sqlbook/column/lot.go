package column

import (
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// LotRow takes in the columns of a lot.
type LotRow struct {
	id, asset, funder, terms, from                   string
	owner, amount, unitCost, earned, expires, active int64
}

// Dest is where its columns go, in their order.
func (r *LotRow) Dest() []any {
	return []any{&r.id, &r.owner, &r.asset, &r.amount, &r.funder, &r.unitCost, &r.earned, &r.expires, &r.terms, &r.active, &r.from}
}

// Lot is what they say.
func (r *LotRow) Lot() (lot.Lot, error) {
	id, err := Lot(r.id)
	if err != nil {
		return lot.Lot{}, err
	}
	from, err := From(r.from)
	return lot.Lot{
		ID: id, Owner: member.ID(r.owner), Asset: lot.Asset(r.asset), Amount: lot.Amount(r.amount), Funder: r.funder,
		UnitCost: lot.Fen(r.unitCost), Earned: lot.Day(r.earned), Expires: lot.Day(r.expires), Terms: r.terms,
		Active: lot.Day(r.active), From: from,
	}, err
}
