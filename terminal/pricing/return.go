package pricing

import (
	"errors"
	"fmt"
	"maps"
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
	Tier   string // under which it earned, "" for none
	Lines  []SoldLine
	Awards []SoldAward
	Points lot.Amount // that paid, by deduction
}

// SoldLine is one line of a receipt.
type SoldLine struct {
	Product  string // GTIN of 14 digits
	Qty      int64
	Fen      lot.Fen // at list price
	Off      lot.Fen // by coupons
	Deducted lot.Fen // that points paid
	Rounded  lot.Fen // small change left out
	Merchant string
	Eco      bool
	Category string
	Brand    string
}

// goods is the product as it was sold.
func (l *SoldLine) goods() programme.Product {
	return programme.Product{GTIN: l.Product, Merchant: l.Merchant, Eco: l.Eco, Category: l.Category, Brand: l.Brand}
}

// net is what was paid for the line.
func (l SoldLine) net() lot.Fen { return l.Fen - l.Off - l.Deducted - l.Rounded }

// SoldAward is one award of a receipt.
type SoldAward struct {
	Rule   string
	Funder string
	Amount lot.Amount
}

// Returned is what has come back of a receipt so far, all returns together
// (rule S06: everything is cumulative per receipt).
type Returned struct {
	Qty     []int64      // of each line
	Fen     lot.Fen      // money given back
	Points  lot.Amount   // that paid and were given back
	Clawed  []lot.Amount // of each award
	Coupons bool         // they come back too: the last goods have
}

// NothingReturned is where a receipt starts.
func (s Sold) NothingReturned() Returned {
	return Returned{Qty: make([]int64, len(s.Lines)), Clawed: make([]lot.Amount, len(s.Awards))}
}

// Return works out what all returns of a receipt come to together, once the
// quantities given come back too; the difference to before is what this return
// gives and takes. Money comes back as paid, without what coupons took off,
// points paid and rounding left out; a fen that cannot be parted goes to the
// member first. Points that paid come back in proportion, coupons with the last
// goods; what was earned is taken back to what the remaining basket would have
// earned under the receipt's own rules and tier. The last return settles every
// remainder, so that any order of returns ends where one full return ends.
func Return(s Sold, before Returned, qty []int64) (Returned, error) {
	after, err := s.count(before, qty)
	if err != nil {
		return Returned{}, err
	}
	var deducted, total lot.Fen
	after.Fen, after.Coupons = 0, true
	for i, l := range s.Lines {
		paid, err := paidBack(l, after.Qty[i])
		if err != nil {
			return Returned{}, err
		}
		byPoints, err := part(l.Deducted, after.Qty[i], l.Qty)
		if err != nil {
			return Returned{}, err
		}
		after.Fen, deducted, total = after.Fen+paid, deducted+byPoints, total+l.Deducted
		after.Coupons = after.Coupons && after.Qty[i] == l.Qty
	}
	if total > 0 {
		points, err := lot.Ratio{Num: int64(deducted), Den: int64(total)}.Floor(int64(s.Points))
		if err != nil {
			return Returned{}, fmt.Errorf("points to give back: %w", err)
		}
		after.Points = lot.Amount(points)
	}
	return after, s.claw(before, &after)
}

// count adds what comes back to what has, line by line.
func (s Sold) count(before Returned, qty []int64) (Returned, error) {
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
	return after, nil
}

