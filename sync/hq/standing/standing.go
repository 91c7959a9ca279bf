// Package standing is the tiers of members at HQ: it works out which one a member
// is in, from the months of all terminals together, and gives what a receipt
// missed that a terminal made under a lower tier than HQ knew of (rule S12). It
// takes nothing, and tells nobody anything but by HQ's entries.
package standing

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/refund"
	"github.com/jifen-pos/jifen/terminal/tier"
)

// TrueUp is the reason under which HQ gives what a receipt missed.
const TrueUp = "tier-true-up"

// Months are what counts towards a member's tier: the months of all terminals that
// have to do with them, less what HQ settled of returns.
func Months(w *decision.Work, id member.ID) (months []fold.Month, err error) {
	add := func(list []fold.Month) {
		for _, m := range list {
			months = count.AddMonth(months, m)
		}
	}
	err = w.About(id, func(_ *fold.State, a fold.About) error {
		add(a.Months)
		return nil
	}, func(p *office.Person) { add(p.Months) })
	return months, err
}

// Evaluate works out the tier and the green grade of members today.
func Evaluate(w *decision.Work, p *programme.Programme, ids ...member.ID) error {
	if len(p.Tiers.Ladder)+len(p.Grades.Ladder) == 0 {
		return nil
	}
	var green func(*decision.Work, member.ID) ([]fold.Month, error)
	if len(p.Grades.Ladder) > 0 {
		var err error
		if green, err = greenMonths(w, ids); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if err := evaluate(w, p, id, green); err != nil {
			return err
		}
	}
	return nil
}

func evaluate(w *decision.Work, p *programme.Programme, id member.ID, green func(*decision.Work, member.ID) ([]fold.Month, error)) error {
	if id == 0 {
		return nil
	}
	persons, err := w.Desk.Persons(id)
	if err != nil {
		return err
	}
	who := persons[0]
	person, err := w.Desk.Person(who)
	if err != nil {
		return err
	}
	now := tier.Standing{Tier: person.Tier, Since: person.Since, Until: person.Until, Told: person.Told}
	o, changed, err := step(w, p.Tiers, who, now, Months)
	if err != nil {
		return err
	}
	if changed {
		body := &office.Ruling{Member: who, Tier: o.Tier, Blocked: person.Blocked, Since: o.Since, Until: o.Until, Told: o.Told, By: w.By(decision.ByPolicy("tier"))}
		if _, err := w.Enter(body); err != nil {
			return err
		}
	}
	now = tier.Standing{Tier: person.Green.Step, Since: person.Green.Since, Until: person.Green.Until, Told: person.Green.Told}
	o, changed, err = step(w, p.Grades, who, now, green)
	if err != nil || !changed {
		return err
	}
	rank := office.Rank{Step: o.Tier, Since: o.Since, Until: o.Until, Told: o.Told}
	_, err = w.Enter(&office.Grading{Member: who, Rank: rank, By: w.By(decision.ByPolicy("grade"))})
	return err
}

// step works out where on a ladder a member stands today, and whether that is to
// be told. A step up holds from the next receipt on; a step down comes only after
// the notice, which is told by the entry that begins it.
func step(w *decision.Work, t programme.Tiers, who member.ID, now tier.Standing, count func(*decision.Work, member.ID) ([]fold.Month, error)) (tier.Standing, bool, error) {
	if len(t.Ladder) == 0 {
		return now, false, nil
	}
	months, err := count(w, who)
	if err != nil {
		return now, false, err
	}
	today := w.Today().Day
	o := tier.Evaluate(t, now, months, today)
	if o.Tell {
		o.Told = today
	}
	if o.Standing == now || now.Tier == "" && o.Tier == t.Ladder[0].ID {
		return now, false, nil
	}
	w.Touch(who)
	return o.Standing, true, nil
}

// EvaluateAll works out where everybody stands who is in a tier or has a grade:
// those who are in none step up by a receipt.
func EvaluateAll(w *decision.Work) error {
	p := w.Programme()
	if len(p.Tiers.Ladder)+len(p.Grades.Ladder) == 0 {
		return nil
	}
	keys, _, err := w.Tx.DeskRows(office.PersonRows)
	var ids []member.ID
	for _, key := range keys {
		id := office.PersonOf(key)
		person, failed := w.Desk.Person(id)
		if failed != nil {
			return failed
		}
		if person.Tier == "" && person.Green.Step == "" || person.To != 0 {
			continue
		}
		ids = append(ids, id)
	}
	for some := range slices.Chunk(ids, atOnce) {
		err = errors.Join(err, Evaluate(w, p, some...))
	}
	return err
}

// atOnce is how many members are looked at together.
const atOnce = 512

// Missed gives what a sale would have earned more under the tier that HQ knew of
// when it was made, by the rules of then. Once.
func Missed(w *decision.Work, p *programme.Programme, of lot.Origin, sale *ledger.Sale) error {
	if sale.Member == 0 || len(p.Tiers.Ladder) == 0 {
		return nil
	}
	persons, err := w.Desk.Persons(sale.Member)
	if err != nil {
		return err
	}
	person, err := w.Desk.Person(persons[0])
	if err != nil || sale.Day <= person.Since {
		return err
	}
	if p.Tiers.Place(person.Tier) <= p.Tiers.Place(sale.Tier) {
		return nil
	}
	if sold, err := w.Desk.Sold(of); err != nil || sold.TruedUp {
		return err
	}
	counted := map[string]lot.Amount{}
	for _, r := range p.Rules {
		if r.Cap.PerMemberDay == 0 {
			continue
		}
		if counted[r.ID], err = w.Counted(persons[0], r.ID, sale.Day); err != nil {
			return err
		}
		for _, a := range sale.Awards {
			if a.Rule == r.ID {
				counted[r.ID] -= a.Amount
			}
		}
	}
	awards, err := tier.TrueUp(refund.Sold(sale, p), person.Tier, counted)
	if err != nil || len(awards) == 0 {
		return err
	}
	body := &office.MakeGood{Entries: []lot.Origin{of}, By: w.By(decision.ByPolicy(TrueUp))}
	body.Lots = w.Lots(persons[0], issues(p, awards, sale.Day), sale.Day, p.Version())
	at, err := w.Enter(body)
	if err != nil {
		return err
	}
	return w.Net(persons[0], body.Moves(at).Lots)
}

// issues are the terms of what a receipt missed, as its own awards have them.
func issues(p *programme.Programme, awards []pricing.SoldAward, day lot.Day) (out []ledger.Issue) {
	for _, a := range awards {
		n := slices.IndexFunc(p.Rules, func(r programme.Rule) bool { return r.ID == a.Rule })
		if n < 0 { // of a campaign, whose points are those of the rule that it multiplies
			c, _ := p.Campaign(a.Rule)
			n = slices.IndexFunc(p.Rules, func(r programme.Rule) bool { return r.ID == c.Rule })
		}
		if n < 0 {
			continue
		}
		m, _ := p.Merchant(a.Funder)
		i := ledger.Issue{Asset: p.Rules[n].Asset, Amount: a.Amount, Funder: a.Funder, UnitCost: m.UnitCost}
		i.Active, i.Expires = p.TermsOf(i.Asset, day)
		out = append(out, i)
	}
	return out
}
