package till

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// UsePool lets the household's points pay in this basket, or no longer: the
// member's own first, then those of others who share, each within what they allow
// for the month (rule S13). The member on the sale has proved who they are; the
// others said so to HQ.
func (t *Till) UsePool(by clerk.By, on bool) error {
	return t.edit(by, func(l *lane) error {
		if !on {
			l.Pool = false
			return nil
		}
		return t.join(by, l)
	})
}

// join lets the household's points pay. What the others allow for the month is
// made here where it can be; else HQ is asked for it, and for their points.
func (t *Till) join(by clerk.By, l *lane) error {
	switch {
	case l.Member == 0:
		return refuse("no-member")
	case !l.Proof.MaySpend():
		return refuse("not-proved")
	}
	share, err := t.Sharing(l.Member)
	switch {
	case err != nil:
		return err
	case len(share) == 0:
		return refuse("no-pool")
	}
	for _, r := range share {
		q := quota.Pool(t.Programme().BusinessDay(t.Now().Wall))
		allowed, err := t.Allow(r.Member, q, r.Pool)
		if err != nil {
			return err
		}
		if err := t.AskFor(by, r.Member, clerk.Want{Asset: q.Asset, Amount: r.Pool - allowed}); err != nil {
			return err
		}
	}
	l.Pool = true
	l.say(OK, "pool-on")
	return nil
}

// sharers are the others of a member's household, with what of theirs a lane may
// use.
func (t *Till) sharers(state *fold.State, n uint32, who member.ID) (list []lot.Sharer, err error) {
	share, err := clerk.Sharing(state, who)
	if err != nil {
		return nil, err
	}
	q := quota.Pool(t.Programme().BusinessDay(t.Now().Wall))
	for _, r := range share {
		held, err := t.usable(state, n, r.Member)
		if err != nil {
			return nil, err
		}
		s := lot.Sharer{Member: r.Member}
		for _, h := range held {
			switch {
			case h.Lot.Asset == q.Asset:
				s.Allowance = append(s.Allowance, h)
			case h.Lot.Asset.Points():
				s.Holdings = append(s.Holdings, h)
			}
		}
		list = append(list, s)
	}
	return list, nil
}

// viewPool shows what the household shares, of the points that pay bills.
func (t *Till) viewPool(n uint32, l *lane, state *fold.State, household []ledger.Relative, today lot.Today) (*PoolView, error) {
	if !slices.ContainsFunc(household, func(r ledger.Relative) bool { return r.Pool > 0 }) {
		return nil, nil
	}
	sharers, err := t.sharers(state, n, l.Member)
	if err != nil {
		return nil, err
	}
	v := &PoolView{On: l.Pool}
	asset := t.Programme().Deduction.Asset
	for _, s := range sharers {
		shown := view.Sharer{ID: s.Member, Name: s.Member.String(), Asking: t.Asking(s.Member)}
		if p, ok := t.documents().Members.ByID(s.Member); ok {
			shown.Name = p.Name
		}
		shown.Here = lot.Available(lot.Pooled(nil, []lot.Sharer{s}, asset, today), asset, today)
		v.Sharers = append(v.Sharers, shown)
	}
	return v, nil
}
