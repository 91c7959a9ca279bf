package pricing

import "github.com/jifen-pos/jifen/terminal/lot"

// CapCeiling is that a merchant has conceded what it lets itself concede in a
// month, as far as the terminal may spend of it (cap P9).
const CapCeiling CapLimit = "ceiling"

// Cost is what an award costs its funder, in thousandths of a fen: the unit in
// which a strict ceiling is held.
func (a *Award) Cost() lot.Amount { return a.Amount * lot.Amount(a.UnitCost) }

// ceilings leaves of the awards what their funders still pay for: each as many
// points as what is left of a strict ceiling bears, in the order in which they
// were earned. The rest is not given, and the quote says so.
func (w *work) ceilings() {
	if len(w.r.Ceilings) == 0 {
		return
	}
	left := map[string]lot.Amount{}
	for m, n := range w.r.Ceilings {
		left[m] = n
	}
	kept := w.Awards[:0]
	for _, a := range w.Awards {
		n, strict := left[a.Funder]
		if !strict || a.UnitCost == 0 {
			kept = append(kept, a)
			continue
		}
		if most := n / lot.Amount(a.UnitCost); a.Amount > most {
			w.cut(a, a.Amount-most)
			a.less(most)
		}
		left[a.Funder] -= a.Cost()
		if a.Amount > 0 {
			kept = append(kept, a)
		}
	}
	w.Awards = kept
}

// less leaves so many points of an award, shared over its lines as before.
func (a *Award) less(points lot.Amount) {
	weights := make([]int64, len(a.Shares))
	for i, s := range a.Shares {
		weights[i] = int64(s.Amount)
	}
	var shares []Share
	for i, n := range lot.Split(int64(points), weights) {
		if n > 0 {
			shares = append(shares, Share{a.Shares[i].Line, lot.Amount(n)})
		}
	}
	a.Amount, a.Shares = points, shares
}

// cut takes points out of what the quote says that an award's rule gives.
func (w *work) cut(a Award, n lot.Amount) {
	for i := range w.Rules {
		q := &w.Rules[i]
		if q.Rule != a.Rule || q.Asset != a.Asset {
			continue
		}
		q.Points, q.Cut, q.Cap = q.Points-n, q.Cut+n, CapCeiling
		q.Bonus = min(q.Bonus, q.Points)
		break
	}
	w.addEarning(a.Asset, -n)
}
