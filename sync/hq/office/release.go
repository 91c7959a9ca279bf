package office

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Release is a person's word for what waits for a witness at a terminal: one line of its
// lives is freed, or a standing order says what may be used on trust after every boot that
// nothing proves. What may be lost by it is the store's exposure.
type Release struct {
	Terminal    ledger.TerminalID
	Incarnation ledger.Incarnation // of the line; 0 for a standing order
	Standing    []ledger.Bound
	Fen         lot.Fen // what the freed rights were worth: the exposure
	By
}

// Fields lists the message's fields.
func (r *Release) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.Terminal)
	codec.Fixed64(c, 2, &r.Incarnation)
	codec.List(c, 3, &r.Standing, ledger.BoundsMax)
	codec.Int(c, 4, &r.Fen)
	r.By.fields(c)
	if c.Reading() && (r.Terminal == 0 || r.Actor == "" || r.Fen < 0 || r.Fen > lot.FenMax) {
		c.Refuse("release of nothing, or by nobody")
	}
}

// Kind is release.
func (*Release) Kind() string { return "release" }

// Moves is nothing: what is freed stays where it is.
func (*Release) Moves(lot.Origin) Moves { return Moves{} }

// exposed is what persons released at one terminal, in worth, and the last day on which they did.
type exposed struct {
	Fen lot.Fen
	Day lot.Day // 0 in a book of a build that did not keep it
}

// Fields lists the message's fields.
func (e *exposed) Fields(c *codec.Coder) {
	codec.Int(c, 1, &e.Fen)
	codec.Int(c, 2, &e.Day)
}

// Exposed is what persons released at a terminal, in worth, and the last day or 0.
func (d *Desk) Exposed(id ledger.TerminalID) (lot.Fen, lot.Day, error) {
	e, err := read[exposed](d, exposedKey(id))
	if err != nil {
		return 0, 0, err
	}
	return e.Fen, e.Day, nil
}

func (d *Desk) release(b *Release) error {
	return edit(d, exposedKey(b.Terminal), func(e *exposed) error {
		e.Fen, e.Day = e.Fen+b.Fen, max(e.Day, b.Day)
		return nil
	})
}
