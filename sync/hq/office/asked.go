package office

import (
	"encoding/binary"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// askedMax is how many questions of a terminal are remembered: what comes twice
// comes soon.
const askedMax = 256

// asked are the questions of a terminal that a note has answered, oldest first.
type asked struct{ List []question }

func (a *asked) Fields(c *codec.Coder) { codec.List(c, 1, &a.List, askedMax) }

type question struct {
	Incarnation ledger.Incarnation
	Ask         lot.AskID
}

// Fields lists the message's fields.
func (q *question) Fields(c *codec.Coder) {
	codec.Fixed64(c, 1, &q.Incarnation)
	codec.Uint(c, 2, &q.Ask)
}

func askedKey(id ledger.TerminalID) []byte {
	return binary.BigEndian.AppendUint32([]byte{askedPrefix}, uint32(id))
}

// answer remembers which question a note answers.
func (d *Desk) answer(n *lot.Note) error {
	if n == nil || n.Ask == 0 {
		return nil
	}
	return edit(d, askedKey(ledger.TerminalID(n.Terminal)), func(a *asked) error {
		a.List = append(a.List, question{ledger.Incarnation(n.Incarnation), n.Ask})
		a.List = slices.Delete(a.List, 0, max(len(a.List)-askedMax, 0))
		return nil
	})
}

// Answered reports whether a note has answered a question.
func (d *Desk) Answered(id ledger.TerminalID, i ledger.Incarnation, ask lot.AskID) (bool, error) {
	a, err := read[asked](d, askedKey(id))
	return err == nil && slices.Contains(a.List, question{i, ask}), err
}
