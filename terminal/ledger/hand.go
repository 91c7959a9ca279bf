package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// CodeBytesMax bounds the text of a signed code, ByHandBytesMax what is carried.
const CodeBytesMax, ByHandBytesMax = 280, 16 << 10

// PaperClaim claims what a receipt says that an entry awarded which is not here:
// its terminal may be lost, and only the paper remembers. HQ checks who signed it
// and books it once, under that entry's own name.
type PaperClaim struct {
	Member member.ID  // as the code names them; verified by HQ
	Of     lot.Origin // the entry
	Code   string     // the text of the receipt's code
	Day    lot.Day
}

// Fields lists the message's fields.
func (p *PaperClaim) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &p.Member)
	codec.Value(c, 2, &p.Of)
	codec.String(c, 3, &p.Code, CodeBytesMax)
	codec.Int(c, 4, &p.Day)
}

// Kind is KindPaperClaim.
func (*PaperClaim) Kind() Kind { return KindPaperClaim }

// Critical is true: HQ may grant what it claims.
func (*PaperClaim) Critical() bool { return true }

// NoteByHand takes in a note that somebody carried here on a phone, before HQ's
// journal brings it: the entry of that journal, as HQ signed it. When it comes in
// its turn it is a note that was taken in already.
type NoteByHand struct {
	Signed []byte
}

// Fields lists the message's fields.
func (n *NoteByHand) Fields(c *codec.Coder) { codec.Bytes(c, 1, &n.Signed, ByHandBytesMax) }

// Kind is KindNoteByHand.
func (*NoteByHand) Kind() Kind { return KindNoteByHand }

// Critical is true: it moves rights.
func (*NoteByHand) Critical() bool { return true }

// Down reads the entry of HQ's journal; nobody's signature is checked. ok is false
// where it is none, or has no note.
func (n *NoteByHand) Down() (d Down, ok bool) {
	d, err := OpenDown(n.Signed, nil)
	return d, err == nil && d.Note != nil
}

// owners are whose rights it brings.
func (n *NoteByHand) owners() (out []member.ID) {
	if d, ok := n.Down(); ok {
		for _, h := range d.Note.Holdings {
			out = append(out, h.Lot.Owner)
		}
	}
	return out
}
