package clerk

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/replay"
	"github.com/jifen-pos/jifen/terminal/signing"
)

// healNote keeps what HQ says is missing here.
const healNote = "heal"

// healsMax bounds what is missing in different places at the same time.
const healsMax = 64

// ErrHistory says that what HQ gives back does not follow on what is here.
var ErrHistory = errors.New("history does not fit the journal")

// healing is what HQ has of this journal and this journal has not: what is
// known to be missing, and what of the first of it has come back.
type healing struct {
	List []ledger.Heal

	got  []journal.Record
	mark ledger.DownSeq // of the newest that has come back
	done bool
}

// Fields lists the message's fields.
func (h *healing) Fields(c *codec.Coder) { codec.List(c, 1, &h.List, healsMax) }

// at is the entry after which HQ is to go on.
func (h *healing) at() ledger.Head {
	if n := len(h.got); n > 0 {
		return h.got[n-1].Head
	}
	return h.List[0].Parent
}

// lack notes that HQ says something is missing here.
func (c *Clerk) lack(x *Txn, h ledger.Heal) error {
	var known healing
	if err := load(x, healNote, &known); err != nil {
		return err
	}
	if slices.Contains(known.List, h) || len(known.List) == healsMax {
		return nil
	}
	return c.putHeals(x, append(known.List, h))
}

func (c *Clerk) putHeals(x *Txn, list []ledger.Heal) error {
	x.Landed(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(list) == 0 || len(c.heals.List) == 0 || list[0] != c.heals.List[0] {
			c.heals = healing{}
		}
		c.heals.List = list
	})
	return x.PutNote(healNote, codec.Marshal(&healing{List: list}))
}

// Lacks says after which entry, and before which incarnation, something is
// missing here that HQ has; ok is false where nothing is, or all has come.
func (c *Clerk) Lacks() (after ledger.Head, before ledger.Incarnation, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heals.List) == 0 || c.heals.done || c.stopped {
		return after, 0, false
	}
	return c.heals.at(), c.heals.List[0].Child, true
}

// Missing is a place of the journal: after an entry, and before the opening of
// an incarnation. One entry can have several lives after it, of which each lacks
// something else.
type Missing struct {
	After  ledger.Head
	Before ledger.Incarnation
}

// History takes in what HQ has of this journal at a place. done says that
// nothing more is missing there. What was not asked for is passed over.
func (c *Clerk) History(of Missing, i ledger.Incarnation, raws [][]byte, done bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heals.List) == 0 || c.heals.done || (Missing{c.heals.at(), c.heals.List[0].Child}) != of {
		return nil
	}
	var got []journal.Record
	at, mark := of.After, c.heals.mark
	for _, raw := range raws {
		e, err := ledger.Decode(raw)
		if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
			return err
		}
		if at.Incarnation != i {
			open, ok := e.Body.(*ledger.Open)
			if !ok {
				return fmt.Errorf("incarnation %s without an opening: %w", i, ErrHistory)
			}
			at = ledger.Head{Incarnation: i, Hash: ledger.Genesis(c.o.Terminal, i, open.Parent)}
		}
		at.Seq, at.Hash, mark = at.Seq+1, at.Hash.Next(raw), max(mark, e.Mark)
		got = append(got, journal.Record{Head: at, Raw: raw})
	}
	c.heals.got, c.heals.mark, c.heals.done = append(c.heals.got, got...), mark, done
	return nil
}

// heal puts what came back into its place and folds all again, in one
// transaction. It waits until HQ's journal is here as far as what came back had
// it, and while no right moves.
func (c *Clerk) heal() error {
	c.mu.Lock()
	h := c.heals
	c.mu.Unlock()
	if len(h.List) == 0 || !h.done {
		return nil
	}
	err := c.Update(func(x *Txn) error {
		if _, closed, _, err := x.State.Day(); err != nil || closed || x.State.Mark() < h.mark {
			return err
		}
		if err := c.open(x); err != nil {
			return err
		}
		if err := x.State.Flush(x.PutState); err != nil {
			return err
		}
		came, err := c.putBack(x, h.List[0].Child, h.got)
		if err != nil {
			return err
		}
		if came > 0 {
			if err := c.refold(x); err != nil {
				return err
			}
		}
		if came > 0 || x.State.Behind() == h.List[0].Child {
			if _, err := c.Append(x, ledger.Entry{Body: &ledger.Healed{Child: h.List[0].Child, Entries: uint64(came)}}); err != nil {
				return err
			}
		}
		return c.putHeals(x, h.List[1:])
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
			return 0, fmt.Errorf("entry %s is here with other bytes: %w", r.Head, ErrHistory)
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
