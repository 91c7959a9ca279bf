package clerk

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/missing"
	"github.com/jifen-pos/jifen/terminal/replay"
	"github.com/jifen-pos/jifen/terminal/signing"
)

// healNote keeps what HQ says is missing here.
const healNote = "heal"

// Missing is a place of the journal.
type Missing = missing.Place

// lack notes that HQ says something is missing here.
func (c *Clerk) lack(x *Txn, h ledger.Heal) error {
	var known missing.List
	if err := load(x, healNote, &known); err != nil {
		return err
	}
	if slices.Contains(known.Heals, h) || len(known.Heals) == missing.Most {
		return nil
	}
	return c.putHeals(x, append(known.Heals, h))
}

// lackingAfter reports whether HQ has said that something is missing here in the line
// of an incarnation or after it, and that has not come back: what is missing may have
// freed and used what that line held.
func (c *Clerk) lackingAfter(x *Txn, i ledger.Incarnation) (bool, error) {
	var known missing.List
	if err := load(x, healNote, &known); err != nil {
		return false, err
	}
	streams, err := x.Streams()
	place := func(of ledger.Incarnation) int {
		return slices.IndexFunc(streams, func(h ledger.Head) bool { return h.Incarnation == of })
	}
	after := func(of ledger.Incarnation) bool { return place(of) >= place(i) || x.State.SameLine(of, i) }
	c.mu.Lock()
	defer c.mu.Unlock()
	for of, seq := range c.hqHas {
		if at := place(of); at < 0 || seq > streams[at].Seq && after(of) {
			return true, err
		}
	}
	return slices.ContainsFunc(known.Heals, func(h ledger.Heal) bool {
		return place(h.Child) < 0 || after(h.Parent.Incarnation)
	}), err
}

func (c *Clerk) putHeals(x *Txn, list []ledger.Heal) error {
	x.Landed(func() { c.heals.Set(list) })
	return x.PutNote(healNote, codec.Marshal(&missing.List{Heals: list}))
}

// Lacks says after which entry, and before which incarnation, something is
// missing here that HQ has; ok is false where nothing is, or all has come.
func (c *Clerk) Lacks() (after ledger.Head, before ledger.Incarnation, ok bool) {
	at, ok := c.heals.Next()
	if !ok || c.mayWrite(false) != nil {
		return after, 0, false
	}
	return at.After, at.Before, true
}

// History takes in what HQ has of this journal at a place. done says that
// nothing more is missing there. What was not asked for is passed over.
func (c *Clerk) History(of Missing, i ledger.Incarnation, raws [][]byte, done bool) error {
	return c.heals.Take(c.o.Terminal, of, i, raws, done)
}

// heal puts what came back into its place and folds all again, in one
// transaction. It waits until HQ's journal is here as far as what came back had
// it, and while no right moves.
func (c *Clerk) heal() error {
	if _, _, ok := c.heals.Whole(); !ok {
		return nil
	}
	err := c.Update(func(x *Txn) error {
		list, part, ok := c.heals.Whole() // HQ may have begun another life just now
		if !ok {
			return nil
		}
		if _, closed, _, err := x.State.Day(); err != nil || closed || x.State.Mark() < part.Mark {
			return err
		}
		if err := c.open(x); err != nil {
			return err
		}
		if err := x.State.Flush(x.PutState); err != nil {
			return err
		}
		came, err := c.putBack(x, list[0].Child, part.Got)
		if err != nil {
			return err
		}
		if came > 0 {
			if err := c.refold(x); err != nil {
				return err
			}
		}
		if came > 0 || x.State.Behind() == list[0].Child {
			if _, err := c.Append(x, ledger.Entry{Body: &ledger.Healed{Child: list[0].Child, Entries: uint64(came)}}); err != nil {
				return err
			}
		}
		return c.putHeals(x, list[1:])
	})
	if err != nil {
		return fmt.Errorf("take in what HQ gave back: %w", err)
	}
	return nil
}

// putBack adds what came back before an incarnation, and says how many entries
// there were that were not here. Where the incarnation is not here either, the
// disk went back once more, and another place is to be healed.
func (c *Clerk) putBack(x *Txn, child ledger.Incarnation, got []journal.Record) (came int, err error) {
	streams, err := x.Streams()
	if err != nil {
		return 0, err
	}
	known := map[ledger.Incarnation]bool{}
	for _, s := range streams {
		known[s.Incarnation] = true
	}
	if !known[child] {
		return 0, nil
	}
	for _, r := range got {
		have, err := x.Record(r.Head.Incarnation, r.Head.Seq)
		if err == nil && have.Head != r.Head {
			return 0, fmt.Errorf("entry %s is here with other bytes: %w", r.Head, missing.ErrHistory)
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, journal.ErrNotFound) {
			return 0, err
		}
		if i := r.Head.Incarnation; !known[i] {
			if err := x.Insert(i, child); err != nil {
				return 0, err
			}
			known[i] = true
		}
		if err := c.append(x, r); err != nil {
			return 0, err
		}
		came++
	}
	return came, nil
}

// append adds an entry that came back, under its reference where nothing else
// was done under that since.
func (c *Clerk) append(x *Txn, r journal.Record) error {
	e, err := ledger.Decode(r.Raw)
	if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
		return err
	}
	ref := e.Ref
	if ref != "" {
		if _, err := x.Referred(ref); err == nil {
			ref = ""
		} else if !errors.Is(err, journal.ErrNotFound) {
			return err
		}
	}
	r.Sign = func() [signing.Size]byte { return signing.Sign(c.o.Key, r.Head.Signed(c.o.Terminal)) }
	return x.Tx.Append(r, ref)
}

// refold folds the journal anew, from its first entry.
func (c *Clerk) refold(x *Txn) error {
	w := &replay.Walk{
		Tx: x.Tx, ID: c.o.Terminal, Table: fold.Memory{}, Off: c.o.Unguarded,
		Open: func(raw []byte) (ledger.Down, error) { return ledger.OpenDown(raw, nil) },
	}
	if _, err := w.Run(); err != nil {
		return fmt.Errorf("fold anew: %w", err)
	}
	if err := x.ClearState(); err != nil {
		return err
	}
	for key, value := range w.Table {
		if err := x.PutState([]byte(key), value); err != nil {
			return err
		}
	}
	c.warm.Off()
	state, err := c.State(x.Tx)
	x.State = state
	return err
}
