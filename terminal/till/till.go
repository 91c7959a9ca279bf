// Package till is what a cashier can do: scan, sell, deduct, redeem, hand out,
// print again. It decides with the pure packages and writes each action as one
// entry in one transaction of its journal. It starts no goroutine, reads no
// clock of its own and waits for nothing but the journal: HQ's answers, paper
// and deadlines come back as calls.
package till

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Limits of one terminal.
const (
	LanesMax    = 16
	PendingMax  = 10_000 // members whose points may have to go back to HQ
	noteLotsMax = 256    // lots in one note to HQ
	givesMax    = 4      // notes to HQ in one tick, so that a cashier never waits for them
	askDeadline = 5 * time.Second
	markAfter   = 5 * time.Second // of quiet, until HQ is told what was applied
	ackedEvery  = 5 * time.Second // how often HQ's acks are written down
)

// Reading is the time as the board knows it.
type Reading struct {
	Wall    time.Time
	Mono    time.Duration // since boot
	Quality ledger.Clock
}

// Boot is what is known of the operating system's boot.
type Boot struct {
	ID    string
	Board string
	// Head is what the terminal left on tmpfs after its last commit in this
	// boot, or nil.
	Head *ledger.Head
}

// Ask is a question to HQ for a note: points of these kinds, at most so many.
type Ask struct {
	ID          lot.AskID
	Incarnation ledger.Incarnation
	Member      member.ID
	Wants       []Want
	Within      time.Duration
}

// Want is how much of one asset is asked for.
type Want struct {
	Asset  lot.Asset
	Amount lot.Amount
}

// Answer is what HQ says to an ask beside the note itself, for the screen.
type Answer struct {
	Ask    lot.AskID
	Member member.ID
	Given  bool // a note follows
	Left   []Balance
}

// Balance is what HQ says of one kind of a member's points.
type Balance struct {
	Asset     lot.Asset
	HQ        lot.Amount // free at HQ
	Elsewhere lot.Amount // at other terminals or on the way
}

// Asker carries questions to HQ. Ask never blocks; an answer comes back
// through Answered, a note through ApplyDown, or neither.
type Asker interface {
	Online() bool
	Ask(Ask)
}

// Place names where the terminal stands.
type Place struct {
	Store string
	Name  programme.Text
}

// Options are the parts a till is made of.
type Options struct {
	Terminal  ledger.TerminalID
	Place     Place
	Programme *programme.Programme
	RulesText []byte // what Programme was read from: kept, since returns go by the rules of their sale
	Products  *programme.Products
	Members   *programme.Members
	PhoneKey  []byte // for looking up phone numbers (sec E1)
	Journal   journal.Journal
	Key       ed25519.PrivateKey
	Now       func() Reading
	Rand      io.Reader
	Boot      Boot
	Software  string
	Asker     Asker
	Changed   func()            // something that a screen shows has changed
	Journaled func(ledger.Head) // an entry is on the disk
	Log       *slog.Logger
}

// Till is one terminal with its lanes. It is safe for concurrent use; nothing
// is called back while its lock is held, except the journal.
type Till struct {
	o Options

	mu               sync.Mutex
	lanes            map[uint32]*lane
	asks             map[lot.AskID]*asking
	pending          map[member.ID]ledger.Head // members to settle with HQ once it has acked this
	heard            map[member.ID]heard       // what HQ last said of a member
	acked, ackedKept ledger.Head
	ackedAt          time.Duration
	marked           ledger.DownSeq // the newest entry's mark
	touched          time.Duration  // when the journal last grew
	hqKey            ed25519.PublicKey
	settled          bool     // the incarnation of this boot is open
	stopped          bool     // nothing more is written by itself
	queue            []uint64 // print jobs that wait, oldest first
	watch            watch
}

// New makes a till on a journal. It keeps the rules in force there and marks
// papers that were being printed; it writes no entry and starts nothing.
func New(o Options) (*Till, error) {
	t := &Till{o: o, lanes: map[uint32]*lane{}, asks: map[lot.AskID]*asking{}, pending: map[member.ID]ledger.Head{}, heard: map[member.ID]heard{}}
	err := o.Journal.View(func(tx journal.Tx) error {
		key, err := tx.Note(journal.HQKeyNote)
		if err != nil {
			return err
		}
		if len(key) == ed25519.PublicKeySize {
			t.hqKey = key
		}
		if t.marked, err = newestMark(tx); err != nil {
			return err
		}
		if err := t.loadAcked(tx); err != nil {
			return err
		}
		return t.loadLanes(tx)
	})
	if err != nil {
		return nil, fmt.Errorf("open till: %w", err)
	}
	if err := t.keepRules(); err != nil {
		return nil, fmt.Errorf("open till: %w", err)
	}
	return t, t.recoverJobs()
}

// keepRules keeps the programme in force under its version.
func (t *Till) keepRules() error {
	name := rulesNote(t.o.Programme.Version())
	known := false
	err := t.o.Journal.View(func(tx journal.Tx) error {
		b, err := tx.Note(name)
		known = b != nil
		return err
	})
	if err != nil || known || len(t.o.RulesText) == 0 {
		return err
	}
	return t.o.Journal.Update(func(tx journal.Tx) error { return tx.PutNote(name, t.o.RulesText) })
}

// SetHQKey remembers HQ's public key, learned at enrolment.
func (t *Till) SetHQKey(key ed25519.PublicKey) error {
	err := t.o.Journal.Update(func(tx journal.Tx) error { return tx.PutNote(journal.HQKeyNote, key) })
	if err != nil {
		return fmt.Errorf("keep HQ's key: %w", err)
	}
	t.mu.Lock()
	t.hqKey = key
	t.mu.Unlock()
	return nil
}

// HQKey is HQ's public key, or nil before enrolment.
func (t *Till) HQKey() ed25519.PublicKey {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hqKey
}

// newestMark is the mark of the newest entry.
func newestMark(tx journal.Tx) (ledger.DownSeq, error) {
	streams, err := tx.Streams()
	if err != nil || len(streams) == 0 {
		return 0, err
	}
	newest := streams[len(streams)-1]
	r, err := tx.Record(newest.Incarnation, newest.Seq)
	if err != nil {
		return 0, err
	}
	e, err := ledger.Decode(r.Raw)
	if errors.Is(err, ledger.ErrUnknownKind) {
		err = nil
	}
	return e.Mark, err
}

func (t *Till) state(tx journal.Tx) (*fold.State, error) { return fold.Load(t.o.Terminal, tx) }

func (t *Till) today(r Reading) lot.Today {
	return lot.Today{Day: t.o.Programme.Day(r.Wall), Trusted: r.Quality != ledger.ClockUnset, Away: !t.o.Asker.Online()}
}

func (t *Till) changed() {
	if t.o.Changed != nil {
		t.o.Changed()
	}
}
