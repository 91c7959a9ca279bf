package exchange

import (
	"crypto/ed25519"
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Station is what the terminal's end needs of the terminal.
type Station interface {
	// HQKey is HQ's public key, or nil before enrolment.
	HQKey() ed25519.PublicKey
	// FormerHQKeys are those before it under which HQ may have said what comes now,
	// until it has spoken under the newest. HQKeyHeard says that it has.
	FormerHQKeys() []ed25519.PublicKey
	HQKeyHeard() error
	// SetHQKey keeps the key learned at enrolment.
	SetHQKey(ed25519.PublicKey) error
	// Obey keeps the newest epoch that HQ has spoken in, durably.
	Obey(epoch uint64) error
	// Status says how the journals stand.
	Status() (Status, error)
	// Batch returns entries of an incarnation from seq on, at most the limits
	// of wire, with the head after the last and its signature; none at the end.
	Batch(i ledger.Incarnation, from ledger.Seq) (Batch, error)
	// Down lists entries of HQ's journal after a sequence number, as received,
	// at most the limits of wire.
	Down(after ledger.DownSeq) ([][]byte, error)
	// ApplyDown takes in entries of HQ's journal.
	ApplyDown(raws [][]byte) (ledger.DownSeq, error)
	// Lacks says after which entry, and before which incarnation, something is
	// missing of the terminal's own journal that HQ has.
	Lacks() (after ledger.Head, before ledger.Incarnation, ok bool)
	// History takes in what HQ has of it.
	History(*wire.History) error
	// Acked says how far HQ has the journals.
	Acked(ledger.Head)
	// HQHas says which of the terminal's lives HQ has, and how far: perhaps more
	// than the terminal, whose card may have gone back.
	HQHas([]ledger.Head)
	// Answered is what HQ said to an ask beside the note.
	Answered(*wire.Answer)
}

// Shelf is where a terminal keeps documents; nil for none.
type Shelf interface {
	// Wanted says which part of a document to ask for next, or nil.
	Wanted() (*wire.Fetch, error)
	// Take takes in a part, and reports whether it was the one that was wanted.
	Take(*wire.Chunk) (took bool, err error)
}

// Papers are a terminal's certificates; nil where the broker asks for none.
type Papers interface {
	// Renew says that a certificate is to be asked for.
	Renew(now time.Time) (*wire.Renew, bool)
	// Take takes in what HQ signed.
	Take(*wire.Certificate) error
}

// Status is how a terminal's journals stand.
type Status struct {
	Streams []ledger.Head // oldest first
	Down    ledger.DownSeq
	Backlog uint64
	Oldest  time.Time // of the backlog, or zero
	Wall    time.Time
	Clock   ledger.Clock
	Last    []byte // the newest entry of HQ's journal, as received, or nil
	Epoch   uint64 // in which HQ wrote it
}

// Batch is a run of entries.
type Batch struct {
	Entries   [][]byte
	Head      ledger.Head
	Signature [ed25519.SignatureSize]byte
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
