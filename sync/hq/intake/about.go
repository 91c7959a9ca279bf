package intake

import (
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// membersOf are whom an entry of a terminal is about.
func membersOf(b ledger.Body) []member.ID {
	switch b := b.(type) {
	case *ledger.Sale:
		out := []member.ID{b.Member}
		if b.Deduction != nil {
			out = append(out, pool(b.Deduction.Pool)...)
		}
		for _, r := range b.Redemptions {
			out = append(out, pool(r.Pool)...)
		}
		return out
	case *ledger.Redeem:
		return append(pool(b.Pool), b.Member)
	case *ledger.Transfer:
		return []member.ID{b.From, b.To}
	case *ledger.VoucherUse:
		return []member.ID{b.Member}
	case *ledger.VoucherBack:
		return []member.ID{b.Member}
	case *ledger.NoteGiven:
		return []member.ID{b.Member}
	case *ledger.Return:
		return []member.ID{b.Member}
	case *ledger.ReturnClaim:
		return []member.ID{b.Member}
	case *ledger.Play:
		return []member.ID{b.Member}
	}
	return given(b)
}

// given are whom an entry gives something that is no sale's.
func given(b ledger.Body) []member.ID {
	switch b := b.(type) {
	case *ledger.Grant:
		return []member.ID{b.Member}
	case *ledger.CheckIn:
		return []member.ID{b.Member}
	case *ledger.Answer:
		return []member.ID{b.Member}
	case *ledger.WriteOff:
		return []member.ID{b.Member}
	case *ledger.QuotaMinted:
		return []member.ID{b.Member}
	case *ledger.Enrol:
		return []member.ID{b.Member}
	}
	return nil
}

func pool(parts []ledger.PoolPart) (out []member.ID) {
	for _, p := range parts {
		out = append(out, p.Owner)
	}
	return out
}

// claimBy reads what an entry claims: for whom, and of which sale if it takes
// goods back.
func claimBy(b ledger.Body) (owner member.ID, sale lot.Origin) {
	if r, ok := b.(*ledger.ReturnClaim); ok {
		return r.Member, r.Of
	}
	a, _ := office.AskedBy(b)
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
