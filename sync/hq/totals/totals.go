// Package totals adds up what there is of each kind of right over the whole programme,
// for people to look at. What boards say is no limit to it: what is too much is shown
// as the most that there is.
package totals

import (
	"math"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// View is one kind of right over the whole programme: what was issued and
// given back is the sum of the rest.
type View struct {
	Asset     lot.Asset
	Name      programme.Text
	Issued    lot.Amount
	HQ        lot.Amount // free at HQ
	Terminals lot.Amount // held at terminals
	Flight    lot.Amount // in notes on their way
	Spent     lot.Amount
	Risk      lot.Amount // taken beyond what was held
	Back      lot.Amount // given back to the lots it was spent from
	Gone      lot.Amount // clawed back, written off, expired, or going on in another lot
}

// Off is by how much the accounts do not add up: 0, or something is wrong. Of what is
// too much to be added up nobody can tell.
func (t View) Off() lot.Amount {
	if max(t.Issued, t.HQ, t.Terminals, t.Flight, t.Spent, t.Risk, t.Back, t.Gone) == most {
		return 0
	}
	return t.HQ + t.Terminals + t.Flight + t.Spent + t.Gone - t.Issued - t.Back - t.Risk
}

// most is the most that a sum shows, or less than it.
const most = lot.Amount(math.MaxInt64)

// add adds to a sum, up to the most.
func add(sum *lot.Amount, n lot.Amount) {
	switch {
	case n > 0 && *sum > most-n:
		*sum = most
	case n < 0 && *sum < -most-n:
		*sum = -most
	default:
		*sum += n
	}
}

// Of adds the accounts up by kind of right.
func Of(sums []book.AccountSum, p *programme.Programme) []View {
	var out []View
	for _, s := range sums {
		at := slices.IndexFunc(out, func(t View) bool { return t.Asset == s.Asset })
		if at < 0 {
			at = len(out)
			out = append(out, View{Asset: s.Asset, Name: assetName(p, s.Asset)})
		}
		t := &out[at]
		switch s.Kind.Base() {
		case book.Issued:
			add(&t.Issued, -s.Amount)
		case book.AtHQ:
			add(&t.HQ, s.Amount)
		case book.AtTerminal:
			add(&t.Terminals, s.Amount)
		case book.Late: // below zero it is the store's loss
			add(&t.Terminals, max(s.Amount, 0))
			add(&t.Risk, max(-s.Amount, 0))
		case book.InFlight:
			add(&t.Flight, s.Amount)
		case book.Spent:
			add(&t.Spent, s.Amount)
		case book.Risk:
			add(&t.Risk, -s.Amount)
		case book.Reinstated:
			add(&t.Back, -s.Amount)
		case book.Clawed, book.Reissued, book.WrittenOff, book.Expired, book.Netted:
			add(&t.Gone, s.Amount)
		}
	}
	return out
}

func assetName(p *programme.Programme, a lot.Asset) programme.Text {
	if b, ok := p.Benefit(a.Benefit()); ok {
		return b.Name
	}
	return p.PointsName(a)
}
