// Package ledger holds what a terminal's journal is made of: entries and their
// kinds, their encoding, the hash chain that binds them, and the entries that
// come down from HQ. An entry is a fact: nothing here edits one. What entries
// amount to is folded in package fold.
package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Version is the version of entries and of their chain. It is frozen: later
// builds read what this one wrote, and add fields and kinds under new numbers.
const Version = 1

// Limits of one entry.
const (
	EntryBytesMax = 64 << 10
	RefBytesMax   = 64
	TextBytesMax  = 64
	LinesMax      = 999
)

// TerminalID names one board for ever; HQ hands it out. Zero is HQ.
type TerminalID uint32

// String writes the id as in topics and on screens: t17.
func (t TerminalID) String() string { return "t" + strconv.FormatUint(uint64(t), 10) }

// ParseTerminalID reads the form that String writes.
func ParseTerminalID(s string) (TerminalID, error) {
	digits, ok := strings.CutPrefix(s, "t")
	n, err := strconv.ParseUint(digits, 10, 32)
	if !ok || err != nil || n == 0 || TerminalID(n).String() != s {
		return 0, fmt.Errorf("not a terminal id: %q", s)
	}
	return TerminalID(n), nil
}

// Incarnation is one life of a terminal: 64 random bits, drawn when it first
// has something to write after an operating-system boot. Zero is none.
type Incarnation uint64

// String writes the incarnation as 16 hex digits.
func (i Incarnation) String() string { return fmt.Sprintf("%016x", uint64(i)) }

// Seq numbers the entries of one incarnation from 1, without gaps.
type Seq uint64

// DownSeq numbers the entries of HQ's journal for one terminal from 1.
type DownSeq uint64

// Hash is a link of the chain.
type Hash [sha256.Size]byte

// Code begins the hash, for a paper: who has that entry's paper in hand knows it, and
// nobody can guess it from another.
func (h Hash) Code() string { return hex.EncodeToString(h[:6]) }

// Head names the newest entry of an incarnation and with it all before it.
type Head struct {
	Incarnation Incarnation
	Seq         Seq
	Hash        Hash
}

// Fields lists the message's fields.
func (h *Head) Fields(c *codec.Coder) {
	codec.Fixed64(c, 1, &h.Incarnation)
	codec.Uint(c, 2, &h.Seq)
	codec.Array(c, 3, h.Hash[:])
}

// String writes the head for people and logs.
func (h Head) String() string {
	return fmt.Sprintf("%s/%d/%x", h.Incarnation, h.Seq, h.Hash[:4])
}

// Genesis is the link before the first entry of an incarnation. It binds the
// terminal, the incarnation and the parent's head.
func Genesis(t TerminalID, i Incarnation, parent Head) Hash {
	b := []byte("jifen1 genesis")
	b = binary.BigEndian.AppendUint32(b, uint32(t))
	b = binary.BigEndian.AppendUint64(b, uint64(i))
	return sha256.Sum256(codec.Append(b, &parent))
}

// Next is the link after an entry whose bytes are given as stored.
func (h Hash) Next(entry []byte) Hash {
	b := make([]byte, 0, len(h)+4+len(entry))
	b = append(b, h[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(entry)))
	return sha256.Sum256(append(b, entry...))
}

// Signed is the text that a terminal signs for a head.
func (h Head) Signed(t TerminalID) []byte {
	b := []byte("jifen1 head")
	b = binary.BigEndian.AppendUint32(b, uint32(t))
	return codec.Append(b, &h)
}

// Origin names an entry of a terminal.
func Origin(t TerminalID, i Incarnation, s Seq) lot.Origin {
	return lot.Origin{Terminal: uint32(t), Incarnation: uint64(i), Seq: uint64(s)}
}
