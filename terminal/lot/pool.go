package lot

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/terminal/member"
)

// Sharer is another member of the household and what of theirs the pool may
// spend: within an allowance, a quota of the sharer's that is held like any
// right (rule S13).
type Sharer struct {
	Member    member.ID
	Holdings  []Holding
	Allowance []Holding // lots of the sharer's quota
}

// PoolDraw is what one sharer pays, and what it uses up of their allowance.
type PoolDraw struct {
	Member    member.ID
	Draws     []Draw
	Allowance []Draw // as much in all as Draws
}

// PlanPool chooses what pays for want of an asset: the member's own lots first,
// then those of the sharers, of all of them together the one that expires
// soonest, each within their allowance. The pool is an authority to spend and
// no mixed pot: every lot stays its owner's. It returns a *ShortError, which
// matches ErrShort, if all that does not cover it.
func PlanPool(own []Holding, sharers []Sharer, asset Asset, want Amount, today Today) ([]Draw, []PoolDraw, error) {
	mine := Available(own, asset, today)
	if mine >= want {
		draws, err := Plan(own, asset, want, today)
		return draws, nil, err
	}
	draws, err := Plan(own, asset, mine, today)
	if err != nil {
		return nil, nil, err
	}
	parts, left := planShared(sharers, asset, want-mine, today)
	if left > 0 {
		return nil, nil, &ShortError{Asset: asset, Want: want, Has: want - left}
	}
	return draws, parts, nil
}

// Pooled is what the pool makes of a member's own lots: beside them as much of the
// sharers' lots of an asset as PlanPool would take.
func Pooled(own []Holding, sharers []Sharer, asset Asset, today Today) []Holding {
	out := slices.Clone(own)
	parts, _ := planShared(sharers, asset, AmountMax, today)
	for _, p := range parts {
		for _, s := range sharers {
			if s.Member != p.Member {
				continue
			}
			for _, d := range p.Draws {
				n := slices.IndexFunc(s.Holdings, func(h Holding) bool { return h.Lot.ID == d.Lot })
				out = append(out, Holding{Lot: s.Holdings[n].Lot, Amount: d.Amount})
			}
		}
	}
	return out
}

// Less is a sharer without what was planned of theirs.
func Less(sharers []Sharer, parts []PoolDraw) []Sharer {
	out := slices.Clone(sharers)
	for n, s := range out {
		for _, p := range parts {
			if p.Member == s.Member {
				out[n].Holdings, out[n].Allowance = Without(out[n].Holdings, p.Draws), Without(out[n].Allowance, p.Allowance)
			}
		}
	}
	return out
}

// shared is a sharer's holding.
type shared struct {
	Holding
	by int // index of the sharer
}

func planShared(sharers []Sharer, asset Asset, left Amount, today Today) ([]PoolDraw, Amount) {
	var lots []shared
	allowed := make([]Amount, len(sharers))
	for i, s := range sharers {
		allowed[i] = usable(s.Allowance, today)
		for _, h := range s.Holdings {
			if h.Lot.Asset == asset && h.Amount > 0 && today.Spendable(h.Lot) {
				lots = append(lots, shared{h, i})
			}
		}
	}
	slices.SortStableFunc(lots, func(a, b shared) int {
		return cmp.Or(spendingOrder(a.Holding, b.Holding), cmp.Compare(a.by, b.by))
	})
	draws := make([][]Draw, len(sharers))
	for _, h := range lots {
		if n := min(left, h.Amount, allowed[h.by]); n > 0 {
			draws[h.by] = append(draws[h.by], Draw{Lot: h.Lot.ID, Amount: n})
			left, allowed[h.by] = left-n, allowed[h.by]-n
		}
	}
	var parts []PoolDraw
	for i, s := range sharers {
		if len(draws[i]) > 0 {
			parts = append(parts, PoolDraw{s.Member, draws[i], takeFrom(s.Allowance, Sum(draws[i]), today)})
		}
	}
	return parts, left
}

func usable(holdings []Holding, today Today) (n Amount) {
	for _, h := range holdings {
		if today.Spendable(h.Lot) {
			n += h.Amount
		}
	}
	return n
}

// takeFrom takes an amount that is there out of holdings of one kind.
func takeFrom(holdings []Holding, n Amount, today Today) (draws []Draw) {
	sorted := slices.Clone(holdings)
	slices.SortFunc(sorted, spendingOrder)
	for _, h := range sorted {
		if m := min(n, h.Amount); m > 0 && today.Spendable(h.Lot) {
			draws = append(draws, Draw{Lot: h.Lot.ID, Amount: m})
			n -= m
		}
	}
	return draws
}
