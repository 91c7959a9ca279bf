package count

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Payments adds up what was taken, lot by lot. A return names what it gives
// back, so no more lots may pay than one entry can name.
func Payments(taken []lot.Holding) ([]Paid, error) {
	var out []Paid
	for _, h := range taken {
		i := slices.IndexFunc(out, func(p Paid) bool { return p.Lot.ID == h.Lot.ID })
		if i < 0 {
			out = append(out, Paid{Holding: h})
			continue
		}
		if out[i].Amount += h.Amount; out[i].Amount > lot.AmountMax {
			return nil, fmt.Errorf("payment of %d out of lot %s: %w", out[i].Amount, h.Lot.ID, lot.ErrAmount)
		}
	}
	if len(out) > lot.HoldingsMax {
		return nil, fmt.Errorf("payment out of %d lots: %w", len(out), lot.ErrAmount)
	}
	return out, nil
}

// PaymentOf returns the payment that a draw can be given back to.
func PaymentOf(paid []Paid, d lot.Draw) *Paid {
	for i := range paid {
		if paid[i].Lot.ID == d.Lot && paid[i].Back+d.Amount <= paid[i].Amount {
			return &paid[i]
		}
	}
	return nil
}
