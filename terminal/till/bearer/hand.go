package bearer

import (
	"cmp"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/token"
)

// challengeFor is how long a till waits for what a phone brings from HQ.
const challengeFor = 5 * time.Minute

// carriesMax bounds what is being carried here in several codes at once.
const carriesMax = 16

// shown is a challenge on a lane's customer screen.
type shown struct {
	text string
	ask  lot.AskID
}

// Challenge makes what the customer's phone is to show HQ, so that HQ commits a
// note to this very life of the terminal, which cannot be reached otherwise.
func (b *Bearer) Challenge(by clerk.By) error {
	if b.o.Online() {
		return view.Refuse("challenge-online")
	}
	if b.o.Clerk.HQKey() == nil {
		return view.Refuse("challenge-unknown-hq")
	}
	a, err := b.o.Clerk.Name(by, clerk.Ask{Within: challengeFor})
	if err != nil || a.ID == 0 {
		return cmp.Or(err, view.Refuse("day-is-closed"))
	}
	minute := uint32(max(b.o.Clerk.Now().Wall.Unix()/60, 0))
	text, err := token.SealChallenge(token.Challenge{Terminal: b.o.Terminal, Incarnation: a.Incarnation, Ask: a.ID, Minute: minute}, b.o.Key)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown[by.Lane] = shown{text, a.ID}
	return nil
}

// Shown is the challenge that a lane shows, or "".
func (b *Bearer) Shown(lane uint32) string {
	b.mu.Lock()
	c, ok := b.shown[lane]
	b.mu.Unlock()
	if !ok || !b.o.Clerk.Pending(c.ask) {
		return ""
	}
	return c.text
}

// Part takes one of the codes that a phone shows. With the last of them the note is
// taken in: who is 0 before.
func (b *Bearer) Part(by clerk.By, text string) (who member.ID, m view.Message, err error) {
	p, err := token.OpenPart(text)
	if err != nil {
		return 0, m, view.Refuse("token-misread")
	}
	parts, have := b.collect(p)
	if have < p.Count {
		m := message(view.Attention, "note-part", have)
		m.Args = append(m.Args, view.Plain(p.Count))
		return 0, m, nil
	}
	raw, err := token.Carried(parts)
	if err != nil {
		return 0, m, view.Refuse("token-misread")
	}
	who, points, err := b.take(by, raw)
	return who, message(view.OK, "note-by-hand", points), err
}

// collect adds a part to those of the same whole.
func (b *Bearer) collect(p token.Part) (parts []token.Part, have int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	parts = b.carried[p.Sum]
	if len(parts) != p.Count {
		if len(b.carried) >= carriesMax {
			clear(b.carried)
		}
		parts = make([]token.Part, p.Count)
	}
	parts[p.N] = p
	b.carried[p.Sum] = parts
	for _, x := range parts {
		if x.Count > 0 {
			have++
		}
	}
	if have == p.Count {
		delete(b.carried, p.Sum)
	}
	return parts, have
}

// take takes in a note that was carried here, as HQ signed it. What is refused
// changes nothing: HQ's journal brings the note in its turn, and what it is then is
// decided there.
func (b *Bearer) take(by clerk.By, raw []byte) (who member.ID, points lot.Amount, err error) {
	d, err := ledger.OpenDown(raw, b.o.Clerk.HQKey())
	switch {
	case err != nil:
		return 0, 0, view.Refuse("token-forged")
	case d.Terminal != b.o.Terminal || d.Note == nil || len(d.Note.Holdings) == 0:
		return 0, 0, view.Refuse("note-of-another")
	}
	p, err := b.o.Clerk.Progress()
	if err == nil && d.Epoch < p.Epoch {
		err = view.Refuse("note-old")
	}
	if err := cmp.Or(err, b.o.Clerk.SettleBoot()); err != nil {
		return 0, 0, err
	}
	err = b.o.Clerk.Update(func(x *clerk.Txn) error {
		if err := acceptable(x, d.Note); err != nil {
			return err
		}
		if who, err = x.State.Canonical(d.Note.Holdings[0].Lot.Owner); err != nil {
			return err
		}
		_, err := b.o.Clerk.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: &ledger.NoteByHand{Signed: raw}})
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	b.o.Clerk.Forget(d.Note.Ask)
	for _, h := range d.Note.Holdings {
		points += h.Amount
	}
	return who, points, nil
}

// acceptable refuses a note that the fold would not accept.
func acceptable(x *clerk.Txn, n *lot.Note) error {
	if _, closed, _, err := x.State.Day(); err != nil || closed {
		return cmp.Or(err, view.Refuse("day-is-closed"))
	}
	if ledger.Incarnation(n.Incarnation) != x.State.Head().Incarnation || x.State.Stopped() {
		return view.Refuse("note-other-start")
	}
	if taken, err := x.State.Took(n.ID); err != nil || taken {
		return cmp.Or(err, view.Refuse("note-taken"))
	}
	if given, err := x.State.GaveUp(n.Ask); err != nil || given {
		return cmp.Or(err, view.Refuse("challenge-over"))
	}
	return nil
}
