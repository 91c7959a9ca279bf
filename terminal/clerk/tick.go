package clerk

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/keyring"
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
	return errors.Join(c.observe(now), c.giveUpAsks(now), c.online(now))
}

func (c *Clerk) isStopped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped
}

// online does what makes sense while HQ can be reached. Where one thing fails, and may go
// on failing, the others are done all the same.
func (c *Clerk) online(now Reading) error {
	if !c.o.Asker.Online() {
		return nil
	}
	return errors.Join(c.heal(), c.giveBack(), c.answerRecalls(), c.tellMark(now), c.keepAcked(now))
}

// tellMark writes an entry that only carries the mark, when nothing else has
// told HQ for a while that its notes arrived.
func (c *Clerk) tellMark(now Reading) error {
	if !c.quiet(now) {
		return nil
	}
	c.mu.Lock()
	told := c.applied == c.marked
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
	if c.isStopped() {
		return 0, nil
	}
	if c.HQKey() == nil {
		return 0, fmt.Errorf("down entries before enrolment: %w", journal.ErrNotFound)
	}
	var ring keyring.Ring
	var at ledger.DownSeq
	var met []ledger.Down
	err := c.Update(func(x *Txn) error {
		met, ring = nil, c.Ring()
		if c.o.Unguarded.SignedDown {
			ring = keyring.Ring{}
		}
		switch _, closed, _, err := x.State.Day(); {
		case err != nil:
			return err
		case closed: // who is to open the day may have to be unlocked first
			return c.unlocks(x, raws, ring)
		}
		// A note is accepted by an incarnation of this boot only.
		if err := c.open(x); err != nil {
			return err
		}
		for _, raw := range raws {
			d, fresh, err := c.takeIn(x, &ring, raw)
			if err != nil {
				return err
			}
			if fresh {
				met = append(met, d)
			}
		}
		at = x.State.Mark()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("take in HQ's entries: %w", err)
	}
	for _, d := range met {
		if d.Key != nil {
			c.Use(ring)
			c.o.Log.Info("HQ signs with another key from now on", "entry", uint64(d.Seq))
		}
		c.passed(d.Wall, c.o.Now())
		if d.Note != nil {
			c.Forget(d.Note.Ask)
		}
	}
	return at, nil
}

// takeIn takes in one entry, which may change what HQ's key is; fresh is false for
// one that is there already.
func (c *Clerk) takeIn(x *Txn, ring *keyring.Ring, raw []byte) (d ledger.Down, fresh bool, err error) {
	if d, err = ring.Open(raw, x.State.Mark()); err != nil {
		return d, false, err
	}
	if d.Terminal != c.o.Terminal {
		return d, false, fmt.Errorf("down entry %d of %s: %w", d.Seq, d.Terminal, ErrNotOurs)
	}
	if d.Seq <= x.State.Mark() && !c.o.Unguarded.ContiguousDown {
		return d, false, nil
	}
	if _, err := x.State.ApplyDown(d); err != nil {
		return d, false, err
	}
	if err := x.AppendDown(d.Seq, raw); err != nil {
		return d, false, err
	}
	switch {
	case d.Heal != nil:
		err = c.lack(x, *d.Heal)
	case d.Unlock != nil:
		err = unlock(x, d)
	case d.Key != nil:
		if *ring, err = ring.Follow(d); err == nil {
			err = ring.Keep(x)
		}
	}
	return d, true, err
}
