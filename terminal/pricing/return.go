package pricing

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// ErrReturn matches what cannot be returned: a line that was never sold, or
// more of it than is left.
var ErrReturn = errors.New("cannot be returned")

// ReturnError says which line and how much is left of it. It matches
// ErrReturn.
type ReturnError struct {
	Line       int // from 0
	Want, Left int64
}

func (e *ReturnError) Error() string {
	return fmt.Sprintf("return %d of line %d, of which %d are left", e.Want, e.Line, e.Left)
}

// Is makes the error match ErrReturn.
func (e *ReturnError) Is(target error) bool { return target == ErrReturn }

// Sold is a receipt as it stands in its entry, with the rules that were in
// force when it was made.
type Sold struct {
	Rules  *programme.Programme
	Lines  []SoldLine
	Awards []SoldAward
	Points lot.Amount // that paid, by deduction
}

// SoldLine is one line of a receipt.
type SoldLine struct {
	Qty      int64
	Fen      lot.Fen
	Deducted lot.Fen
	Merchant string
	Eco      bool
}

// SoldAward is one award of a receipt.
type SoldAward struct {
	Rule   string
	Funder string
	Amount lot.Amount
}

// Returned is what has come back of a receipt so far, all returns together
// (rule S06: everything is cumulative per receipt).
type Returned struct {
	Qty    []int64      // of each line
	Fen    lot.Fen      // money given back
	Points lot.Amount   // that paid and were given back
	Clawed []lot.Amount // of each award
}

// NothingReturned is where a receipt starts.
func (s Sold) NothingReturned() Returned {
	return Returned{Qty: make([]int64, len(s.Lines)), Clawed: make([]lot.Amount, len(s.Awards))}
}

// Return works out what all returns of a receipt come to together, once the
// quantities given come back too; the difference to before is what this return
// gives and takes. Money comes back as paid, without what points paid; points
// that paid come back in proportion; what was earned is taken back to what the
// remaining basket would have earned under the receipt's own rules. The last
// return settles every remainder, so that any order of returns ends where one
// full return ends.
func Return(s Sold, before Returned, qty []int64) (Returned, error) {
	after := Returned{Qty: slices.Clone(before.Qty), Clawed: slices.Clone(before.Clawed)}
	if len(qty) > len(s.Lines) || len(before.Qty) != len(s.Lines) || len(before.Clawed) != len(s.Awards) {
		return Returned{}, &ReturnError{Line: len(s.Lines), Want: 1}
	}
	for i, n := range qty {
		if left := s.Lines[i].Qty - before.Qty[i]; n < 0 || n > left {
			return Returned{}, &ReturnError{Line: i, Want: n, Left: left}
		}
		after.Qty[i] += n
	}
	var gone, deducted, total lot.Fen
	for i, l := range s.Lines {
		gross, err := part(l.Fen, after.Qty[i], l.Qty)
		if err != nil {
			return Returned{}, err
		}
		byPoints, err := part(l.Deducted, after.Qty[i], l.Qty)
		if err != nil {
			return Returned{}, err
		}
		gone, deducted, total = gone+gross-byPoints, deducted+byPoints, total+l.Deducted
	}
	after.Fen = gone
	if total > 0 {
		points, err := lot.Ratio{Num: int64(deducted), Den: int64(total)}.Floor(int64(s.Points))
		if err != nil {
			return Returned{}, fmt.Errorf("points to give back: %w", err)
		}
		after.Points = lot.Amount(points)
	}
	return after, s.claw(before, &after)
}

// part is n of qty pieces of an amount, rounded down; all of them are all of it.
func part(whole lot.Fen, n, qty int64) (lot.Fen, error) {
	if n == 0 || qty <= 0 {
		return 0, nil
	}
	fen, err := lot.Ratio{Num: n, Den: qty}.Floor(int64(whole))
	if err != nil {
		return 0, fmt.Errorf("%d of %d pieces: %w", n, qty, err)
	}
	return lot.Fen(fen), nil
}

// claw takes back what the remaining basket no longer earns, rule by rule, and
// never less than was taken before.
func (s Sold) claw(before Returned, after *Returned) error {
	for _, rule := range s.Rules.Rules {
		remaining, err := s.remaining(rule, after.Qty)
		if err != nil {
			return err
		}
		var due lot.Amount
		room := make([]int64, len(s.Awards))
		for i, a := range s.Awards {
			if a.Rule == rule.ID {
				due += a.Amount - before.Clawed[i] - remaining[a.Funder]
				room[i] = max(int64(a.Amount-before.Clawed[i]-remaining[a.Funder]), 0)
			}
		}
		for i, n := range lot.Split(int64(max(due, 0)), room) {
			after.Clawed[i] += lot.Amount(n)
		}
	}
	return nil
}

// remaining is what a rule gives each merchant's lines of the goods that stay.
func (s Sold) remaining(rule programme.Rule, returned []int64) (map[string]lot.Amount, error) {
	weights := make([]int64, len(s.Lines))
	var base int64
	for i, l := range s.Lines {
		if rule.EcoOnly && !l.Eco {
			continue
		}
		gone, err := part(l.Fen, returned[i], l.Qty)
		if err != nil {
			return nil, err
		}
		byPoints, err := part(l.Deducted, returned[i], l.Qty)
		if err != nil {
			return nil, err
		}
		weights[i] = int64(l.Fen - l.Deducted - gone + byPoints)
		base += weights[i]
	}
	points, err := rule.Rate.Floor(base)
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", rule.ID, err)
	}
	out := map[string]lot.Amount{}
	for i, n := range lot.Split(points, weights) {
		out[s.Lines[i].Merchant] += lot.Amount(n)
	}
	return out, nil
}
