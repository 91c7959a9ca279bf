package pricing

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// RuleQuote is what a rule gives for a receipt and why.
type RuleQuote struct {
	Rule       string
	Asset      lot.Asset
	BaseFen    lot.Fen    // net of the lines it is about
	Points     lot.Amount // given
	Bonus      lot.Amount // of them by what tier and rule multiply (rule S01)
	Multiplier lot.Ratio  // of tier and rule together
	Cap        CapLimit   // that took something away, or CapNone
	Cut        lot.Amount // what it took away
}

// earn is the last step: every rule once over the receipt, on what is paid for
// its lines (rules S01 and S03: what points or coupons paid earns nothing).
func (q *Quote) earn(r Request) error {
	for _, rule := range r.Programme.Rules {
		weights := q.earning(rule, r)
		given, err := evaluate(r.Programme, rule, r.Tier, sum(weights), r.Counted[rule.ID])
		if err != nil {
			return err
		}
		if given.Points == 0 && given.Cut == 0 {
			continue
		}
		q.Rules = append(q.Rules, given)
		q.addEarning(rule.Asset, given.Points)
		if r.Member != 0 {
			q.Awards = append(q.Awards, byMerchant(rule, lot.Split(int64(given.Points), weights), r)...)
		}
	}
	return nil
}

// earning is what each line counts for a rule.
func (q *Quote) earning(rule programme.Rule, r Request) []int64 {
	weights := make([]int64, len(q.Lines))
	for i, line := range q.Lines {
		if p := r.Lines[i].Product; counts(r.Programme, rule, p.GTIN, p.Eco) {
			weights[i] = int64(line.Net)
		}
	}
	return weights
}

// counts reports whether a rule is about a product.
func counts(p *programme.Programme, rule programme.Rule, gtin string, eco bool) bool {
	return (eco || !rule.EcoOnly) && !p.Excluded.Earn[gtin]
}

// evaluate applies a rule to the sum of its lines: one exact rational, one
// floor, then the caps (rules S01 and S28).
func evaluate(p *programme.Programme, rule programme.Rule, tier string, base lot.Fen, counted lot.Amount) (RuleQuote, error) {
	r := RuleQuote{Rule: rule.ID, Asset: rule.Asset, BaseFen: base, Multiplier: p.Multiplier(rule, tier, base)}
	full, err := points(rule.Rate, r.Multiplier, base)
	if err != nil {
		return RuleQuote{}, err
	}
	plain, err := points(rule.Rate, lot.Ratio{Num: 1, Den: 1}, base)
	if err != nil {
		return RuleQuote{}, err
	}
	r.Points, r.Cap = capped(rule.Cap, full, counted)
	r.Cut = full - r.Points
	r.Bonus = max(r.Points-plain, 0)
	return r, nil
}

func points(rate, multiplier lot.Ratio, base lot.Fen) (lot.Amount, error) {
	n, err := lot.Ratio{Num: rate.Num * multiplier.Num, Den: rate.Den * multiplier.Den}.Floor(int64(base))
	if err != nil || n > int64(lot.AmountMax) {
		return 0, pointsError(n, err)
	}
	return lot.Amount(n), nil
}

func (q *Quote) addEarning(asset lot.Asset, points lot.Amount) {
	i := slices.IndexFunc(q.WouldEarn, func(e Earning) bool { return e.Asset == asset })
	switch {
	case points == 0:
	case i < 0:
		q.WouldEarn = append(q.WouldEarn, Earning{asset, points})
	default:
		q.WouldEarn[i].Amount += points
	}
}

// byMerchant turns the lines' shares into one award for each merchant that
// funds some of them, in the order of the lines (cap P9).
func byMerchant(rule programme.Rule, shares []int64, r Request) []Award {
	var awards []Award
	for line, points := range shares {
		if points == 0 {
			continue
		}
		id := r.Lines[line].Product.Merchant
		i := slices.IndexFunc(awards, func(a Award) bool { return a.Funder == id })
		if i < 0 {
			awards, i = append(awards, newAward(rule, id, r)), len(awards)
		}
		awards[i].Amount += lot.Amount(points)
		awards[i].Shares = append(awards[i].Shares, Share{line, lot.Amount(points)})
	}
	return awards
}

func newAward(rule programme.Rule, merchant string, r Request) Award {
	funder, _ := r.Programme.Merchant(merchant) // check saw that it is there
	active, expires := r.Programme.TermsOf(rule.Asset, r.Today.Day)
	return Award{
		Rule:     rule.ID,
		Asset:    rule.Asset,
		Funder:   funder.ID,
		UnitCost: funder.UnitCost,
		Earned:   r.Today.Day,
		Active:   active,
		Expires:  expires,
	}
}
