package bearer

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/token"
)

// claimed is a receipt whose awards were claimed in this run.
type claimed struct {
	lane uint32 // that waits to hear of it, or 0
	at   lot.Origin
}

// Record takes the slip of the last day's close as a witness: nothing is missing
// here, or something is. A receipt whose entry is here is only verified; what
// any other receipt says is claimed: only the paper may remember it.
func (b *Bearer) Record(by clerk.By, text string) (m view.Message, err error) {
	c, err := token.OpenCertificate(text, b.Keys().Find)
	if errors.Is(err, token.ErrUnknownKey) {
		if known, ok := token.CertificateOf(text); ok {
			return b.claim(by, text, known)
		}
	}
	if err == nil {
		here, err := b.has(c.Entry)
		if err != nil || here {
			return message(view.OK, "certificate-good", c.Entry), err
		}
		return b.claim(by, text, c)
	}
	v, head, err := b.o.Clerk.Testify(by, ledger.SlipWitness, text)
	if errors.Is(err, clerk.ErrForeign) {
		return m, view.Refuse("witness-foreign")
	}
	if err != nil {
		return m, err
	}
	level := map[clerk.Verdict]view.Level{clerk.WitnessFreed: view.OK, clerk.WitnessLost: view.Refused, clerk.WitnessBoard: view.Refused}[v]
	return message(cmp.Or(level, view.Attention), string(v), b.o.Stamp(time.Unix(int64(head.Minute)*60, 0))), nil
}

func message(level view.Level, code string, about any) view.Message {
	m := view.Message{Level: level, Code: code}
	m.Args = append(m.Args, view.Plain(about))
	return m
}

// has reports whether an entry of this terminal is in its journal.
func (b *Bearer) has(of lot.Origin) (here bool, err error) {
	err = b.o.Journal.View(func(tx journal.Tx) error {
		_, err := tx.Record(ledger.Incarnation(of.Incarnation), ledger.Seq(of.Seq))
		if here = err == nil; errors.Is(err, journal.ErrNotFound) {
			err = nil
		}
		return err
	})
	return here, err
}

// claim writes down what a receipt claims, once in a run, and says how it stands.
func (b *Bearer) claim(by clerk.By, text string, c token.Certificate) (m view.Message, err error) {
	b.mu.Lock()
	before, again := b.claims[text]
	b.mu.Unlock()
	if again {
		k, err := b.stands(before.at)
		if k.Status == fold.ClaimGranted && before.lane == 0 { // which was said
			return message(view.Attention, "claim-booked", k.Member), err
		}
		return standing(k), err
	}
	var at lot.Origin
	err = b.o.Clerk.Update(func(x *clerk.Txn) error {
		if _, closed, _, err := x.State.Day(); err != nil || closed {
			return cmp.Or(err, view.Refuse("day-is-closed"))
		}
		day := b.o.Clerk.Programme().BusinessDay(x.Now.Wall)
		done, err := b.o.Clerk.Append(x, ledger.Entry{
			Actor: by.Actor, Lane: by.Lane, Body: &ledger.PaperClaim{Member: c.Member, Of: c.Entry, Code: text, Day: day},
		})
		at = done.Origin
		return err
	})
	if err != nil {
		return m, err
	}
	b.mu.Lock()
	if len(b.claims) >= knownMax {
		clear(b.claims)
	}
	b.claims[text] = claimed{by.Lane, at}
	b.mu.Unlock()
	return message(view.Attention, "paper-claimed", ledger.TerminalID(c.Entry.Terminal)), nil
}

// stands is what became of a claim.
func (b *Bearer) stands(of lot.Origin) (k fold.Claim, err error) {
	err = b.o.Journal.View(func(tx journal.Tx) error {
		state, err := b.o.Clerk.State(tx)
		if err == nil {
			k, err = state.Claim(of)
		}
		return err
	})
	return k, err
}

func standing(k fold.Claim) view.Message {
	switch k.Status {
	case fold.ClaimGranted:
		return message(view.OK, "paper-granted", k.Member)
	case fold.ClaimRefused:
		if k.Reason == "claim-booked" {
			return message(view.Attention, k.Reason, k.Member)
		}
		return message(view.Refused, k.Reason, k.Member)
	}
	return message(view.Attention, "paper-waits", k.Member)
}

// settled says at its lane what became of a claim.
func (b *Bearer) settled() error {
	b.mu.Lock()
	open := slices.SortedFunc(maps.Keys(b.claims), func(x, y string) int { return b.claims[x].at.Compare(b.claims[y].at) })
	b.mu.Unlock()
	for _, text := range open {
		b.mu.Lock()
		c := b.claims[text]
		b.mu.Unlock()
		if c.lane == 0 {
			continue
		}
		k, err := b.stands(c.at)
		if err != nil {
			return err
		}
		if k.Status == fold.ClaimOpen {
			continue
		}
		b.mu.Lock()
		b.claims[text] = claimed{0, c.at}
		b.mu.Unlock()
		m := standing(k)
		if err := b.o.Tell(c.lane, m.Level, m.Code, m.Args...); err != nil {
			return err
		}
	}
	return nil
}
