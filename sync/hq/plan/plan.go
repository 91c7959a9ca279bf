// Package plan works out what HQ gives, takes and re-books by itself: which lots a
// question is answered with, where a member's points lie beforehand, what is owed out of new awards, what was spent
// of a later lot while HQ held an earlier one, and what a return gives and takes
// that HQ settles for a till. It decides nothing and
// remembers nothing.
package plan

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Award is a lot that reached HQ, what HQ holds of it, and what was taken of it
// already for what was owed.
type Award struct {
	lot.Holding
	Netted lot.Amount
}

// Netting is what one entry takes out of awards, and of what is owed.
type Netting struct {
	Parts []office.Owing
	Draws []lot.Draw
}

// Net takes out of awards what is owed, the oldest first: of each at most
// half, rounded down, so that the member sees it grow (rule S08).
func Net(owed []office.Owing, awards []Award) (list []Netting) {
	owed = slices.Clone(owed)
	var one Netting
	done := func() {
		if len(one.Parts) > 0 {
			list, one = append(list, one), Netting{}
		}
	}
	for _, a := range awards {
		due := lot.Net(owedOf(owed, a.Lot.Asset)+a.Netted, a.Lot.Amount) - a.Netted
		left := min(a.Amount, due)
		var took lot.Amount
		for n := range owed {
			m := min(left, owed[n].Amount)
			if owed[n].Asset != a.Lot.Asset || m <= 0 {
				continue
			}
			if len(one.Parts) == lot.HoldingsMax {
				one.Draws = drawn(one.Draws, a.Lot.ID, took)
				took = 0
				done()
			}
			part := owed[n]
			part.Amount = m
			one.Parts = append(one.Parts, part)
			owed[n].Amount, left, took = owed[n].Amount-m, left-m, took+m
		}
		one.Draws = drawn(one.Draws, a.Lot.ID, took)
	}
	done()
	return list
}

// drawn adds what was taken of a lot, if anything was.
func drawn(draws []lot.Draw, of lot.ID, n lot.Amount) []lot.Draw {
	if n == 0 {
		return draws
	}
	return append(draws, lot.Draw{Lot: of, Amount: n})
}

// owedOf adds up what is owed of an asset.
func owedOf(owed []office.Owing, asset lot.Asset) (sum lot.Amount) {
	for _, o := range owed {
		if o.Asset == asset {
			sum += o.Amount
		}
	}
	return sum
}

// Later is a lot and how much of it was spent on which days.
type Later struct {
	Lot   lot.Lot
	Spent []office.SpentOn
}

// Swap says what of later lots was spent while HQ held a lapsed one, the
// longest lasting first, so that the member is left with that.
func Swap(lapsed lot.Holding, since lot.Day, later []Later) (swapped []lot.Draw) {
	later = slices.Clone(later)
	slices.SortFunc(later, func(a, b Later) int {
		return cmp.Or(lasts(b.Lot, a.Lot), a.Lot.ID.Compare(b.Lot.ID))
	})
	left := lapsed.Amount
	for _, l := range later {
		if l.Lot.Asset != lapsed.Lot.Asset || lasts(l.Lot, lapsed.Lot) <= 0 {
			continue
		}
		var n lot.Amount
		for _, s := range l.Spent {
			if s.Day >= since {
				n += s.Amount
			}
		}
		if n = min(n, left); n > 0 {
			swapped, left = append(swapped, lot.Draw{Lot: l.Lot.ID, Amount: n}), left-n
		}
	}
	return swapped
}

// lasts compares how long lots last; 0 is for ever.
func lasts(a, b lot.Lot) int {
	switch {
	case a.Expires == b.Expires:
		return 0
	case a.Expires == 0:
		return 1
	case b.Expires == 0:
		return -1
	}
	return cmp.Compare(a.Expires, b.Expires)
}
