package clerk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/signing"
)

// Txn is one action's transaction: the state it validates against is the one
// that it changes.
type Txn struct {
	journal.Tx
	State *fold.State
	Now   Reading
	Today lot.Today

	left   *ledger.Head // newest entry of this boot as this transaction has it
	then   []func() error
	landed []func()
}

// Then runs fn in the same transaction, once the action's own entry is
// appended; never after a decline, nor after an entry on the way to it.
func (x *Txn) Then(fn func() error) { x.then = append(x.then, fn) }

// Landed runs fn once the transaction is on the disk.
func (x *Txn) Landed(fn func()) { x.landed = append(x.landed, fn) }

// Update runs one transaction on the state.
func (c *Clerk) Update(fn func(*Txn) error) error { return c.update(false, fn) }

func (c *Clerk) update(last bool, fn func(*Txn) error) error {
	var head, moved ledger.Head
	done, grew := false, false
	var landed []func()
	var kept *fold.State
	now := c.Now()
	c.ruling.RLock()
	defer c.ruling.RUnlock()
	err := c.o.Journal.Update(func(tx journal.Tx) error {
		done, grew = false, false
		if err := c.mayWrite(last); err != nil {
			return err
		}
		state, err := c.State(tx)
		if err != nil {
			return err
		}
		before := state.Head()
		x := &Txn{Tx: tx, State: state, Now: now, Today: c.Today(now), left: c.left()}
		if err := fn(x); err != nil {
			return err
		}
		if err := x.State.Flush(tx.PutState); err != nil {
			return err
		}
		landed, kept, head, moved = x.landed, x.State, x.State.Head(), x.State.Moved()
		done, grew = true, head != before
		c.wrote(x.State, grew, now)
		return nil
	})
	c.ended(done && err != nil)
	if grew {
		c.landed(head, moved, err)
	}
	if err != nil {
		return err
	}
	c.warm.Keep(kept)
	for _, fn := range landed {
		fn()
	}
	return nil
}

// mayWrite refuses everything after the end but the end itself.
func (c *Clerk) mayWrite(last bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped && !last {
		return ErrStopped
	}
	return nil
}

// ended notes that what was read before may be so no more.
func (c *Clerk) ended(failed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes, c.asked = c.changes+1, c.asked || failed
}

// wrote notes how a state stands, and the newest entry, which others of the same
// transaction build on before it is on the disk.
func (c *Clerk) wrote(s *fold.State, grew bool, now Reading) {
	c.mu.Lock()
	defer c.mu.Unlock()
	head := s.Head()
	if c.applied, c.asked = s.Mark(), len(s.Recalls()) > 0; grew {
		c.head, c.marked, c.touched = &head, c.applied, now.Mono
	}
}

// landed notes that an entry is on the disk, or that it is not.
func (c *Clerk) landed(head, moved ledger.Head, err error) {
	c.landing.Lock()
	defer c.landing.Unlock()
	c.mu.Lock()
	news := err == nil && !(c.durable != nil && c.durable.Incarnation == head.Incarnation && c.durable.Seq >= head.Seq)
	if news { // else a later one of the same transaction was told first
		c.durable = &head
	}
	if err != nil {
		c.head = c.durable
	}
	another := news && moved != c.moved
	if another {
		c.moved = moved
	}
	c.mu.Unlock()
	if news {
		c.o.Journaled(head)
	}
	if another && c.o.Moved != nil {
		c.o.Moved(moved)
	}
}

// left is the newest entry of this boot, or nil.
func (c *Clerk) left() *ledger.Head {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.head
}

// Append writes one entry, opening an incarnation first where there is none.
func (c *Clerk) Append(x *Txn, e ledger.Entry) (Done, error) {
	if err := c.open(x); err != nil {
		return Done{}, err
	}
	return c.write(x, x.State.Head().Incarnation, e)
}

// Record writes an entry that moves nothing.
func (c *Clerk) Record(by By, body ledger.Body) error {
	return c.Update(func(x *Txn) error {
		_, err := c.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: body})
		return err
	})
}