// paidBack is what was paid for n pieces of a line, rounded up; all of them are
// all that was paid.
func paidBack(l SoldLine, n int64) (lot.Fen, error) {
	if n == 0 || l.Qty <= 0 {
		return 0, nil
	}
	fen, err := lot.Ratio{Num: n, Den: l.Qty}.Ceil(int64(l.net()))
	if err != nil {
		return 0, fmt.Errorf("%d of %d pieces: %w", n, l.Qty, err)
	}
	return lot.Fen(fen), nil
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

// claw takes back what the remaining basket no longer earns, rule by rule and
// campaign by campaign, and never less than was taken before. What a rule or a
// campaign asks of time, store and basket stays as it was at the sale; its sums
// are looked at anew. Where a cap bit, what it cut goes first: as long as the
// rest earns more than the receipt was given, nothing is taken.
func (s Sold) claw(before Returned, after *Returned) error {
	for i := range s.Rules.Rules {
		rule := &s.Rules.Rules[i]
		extras := s.extras(rule)
		if !s.gave(rule.ID) && len(extras) == 0 {
			continue
		}
		got, err := s.remaining(rule, extras, after.Qty)
		if err != nil {
			return err
		}
		s.clawTo(rule.ID, got.own.Points, s.byFunder(got.own.Points, "", got.weights), before, after)
		for i, x := range extras {
			n := got.extra[i].Points
			s.clawTo(x.ID, n, s.byFunder(n, x.Funder, within(got.weights, x.lines)), before, after)
		}
	}
	return s.clawBonuses(before, after)
}

func (s Sold) gave(id string) bool {
	return slices.ContainsFunc(s.Awards, func(a SoldAward) bool { return a.Rule == id })
}

// clawTo leaves of what a rule or a campaign gave so much, in all and for each
// funder.
func (s Sold) clawTo(id string, total lot.Amount, byFunder map[string]lot.Amount, before Returned, after *Returned) {
	var left lot.Amount
	room := make([]int64, len(s.Awards))
	for i, a := range s.Awards {
		if a.Rule == id {
			left += a.Amount - before.Clawed[i]
			room[i] = max(int64(a.Amount-before.Clawed[i]-byFunder[a.Funder]), 0)
		}
	}
	for i, n := range lot.Split(int64(max(left-total, 0)), room) {
		after.Clawed[i] += lot.Amount(n)
	}
}

// clawBonuses takes back what campaigns added where the rest no longer reaches
// their sums.
func (s Sold) clawBonuses(before Returned, after *Returned) error {
	for i := range s.Rules.Campaigns {
		c := &s.Rules.Campaigns[i]
		if c.Kind != programme.Bonus || !s.gave(c.ID) {
			continue
		}
		weights, err := s.weights(after.Qty, func(g *programme.Product) bool { return c.Scope.Covers(g) && !s.Rules.Excluded.Earn[g.GTIN] })
		if err != nil {
			return err
		}
		total := c.Points
		if base := sum(weights); base == 0 || base < c.FromFen {
			total = 0
		}
		s.clawTo(c.ID, total, s.byFunder(total, c.Funder, weights), before, after)
	}
	return nil
}

// extras are the campaigns that multiplied a rule in this sale.
func (s Sold) extras(rule *programme.Rule) []extra {
	var list []extra
	x := s.Rules.Index()
	for i := range x.Len() {
		c := x.At(int32(i))
		if c.Kind != programme.Multiply || c.Rule != rule.ID || !s.gave(c.ID) {
			continue
		}
		var lines []int
		for n := range s.Lines {
			if g := s.Lines[n].goods(); c.Scope.Covers(&g) {
				lines = append(lines, n)
			}
		}
		list = append(list, extra{c, lines})
	}
	return list
}

// remaining is what a rule and its campaigns give for the goods that stay,
// before caps.
func (s Sold) remaining(rule *programme.Rule, extras []extra, returned []int64) (evaluated, error) {
	about := func(g *programme.Product) bool { return counts(s.Rules, rule, g) }
	net, err := s.weights(returned, about)
	if err != nil {
		return evaluated{}, err
	}
	frozen := *rule
	if rule.Proportional { // the threshold looks at the sum as it was sold
		whole, err := s.weights(make([]int64, len(s.Lines)), about)
		if err != nil {
			return evaluated{}, err
		}
		if frozen.ThresholdFen = 0; sum(whole) < rule.ThresholdFen {
			frozen.MultiplierBP = 0
		}
	}
	got, err := evaluate(s.Rules, &frozen, s.Tier, s.basket(), net, extras)
	if err != nil {
		return evaluated{}, fmt.Errorf("rule %s: %w", rule.ID, err)
	}
	return got, nil
}

// basket is the goods as they were sold.
func (s Sold) basket() []Line {
	lines := make([]Line, len(s.Lines))
	for i := range s.Lines {
		lines[i] = Line{Product: s.Lines[i].goods(), Qty: s.Lines[i].Qty}
	}
	return lines
}

// weights is what was paid for the goods that stay of each line that something
// is about.
func (s Sold) weights(returned []int64, about func(*programme.Product) bool) ([]int64, error) {
	weights := make([]int64, len(s.Lines))
	for i, l := range s.Lines {
		if g := l.goods(); !about(&g) {
			continue
		}
		gone, err := paidBack(l, returned[i])
		if err != nil {
			return nil, err
		}
		weights[i] = int64(l.net() - gone)
	}
	return weights, nil
}

// Left is what was paid for the goods that a scope covers and that stay, when so
// many of each line have come back.
func (s Sold) Left(returned []int64, scope *programme.Scope) (lot.Fen, error) {
	weights, err := s.weights(returned, scope.Covers)
	return lot.Fen(sum(weights)), err
}

func (s Sold) byFunder(points lot.Amount, funder string, weights []int64) map[string]lot.Amount {
	if funder != "" {
		return map[string]lot.Amount{funder: points}
	}
	out := map[string]lot.Amount{}
	for i, n := range lot.Split(int64(points), weights) {
		out[s.Lines[i].Merchant] += lot.Amount(n)
	}
	return out
}

// Missed works out what a receipt would have earned more under a tier that the
// terminal did not know of: points by rule and funder, never negative (rule
// S12). Counted is what each rule gave the member on that business day beside
// this receipt. Of rules that are limited in time or place only those count
// that gave something.
func Missed(s Sold, tier string, counted map[string]lot.Amount) ([]SoldAward, error) {
	var missed []SoldAward
	knew := s.Tier
	for i := range s.Rules.Rules {
		rule := &s.Rules.Rules[i]
		extras := s.extras(rule)
		limited := !rule.Window.Always() || rule.When.Text() != "" || rule.Scope.Stores != nil || rule.Scope.Regions != nil || rule.Scope.Tenders != nil
		if limited && !s.gave(rule.ID) {
			continue
		}
		s.Tier = tier
		would, err := s.remaining(rule, extras, make([]int64, len(s.Lines)))
		s.Tier = knew
		if err != nil {
			return nil, err
		}
		own, _ := capped(rule.Cap, would.own.Points, counted[rule.ID])
		missed = append(missed, s.beyond(rule.ID, own, s.byFunder(own, "", would.weights))...)
		for i, x := range extras {
			n := would.extra[i].Points
			if x.MaxPoints > 0 {
				n = min(n, x.MaxPoints)
			}
			missed = append(missed, s.beyond(x.ID, n, s.byFunder(n, x.Funder, within(would.weights, x.lines)))...)
		}
	}
	return missed, nil
}

// beyond shares what a rule would have given above what it gave over the
// funders, by what each of them is short of its share.
func (s Sold) beyond(rule string, would lot.Amount, byFunder map[string]lot.Amount) []SoldAward {
	for _, a := range s.Awards {
		if a.Rule == rule {
			would -= a.Amount
			byFunder[a.Funder] -= a.Amount
		}
	}
	funders := slices.Sorted(maps.Keys(byFunder))
	short := make([]int64, len(funders))
	for i, f := range funders {
		short[i] = max(int64(byFunder[f]), 0)
	}
	var missed []SoldAward
	for i, n := range lot.Split(int64(max(would, 0)), short) {
		if n > 0 {
			missed = append(missed, SoldAward{Rule: rule, Funder: funders[i], Amount: lot.Amount(n)})
		}
	}
	return missed
}
