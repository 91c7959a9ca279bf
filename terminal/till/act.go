package till

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Errors of an action.
var (
	// ErrReference says that a reference was used before for something else.
	ErrReference = errors.New("reference was used for another action")
	// ErrDeclined matches a *Declined.
	ErrDeclined = errors.New("declined")
)

// Declined says that an action was refused for good under its reference, and
// what was missing. It matches ErrDeclined.
type Declined struct {
	Code   string // a word of the catalogue
	Member member.ID
	Asset  lot.Asset
	Want   lot.Amount
	Has    lot.Amount
}

func (d *Declined) Error() string {
	return fmt.Sprintf("declined: %s: %s %d wanted, %d held", d.Code, d.Asset, d.Want, d.Has)
}

// Is makes the error match ErrDeclined.
func (d *Declined) Is(target error) bool { return target == ErrDeclined }

// Done is an action that is on the disk.
type Done struct {
	Origin lot.Origin
	Entry  ledger.Entry
	Head   ledger.Head
	Again  bool // the reference had been used: this is the first answer once more
}

// action is what a caller asks for.
type action struct {
	by    By
	ref   string
	kind  ledger.Kind
	input []byte // what was asked for, hashed into the entry
}

// txn is one action's transaction: the state it validates against is the one
// that it changes.
type txn struct {
	journal.Tx
	state *fold.State
	now   Reading
	today lot.Today
	jobs  []Job
	// what is to be printed, once it is on the disk
	queued []uint64
	next   *basket // what follows on the lane
}

// act runs one action as one entry in one transaction. build decides what the
// entry says; a *Declined from it is written down too, so that the reference
// keeps its answer. The lock must be held.
func (t *Till) act(a action, build func(*txn) (ledger.Body, error)) (Done, error) {
	var done Done
	var declined *Declined
	sum := sha256.Sum256(binary.BigEndian.AppendUint16(bytes.Clone(a.input), uint16(a.kind)))
	err := t.update(func(x *txn) error {
		if a.ref != "" {
			var err error
			if done, declined, err = t.again(x, a, sum[:16]); err != nil || done.Again {
				return err
			}
		}
		if err := t.open(x); err != nil {
			return err
		}
		body, err := build(x)
		if errors.As(err, &declined) {
			x.jobs = nil
			body, err = &ledger.Decline{
				Action: a.kind, Code: declined.Code, Member: declined.Member,
				Asset: declined.Asset, Want: declined.Want, Has: declined.Has,
			}, nil
		}
		if err != nil {
			return err
		}
		done, err = t.append(x, ledger.Entry{Actor: a.by.Actor, Lane: a.by.Lane, Ref: a.ref, Input: sum[:16], Body: body})
		return err
	})
	switch {
	case err != nil:
		return Done{}, err
	case declined != nil:
		if !done.Again && t.watch.away.Mono > 0 {
			t.watch.declined++
		}
		return done, declined
	}
	return done, nil
}

