// Package clerk writes a terminal's journal: each action as one entry in one
// transaction, under the caller's reference; the openings and the end of
// incarnations; HQ's entries; and what a terminal does by itself, when a tick
// says that it is due: it gives up asks, gives rights back, answers recalls,
// notes outages and steps of the clock. It starts no goroutine, reads no clock
// of its own, waits for nothing but the journal, and never decides what an
// action means: that is the till's.
package clerk

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/keyring"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/missing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/warm"
)

// Limits of one terminal.
const (
	heardMax    = 10_000 // members of whom is remembered what HQ said
	noteLotsMax = 256    // lots in one note to HQ
	givesMax    = 4      // notes to HQ in one tick, so that a cashier never waits for them
	askDeadline = 5 * time.Second
	markAfter   = 5 * time.Second // of quiet, until HQ is told what was applied
	ackedEvery  = 5 * time.Second // how often HQ's acks are written down
)

// ErrStopped says that the terminal has written its end and writes no more.
var ErrStopped = errors.New("terminal has stopped")

// ErrNotOurs says that an entry of HQ's is of its journal for another terminal.
var ErrNotOurs = errors.New("entry for another terminal")

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
	// Named is what witnesses on other devices say at the start.
	Named []Named
}

// Asker carries questions to HQ. Ask never blocks; an answer comes back
// through Answered, a note through ApplyDown, or neither.
type Asker interface {
	Online() bool
	Ask(Ask)
}

// Options are the parts a clerk is made of.
type Options struct {
	Terminal  ledger.TerminalID
	Programme *programme.Programme
	Journal   journal.Journal
	Key       ed25519.PrivateKey
	Now       func() Reading
	Rand      io.Reader
	Boot      Boot
	Software  string
	Asker     Asker
	Busy      func(member.ID) bool // somebody is serving them: their rights stay
	Changed   func()               // something that a screen shows has changed
	Journaled func(ledger.Head)    // an entry is on the disk
	Moved     func(ledger.Head)    // another one is the last that moved a right; nil: nobody wants to know
	Log       *slog.Logger
	Unguarded guard.Off // set by the simulation only
}

// Clerk is one terminal's. It is safe for concurrent use: callers share a
// transaction where the journal lets them, and none waits for another's lock
// while the disk is at work.
type Clerk struct {
	*keyring.Holder // of HQ's keys

	programme atomic.Pointer[programme.Programme] // in force
	ruling    sync.RWMutex                        // held for reading while a transaction goes by it
	o         Options
	ticking   sync.Mutex // one Tick at a time; held while the disk is at work
	landing   sync.Mutex // heads are told in order
	leaving   leaving    // the tick's own
	warm      warm.State // as the journal was lately
	leftKept  []byte     // as last written

	mu               sync.Mutex
	head, durable    *ledger.Head // newest entry of this boot: as written, as on the disk
	moved            ledger.Head  // the last one on the disk that moved a right
	seal             seal         // of moved
	doubted          ledger.Head  // the last one that a witness named and that is not here
	asks             map[lot.AskID]*asking
	heard            map[member.ID]heard // what HQ last said of a member
	acked, ackedKept ledger.Head
	hqHas            map[ledger.Incarnation]ledger.Seq // as far as this run was told
	ackedAt          time.Duration
	marked           ledger.DownSeq // the newest entry's mark
	touched          time.Duration  // when the journal last grew
	changes          uint64         // transactions on the state that ended, however they did
	applied          ledger.DownSeq // how far HQ's journal is applied
	asked            bool           // HQ may be waiting for what it asked back
	progress         progress       // as last read
	past             Reading        // it is later than this
	settled          bool           // the incarnation of this boot is open
	stopped          bool           // nothing more is written
	watch            watch
	heals            missing.Search // what HQ has and this journal has not; guards itself
}

// New makes a clerk on a journal. It writes nothing and starts nothing.
func New(o Options) (*Clerk, error) {
	ring, err := keyring.Load(o.Journal)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	c := &Clerk{
		Holder: ring, o: o, head: o.Boot.Head, durable: o.Boot.Head,
		asks: map[lot.AskID]*asking{}, heard: map[member.ID]heard{}, hqHas: map[ledger.Incarnation]ledger.Seq{},
	}
	c.programme.Store(o.Programme)
	err = c.Read(func(tx journal.Tx, state *fold.State) error {
		var heals missing.List
		if err := errors.Join(c.loadAcked(tx), c.loadLeaving(tx), load(tx, healNote, &heals)); err != nil {
			return err
		}
		c.heals.Set(heals.Heals)
		c.moved, c.applied, c.asked = state.Moved(), state.Mark(), len(state.Recalls()) > 0
		newest, err := newestEntry(tx)
		if err == nil && newest != nil {
			c.marked = newest.Mark
			c.passed(newest.Wall, o.Now())
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return c, nil
}

// Obey keeps the newest epoch that HQ has spoken in: over a restart too, HQ is
// not believed in an earlier one. What one of those gave back of this journal, and
// is not in its place yet, this one may not have.
func (c *Clerk) Obey(epoch uint64) error {
	defer c.ended(false)
	return c.o.Journal.Update(func(tx journal.Tx) error {
		c.heals.Anew()
		return tx.PutNote(epochNote, binary.BigEndian.AppendUint64(nil, epoch))
	})
}

// newestEntry is the newest entry, or nil.
func newestEntry(tx journal.Tx) (*ledger.Entry, error) {
	streams, err := tx.Streams()
	if err != nil || len(streams) == 0 {
		return nil, err
	}
	newest := streams[len(streams)-1]
	r, err := tx.Record(newest.Incarnation, newest.Seq)
	if err != nil {
		return nil, err
	}
	e, err := ledger.Decode(r.Raw)
	if errors.Is(err, ledger.ErrUnknownKind) {
		err = nil
	}
	return &e, err
}

// State is the folded state that a transaction sees.
func (c *Clerk) State(tx journal.Tx) (*fold.State, error) {
	s, err := c.warm.Take(c.o.Terminal, tx)
	if err == nil {
		s.Without(c.o.Unguarded)
	}
	return s, err
}

// Read runs fn on the folded state as it is, and on what else the journal has.
func (c *Clerk) Read(fn func(journal.Tx, *fold.State) error) error {
	return c.o.Journal.View(func(tx journal.Tx) error {
		state, err := c.State(tx)
		if err != nil {
			return err
		}
		defer c.warm.Keep(state)
		return fn(tx, state)
	})
}

// Inspect runs fn on the folded state as it is.
func (c *Clerk) Inspect(fn func(*fold.State) error) error {
	return c.Read(func(_ journal.Tx, state *fold.State) error { return fn(state) })
}

// Today is the day as a reading has it.
func (c *Clerk) Today(r Reading) lot.Today {
	return lot.Today{Day: c.Programme().Day(r.Wall), Trusted: r.Quality != ledger.ClockUnset, Away: !c.o.Asker.Online()}
}

func (c *Clerk) changed() {
	if c.o.Changed != nil {
		c.o.Changed()
	}
}
