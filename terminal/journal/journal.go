// Package journal says what keeps a terminal's ledger: transactions, and what
// one of them reads and writes. It keeps nothing itself; tilltest has the
// contract that every journal must fulfil.
package journal

import (
	"crypto/ed25519"
	"errors"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Errors of a journal.
var (
	// ErrUnknownResult says that a write failed on its way to the disk: the
	// action is wholly there or wholly not, and only a later read can tell.
	ErrUnknownResult = errors.New("result unknown")
	// ErrFull says that there is no room: nothing was written, and reading goes on.
	ErrFull = errors.New("no room for the ledger")
	// ErrNotFound says that a record is not in the journal.
	ErrNotFound = errors.New("not in the journal")
)

// HQKeyNote is the name of the note that keeps HQ's public key.
const HQKeyNote = "hq-key"

// Journal keeps what a terminal may never lose. It is the only thing the till
// waits for.
type Journal interface {
	// Update runs fn in one transaction, which callers who come together may
	// share: they run one after another, and each sees what those before it
	// wrote. When it returns nil, everything fn wrote is on the disk. An error
	// of fn is returned as it is: nothing that fn wrote is there, and those who
	// share the transaction do not notice. With ErrFull nothing was written for
	// anybody. Any other error matches ErrUnknownResult, for all who shared the
	// transaction, and so does every later Update.
	Update(fn func(Tx) error) error
	// View runs fn on one consistent state.
	View(fn func(Tx) error) error
}

// Doubtful is a journal that can tell whether its newest transaction may be
// gone. One with an entry is missed by whoever remembers the head; of one
// without, a basket or the step of a paper, nobody else would know.
type Doubtful interface {
	Doubtful() bool
}

// Record is an entry as stored: its bytes, the head it made, and the head's
// signature by the terminal's key.
type Record struct {
	Head      ledger.Head
	Signature [ed25519.SignatureSize]byte
	Raw       []byte
	// Sign makes the signature of an entry that is to be added and has none
	// yet. The journal calls it once, beside the caller's work if it can, and
	// the entry is not on the disk without it.
	Sign func() [ed25519.SignatureSize]byte
}

// Tx is one transaction of a journal. Byte slices it returns are copies.
type Tx interface {
	fold.Table
	// PutState writes a record of the folded state; StateRows hands out all of
	// them in order of keys.
	PutState(key, value []byte) error
	StateRows(fn func(key, value []byte) error) error
	// ClearState removes all records of the folded state, so that it can be
	// folded anew in the same transaction.
	ClearState() error

	// Append adds the entry that r.Head names; its reference leads to it.
	Append(r Record, ref string) error
	// Record returns an entry as stored, or ErrNotFound.
	Record(i ledger.Incarnation, seq ledger.Seq) (Record, error)
	// Refer makes a reference lead to an entry that is there: for a rebuild.
	Refer(ref string, head ledger.Head) error
	// Referred returns the entry written under a reference, or ErrNotFound.
	Referred(ref string) (Record, error)
	// Streams lists the incarnations, oldest first, each with its newest entry.
	Streams() ([]ledger.Head, error)
	// Insert lets an incarnation of which entries are about to be added stand
	// before one that is there.
	Insert(i, before ledger.Incarnation) error

	// AppendDown adds an entry of HQ's journal, as received.
	AppendDown(seq ledger.DownSeq, raw []byte) error
	// Down returns an entry of HQ's journal, or ErrNotFound.
	Down(seq ledger.DownSeq) ([]byte, error)

	// Job, PutJob and Jobs keep what is to be printed. Jobs lists the newest
	// first, at most limit.
	Job(id uint64) ([]byte, error)
	PutJob(id uint64, job []byte) error
	Jobs(limit int) (ids []uint64, jobs [][]byte, err error)

	// Check reads every record of every kind and returns the first one that
	// is damaged.
	Check() error

	// Note and PutNote keep small things beside the journal: baskets, cursors,
	// keys. An absent one is nil.
	Note(name string) ([]byte, error)
	PutNote(name string, value []byte) error
}
