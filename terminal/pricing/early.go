package pricing

import "github.com/jifen-pos/jifen/terminal/lot"

// TooEarly finds the first line of goods that who buys may not have yet, and from
// which day on they may; -1 is none. Of a day that nobody can trust it keeps nothing
// back (rule S11).
func TooEarly(r Request) (line int, from lot.Day) {
	if !r.Today.Trusted {
		return -1, 0
	}
	for i, l := range r.Lines {
		if from, ok := r.Programme.OnSale(l.Product.GTIN, r.Member, r.At); !ok {
			return i, from
		}
	}
	return -1, 0
}
