package lot

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/member"
)

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
	// Minted are the quotas of open periods that were made already, for the
	// members whose home the note moves.
	Minted []Minted
}

// Fields lists the message's fields.
func (n *Note) Fields(c *codec.Coder) {
	codec.Value(c, 1, &n.ID)
	codec.Uint(c, 2, &n.Terminal)
	codec.Fixed64(c, 3, &n.Incarnation)
	codec.Uint(c, 4, &n.Ask)
	codec.List(c, 5, &n.Holdings, HoldingsMax)
	codec.List(c, 6, &n.Minted, HoldingsMax)
}

// Minted says that a member's quota of a rule for a period has been made.
type Minted struct {
	Owner   member.ID
	Quota   Asset
	Expires Day // of the quota; afterwards it need not be remembered
}

// Fields lists the message's fields.
func (m *Minted) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &m.Owner)
	codec.String(c, 2, &m.Quota, AssetBytesMax)
	codec.Int(c, 3, &m.Expires)
}
