package pricing

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// RuleQuote is what a rule, or a campaign that multiplies one or adds to it,
// gives for a receipt and why.
type RuleQuote struct {
	Rule       string // or campaign
	Asset      lot.Asset
	BaseFen    lot.Fen    // net of the lines it is about
	Points     lot.Amount // given
	Bonus      lot.Amount // of them by what tier, rule and campaign multiply or add (rule S01)
	Multiplier lot.Ratio  // of tier and rule together, or of the campaign
	Cap        CapLimit   // that took something away, or CapNone
	Cut        lot.Amount // what it took away
	Of         string     // the rule that the campaign multiplies
	Kind       programme.EffectKind
}

// earn is the last step: every rule once over the receipt, on what is paid for
// its lines (rules S01 and S03: what points or coupons paid earns nothing), and
// with it the campaigns that multiply it; then those that add points.
func (w *work) earn() error {
	for i := range w.r.Programme.Rules {
		if rule := &w.r.Programme.Rules[i]; w.ruleOpen(rule) {
			if err := w.earnBy(rule); err != nil {
				return err
			}
		}
	}
	for i := range w.deals {
		if d := &w.deals[i]; d.Kind == programme.Bonus {
			w.add(d)
		}
	}
	return nil
}

func (w *work) earnBy(rule *programme.Rule) error {
	net := w.earning(rule)
	extras := w.extras(rule)
	got, err := evaluate(w.r.Programme, rule, w.r.Tier, w.r.Lines, net, extras)
	if err != nil {
		return err
	}
	own := got.own
	own.Points, own.Cap = capped(rule.Cap, own.Points, w.r.Counted[rule.ID])
	own.Cut = got.own.Points - own.Points
	own.Bonus = max(own.Points-got.plain, 0)
	w.give(own, "", got.weights)
	for i, d := range extras {
		q := got.extra[i]
		if d.MaxPoints > 0 && q.Points > d.MaxPoints {
			q.Points, q.Cap, q.Cut = d.MaxPoints, CapReceipt, q.Points-d.MaxPoints
		}
		q.Bonus = q.Points
		w.give(q, d.Funder, within(got.weights, d.lines))
	}
	return nil
}

// extras are the campaigns that multiply a rule.
func (w *work) extras(rule *programme.Rule) []extra {
	var list []extra
	for i := range w.deals {
		if d := &w.deals[i]; d.Kind == programme.Multiply && d.Rule == rule.ID {
			list = append(list, extra{d.Campaign, d.lines})
		}
	}
	return oneOfEach(list, func(e extra) *programme.Campaign { return e.Campaign })
}

// oneOfEach leaves of each group the campaign that multiplies most among those
// that go first; of equal ones the first by id (rule S26).
func oneOfEach[T any](list []T, of func(T) *programme.Campaign) []T {
	best := map[string]*programme.Campaign{}
	for _, t := range list {
		c := of(t)
		if b := best[c.Group]; b == nil || c.Priority == b.Priority && (c.MultiplierBP > b.MultiplierBP || c.Points > b.Points) {
			best[c.Group] = c
		}
	}
	return slices.DeleteFunc(list, func(t T) bool { c := of(t); return c.Group != "" && best[c.Group] != c })
}

// add gives the points that a campaign adds, by what its lines come to.
func (w *work) add(d *deal) {
	if d.Group != "" && !slices.ContainsFunc(oneOfEach(w.bonuses(), func(b *deal) *programme.Campaign { return b.Campaign }),
		func(b *deal) bool { return b.Campaign == d.Campaign }) {
		return
	}
	weights := w.bonusWeights(d)
	base := sum(weights)
	if base == 0 || base < d.FromFen {
		return
	}
	w.give(RuleQuote{Rule: d.ID, Asset: d.Asset, BaseFen: base, Points: d.Points, Bonus: d.Points, Kind: d.Kind}, d.Funder, weights)
}

// bonuses are the campaigns that would add points.
func (w *work) bonuses() []*deal {
	var list []*deal
	for i := range w.deals {
		if d := &w.deals[i]; d.Kind == programme.Bonus {
			if base := sum(w.bonusWeights(d)); base > 0 && base >= d.FromFen {
				list = append(list, d)
			}
		}
	}
	return list
}

func (w *work) bonusWeights(d *deal) []int64 {
	weights := make([]int64, len(w.Lines))
	for _, line := range d.lines {
		if !w.r.Programme.Excluded.Earn[w.r.Lines[line].Product.GTIN] {
			weights[line] = int64(w.Lines[line].Net)
		}
	}
	return weights
}

// give notes what a rule or a campaign gives, and the awards if there is a
// member. Its points are shared over the lines by weights.
func (w *work) give(q RuleQuote, funder string, weights []int64) {
	if q.Points == 0 && q.Cut == 0 {
		return
	}
	w.Rules = append(w.Rules, q)
	w.addEarning(q.Asset, q.Points)
	if w.r.Member != 0 {
		w.Awards = append(w.Awards, byMerchant(q, funder, lot.Split(int64(q.Points), weights), w.r)...)
	}
}

// earning is what is paid of each line that a rule is about.
func (w *work) earning(rule *programme.Rule) []int64 {
	weights := make([]int64, len(w.Lines))
	for i, line := range w.Lines {
		if counts(w.r.Programme, rule, &w.r.Lines[i].Product) {
			weights[i] = int64(line.Net)
		}
	}
	return weights
}

// counts reports whether a rule is about goods.
func counts(p *programme.Programme, rule *programme.Rule, g *programme.Product) bool {
	return (g.Eco || !rule.EcoOnly) && !p.Excluded.Earn[g.GTIN] && rule.Scope.Covers(g)
}

func (q *Quote) addEarning(asset lot.Asset, points lot.Amount) {
	i := slices.IndexFunc(q.WouldEarn, func(e Earning) bool { return e.Asset == asset })
	switch {
	case points == 0 || i < 0 && points < 0:
	case i < 0:
		q.WouldEarn = append(q.WouldEarn, Earning{asset, points})
	default:
		q.WouldEarn[i].Amount += points
	}
}

// byMerchant turns the lines' shares into one award for each merchant that
// funds some of them, in the order of the lines (cap P9); a campaign may have
// one funder for all of them.
func byMerchant(q RuleQuote, funder string, shares []int64, r Request) []Award {
	var awards []Award
	for line, points := range shares {
		if points == 0 {
			continue
		}
		id := funder
		if id == "" {
			id = r.Lines[line].Product.Merchant
		}
		i := slices.IndexFunc(awards, func(a Award) bool { return a.Funder == id })
		if i < 0 {
			awards, i = append(awards, newAward(q, id, r)), len(awards)
		}
		awards[i].Amount += lot.Amount(points)
		awards[i].Shares = append(awards[i].Shares, Share{line, lot.Amount(points)})
	}
	return awards
}

func newAward(q RuleQuote, merchant string, r Request) Award {
	funder, _ := r.Programme.Merchant(merchant) // check saw that it is there
	active, expires := r.Programme.TermsOf(q.Asset, r.Today.Day)
	return Award{
		Rule:     q.Rule,
		Asset:    q.Asset,
		Funder:   funder.ID,
		UnitCost: funder.UnitCost,
		Earned:   r.Today.Day,
		Active:   active,
		Expires:  expires,
	}
}
