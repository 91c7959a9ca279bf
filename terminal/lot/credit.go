package lot

import (
	"cmp"
	"slices"
)

// Credit is what the merchant who took points has from the funder of one of
// the lots they came from (rule S21).
type Credit struct {
	Lot    ID
	Funder string // merchant, or "" for the programme
	Amount Amount // of the lot
	Fen    Fen
}

// Credits divides what points paid over the lots they came from, in the order
// in which they were drawn and in proportion to what each gave (rule S21). The
// parts add up to fen.
func Credits(taken []Holding, fen Fen) []Credit {
	weights := make([]int64, len(taken))
	for i, h := range taken {
		weights[i] = int64(h.Amount)
	}
	credits := make([]Credit, len(taken))
	for i, part := range Split(int64(fen), weights) {
		h := taken[i]
		credits[i] = Credit{Lot: h.Lot.ID, Funder: h.Lot.Funder, Amount: h.Amount, Fen: Fen(part)}
	}
	return credits
}

// Reversed returns how much of a credit goes back once so many of its points
// in all have gone back to their lot: the same allocation backwards, exact when
// all of them have (rules S06 and S21). It fails with ErrAmount for more than
// there were.
func (c Credit) Reversed(back Amount) (Fen, error) {
	if back < 0 || back > c.Amount {
		return 0, ErrAmount
	}
	if back == 0 {
		return 0, nil
	}
	fen, err := Ratio{Num: int64(back), Den: int64(c.Amount)}.Floor(int64(c.Fen))
	return Fen(fen), err
}

// FunderCredit is what one funder pays for in all.
type FunderCredit struct {
	Funder string
	Amount Amount
	Fen    Fen
}

// ByFunder adds up credits, in the order of the funders' ids.
func ByFunder(credits []Credit) []FunderCredit {
	var out []FunderCredit
	for _, c := range credits {
		i, found := slices.BinarySearchFunc(out, c.Funder, func(f FunderCredit, id string) int { return cmp.Compare(f.Funder, id) })
		if !found {
			out = slices.Insert(out, i, FunderCredit{Funder: c.Funder})
		}
		out[i].Amount += c.Amount
		out[i].Fen += c.Fen
	}
	return out
}
