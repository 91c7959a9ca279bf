package clerk

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// giveBack gives up to HQ what members hold here beyond the allotment, of those
// of whom HQ has everything, a few at a time.
func (c *Clerk) giveBack() error {
	if err := c.follow(); err != nil {
		return fmt.Errorf("look for points to give back: %w", err)
	}
	given := 0
	for _, id := range slices.Clone(c.leaving.Members) {
		if c.o.Busy(id) {
			continue
		}
		whole, gave, err := c.giveBackOf(id)
		if err != nil {
			return fmt.Errorf("give points back: %w", err)
		}
		if whole {
			c.leaving.settle(id)
		}
		if gave {
			given++
		}
		if given == givesMax {
			break
		}
	}
	return nil
}

func (c *Clerk) giveBackOf(id member.ID) (whole, gave bool, err error) {
	held, err := c.usable(id)
	if err != nil {
		return true, false, err
	}
	draws := c.excess(held, c.Today(c.Now()))
	if len(draws) == 0 {
		return true, false, nil
	}
	if c.o.Unguarded.HQExpires {
		return true, false, c.expire(id, held)
	}
	if c.o.Unguarded.HQNets {
		return true, false, c.net(id, held)
	}
	whole = len(draws) <= noteLotsMax // else the rest goes with the next one
	waits, err := c.give(&ledger.NoteGiven{Member: id, Draws: draws[:min(len(draws), noteLotsMax)]})
	return whole && !waits, !waits, err
}

// expire ends what has lapsed here, as no terminal may: for the simulation.
func (c *Clerk) expire(id member.ID, held []lot.Holding) error {
	return c.Update(func(x *Txn) error {
		for _, h := range held {
			if !h.Lot.Asset.Points() || x.Today.Usable(h.Lot.Expires) {
				continue
			}
			body := &ledger.WriteOff{Member: id, Asset: h.Lot.Asset, Draws: []lot.Draw{{Lot: h.Lot.ID, Amount: h.Amount}}}
			if _, err := c.Append(x, ledger.Entry{Body: body}); err != nil {
				return err
			}
		}
		return nil
	})
}

// net takes of points what their owner owes, as no terminal may: for the simulation.
func (c *Clerk) net(id member.ID, held []lot.Holding) error {
	return c.Update(func(x *Txn) error {
		about, err := x.State.About(id)
		if err != nil {
			return err
		}
		for _, o := range about.Ruling.Owed {
			draws, err := lot.Plan(held, o.Asset, min(o.Owed, lot.Available(held, o.Asset, x.Today)), x.Today)
			if err != nil || len(draws) == 0 {
				continue
			}
			if _, err := c.Append(x, ledger.Entry{Body: &ledger.WriteOff{Member: id, Asset: o.Asset, Reason: "owed", Draws: draws}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// give writes a note to HQ of what is still there of its draws when it is
// written: another lane may have been quicker. It waits, and writes nothing,
// while the day is closed or the member is being served.
func (c *Clerk) give(note *ledger.NoteGiven) (waits bool, err error) {
	err = c.Update(func(x *Txn) error {
		waits = c.o.Busy(note.Member)
		if _, closed, _, err := x.State.Day(); err != nil || closed || waits {
			waits = waits || closed
			return err
		}
		held, err := x.State.Usable(note.Member)
		if err != nil {
			return err
		}
		body := *note
		body.Draws = lot.Held(held, note.Draws)
		if len(body.Draws) == 0 && body.Recall == 0 {
			return nil
		}
		_, err = c.Append(x, ledger.Entry{Body: &body})
		return err
	})
	return waits, err
}

// excess is what goes back: of each kind of points all but the allotment's
// worth, which is kept from the lots that expire first, and all that has
// lapsed, since only HQ expires; and what they may have so often only, such as what a
// household may spend of theirs, which another store may need, unless this is their
// home.
func (c *Clerk) excess(held []lot.Holding, today lot.Today) []lot.Draw {
	var back []lot.Draw
	home := slices.ContainsFunc(held, func(h lot.Holding) bool { return h.Lot.Asset == lot.Home })
	for _, h := range held {
		if h.Lot.Asset.Points() && !today.Usable(h.Lot.Expires) || h.Lot.Asset.Quota() && !home {
			back = append(back, lot.Draw{Lot: h.Lot.ID, Amount: h.Amount})
		}
	}
	for _, kind := range c.Programme().Points {
		have := lot.Available(held, kind.Asset, today)
		most, err := kind.Worth.Floor(int64(c.Programme().Allotment.KeepFen))
		if err != nil {
			continue
		}
		all, err := lot.Plan(held, kind.Asset, have, today)
		if err != nil {
			continue
		}
		keep := lot.Amount(most)
		for _, d := range all {
			stays := min(keep, d.Amount)
			keep -= stays
			if d.Amount -= stays; d.Amount > 0 {
				back = append(back, d)
			}
		}
	}
	return back
}

// answerRecalls gives HQ what it asked back, as far as it is here and nobody is
// served with it: a member's recall waits until they have gone.
func (c *Clerk) answerRecalls() error {
	c.mu.Lock()
	asked := c.asked
	c.mu.Unlock()
	if !asked {
		return nil
	}
	var recalls []fold.Recall
	err := c.Inspect(func(state *fold.State) error {
		recalls = state.Recalls()
		return nil
	})
	if err != nil {
		return err
	}
	given := 0
	for _, r := range recalls {
		if c.o.Busy(r.Member) {
			continue
		}
		if given++; given > givesMax {
			break
		}
		if _, err := c.give(&ledger.NoteGiven{Member: r.Member, Draws: r.Draws, Recall: r.Seq}); err != nil {
			return fmt.Errorf("answer recall %d: %w", r.Seq, err)
		}
	}
	return nil
}