// again answers a reference that is in the journal already.
func (t *Till) again(x *txn, a action, input []byte) (Done, *Declined, error) {
	r, err := x.Referred(a.ref)
	if errors.Is(err, journal.ErrNotFound) {
		return Done{}, nil, nil
	}
	if err != nil {
		return Done{}, nil, err
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil {
		return Done{}, nil, err
	}
	if !bytes.Equal(e.Input, input) {
		return Done{}, nil, fmt.Errorf("%q: %w", a.ref, ErrReference)
	}
	done := Done{Origin: ledger.Origin(t.o.Terminal, r.Head.Incarnation, r.Head.Seq), Entry: e, Head: r.Head, Again: true}
	if d, ok := e.Body.(*ledger.Decline); ok {
		return done, &Declined{Code: d.Code, Member: d.Member, Asset: d.Asset, Want: d.Want, Has: d.Has}, nil
	}
	return done, nil, nil
}

// update runs one transaction on the state; the lock must be held.
func (t *Till) update(fn func(*txn) error) error {
	var head ledger.Head
	var mark ledger.DownSeq
	var queued []uint64
	grew := false
	now := t.o.Now()
	err := t.o.Journal.Update(func(tx journal.Tx) error {
		state, err := fold.Load(t.o.Terminal, tx)
		if err != nil {
			return err
		}
		before := state.Head()
		x := &txn{Tx: tx, state: state, now: now, today: t.today(now)}
		if err := fn(x); err != nil {
			return err
		}
		if err := t.putJobs(x); err != nil {
			return err
		}
		head, mark, queued = state.Head(), state.Mark(), x.queued
		grew = head != before
		return state.Flush(tx.PutState)
	})
	if err != nil {
		return err
	}
	t.queue = append(t.queue, queued...)
	if grew {
		t.o.Boot.Head = &head
		t.marked, t.touched = mark, now.Mono
		t.o.Journaled(head)
	}
	return nil
}

// append writes one entry, opening an incarnation first where there is none.
func (t *Till) append(x *txn, e ledger.Entry) (Done, error) {
	if err := t.open(x); err != nil {
		return Done{}, err
	}
	return t.write(x, x.state.Head().Incarnation, e)
}

func (t *Till) write(x *txn, i ledger.Incarnation, e ledger.Entry) (Done, error) {
	e.Wall, e.Mono, e.Clock = x.now.Wall.UnixMilli(), x.now.Mono.Milliseconds(), x.now.Quality
	e.Mark, e.Programme, e.Away = x.state.Mark(), t.o.Programme.Version(), x.today.Away
	raw, err := ledger.Encode(e)
	if err != nil {
		return Done{}, err
	}
	effects, err := x.state.Apply(i, raw)
	if err != nil {
		return Done{}, err
	}
	if effects.Risk != 0 || effects.Wrong != "" {
		return Done{}, fmt.Errorf("entry takes %d more than is held (%s): %w", effects.Risk, effects.Wrong, fold.ErrInvariant)
	}
	r := journal.Record{Head: x.state.Head(), Raw: raw}
	copy(r.Signature[:], ed25519.Sign(t.o.Key, r.Head.Signed(t.o.Terminal)))
	return Done{Origin: effects.Origin, Entry: effects.Entry, Head: r.Head}, x.Append(r, e.Ref)
}

// coming names the entry that the action is about to write.
func (t *Till) coming(x *txn) lot.Origin {
	head := x.state.Head()
	return ledger.Origin(t.o.Terminal, head.Incarnation, head.Seq+1)
}

// open makes sure that an incarnation of this boot may be written to. The
// newest one goes on if this boot left a head that is in the journal; else a
// new one is opened, which carries the rights of its parent only if such a
// head proves that the parent is complete.
func (t *Till) open(x *txn) error {
	newest := x.state.Head()
	proved, err := t.witnessed(x, newest)
	if err != nil {
		return err
	}
	if proved && !x.state.Stopped() {
		return nil
	}
	open := &ledger.Open{Parent: newest, Boot: t.o.Boot.ID, Board: t.o.Boot.Board, Software: t.o.Software}
	if proved {
		open.Witness = ledger.BootWitness
	}
	i, err := t.random()
	if err != nil {
		return err
	}
	done, err := t.write(x, ledger.Incarnation(i), ledger.Entry{Body: open})
	t.o.Boot.Head = &done.Head
	return err
}

// witnessed reports whether the head that this boot left is in the journal and
// of its newest incarnation.
func (t *Till) witnessed(x *txn, newest ledger.Head) (bool, error) {
	left := t.o.Boot.Head
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

func (t *Till) random() (uint64, error) {
	var b [8]byte
	if _, err := io.ReadFull(t.o.Rand, b[:]); err != nil {
		return 0, fmt.Errorf("draw a random number: %w", err)
	}
	return max(binary.BigEndian.Uint64(b[:]), 1), nil
}

// Stop writes the end of the incarnation: an orderly shutdown. What falls due
// afterwards, and what HQ sends, waits for the next start, since either would
// begin another incarnation.
func (t *Till) Stop() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	return t.update(func(x *txn) error {
		proved, err := t.witnessed(x, x.state.Head())
		if err != nil || !proved || x.state.Stopped() {
			return err
		}
		if _, err = t.write(x, x.state.Head().Incarnation, ledger.Entry{Body: &ledger.Stop{}}); err != nil {
			return err
		}
		return x.PutNote(ackedNote, codec.Marshal(&t.acked))
	})
}
