package pricing

import (
	"math/big"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

const basisPoints = 10_000

// extra is a campaign that multiplies a rule, and the lines it is about.
type extra struct {
	*programme.Campaign
	lines []int
}

// evaluated is what a rule and the campaigns that multiply it give, before
// caps.
type evaluated struct {
	own     RuleQuote
	plain   lot.Amount // without any multiplier
	extra   []RuleQuote
	weights []int64 // what each line counts for
}

// evaluate applies a rule to what is paid of its lines. What the rule gives is
// one exact rational, rounded down once (rule S01); each campaign after it adds
// what multiplying by it too makes more, rounded down at the new total, so that
// everything together is rounded down once as well. Multipliers of campaigns
// add up line by line, and with tier and rule stay below the programme's bound
// (rule S26).
func evaluate(p *programme.Programme, rule *programme.Rule, tier string, lines []Line, net []int64, extras []extra) (evaluated, error) {
	base := sum(net)
	e := evaluated{weights: net, own: RuleQuote{Rule: rule.ID, Asset: rule.Asset, BaseFen: base, Multiplier: p.Multiplier(*rule, tier, base)}}
	rate := rule.Rate
	if rule.Concession {
		e.weights = conceded(p, lines, net)
		rate.Den *= basisPoints
	}
	of := sum(e.weights)
	var err error
	if e.plain, err = points(rate, lot.Ratio{Num: 1, Den: 1}, of); err != nil {
		return e, err
	}
	if e.own.Points, err = points(rate, e.own.Multiplier, of); err != nil || len(extras) == 0 {
		return e, err
	}
	c := chain{rate: rate, multiplier: e.own.Multiplier, top: p.MaxMultiplierBP, bp: make([]int64, len(net))}
	c.start(e.weights)
	before := e.own.Points
	for _, x := range extras {
		q := RuleQuote{
			Rule: x.ID, Asset: rule.Asset, BaseFen: sumOf(net, x.lines), Of: rule.ID, Kind: x.Kind,
			Multiplier: lot.Ratio{Num: x.MultiplierBP, Den: basisPoints},
		}
		if q.BaseFen > 0 && q.BaseFen >= x.FromFen {
			c.add(e.weights, x.lines, x.MultiplierBP-basisPoints)
			after, err := c.points()
			if err != nil {
				return e, err
			}
			q.Points, before = after-before, after
		}
		e.extra = append(e.extra, q)
	}
	return e, nil
}

// conceded is what merchants give up of what is paid for each line, in 1/10,000
// of a fen (cap P9).
func conceded(p *programme.Programme, lines []Line, net []int64) []int64 {
	out := make([]int64, len(net))
	for i, n := range net {
		if n > 0 {
			out[i] = n * p.ConcessionBP(&lines[i].Product)
		}
	}
	return out
}

// within leaves the weights of the lines that something is about.
func within(weights []int64, lines []int) []int64 {
	out := make([]int64, len(weights))
	for _, line := range lines {
		out[line] = weights[line]
	}
	return out
}

// sumOf adds up the weights of the lines that something is about.
func sumOf(weights []int64, lines []int) lot.Fen {
	var total lot.Fen
	for _, line := range lines {
		total += lot.Fen(weights[line])
	}
	return total
}

func points(rate, multiplier lot.Ratio, base lot.Fen) (lot.Amount, error) {
	n, err := lot.Ratio{Num: rate.Num * multiplier.Num, Den: rate.Den * multiplier.Den}.Floor(int64(base))
	if err != nil || n > int64(lot.AmountMax) {
		return 0, pointsError(n, err)
	}
	return lot.Amount(n), nil
}

// chain adds up what lines count for under one multiplier after the other. The
// numbers are exact, and too long for a machine word.
type chain struct {
	rate, multiplier lot.Ratio
	top              int64   // the most that a line is multiplied by, in 1/10,000; 0 is no bound
	most             int64   // the same, less tier and rule; -1 is no bound
	bp               []int64 // what each line is multiplied by beside tier and rule, in 1/10,000
	sum              big.Int // of weight × bp
}

// start counts each line once.
func (c *chain) start(weights []int64) {
	for i := range c.bp {
		c.bp[i] = basisPoints
	}
	var total, once big.Int
	c.sum.Mul(total.SetInt64(int64(sum(weights))), once.SetInt64(basisPoints))
	c.most = -1
	if c.top > 0 {
		if most, err := (lot.Ratio{Num: c.top, Den: c.multiplier.Num}).Floor(c.multiplier.Den); err == nil {
			c.most = most
		}
	}
}

// add multiplies lines by so much more, as far as the bound lets it.
func (c *chain) add(weights []int64, lines []int, bp int64) {
	var w, b big.Int
	for _, i := range lines {
		if weights[i] == 0 {
			continue
		}
		more := bp
		if c.most >= 0 {
			more = min(more, max(c.most-c.bp[i], 0))
		}
		c.bp[i] += more
		c.sum.Add(&c.sum, w.Mul(w.SetInt64(weights[i]), b.SetInt64(more)))
	}
}

func (c *chain) points() (lot.Amount, error) {
	var n, d big.Int
	n.Mul(&c.sum, n.Mul(n.SetInt64(c.rate.Num), d.SetInt64(c.multiplier.Num)))
	d.Mul(d.Mul(d.SetInt64(c.rate.Den), new(big.Int).SetInt64(c.multiplier.Den)), big.NewInt(basisPoints))
	n.Quo(&n, &d)
	if !n.IsInt64() || n.Int64() > int64(lot.AmountMax) {
		return 0, &LimitError{What: "points", Line: -1, Got: int64(lot.AmountMax) + 1, Max: int64(lot.AmountMax)}
	}
	return lot.Amount(n.Int64()), nil
}
