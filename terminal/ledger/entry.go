package ledger

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// ErrUnknownKind says that an entry is well formed but of a kind this build
// does not know. Its bytes are kept and parked.
var ErrUnknownKind = errors.New("unknown kind of entry")

// Clock says how far a time may be trusted (rule S11).
type Clock uint8

// Clock qualities. They are stored: append, never reuse.
const (
	ClockUnset   Clock = iota // before the build or the last entry
	ClockRunning              // plausible, not confirmed by anybody
	ClockSynced               // the kernel says it is synchronised
)

// Kind numbers what an entry says. Numbers are appended, never reused.
type Kind uint16

// Entry is one fact in a terminal's journal. Its sequence number is not sent:
// it follows from its place.
type Entry struct {
	Wall      int64 // unix milliseconds
	Mono      int64 // milliseconds since boot
	Clock     Clock
	Mark      DownSeq // how far the down journal had been applied
	Actor     string  // who did it
	Lane      uint32  // where
	Programme string  // version in force
	Ref       string  // caller's reference, unique for 400 business days
	Input     []byte  // hash of what the caller asked for under the reference
	Away      bool    // HQ could not be reached: lots may have been taken past their last day
	Body      Body
}

// Body is what an entry says. The kinds below are all there are.
type Body interface {
	codec.Message
	Kind() Kind
	// Critical reports whether a receiver that does not know the kind must
	// hand out no more rights to the terminal until it does.
	Critical() bool
}

// header is what stands before the body: first what hardly changes from entry
// to entry, then what does, so that a batch of them compresses well.
type header struct {
	*Entry
	kind     Kind
	critical bool
	body     []byte
}

func (h *header) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &h.kind)
	codec.Bool(c, 2, &h.critical)
	booted := h.Wall - h.Mono // the same from entry to entry, as h.Mono is not
	codec.Int(c, 3, &booted)
	codec.Uint(c, 4, &h.Clock)
	codec.Uint(c, 5, &h.Mark)
	codec.String(c, 6, &h.Actor, TextBytesMax)
	codec.Uint(c, 7, &h.Lane)
	codec.String(c, 8, &h.Programme, TextBytesMax)
	codec.Bool(c, 9, &h.Away)
	codec.Int(c, 10, &h.Wall)
	h.ref(c)
	codec.Bytes(c, 13, &h.Input, 32)
	codec.Bytes(c, 15, &h.body, EntryBytesMax)
	if c.Reading() {
		h.Mono = h.Wall - booted
	}
}

// ref writes a reference of hexadecimal digits, as random ones are, in half as
// many bytes.
func (h *header) ref(c *codec.Coder) {
	text := h.Ref
	digits, err := hex.DecodeString(text)
	if packed := err == nil && hex.EncodeToString(digits) == text; packed {
		text = ""
	} else {
		digits = nil
	}
	codec.String(c, 11, &text, RefBytesMax)
	codec.Bytes(c, 12, &digits, RefBytesMax/2)
	if c.Reading() {
		h.Ref = text + hex.EncodeToString(digits)
	}
	if len(h.Ref) > RefBytesMax {
		c.Refuse("reference too long")
	}
}

// Encode returns the bytes of an entry, as they are hashed, stored and sent.
func Encode(e Entry) ([]byte, error) {
	h := header{Entry: &e, kind: e.Body.Kind(), critical: e.Body.Critical(), body: codec.Marshal(e.Body)}
	b := codec.Marshal(&h)
	if len(b) > EntryBytesMax {
		return nil, fmt.Errorf("encode entry of %d bytes: %w", len(b), lot.ErrAmount)
	}
	return b, nil
}

// Decode reads an entry. It returns ErrUnknownKind, with the header filled in
// and a body of type *Unknown, for a kind it does not know, and an error that
// matches codec.ErrMalformed for anything that is no entry.
func Decode(b []byte) (Entry, error) {
	if len(b) > EntryBytesMax {
		return Entry{}, fmt.Errorf("entry of %d bytes: %w", len(b), codec.ErrMalformed)
	}
	var e Entry
	h := header{Entry: &e}
	if err := codec.Unmarshal(b, &h); err != nil {
		return Entry{}, fmt.Errorf("entry: %w", err)
	}
	e.Body = newBody(h.kind)
	if e.Body == nil {
		e.Body = &Unknown{kind: h.kind, critical: h.critical, bytes: h.body}
		return e, fmt.Errorf("kind %d: %w", h.kind, ErrUnknownKind)
	}
	if err := codec.Unmarshal(h.body, e.Body); err != nil {
		return Entry{}, fmt.Errorf("entry of kind %d: %w", h.kind, err)
	}
	return e, nil
}

// Unknown is the body of an entry of a kind this build does not know.
type Unknown struct {
	kind     Kind
	critical bool
	bytes    []byte
}

// Fields lists nothing: an unknown body is never written again.
func (*Unknown) Fields(*codec.Coder) {}

// Kind returns the number the entry carried.
func (u *Unknown) Kind() Kind { return u.kind }

// Critical returns the bit the entry carried.
func (u *Unknown) Critical() bool { return u.critical }
