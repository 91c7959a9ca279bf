package pricing

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// earn is the last step: every rule once over the receipt, on what is left
// after the deduction (rules S01 and S03: what points paid earns nothing).
func (q *Quote) earn(r Request) error {
	for _, rule := range r.Programme.Rules {
		shares, total, err := q.evaluate(rule, r.Lines)
		if err != nil {
			return err
		}
		if total == 0 {
			continue
		}
		q.addEarning(rule.Asset, total)
		if r.Member != 0 {
			q.Awards = append(q.Awards, byMerchant(rule, shares, r)...)
		}
	}
	return nil
}

// evaluate applies a rule with one floor and shares the points over the lines.
func (q *Quote) evaluate(rule programme.Rule, lines []Line) ([]int64, lot.Amount, error) {
	weights := make([]int64, len(lines))
	var base int64
	for i, line := range q.Lines {
		if rule.EcoOnly && !lines[i].Product.Eco {
			continue
		}
		weights[i] = int64(line.Net)
		base += int64(line.Net)
	}
	points, err := rule.Rate.Floor(base)
	if err != nil || points > int64(lot.AmountMax) {
		return nil, 0, pointsError(points, err)
	}
	return lot.Split(points, weights), lot.Amount(points), nil
}

func (q *Quote) addEarning(asset lot.Asset, points lot.Amount) {
	i := slices.IndexFunc(q.WouldEarn, func(e Earning) bool { return e.Asset == asset })
	if i < 0 {
		q.WouldEarn = append(q.WouldEarn, Earning{asset, points})
		return
	}
	q.WouldEarn[i].Amount += points
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
	return Award{
		Rule:     rule.ID,
		Asset:    rule.Asset,
		Funder:   funder.ID,
		UnitCost: funder.UnitCost,
		Earned:   r.Today.Day,
		Expires:  r.Programme.ExpiryOf(rule.Asset, r.Today.Day),
	}
}
