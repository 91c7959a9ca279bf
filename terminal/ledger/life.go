package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
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
	HQWitness           // a person at HQ vouches for it: only HQ's own journal says so
)

// Names reports whether such a witness names the last entry that moved a right.
func (w Witness) Names() bool { return w == TillWitness || w == FileWitness || w == SlipWitness }

// BoundsMax bounds the assets of which something may be used on trust.
const BoundsMax = 32

// Bound says how much of one asset may be used on trust after one boot that
// nothing proves, although it waits for a witness: the store's exposure.
type Bound struct {
	Asset    lot.Asset // "benefit:" stands for the vouchers of all benefits that were issued here
	Each     lot.Fen   // what one voucher may have cost at most, or 0
	Member   lot.Amount
	Terminal lot.Amount
}

// Fields lists the message's fields.
func (b *Bound) Fields(c *codec.Coder) {
	codec.String(c, 1, &b.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &b.Each)
	codec.Int(c, 3, &b.Member)
	codec.Int(c, 4, &b.Terminal)
	if c.Reading() && (b.Each < 0 || b.Each > lot.FenMax || b.Member < 0 || b.Member > lot.AmountMax || b.Terminal < 0 || b.Terminal > lot.AmountMax) {
		c.Refuse("bound out of range")
	}
}

// Open is the first entry of an incarnation: it names the parent's head, what
// proves that nothing came after it and, where nothing does, what may be used
// on trust.
type Open struct {
	Parent   Head
	Witness  Witness
	Boot     string // boot id of the operating system
	Board    string // fingerprint of the board
	Software string
	Named    Head // the entry that the witness named as the last one to move a right
	Trust    []Bound
}

// Fields lists the message's fields.
func (o *Open) Fields(c *codec.Coder) {
	codec.Value(c, 1, &o.Parent)
	codec.Uint(c, 2, &o.Witness)
	codec.String(c, 3, &o.Boot, TextBytesMax)
	codec.String(c, 4, &o.Board, TextBytesMax)
	codec.String(c, 5, &o.Software, TextBytesMax)
	named(c, 6, &o.Named)
	codec.List(c, 7, &o.Trust, BoundsMax)
}

// named is a head that most entries leave out.
func named(c *codec.Coder, num int, h *Head) {
	if c.Reading() || *h != (Head{}) {
		codec.Value(c, num, h)
	}
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

// Carry frees what an unproven parent held: a witness turned up later. Only
// with one, never by time.
type Carry struct {
	Parent  Head
	Witness Witness
	Named   Head // as in Open
}

// Fields lists the message's fields.
func (o *Carry) Fields(c *codec.Coder) {
	codec.Value(c, 1, &o.Parent)
	codec.Uint(c, 2, &o.Witness)
	named(c, 3, &o.Named)
}

// Kind is KindCarry.
func (*Carry) Kind() Kind { return KindCarry }

// Critical is true: who holds what hangs on it.
func (*Carry) Critical() bool { return true }

// Doubt says that a witness named an entry that is not in the journal: its end
// is lost, or the disk is an older one. What waits is freed by no witness from
// then on, unless HQ gives the lost entries back; a person at HQ can.
type Doubt struct {
	Witness Witness
	Named   Head
}

// Fields lists the message's fields.
func (d *Doubt) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &d.Witness)
	codec.Value(c, 2, &d.Named)
}

// Kind is KindDoubt.
func (*Doubt) Kind() Kind { return KindDoubt }

// Critical is true: who may use what hangs on it.
func (*Doubt) Critical() bool { return true }

// Healed says that what HQ had of this terminal's journal, and the terminal had
// not, stands in its place again: before what was written without it.
type Healed struct {
	Child   Incarnation // that was begun without it
	Entries uint64      // that came back
}

// Fields lists the message's fields.
func (h *Healed) Fields(c *codec.Coder) {
	codec.Fixed64(c, 1, &h.Child)
	codec.Uint(c, 2, &h.Entries)
}

// Kind is KindHealed.
func (*Healed) Kind() Kind { return KindHealed }

// Critical is true: who may use what hangs on it.
func (*Healed) Critical() bool { return true }
