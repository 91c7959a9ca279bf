package clerk

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Tick does what is due: asks past their deadline are given up, in the journal
// first; points that members left behind go back, and what HQ recalled; HQ is
// told what was applied. After Stop it does nothing.
func (c *Clerk) Tick() error {
	c.ticking.Lock()
	defer c.ticking.Unlock()
	if c.isStopped() {
		return nil
	}
	now := c.Now()
	for _, due := range []func(Reading) error{c.observe, c.giveUpAsks, c.online} {
		if err := due(now); err != nil {
			return err
		}
	}
	return nil
}

func (c *Clerk) isStopped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped
}

// online does what makes sense while HQ can be reached.
func (c *Clerk) online(now Reading) error {
	if !c.o.Asker.Online() {
		return nil
	}
	if err := errors.Join(c.heal(), c.giveBack()); err != nil {
		return err
	}
	if err := c.answerRecalls(); err != nil {
		return err
	}
	if err := c.tellMark(now); err != nil {
		return err
	}
	return c.keepAcked(now)
}

// tellMark writes an entry that only carries the mark, when nothing else has
// told HQ for a while that its notes arrived.
func (c *Clerk) tellMark(now Reading) error {
	if !c.quiet(now) {
		return nil
	}
	var mark ledger.DownSeq
	err := c.o.Journal.View(func(tx journal.Tx) error {
		state, err := c.State(tx)
		if err == nil {
			mark = state.Mark()
		}
		return err
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	told := mark == c.marked
	c.mu.Unlock()
	if told {
		return nil
	}
	return c.Record(By{}, &ledger.Mark{})
}

// quiet reports whether nothing was written for a while, and starts to wait
// anew.
func (c *Clerk) quiet(now Reading) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Mono-c.touched < markAfter {
		return false
	}
	c.touched = now.Mono
	return true
}

// ApplyDown takes in entries of HQ's journal for this terminal, as received
// and in order. What is there already is passed over; a gap is an error and
// nothing after it is taken in. It returns how far the journal is here now, or
// 0 when nothing is taken in: after Stop, and between a day's close and the
// next opening, when no right moves.
func (c *Clerk) ApplyDown(raws [][]byte) (ledger.DownSeq, error) {
	defer c.changed()
	key := c.HQKey()
	if c.isStopped() {
		return 0, nil
	}
	if key == nil {
		return 0, fmt.Errorf("down entries before enrolment: %w", journal.ErrNotFound)
	}
	trusted := key
	if c.o.Unguarded.SignedDown {
		trusted = nil
	}
	var at ledger.DownSeq
	var met []ledger.Down
	err := c.Update(func(x *Txn) error {
		met = nil
		switch _, closed, _, err := x.State.Day(); {
		case err != nil:
			return err
		case closed: // who is to open the day may have to be unlocked first
			return c.unlocks(x, raws, trusted)
		}
		// A note is accepted by an incarnation of this boot only.
		if err := c.open(x); err != nil {
			return err
		}
		for _, raw := range raws {
			d, err := ledger.OpenDown(raw, trusted)
			if err != nil {
				return err
			}
			if d.Terminal != c.o.Terminal {
				return fmt.Errorf("down entry %d of %s: %w", d.Seq, d.Terminal, ErrNotOurs)
			}
			if d.Seq <= x.State.Mark() && !c.o.Unguarded.ContiguousDown {
				continue
			}
			if _, err := x.State.ApplyDown(d); err != nil {
				return err
			}
			if err := x.AppendDown(d.Seq, raw); err != nil {
				return err
			}
			if d.Heal != nil {
				if err := c.lack(x, *d.Heal); err != nil {
					return err
				}
			}
			if d.Unlock != nil {
				if err := unlock(x, d); err != nil {
					return err
				}
			}
			met = append(met, d)
		}
		at = x.State.Mark()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("take in HQ's entries: %w", err)
	}
	for _, d := range met {
		c.passed(d.Wall, c.o.Now())
		if d.Note != nil {
			c.Forget(d.Note.Ask)
		}
	}
	return at, nil
}
