package wire

import (
	"crypto/ed25519"
	"crypto/sha256"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Limits of messages on the way up.
const (
	BatchEntriesMax = 256
	BatchBytesMax   = 64 << 10 // before compression
	StreamsMax      = 64
	WantsMax        = 16
)

// Enrol introduces a board to HQ: its public key, and proof that whoever set
// it up knew the enrolment code.
type Enrol struct {
	Key      [ed25519.PublicKeySize]byte
	Mac      [sha256.Size]byte
	Software string
	Knows    [ed25519.PublicKeySize]byte // HQ's key that the board believes, where it had enrolled before; else 0
}

// Fields lists the message's fields.
func (m *Enrol) Fields(c *codec.Coder) {
	codec.Array(c, 1, m.Key[:])
	codec.Array(c, 2, m.Mac[:])
	codec.String(c, 3, &m.Software, ledger.TextBytesMax)
	codec.Array(c, 4, m.Knows[:])
}

// Kind is KindEnrol.
func (*Enrol) Kind() Kind { return KindEnrol }

// Hello opens every connection: where the terminal's journals stand.
type Hello struct {
	Software string
	Streams  []ledger.Head // newest entries of the newest incarnations, oldest first
	Down     ledger.DownSeq
	Backlog  uint64
	Oldest   int64 // when the oldest entry of the backlog was written, unix ms
	Wall     int64
	Clock    ledger.Clock
	Last     []byte // the newest entry of HQ's journal here, as signed: it shows HQ what it said, and in which epoch
	Epoch    uint64 // the newest that HQ has spoken to it in; in an earlier one nobody is believed
}

// Fields lists the message's fields.
func (m *Hello) Fields(c *codec.Coder) {
	codec.String(c, 1, &m.Software, ledger.TextBytesMax)
	codec.List(c, 2, &m.Streams, StreamsMax)
	codec.Uint(c, 3, &m.Down)
	codec.Uint(c, 4, &m.Backlog)
	codec.Int(c, 5, &m.Oldest)
	codec.Int(c, 6, &m.Wall)
	codec.Uint(c, 7, &m.Clock)
	codec.Bytes(c, 8, &m.Last, ledger.SignedDownBytesMax)
	codec.Uint(c, 9, &m.Epoch)
}

// Kind is KindHello.
func (*Hello) Kind() Kind { return KindHello }

// Batch is a run of entries of one incarnation, as stored, with the signed
// head that the last of them makes.
type Batch struct {
	Incarnation ledger.Incarnation
	First       ledger.Seq
	Entries     [][]byte
	Signature   [ed25519.SignatureSize]byte // of the head after the last entry
	Down        ledger.DownSeq              // how far the terminal has HQ's journal
	Before      ledger.Incarnation          // with the first entry: the incarnation before it, or 0
	BeforeLast  ledger.Seq                  // the newest entry that the terminal has of that
	Epoch       uint64                      // and the one of HQ that the terminal keeps to, or 0

	packed []byte
}

// Fields lists the message's fields.
func (m *Batch) Fields(c *codec.Coder) {
	codec.Fixed64(c, 1, &m.Incarnation)
	codec.Uint(c, 2, &m.First)
	codec.Array(c, 3, m.Signature[:])
	entries(c, &m.Entries, &m.packed)
	codec.Uint(c, 6, &m.Down)
	codec.Fixed64(c, 7, &m.Before)
	codec.Uint(c, 8, &m.BeforeLast)
	codec.Uint(c, 9, &m.Epoch)
}

// Kind is KindBatch.
func (*Batch) Kind() Kind { return KindBatch }

// PaperBytesMax bounds the text of a signed code that somebody has in hand.
const PaperBytesMax = 280

// Ask asks for a note: so much of a member's points at most, or the right of a
// voucher whose paper somebody has in hand.
type Ask struct {
	ID          lot.AskID
	Incarnation ledger.Incarnation
	Member      member.ID
	Wants       []Want
	WithinMS    int64
	Voucher     string // the text of its code: HQ knows who signed it
}

// Fields lists the message's fields.
func (m *Ask) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &m.ID)
	codec.Fixed64(c, 2, &m.Incarnation)
	codec.Uint(c, 3, &m.Member)
	codec.List(c, 4, &m.Wants, WantsMax)
	codec.Int(c, 5, &m.WithinMS)
	codec.String(c, 6, &m.Voucher, PaperBytesMax)
}

