package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// The kinds of entry. Numbers are appended, never reused.
const (
	KindOpen       Kind = 1
	KindStop       Kind = 2
	KindSale       Kind = 3
	KindRedeem     Kind = 4
	KindVoucherUse Kind = 5
	KindDecline    Kind = 6
	KindNoteGiven  Kind = 7
	KindAskGivenUp Kind = 8
	KindMark       Kind = 9

	KindReturn      Kind = 10
	KindVoucherBack Kind = 11
	KindGrant       Kind = 12
	KindWriteOff    Kind = 13
	KindTransfer    Kind = 14

	KindSignIn    Kind = 15
	KindInForce   Kind = 16
	KindClockStep Kind = 17
	KindPrinted   Kind = 18
	KindOutage    Kind = 19
)

var kindWords = map[Kind]string{
	KindOpen: "kind-open", KindStop: "kind-stop", KindSale: "kind-sale", KindRedeem: "kind-redeem", KindVoucherUse: "kind-voucher-use",
	KindDecline: "kind-decline", KindNoteGiven: "kind-note-given", KindAskGivenUp: "kind-ask-given-up", KindMark: "kind-mark",
	KindReturn: "kind-return", KindVoucherBack: "kind-voucher-back", KindGrant: "kind-grant", KindWriteOff: "kind-write-off",
	KindTransfer: "kind-transfer", KindSignIn: "kind-sign-in", KindInForce: "kind-in-force", KindClockStep: "kind-clock-step",
	KindPrinted: "kind-printed", KindOutage: "kind-outage",
}

// Word is the kind's name as a word of the catalogue.
func (k Kind) Word() string {
	if word, ok := kindWords[k]; ok {
		return word
	}
	return "kind-unknown"
}

func newBody(k Kind) Body {
	switch k {
	case KindOpen:
		return &Open{}
	case KindStop:
		return &Stop{}
	case KindSale:
		return &Sale{}
	case KindRedeem:
		return &Redeem{}
	case KindVoucherUse:
		return &VoucherUse{}
	case KindDecline:
		return &Decline{}
	case KindNoteGiven:
		return &NoteGiven{}
	case KindAskGivenUp:
		return &AskGivenUp{}
	case KindMark:
		return &Mark{}
	case KindReturn:
		return &Return{}
	case KindVoucherBack:
		return &VoucherBack{}
	case KindGrant:
		return &Grant{}
	case KindWriteOff:
		return &WriteOff{}
	case KindTransfer:
		return &Transfer{}
	case KindSignIn:
		return &SignIn{}
	case KindInForce:
		return &InForce{}
	case KindClockStep:
		return &ClockStep{}
	case KindPrinted:
		return &Printed{}
	case KindOutage:
		return &Outage{}
	}
	return nil
}

// Witness says what proved that a parent's journal is complete. Stored.
type Witness uint8

// The witnesses. Without one the parent's rights are frozen.
const (
	NoWitness   Witness = iota
	BootWitness         // the head left on tmpfs after the last commit, in the same boot
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

// Redeem exchanges points for one benefit: the points are spent and a voucher,
// a lot of the benefit's asset with number 0, is born at this terminal.
type Redeem struct {
	Member  member.ID
	Proof   member.Proof
	Benefit string
	Asset   lot.Asset // paid in
	Draws   []lot.Draw
	Voucher Issue
	Day     lot.Day // business day
}

// Fields lists the message's fields.
func (r *Redeem) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.Member)
	codec.Uint(c, 2, &r.Proof)
	codec.String(c, 3, &r.Benefit, TextBytesMax)
	codec.String(c, 4, &r.Asset, lot.AssetBytesMax)
	codec.List(c, 5, &r.Draws, lot.HoldingsMax)
	codec.Value(c, 6, &r.Voucher)
	codec.Int(c, 7, &r.Day)
	if c.Reading() && r.Voucher.Amount <= 0 {
		c.Refuse("redemption without a voucher")
	}
}

// Kind is KindRedeem.
func (*Redeem) Kind() Kind { return KindRedeem }

// Critical is true: it spends.
func (*Redeem) Critical() bool { return true }

// VoucherUse hands over what a voucher promises. It is refused unless this
// terminal holds the voucher's right.
type VoucherUse struct {
	Member  member.ID
	Voucher lot.ID
	Benefit string
	Day     lot.Day
}

// Fields lists the message's fields.
func (u *VoucherUse) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &u.Member)
	codec.Value(c, 2, &u.Voucher)
	codec.String(c, 3, &u.Benefit, TextBytesMax)
	codec.Int(c, 4, &u.Day)
}

// Kind is KindVoucherUse.
func (*VoucherUse) Kind() Kind { return KindVoucherUse }

// Critical is true: it spends.
func (*VoucherUse) Critical() bool { return true }

// Decline records that something was refused, so that the same reference gets
// the same answer, and what better placement of points would have saved.
type Decline struct {
	Action Kind // what was refused
	Code   string
	Member member.ID
	Asset  lot.Asset
	Want   lot.Amount
	Has    lot.Amount
}

// Fields lists the message's fields.
func (d *Decline) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &d.Action)
	codec.String(c, 2, &d.Code, TextBytesMax)
	codec.Uint(c, 3, &d.Member)
	codec.String(c, 4, &d.Asset, lot.AssetBytesMax)
	codec.Int(c, 5, &d.Want)
	codec.Int(c, 6, &d.Has)
}

// Kind is KindDecline.
func (*Decline) Kind() Kind { return KindDecline }

// Critical is false: it moves nothing.
func (*Decline) Critical() bool { return false }

// NoteGiven gives holdings back to HQ. The note's id is the entry's own.
type NoteGiven struct {
	Member member.ID
	Draws  []lot.Draw
}

// Fields lists the message's fields.
func (n *NoteGiven) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &n.Member)
	codec.List(c, 2, &n.Draws, lot.HoldingsMax)
}

// Kind is KindNoteGiven.
func (*NoteGiven) Kind() Kind { return KindNoteGiven }

// Critical is true: it moves rights.
func (*NoteGiven) Critical() bool { return true }

// AskGivenUp says that the answer to an ask will not be used: a note that
// answers it and comes later goes back to HQ.
type AskGivenUp struct {
	Ask lot.AskID
}

// Fields lists the message's fields.
func (a *AskGivenUp) Fields(c *codec.Coder) { codec.Uint(c, 1, &a.Ask) }

// Kind is KindAskGivenUp.
func (*AskGivenUp) Kind() Kind { return KindAskGivenUp }

// Critical is true: it decides where a note goes.
func (*AskGivenUp) Critical() bool { return true }

// Mark moves nothing: it tells HQ how far its journal has been applied.
type Mark struct{}

// Fields lists the message's fields: none.
func (*Mark) Fields(*codec.Coder) {}

// Kind is KindMark.
func (*Mark) Kind() Kind { return KindMark }

// Critical is false: it moves nothing.
func (*Mark) Critical() bool { return false }
