package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
)

// Witness says what proved that a parent's journal is complete. Stored.
type Witness uint8

// The witnesses. Without one the parent's rights are frozen.
const (
	NoWitness   Witness = iota
	BootWitness         // the head left on tmpfs after the last commit, in the same boot
	TillWitness         // a till that calls the local API remembers the head
	FileWitness         // a head file on a second device
	SlipWitness         // the scan of the day-close slip
	HQWitness           // a person at HQ vouches for it: the store's exposure
)

// Open is the first entry of an incarnation: it names the parent's head and
// what proves that nothing came after it.
type Open struct {
	Parent   Head
	Witness  Witness
	Boot     string // boot id of the operating system
	Board    string // fingerprint of the board
	Software string
}

// Fields lists the message's fields.
func (o *Open) Fields(c *codec.Coder) {
	codec.Value(c, 1, &o.Parent)
	codec.Uint(c, 2, &o.Witness)
	codec.String(c, 3, &o.Boot, TextBytesMax)
	codec.String(c, 4, &o.Board, TextBytesMax)
	codec.String(c, 5, &o.Software, TextBytesMax)
}

// Kind is KindOpen.
func (*Open) Kind() Kind { return KindOpen }

// Critical is true: who holds what hangs on it.
func (*Open) Critical() bool { return true }

// Stop ends an incarnation in an orderly way: nothing may follow it.
type Stop struct{}

// Fields lists the message's fields: none.
func (*Stop) Fields(*codec.Coder) {}

// Kind is KindStop.
func (*Stop) Kind() Kind { return KindStop }

// Critical is true: it ends the incarnation.
func (*Stop) Critical() bool { return true }

// Mark moves nothing: it tells HQ how far its journal has been applied.
type Mark struct{}

// Fields lists the message's fields: none.
func (*Mark) Fields(*codec.Coder) {}

// Kind is KindMark.
func (*Mark) Kind() Kind { return KindMark }

// Critical is false: it moves nothing.
func (*Mark) Critical() bool { return false }

// Carry frees what an unproven parent held: a witness of its head turned up
// later, or a person at HQ vouched for it. Only with one, never by time.
type Carry struct {
	Parent  Head
	Witness Witness
}

// Fields lists the message's fields.
func (o *Carry) Fields(c *codec.Coder) {
	codec.Value(c, 1, &o.Parent)
	codec.Uint(c, 2, &o.Witness)
}

// Kind is KindCarry.
func (*Carry) Kind() Kind { return KindCarry }

// Critical is true: who holds what hangs on it.
func (*Carry) Critical() bool { return true }
