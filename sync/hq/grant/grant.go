// Package grant is the records of HQ's grant log: what HQ decided and what it
// said, chained, so that a book which was put back from a backup learns again
// what it has forgotten. It writes nothing and decides nothing.
package grant

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Limits of a grant record.
const (
	BytesMax     = 1 << 20
	bodyBytesMax = 256 << 10
	namedMax     = codec.FieldsMax - 64 // earlier builds did not split what moves many lots
	kindBytesMax = 64
)

// Record is one record of the grant log: an entry of HQ's own journal with the
// lots that it moves, an entry of HQ's journal for a terminal as signed, or the
// board that became a terminal. A
// book that was restored from a backup is brought up to date from them, in
// their order, before anything is given.
type Record struct {
	N     uint64
	Chain [sha256.Size]byte // what Sum gave for the record before
	Entry *Entered
	Down  *Sent
	Board *Board
}

// Fields lists the message's fields.
func (r *Record) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.N)
	codec.Array(c, 2, r.Chain[:])
	codec.Sub(c, 3, &r.Entry)
	codec.Sub(c, 4, &r.Down)
	codec.Sub(c, 5, &r.Board)
}

// Entered is an entry of HQ's own journal.
type Entered struct {
	Epoch uint64
	Seq   uint64
	Wall  int64
	Kind  string
	Body  []byte
	Lots  []lot.Lot // that it moves, and a book may not know again
}

// Fields lists the message's fields.
func (e *Entered) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &e.Epoch)
	codec.Uint(c, 2, &e.Seq)
	codec.Int(c, 3, &e.Wall)
	codec.String(c, 4, &e.Kind, kindBytesMax)
	codec.Bytes(c, 5, &e.Body, bodyBytesMax)
	codec.List(c, 6, &e.Lots, namedMax)
}

// Sent is an entry of HQ's journal for a terminal.
type Sent struct {
	Terminal ledger.TerminalID
	Seq      ledger.DownSeq
	Raw      []byte
}

// Fields lists the message's fields.
func (s *Sent) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Terminal)
	codec.Uint(c, 2, &s.Seq)
	codec.Bytes(c, 3, &s.Raw, ledger.SignedDownBytesMax)
}

// Board is a board that enrolled as a terminal.
type Board struct {
	Terminal ledger.TerminalID
	Key      [ed25519.PublicKeySize]byte
	Software string
}

// Fields lists the message's fields.
func (b *Board) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &b.Terminal)
	codec.Array(c, 2, b.Key[:])
	codec.String(c, 3, &b.Software, ledger.TextBytesMax)
}

// Reached is how far a book's grants go: the number of the newest record, and
// what Sum gave for it.
type Reached struct {
	N   uint64
	Sum [sha256.Size]byte
}

// Next numbers the record after this one and says where that leads.
func (g Reached) Next(r Record) (raw []byte, next Reached, err error) {
	r.N, r.Chain = g.N+1, g.Sum
	if raw, err = codec.Kept(&r); err == nil && len(raw) > BytesMax {
		err = fmt.Errorf("%d bytes: %w", len(raw), codec.ErrUnreadable)
	}
	if err != nil {
		return nil, g, fmt.Errorf("record %d of the grant log: %w", r.N, err)
	}
	return raw, Reached{g.N + 1, Sum(raw)}, nil
}

// Sum stands for a record and all before it.
func Sum(raw []byte) [sha256.Size]byte {
	text := binary.BigEndian.AppendUint32([]byte("jifen1 grant"), uint32(len(raw)))
	return sha256.Sum256(append(text, raw...))
}

// Open reads a record.
func Open(raw []byte) (*Record, error) {
	g := &Record{}
	return g, codec.Unmarshal(raw, g)
}
