package asking

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Why HQ commits no note for a challenge: words of the catalogue.
var (
	ErrChallenge = errors.New("challenge-forged") // no terminal of HQ's signed it
	ErrUsed      = errors.New("challenge-used")   // a note was given for it, or to somebody else
	ErrEnded     = errors.New("challenge-ended")  // that life of the terminal is over, or is given nothing
	ErrNothing   = errors.New("challenge-nothing")
)

// carriedLots bounds the lots of a note that has to fit on a phone.
const carriedLots = 8

// Carried is where HQ's journal has a note that somebody is to carry.
type Carried struct {
	Terminal ledger.TerminalID
	Seq      ledger.DownSeq
}

// ByHand commits a note of a member's points for a till that HQ cannot reach, to
// the very life of it that the challenge on the member's phone names. The note
// stands in HQ's journal for the terminal like any other: whichever way it comes
// first, it is taken in once. For the same challenge there is the same note.
func ByHand(w *decision.Work, who member.ID, text string) (at Carried, err error) {
	c, err := challenge(w, text)
	if err != nil {
		return at, err
	}
	at.Terminal = c.Terminal
	persons, err := w.Desk.Persons(who)
	if err != nil {
		return at, err
	}
	if given, err := w.Answered(c.Terminal, c.Incarnation, c.Ask); err != nil || given {
		if err == nil {
			at.Seq, err = before(w, c, persons)
		}
		return at, err
	}
	if may, err := w.MayTake(c.Terminal, c.Incarnation); err != nil || !may {
		return at, errors.Join(err, ErrEnded)
	}
	m := &wire.Ask{ID: c.Ask, Incarnation: c.Incarnation, Member: persons[0]}
	for _, kind := range w.Programme().Points {
		if most, err := kind.Worth.Floor(int64(w.Programme().Allotment.AskFen)); err == nil && most > 0 {
			m.Wants = append(m.Wants, wire.Want{Asset: kind.Asset, Amount: lot.Amount(most)})
		}
	}
	given, err := w.GiveFew(c.Terminal, m, carriedLots)
	if err == nil && len(given.Holdings) == 0 {
		err = ErrNothing
	}
	if err != nil {
		return at, err
	}
	row, err := w.Tx.Terminal(c.Terminal)
	at.Seq = row.DownSeq
	return at, err
}

// Given finds the note that was given for a challenge of the same member; its number
// is 0 while there is none.
func Given(w *decision.Work, who member.ID, text string) (at Carried, err error) {
	c, err := challenge(w, text)
	if err != nil {
		return at, err
	}
	at.Terminal = c.Terminal
	given, err := w.Answered(c.Terminal, c.Incarnation, c.Ask)
	if err != nil || !given {
		return at, err
	}
	persons, err := w.Desk.Persons(who)
	if err == nil {
		at.Seq, err = before(w, c, persons)
	}
	return at, err
}

// challenge opens a challenge under the key of the terminal that it names.
func challenge(w *decision.Work, text string) (token.Challenge, error) {
	named, ok := token.ChallengeOf(text)
	if !ok {
		return named, ErrChallenge
	}
	row, err := w.Tx.Terminal(named.Terminal)
	if errors.Is(err, book.ErrNotFound) {
		return named, ErrChallenge
	}
	if err != nil {
		return named, err
	}
	c, err := token.OpenChallenge(text, token.NewKeys(row.Key).Find)
	if err != nil {
		return named, ErrChallenge
	}
	return c, nil
}

// before finds the note that was given for a challenge, of the same member, while
// its terminal has not said that it has it.
func before(w *decision.Work, c token.Challenge, persons []member.ID) (seq ledger.DownSeq, err error) {
	state, err := fold.Load(c.Terminal, w.Tx.State(c.Terminal))
	if err != nil {
		return 0, err
	}
	err = underway.Unheard(w.Tx, c.Terminal, state.Mark(), func(d ledger.Down) {
		n := d.Note
		if n != nil && n.Ask == c.Ask && n.Incarnation == uint64(c.Incarnation) && slices.Contains(persons, n.Holdings[0].Lot.Owner) {
			seq = d.Seq
		}
	})
	if err == nil && seq == 0 {
		err = ErrUsed
	}
	return seq, err
}
