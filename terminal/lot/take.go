package lot

// Held cuts draws down to what is held of their lots, and leaves out what is
// not held at all.
func Held(holdings []Holding, draws []Draw) []Draw {
	left := map[ID]Amount{}
	for _, h := range holdings {
		left[h.Lot.ID] += h.Amount
	}
	var out []Draw
	for _, d := range draws {
		n := min(d.Amount, left[d.Lot])
		left[d.Lot] -= n
		if n > 0 {
			out = append(out, Draw{Lot: d.Lot, Amount: n})
		}
	}
	return out
}

// Without takes draws out of holdings: what is left for others.
func Without(holdings []Holding, draws []Draw) []Holding {
	gone := map[ID]Amount{}
	for _, d := range draws {
		gone[d.Lot] += d.Amount
	}
	var out []Holding
	for _, h := range holdings {
		n := min(h.Amount, gone[h.Lot.ID])
		gone[h.Lot.ID] -= n
		if h.Amount -= n; h.Amount > 0 {
			out = append(out, h)
		}
	}
	return out
}