func (c *Clerk) write(x *Txn, i ledger.Incarnation, e ledger.Entry) (Done, error) {
	e.Wall, e.Mono, e.Clock = x.Now.Wall.UnixMilli(), x.Now.Mono.Milliseconds(), x.Now.Quality
	e.Mark, e.Programme, e.Away = x.State.Mark(), c.Programme().Version(), x.Today.Away
	raw, err := ledger.Encode(e)
	if err != nil {
		return Done{}, err
	}
	effects, err := x.State.Apply(i, raw)
	if err != nil {
		return Done{}, err
	}
	if effects.Risk != 0 || effects.Wrong != "" {
		return Done{}, fmt.Errorf("entry takes %d more than is held (%s): %w", effects.Risk, effects.Wrong, fold.ErrInvariant)
	}
	r := journal.Record{Head: x.State.Head(), Raw: raw}
	r.Sign = func() [signing.Size]byte { return signing.Sign(c.o.Key, r.Head.Signed(c.o.Terminal)) }
	x.left = &r.Head
	return Done{Origin: effects.Origin, Entry: effects.Entry, Head: r.Head}, x.Tx.Append(r, e.Ref)
}

// Coming names the entry that the action is about to write.
func (c *Clerk) Coming(x *Txn) lot.Origin {
	head := x.State.Head()
	return ledger.Origin(c.o.Terminal, head.Incarnation, head.Seq+1)
}

// Newest names the entry that was written last.
func (c *Clerk) Newest(x *Txn) lot.Origin {
	head := x.State.Head()
	return ledger.Origin(c.o.Terminal, head.Incarnation, head.Seq)
}

// open makes sure that an incarnation of this boot may be written to. The
// newest one goes on if this boot left a head that is in the journal; else a
// new one is opened, which carries the rights of its parent only if such a
// head, or a witness that was there at the start, proves that the parent is
// complete.
func (c *Clerk) open(x *Txn) error {
	newest := x.State.Head()
	proved, err := c.witnessed(x, newest)
	if err != nil {
		return err
	}
	if proved && !x.State.Stopped() {
		return nil
	}
	open := &ledger.Open{Parent: newest, Boot: c.o.Boot.ID, Board: c.o.Boot.Board, Software: c.o.Software}
	var doubt *Named
	same := newest.Seq == 0 || x.State.SameBoard(c.o.Boot.Board)
	switch {
	case same && (proved || c.o.Unguarded.Witness):
		open.Witness = ledger.BootWitness
	case newest.Seq > 0:
		var proof *Named
		if proof, doubt, err = c.provedBy(x); err != nil {
			return err
		}
		if proof != nil && same {
			open.Witness, open.Named = proof.Witness, proof.Head
		} else {
			open.Trust = c.trust(x.State)
		}
	}
	i, err := c.Random()
	if err != nil {
		return err
	}
	if _, err := c.write(x, ledger.Incarnation(i), ledger.Entry{Body: open}); err != nil || doubt == nil {
		return err
	}
	return c.doubt(x, By{}, *doubt, x.State.Waiting())
}

// witnessed reports whether the head that this boot left is in the journal and
// of its newest incarnation.
func (c *Clerk) witnessed(x *Txn, newest ledger.Head) (bool, error) {
	if c.o.Unguarded.Incarnation {
		return newest.Seq > 0, nil
	}
	left := x.left
	if left == nil || newest.Seq == 0 || left.Incarnation != newest.Incarnation {
		return false, nil
	}
	if left.Seq == newest.Seq {
		return *left == newest, nil
	}
	r, err := x.Record(left.Incarnation, left.Seq)
	if errors.Is(err, journal.ErrNotFound) {
		return false, nil
	}
	return r.Head == *left, err
}

// Random draws a number that is not 0.
func (c *Clerk) Random() (uint64, error) {
	var b [8]byte
	if _, err := io.ReadFull(c.o.Rand, b[:]); err != nil {
		return 0, fmt.Errorf("draw a random number: %w", err)
	}
	return max(binary.BigEndian.Uint64(b[:]), 1), nil
}

// Stop writes the end of the incarnation: an orderly shutdown. What falls due
// afterwards, and what HQ sends, waits for the next start, since either would
// begin another incarnation.
func (c *Clerk) Stop() error {
	c.mu.Lock()
	c.stopped = true
	acked := c.acked
	c.mu.Unlock()
	return c.update(true, func(x *Txn) error {
		proved, err := c.witnessed(x, x.State.Head())
		if err != nil || !proved || x.State.Stopped() {
			return err
		}
		if _, err = c.write(x, x.State.Head().Incarnation, ledger.Entry{Body: &ledger.Stop{}}); err != nil {
			return err
		}
		return x.PutNote(ackedNote, codec.Marshal(&acked))
	})
}
