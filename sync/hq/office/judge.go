package office

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Verdict is what a person decided. Stored: append, never reuse.
type Verdict uint8

// The verdicts.
const (
	Resume    Verdict = 1 // what stopped the exchange was looked at: it goes on
	Bar       Verdict = 2 // of two boards with one identity this life is the other's: nothing more is taken from it
	LifeOver  Verdict = 3 // a life of which nobody knows what became is over
	Published Verdict = 4 // a document goes out
	TakenBack Verdict = 5 // a document takes the place of one that was published after it
)

// storesBytesMax bounds the names of the stores that have a document first.
const storesBytesMax = 64 << 10

// Judge is a person's decision about one terminal, one life of it, or a document.
type Judge struct {
	Terminal    ledger.TerminalID
	Incarnation ledger.Incarnation
	Verdict     Verdict
	Document    *ledger.Document
	Stores      string // that have the document first, with spaces; "" is all
	By
}

// Fields lists the message's fields.
func (j *Judge) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &j.Terminal)
	codec.Fixed64(c, 2, &j.Incarnation)
	codec.Uint(c, 3, &j.Verdict)
	codec.Sub(c, 4, &j.Document)
	codec.String(c, 5, &j.Stores, storesBytesMax)
	j.By.fields(c)
}

// Kind is judge.
func (*Judge) Kind() string { return "judge" }

// Moves is nothing.
func (*Judge) Moves(lot.Origin) Moves { return Moves{} }

func (d *Desk) judge(j *Judge) error {
	if j.Document != nil {
		return nil // HQ's shelf is no part of the desk
	}
	return edit(d, endKey(j.Terminal), func(e *End) error {
		switch j.Verdict {
		case Bar:
			e.Barred = append(e.Barred, j.Incarnation)
		case LifeOver:
			e.over(j.Incarnation)
		}
		return nil
	})
}

// Barred reports whether a person decided that nothing is taken from a life of a
// terminal: it is another board's with the same identity.
func (d *Desk) Barred(id ledger.TerminalID, i ledger.Incarnation) (bool, error) {
	e, err := read[End](d, endKey(id))
	if err != nil {
		return false, err
	}
	return slices.Contains(e.Barred, i), nil
}
