package intake

import (
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// claimBy reads what an entry claims: for whom, and of which sale if it takes
// goods back or has its receipt.
func claimBy(b ledger.Body) (owner member.ID, sale lot.Origin) {
	switch r := b.(type) {
	case *ledger.ReturnClaim:
		return r.Member, r.Of
	case *ledger.PaperClaim:
		return r.Member, r.Of
	case *ledger.VoucherBack:
		return r.Member, r.Voucher.Origin
	}
	a, _ := decision.AskedBy(b, 0) // whose it is, on whatever day
	return a.Owner, lot.Origin{}
}

// spentBy are what an entry spent of points, and what it gave back.
func spentBy(e fold.Effects) (spent, back []lot.Draw) {
	for _, p := range e.Postings {
		switch {
		case !p.Asset.Points():
		case p.From.Kind == fold.AccountHeld && p.To.Kind == fold.AccountSpent:
			spent = append(spent, lot.Draw{Lot: p.Lot, Amount: p.Amount})
		case p.From.Kind == fold.AccountReinstated:
			back = append(back, lot.Draw{Lot: p.Lot, Amount: p.Amount})
		}
	}
	return spent, back
}
