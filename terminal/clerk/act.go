package clerk

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

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
	// ErrUnknownReference says that nothing was done under a reference.
	ErrUnknownReference = errors.New("reference is not in the journal")
)

// By says who acts and where.
type By struct {
	Lane  uint32
	Actor string // id of the signed-in cashier
}

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

// Short is a *Declined for rights that do not cover what is wanted.
func Short(code string, who member.ID, short *lot.ShortError) *Declined {
	return &Declined{Code: code, Member: who, Asset: short.Asset, Want: short.Want, Has: short.Has}
}

// Done is an action that is on the disk.
type Done struct {
	Origin lot.Origin
	Entry  ledger.Entry
	Head   ledger.Head
	Again  bool // the reference had been used: this is the first answer once more
}

// Action is what a caller asks for.
type Action struct {
	By    By
	Ref   string // unique for 400 business days, or ""
	Kind  ledger.Kind
	Input []byte // what was asked for, hashed into the entry
}

// hashBytes is how much is kept of a hash that tells one wish from another one
// under the same reference: a slip of whoever draws the references goes unseen
// once in 2^64 times.
const hashBytes = 8

// Hash is what is kept of what was asked for.
func (a Action) Hash() []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint16(bytes.Clone(a.Input), uint16(a.Kind)))
	return sum[:hashBytes]
}

// Act runs one action as one entry in one transaction. build decides what the
// entry says, on the very state that the entry changes; a *Declined from it is
// written down too, so that the reference keeps its answer. build may be run
// for a transaction that is then given up, and again.
func (c *Clerk) Act(a Action, build func(*Txn) (ledger.Body, error)) (Done, error) {
	var done Done
	var declined *Declined
	err := c.Update(func(x *Txn) error {
		done, declined = Done{}, nil
		if a.Ref != "" {
			var err error
			if done, declined, err = c.again(x, a); err != nil || done.Again {
				return err
			}
		}
		if err := c.open(x); err != nil {
			return err
		}
		body, err := build(x)
		if errors.As(err, &declined) {
			body, err = c.decline(a.Kind, declined), nil
			x.then, x.landed = nil, nil
		}
		if err != nil {
			return err
		}
		done, err = c.Append(x, ledger.Entry{Actor: a.By.Actor, Lane: a.By.Lane, Ref: a.Ref, Input: a.Hash(), Body: body})
		for _, fn := range x.then {
			if err == nil {
				err = fn()
			}
		}
		return err
	})
	switch {
	case err != nil:
		return Done{}, err
	case declined != nil:
		if !done.Again {
			c.countDeclined(declined.Code)
		}
		return done, declined
	}
	return done, nil
}

// decline is the entry of a refusal: what was missing, and where HQ last said
// that it is.
func (c *Clerk) decline(kind ledger.Kind, d *Declined) *ledger.Decline {
	body := &ledger.Decline{Action: kind, Code: d.Code, Member: d.Member, Asset: d.Asset, Want: d.Want, Has: d.Has}
	for _, b := range c.Heard(d.Member).Left {
		if b.Asset == d.Asset {
			body.AtHQ, body.Elsewhere = b.HQ, b.Elsewhere
		}
	}
	return body
}

// again answers a reference that is in the journal already.
func (c *Clerk) again(x *Txn, a Action) (Done, *Declined, error) {
	done, declined, err := c.referred(x, a.Ref)
	if errors.Is(err, journal.ErrNotFound) || c.o.Unguarded.FirstAnswer {
		return Done{}, nil, nil
	}
	if err == nil && !bytes.Equal(done.Entry.Input, a.Hash()) {
		err = fmt.Errorf("%q: %w", a.Ref, ErrReference)
	}
	return done, declined, err
}

// Outcome gives what was done under a reference: ErrUnknownReference if nothing
// was, a *Declined if it was declined.
func (c *Clerk) Outcome(ref string) (done Done, err error) {
	err = c.o.Journal.View(func(tx journal.Tx) error {
		found, declined, err := c.referred(tx, ref)
		switch {
		case errors.Is(err, journal.ErrNotFound):
			return ErrUnknownReference
		case err != nil:
			return err
		}
		if done = found; declined != nil {
			return declined
		}
		return nil
	})
	return done, err
}

// AnsweredBefore is Outcome for one kind of action: ErrReference if it was
// another.
func (c *Clerk) AnsweredBefore(ref string, kind ledger.Kind) (Done, error) {
	done, err := c.Outcome(ref)
	other := err == nil && done.Entry.Body.Kind() != kind
	if d, ok := done.Entry.Body.(*ledger.Decline); ok {
		other = d.Action != kind
	}
	if other {
		return Done{}, fmt.Errorf("%q: %w", ref, ErrReference)
	}
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// referred reads what was done under a reference.
func (c *Clerk) referred(tx journal.Tx, ref string) (Done, *Declined, error) {
	r, err := tx.Referred(ref)
	if err != nil {
		return Done{}, nil, err
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil {
		return Done{}, nil, err
	}
	done := Done{Origin: ledger.Origin(c.o.Terminal, r.Head.Incarnation, r.Head.Seq), Entry: e, Head: r.Head, Again: true}
	if d, ok := e.Body.(*ledger.Decline); ok {
		return done, &Declined{Code: d.Code, Member: d.Member, Asset: d.Asset, Want: d.Want, Has: d.Has}, nil
	}
	return done, nil, nil
}