// Kind is KindAsk.
func (*Ask) Kind() Kind { return KindAsk }

// Want is how much of one asset is asked for.
type Want struct {
	Asset  lot.Asset
	Amount lot.Amount
}

// Fields lists the message's fields.
func (w *Want) Fields(c *codec.Coder) {
	codec.String(c, 1, &w.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &w.Amount)
	if c.Reading() && (w.Amount <= 0 || w.Amount > lot.AmountMax) {
		c.Refuse("want out of range")
	}
}

// Report says, now and then, how the terminal stands.
type Report struct {
	Head    ledger.Head
	Down    ledger.DownSeq
	Backlog uint64
	Oldest  int64
	Wall    int64
	Clock   ledger.Clock
	Faults  []Fault
}

// Fault is something about the board or its ledger that a person should see to.
type Fault struct {
	Code   string // a word of the catalogue
	Detail string
}

// FaultsMax and FaultBytesMax bound them.
const (
	FaultsMax     = 8
	FaultBytesMax = 512
)

// Fields lists the message's fields.
func (f *Fault) Fields(c *codec.Coder) {
	codec.String(c, 1, &f.Code, ledger.TextBytesMax)
	codec.String(c, 2, &f.Detail, FaultBytesMax)
}

// Fields lists the message's fields.
func (m *Report) Fields(c *codec.Coder) {
	codec.Value(c, 1, &m.Head)
	codec.Uint(c, 2, &m.Down)
	codec.Uint(c, 3, &m.Backlog)
	codec.Int(c, 4, &m.Oldest)
	codec.Int(c, 5, &m.Wall)
	codec.Uint(c, 6, &m.Clock)
	codec.List(c, 7, &m.Faults, FaultsMax)
}

// Kind is KindReport.
func (*Report) Kind() Kind { return KindReport }

// Forgot asks for what HQ has of the terminal's own journal after an entry: the
// terminal's disk had gone back.
type Forgot struct {
	After  ledger.Head        // zero: from the first entry on
	Before ledger.Incarnation // up to the opening of this one
}

// Fields lists the message's fields.
func (m *Forgot) Fields(c *codec.Coder) {
	codec.Value(c, 1, &m.After)
	codec.Fixed64(c, 2, &m.Before)
}

// Kind is KindForgot.
func (*Forgot) Kind() Kind { return KindForgot }

// Echo sends back what HQ once said and has forgotten: entries of its journal
// for the terminal, each as signed. With it the terminal says that it takes
// nothing more from any HQ of an earlier epoch, and that it will remember that:
// only then is what it has of the journal all that it will ever have of it.
type Echo struct {
	First   ledger.DownSeq
	Entries [][]byte
	Down    ledger.DownSeq // the newest entry that the terminal has
	Epoch   uint64         // the epoch that it keeps to from now on
}

// Fields lists the message's fields.
func (m *Echo) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &m.First)
	codec.ByteStrings(c, 2, &m.Entries, DownEntriesMax, ledger.SignedDownBytesMax)
	codec.Uint(c, 3, &m.Down)
	codec.Uint(c, 4, &m.Epoch)
}

// Kind is KindEcho.
func (*Echo) Kind() Kind { return KindEcho }

// entries are those of a message: plain in field 4, or packed in field 5.
func entries(c *codec.Coder, list *[][]byte, packed *[]byte) {
	if !c.Reading() {
		*packed = pack(*list)
	}
	if *packed != nil || c.Reading() {
		codec.Bytes(c, 5, packed, BatchBytesMax)
	}
	if *packed == nil {
		codec.ByteStrings(c, 4, list, BatchEntriesMax, ledger.EntryBytesMax)
		return
	}
	if c.Reading() {
		var err error
		if *list, err = unpack(*packed); err != nil {
			c.Refuse(err.Error())
		}
		*packed = nil
	}
}
