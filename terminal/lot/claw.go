package lot

import (
	"fmt"
	"slices"
)

// ClawPolicy says how far HQ goes to take back what returned goods had earned
// (rule S08). What it does not take, it forgives.
type ClawPolicy uint8

// The policies, from the one that takes most.
const (
	ClawDebt    ClawPolicy = iota // the rest is owed
	ClawBalance                   // what the member can use, no debt
	ClawPending                   // only what of the receipt is still pending
)

// Claw is what HQ takes back and what is owed for the rest.
type Claw struct {
	Draws []Draw
	Owed  Amount
}

// PlanClaw chooses what HQ takes back of what a receipt had earned: what is
// pending of its own lots, then what is left of them, lapsed or not, then the
// member's other usable lots of the asset, soonest expiry first, and last a
// debt (rule S06). Only HQ does this: a till takes from the receipt's lots and
// from no other.
func PlanClaw(holdings []Holding, asset Asset, own []ID, want Amount, today Today, policy ClawPolicy) (Claw, error) {
	if want < 0 || want > AmountMax {
		return Claw{}, fmt.Errorf("claw %d of %s: %w", want, asset, ErrAmount)
	}
	var steps [3][]Holding
	for _, h := range holdings {
		if at := clawStep(h, own, today); h.Lot.Asset == asset && h.Amount > 0 && at < len(steps) {
			steps[at] = append(steps[at], h)
		}
	}
	last := len(steps)
	if policy == ClawPending {
		last = 1
	}
	c := Claw{Owed: want}
	for _, step := range steps[:last] {
		slices.SortFunc(step, spendingOrder)
		for _, h := range step {
			if n := min(c.Owed, h.Amount); n > 0 {
				c.Draws = append(c.Draws, Draw{Lot: h.Lot.ID, Amount: n})
				c.Owed -= n
			}
		}
	}
	if policy != ClawDebt {
		c.Owed = 0
	}
	return c, nil
}

// clawStep says when a holding's turn is: 0 first, 3 never.
func clawStep(h Holding, own []ID, today Today) int {
	switch {
	case slices.Contains(own, h.Lot.ID) && h.Lot.Active > today.Day:
		return 0
	case slices.Contains(own, h.Lot.ID):
		return 1
	case today.Spendable(h.Lot):
		return 2
	default:
		return 3
	}
}
