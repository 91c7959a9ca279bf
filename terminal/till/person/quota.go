package person

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/quota"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Quota says what may be given, and how often in its period.
type Quota struct {
	quota.Quota
	Times lot.Amount
}

// BenefitQuota is how often a member can have a benefit in a month.
func BenefitQuota(b programme.Benefit, today lot.Day) Quota {
	return Quota{quota.Benefit(b.ID, today), lot.Amount(b.PerMember)}
}

// UseQuota plans to use up one of a member's quota. Where none is held but the
// member's home is, it is made first, in an entry of its own before the
// action's. Elsewhere it returns a *lot.ShortError: HQ is to be asked. What is
// gone of it already, the action has planned to use before.
func (c *Care) UseQuota(x *clerk.Txn, who member.ID, q Quota, gone []lot.Draw) ([]lot.Draw, error) {
	held, err := x.State.Usable(who)
	if err != nil {
		return nil, err
	}
	draws, err := lot.Plan(lot.Without(held, gone), q.Asset, 1, x.Today)
	if err == nil {
		return draws, nil
	}
	made, failed := c.mint(x, who, held, q)
	if failed != nil {
		return nil, failed
	}
	if !made {
		return nil, err
	}
	if held, err = x.State.Usable(who); err != nil {
		return nil, err
	}
	return lot.Plan(held, q.Asset, 1, x.Today)
}

// mint makes a member's quota where the member's home is held here and it has
// not been made for the period. Of several records of one person the oldest's
// home counts.
func (c *Care) mint(x *clerk.Txn, who member.ID, held []lot.Holding, q Quota) (made bool, err error) {
	about, err := x.State.About(who)
	home := slices.ContainsFunc(held, func(h lot.Holding) bool { return h.Lot.Asset == lot.Home && h.Lot.Owner == about.Member })
	if c.o.Unguarded.QuotaAtHome {
		home, about.Minted = true, nil
	}
	if err != nil || !home || about.Provisional {
		return false, err
	}
	if slices.ContainsFunc(about.Minted, func(m lot.Minted) bool { return m.Quota == q.Asset }) {
		return false, nil
	}
	_, err = c.o.Clerk.Append(x, ledger.Entry{Body: &ledger.QuotaMinted{
		Member: about.Member, Quota: ledger.Issue{Asset: q.Asset, Amount: q.Times, Expires: q.Expires}, Day: c.o.Clerk.Programme().BusinessDay(x.Now.Wall),
	}})
	return err == nil, err
}

// once uses up a quota, or claims where that has to be asked of HQ: whether
// there is one elsewhere, only HQ knows.
func (c *Care) once(x *clerk.Txn, who member.ID, q Quota) (ledger.Once, error) {
	if who == 0 {
		return ledger.Once{}, view.Refuse("no-member")
	}
	about, err := x.State.About(who)
	if err != nil {
		return ledger.Once{}, err
	}
	if slices.ContainsFunc(about.Minted, func(m lot.Minted) bool { return m.Quota == q.Asset }) {
		draws, err := c.UseQuota(x, who, q, nil)
		return ledger.Once{Quota: draws}, view.Short(err, "once-only", who)
	}
	draws, err := c.UseQuota(x, who, q, nil)
	if view.Short(err, "", who) != err { // none here, and none to be made here
		return ledger.Once{Claim: true}, nil
	}
	return ledger.Once{Quota: draws}, err
}

// Allow is how much of a member's quota is held here. Where none was made and the
// member's home is here, it is made, in an entry of its own.
func (c *Care) Allow(who member.ID, q quota.Quota, times lot.Amount) (held lot.Amount, err error) {
	err = c.o.Clerk.Update(func(x *clerk.Txn) error {
		all, err := x.State.Usable(who)
		if err != nil {
			return err
		}
		if held = lot.Available(all, q.Asset, x.Today); held > 0 {
			return nil
		}
		if _, closed, _, err := x.State.Day(); err != nil || closed {
			return err
		}
		made, err := c.mint(x, who, all, Quota{q, times})
		if made {
			held = times
		}
		return err
	})
	return held, err
}

// wantedMax is how many quotas are asked for at a time: the message has room for
// the kinds of points too.
const wantedMax = 8

// Wanted is what is worth asking HQ for in a store, beside points, of a member whose
// home is elsewhere: a play of each game that is on, and a piece of each benefit that
// is offered, of what they may have so often only.
func (c *Care) Wanted(who member.ID, store string) (wants []clerk.Want, err error) {
	p, now := c.o.Clerk.Programme(), c.o.Clerk.Now()
	today := c.o.Clerk.Today(now)
	err = c.o.Journal.View(func(tx journal.Tx) error {
		state, err := c.o.Clerk.State(tx)
		if err != nil {
			return err
		}
		about, err := state.About(who)
		if err != nil || about.Provisional {
			return err
		}
		held, err := state.Usable(who)
		if err != nil || slices.ContainsFunc(held, func(h lot.Holding) bool { return h.Lot.Asset == lot.Home && h.Lot.Owner == about.Member }) {
			return err
		}
		on := programme.Occasion{
			At: p.Moment(now.Wall), Trusted: today.Trusted, Store: store, Region: p.Region(store),
			Tier: about.Ruling.Tier, Grade: about.Ruling.Grade, Member: true,
		}
		for _, q := range often(p, &on) {
			if len(wants) < wantedMax && lot.Available(held, q.Asset, today) == 0 {
				wants = append(wants, clerk.Want{Asset: q.Asset, Amount: q.Times})
			}
		}
		return nil
	})
	return wants, err
}

// often is what a member may have on an occasion so often only.
func often(p *programme.Programme, on *programme.Occasion) (list []Quota) {
	for i := range p.Games {
		if g := &p.Games[i]; g.PerDay > 0 && g.OpenOn(on) {
			list = append(list, Quota{quota.Play(g.ID, on.At.Day), lot.Amount(g.PerDay)})
		}
	}
	for i := range p.Benefits {
		if b := &p.Benefits[i]; b.PerMember > 0 && b.Offered(on) {
			list = append(list, BenefitQuota(*b, on.At.Day))
		}
	}
	return list
}
