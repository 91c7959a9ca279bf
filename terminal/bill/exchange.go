package bill

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// SameTenders compares what was handed over, without what a return paid.
func SameTenders(stored, tenders []ledger.Tender) bool {
	handed := slices.DeleteFunc(slices.Clone(stored), func(t ledger.Tender) bool { return t.Kind == Exchange })
	return slices.Equal(handed, tenders)
}

// Given is the money that goes over the counter to the customer of an exchange.
func Given(b *ledger.Return) (fen lot.Fen) {
	for _, t := range b.Tenders {
		if t.Kind != Exchange {
			fen += t.Fen
		}
	}
	return fen + b.Sale.Change
}

// After is what a member has as a return leaves it: what it gives back to its lots
// is there, of the lots that had paid, and what it takes is gone.
func After(own []lot.Holding, back *ledger.Return, paid []count.Paid) []lot.Holding {
	own = lot.Without(own, back.Claw)
	for _, p := range back.Plays {
		own = lot.Without(own, p.Claw)
	}
	for _, d := range back.Back {
		if n := slices.IndexFunc(own, func(h lot.Holding) bool { return h.Lot.ID == d.Lot }); n >= 0 {
			own[n].Amount += d.Amount
			continue
		}
		for _, p := range paid {
			if p.Lot.ID == d.Lot && p.Lot.Owner == back.Member {
				own = append(own, lot.Holding{Lot: p.Lot, Amount: d.Amount})
			}
		}
	}
	return own
}
