package people

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/adrift"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Card is what HQ has on one member: what a person looks at before they decide, and
// afterwards.
type Card struct {
	Member    member.ID   // the oldest of their ids
	Aliases   []member.ID // who are merged into them
	Waits     bool        // enrolled at a till and not matched
	Blocked   bool
	Tier      string
	Pool      lot.Amount // of theirs that the household may spend in a month
	Household []ledger.Relative
	Points    []Points
	Owed      []ledger.Owed
	Told      []ledger.TerminalID // have to do with them, and hear of what is decided
}

// Points are where a member's points of one kind are.
type Points struct {
	Asset                  lot.Asset
	HQ, Terminals, Carried lot.Amount // free at HQ, held by terminals, on their way
	Lost                   lot.Amount // may have been used at a board that is gone: HQ has forgotten
}

// CardOf gathers what HQ has on a member whom it knows.
func CardOf(w *decision.Work, id member.ID) (c Card, err error) {
	if err := Known(w, id); err != nil {
		return c, err
	}
	persons, err := w.Desk.Persons(id)
	if err != nil {
		return c, err
	}
	matched, err := w.Known(id)
	if err != nil {
		return c, err
	}
	r, err := w.Desk.Ruling(id)
	if err != nil {
		return c, err
	}
	c = Card{
		Member: persons[0], Aliases: persons[1:], Waits: !matched, Blocked: r.Blocked, Tier: r.Tier, Pool: r.Pool, Household: r.Household, Owed: r.Owed,
	}
	seen, err := w.Desk.SeenBy(id)
	if err != nil {
		return c, err
	}
	for _, t := range seen {
		if gone, err := w.Gone(t); err != nil {
			return c, err
		} else if !gone {
			c.Told = append(c.Told, t)
		}
	}
	if err := c.fill(w, id); err != nil {
		return c, err
	}
	slices.SortFunc(c.Points, func(a, b Points) int { return cmp.Compare(a.Asset, b.Asset) })
	return c, nil
}

// PointsOf are where a member's points of one kind are.
func PointsOf(w *decision.Work, id member.ID, asset lot.Asset) (Points, error) {
	var c Card
	err := c.fill(w, id)
	for _, p := range c.Points {
		if p.Asset == asset {
			return p, err
		}
	}
	return Points{Asset: asset}, err
}

// fill finds where the points of a member are.
func (c *Card) fill(w *decision.Work, id member.ID) error {
	held, err := w.Held(id)
	if err != nil {
		return err
	}
	lost, err := adrift.Among(w.Tx, held)
	if err != nil {
		return err
	}
	for _, a := range held {
		c.add(a, lost)
	}
	return nil
}

func (c *Card) add(a book.Account, lost []adrift.Part) {
	if !a.Lot.Asset.Points() {
		return
	}
	at := slices.IndexFunc(c.Points, func(p Points) bool { return p.Asset == a.Lot.Asset })
	if at < 0 {
		at = len(c.Points)
		c.Points = append(c.Points, Points{Asset: a.Lot.Asset})
	}
	switch p := &c.Points[at]; a.Place.Kind {
	case book.AtHQ:
		p.HQ += a.Amount
	case book.AtTerminal:
		p.Terminals += a.Amount
	case book.InFlight:
		n, open := adrift.Of(lost, a.Lot.ID)
		p.Carried, p.Lost = p.Carried+a.Amount-n, p.Lost+open
	}
}
