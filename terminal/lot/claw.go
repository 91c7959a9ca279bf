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

// Clawing is what is to be taken back of a receipt's lots of one asset.
type Clawing struct {
	Lots      []Lot // of the receipt
	Want      Amount
	Elsewhere Amount // what others than HQ hold of them: HQ has called it back
}

// Claw is what HQ takes back, what is owed for the rest, and what is let go.
// What is waited for is the rest of it.
type Claw struct {
	Draws    []Draw
	Owed     Amount
	Forgiven Amount
}

// PlanClaw chooses what HQ takes back of what a receipt had earned, out of what
// it holds of the member's: what is pending of the receipt's lots, then what is
// left of them, lapsed or not; what lies elsewhere of them is waited for; the
// rest comes from the member's other usable lots of the asset, soonest expiry
// first, and last it is a debt (rules S06 and S08). Another voucher, coupon or
// medal is not taken for one that a game gave and that is used: it was come by in
// another way. Only HQ does this: a till
// takes from the receipt's lots and from no other.
func PlanClaw(holdings []Holding, c Clawing, today Today, policy ClawPolicy) (Claw, error) {
	if c.Want < 0 || c.Want > AmountMax || c.Elsewhere < 0 {
		return Claw{}, fmt.Errorf("claw %d, of which %d elsewhere: %w", c.Want, c.Elsewhere, ErrAmount)
	}
	var out Claw
	steps := c.steps(holdings, today)
	if policy == ClawPending {
		left := out.take(steps[:clawOwn], c.Want)
		if !slices.ContainsFunc(c.Lots, func(l Lot) bool { return l.Active > today.Day }) {
			c.Elsewhere = 0 // what is pending no more is let go, wherever it is
		}
		out.Forgiven = max(left-c.Elsewhere, 0)
		return out, nil
	}
	left := max(out.take(steps[:clawOthers], c.Want)-c.Elsewhere, 0)
	left = out.take(steps[clawOthers:], left)
	if policy == ClawDebt {
		out.Owed = left
	} else {
		out.Forgiven = left
	}
	return out, nil
}

// take draws on holdings step by step and returns what they do not cover.
func (c *Claw) take(steps [][]Holding, left Amount) Amount {
	for _, step := range steps {
		slices.SortFunc(step, spendingOrder)
		for _, h := range step {
			if n := min(left, h.Amount); n > 0 {
				c.Draws = append(c.Draws, Draw{Lot: h.Lot.ID, Amount: n})
				left -= n
			}
		}
	}
	return left
}

// The turns in which holdings are taken.
const (
	clawPending = iota
	clawOwn
	clawOthers
	clawSteps
)

// steps sorts holdings by their turn; what never has one is left out.
func (c Clawing) steps(holdings []Holding, today Today) [][]Holding {
	steps := make([][]Holding, clawSteps)
	for _, h := range holdings {
		at := clawOthers
		if slices.ContainsFunc(c.Lots, func(l Lot) bool { return l.ID == h.Lot.ID }) {
			if at = clawOwn; h.Lot.Active > today.Day {
				at = clawPending
			}
		} else if !h.Lot.Asset.Points() || !today.Spendable(h.Lot) || !slices.ContainsFunc(c.Lots, func(l Lot) bool { return l.Asset == h.Lot.Asset }) {
			continue
		}
		if h.Amount > 0 {
			steps[at] = append(steps[at], h)
		}
	}
	return steps
}
