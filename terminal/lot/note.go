package lot

import "github.com/jifen-pos/jifen/terminal/codec"

// AskID names a terminal's question to HQ, unique in its incarnation; 0 is none.
type AskID uint64

// Note moves holdings from the giver to exactly one taker; HQ is one of the
// two. From the giver's entry on the giver cannot use them, from its acceptance
// on the taker can, and its id is accepted once.
type Note struct {
	ID          Origin // the entry that gave it
	Terminal    uint32 // the taker; 0 is HQ
	Incarnation uint64 // the taker's only incarnation that may accept it
	Ask         AskID  // the question it answers, or 0
	Holdings    []Holding
}

// Fields lists the message's fields.
func (n *Note) Fields(c *codec.Coder) {
	codec.Value(c, 1, &n.ID)
	codec.Uint(c, 2, &n.Terminal)
	codec.Fixed64(c, 3, &n.Incarnation)
	codec.Uint(c, 4, &n.Ask)
	codec.List(c, 5, &n.Holdings, HoldingsMax)
}
