// Package hq is headquarters: it takes in every terminal's journal, keeps the
// accounts of every lot, gives notes, and says how all stand. It decides with
// the pure packages and commits each step in one transaction of its book. It
// starts no goroutine, waits for nothing but the book, rejects no completed
// sale, and never gives what it does not hold.
package hq

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/allotment"
	"github.com/jifen-pos/jifen/sync/hq/almanac"
	"github.com/jifen-pos/jifen/sync/hq/audit"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/intake"
	"github.com/jifen-pos/jifen/sync/hq/keeping"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/paper"
	"github.com/jifen-pos/jifen/sync/hq/quarantine"
	"github.com/jifen-pos/jifen/sync/hq/rotation"
	"github.com/jifen-pos/jifen/sync/hq/signer"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Limits of HQ.
const (
	alarmsShown = 50

	conflictsShown = 50
	entriesShown   = 30
	lateAfter      = 45 * time.Second // connected and silent: three reports missed
)

// Board is a terminal that HQ expects, by configuration.
type Board struct {
	ID    ledger.TerminalID
	Name  string
	Store string
	Code  string // an enrolment code that is always open; set by the simulation and by tests only
}

// Options are the parts HQ is made of.
type Options struct {
	Book      book.Book
	Programme *programme.Programme // that counts until one is published
	Key       ed25519.PrivateKey
	Former    []ed25519.PrivateKey // HQ's keys before it, oldest first
	Boards    []Board
	Now       func() time.Time
	Changed   func() // something that a screen shows has changed
	// Cap is the most that a rule gives one member on one business day, or 0
	// for no limit; nil where no rule has one.
	Cap func(rule string) lot.Amount
	Log *slog.Logger
	// Grants is the grant log, or nil where there is none. Restored says that
	// the book was put back from a backup; what shows it by itself needs no word.
	Grants    GrantLog
	Restored  bool
	Unguarded guard.Off // set by the simulation only
	// Random is where the seeds of draws come from; nil where HQ deals none.
	Random io.Reader
	// Certify signs a certificate of a terminal's key for the broker; nil where
	// the broker asks for none.
	Certify func(ledger.TerminalID, ed25519.PublicKey) (*wire.Certificate, error)
	// Gone is told that a terminal was decommissioned: its connection ends. nil
	// where nobody listens.
	Gone func(ledger.TerminalID)
}

// HQ is headquarters. It is safe for concurrent use.
type HQ struct {
	o     Options
	terms decision.Terms
	rules *library.Rules
	codes map[ledger.TerminalID]string

	keeper   keeping.Keeper // of the grant log
	lost     chan error     // why HQ cannot go on
	choosing sync.Mutex     // a person settles what waits
	lives    sync.RWMutex   // of terms.Epoch and fenced
	fenced   bool

	intake  intake.Terms
	refused quarantine.Heard
	almanac almanac.Almanac
	rounds  allotment.Rounds

	mu      sync.Mutex
	spoke   bool // with a terminal, in this epoch
	online  map[ledger.TerminalID]bool
	waiting map[ledger.TerminalID]bool                      // for whom something was written
	loose   map[ledger.TerminalID]map[ledger.DownSeq][]byte // sent before it was committed: see guard.Off
}

var _ exchange.Office = (*HQ)(nil)

// New makes HQ on a book: it enters the boards that are expected and the
// first epoch.
func New(o Options) (*HQ, error) {
	h := &HQ{
		o: o, rules: library.NewRules(o.Programme), terms: decision.Terms{Programme: o.Programme, Keys: signer.New(o.Key, o.Former...), Now: o.Now, Unguarded: o.Unguarded}, codes: map[ledger.TerminalID]string{},
		online: map[ledger.TerminalID]bool{}, waiting: map[ledger.TerminalID]bool{},
		lost: make(chan error, 1),
	}
	h.keeper = keeping.Keeper{Book: o.Book, Log: o.Grants, Broke: h.logBroke, Named: library.Named, Packed: library.Packed}
	h.intake = intake.Terms{Rules: h.version, Now: o.Now, Cap: o.Cap, Log: o.Log, Unguarded: o.Unguarded}
	h.terms.News, h.terms.Loosen, h.terms.Kept = h.hasNews, h.loosen, h.keeper.Last
	h.terms.Logged, h.terms.Rules, h.terms.Papers, h.terms.Told, h.terms.Judged = o.Grants != nil, h.version, paper.Settle, library.Told, h.judged
	if err := h.open(); err != nil {
		return nil, fmt.Errorf("open HQ: %w", err)
	}
	return h, nil
}

// open enters the terminals of the settings before anything else: what boards may
// have been told as them is asked after where the book is an old one.
func (h *HQ) open() error {
	err := h.o.Book.Update(func(tx book.Tx) error {
		for _, b := range h.o.Boards {
			h.codes[b.ID] = b.Code
			t, err := tx.Terminal(b.ID)
			if err != nil && !errors.Is(err, book.ErrNotFound) {
				return err
			}
			t.ID, t.Name, t.Store = b.ID, b.Name, b.Store
			if err := tx.PutTerminal(t); err != nil {
				return err
			}
		}
		return h.readEpoch(tx)
	})
	if err != nil {
		return err
	}
	if err := h.catchUp(); err != nil {
		return err
	}
	if h.Fenced() {
		return nil
	}
	if err := h.reread(); err != nil {
		return err
	}
	return h.tellKeys()
}

// tellKeys has the terminals hear under which key HQ signs.
func (h *HQ) tellKeys() error {
	return h.decide(func(w *decision.Work) error { return rotation.Tell(w, h.terms.Keys) })
}

func (h *HQ) changed() {
	if h.o.Changed != nil {
		h.o.Changed()
	}
}

// SetPresence notes what the broker says of a terminal's connection: a hint.
func (h *HQ) SetPresence(id ledger.TerminalID, online bool) {
	h.mu.Lock()
	if online {
		h.online[id] = true
	} else {
		delete(h.online, id)
	}
	h.mu.Unlock()
	h.changed()
}

// Refused keeps bytes that were not believed and raises an alarm, once an hour
// for the same reason, so that nobody can fill the book with them.
func (h *HQ) Refused(id ledger.TerminalID, raw []byte, why error) {
	kept, err := h.refused.Keep(h.o.Book, id, raw, why.Error(), h.o.Now())
	if err != nil {
		h.o.Log.Error("refused message not kept", "terminal", id.String(), "error", err)
	}
	if kept {
		h.o.Log.Warn("message refused", "terminal", id.String(), "error", why)
		h.changed()
	}
}

// ErrAudit matches what Check finds wrong.
var ErrAudit = audit.ErrAudit

// Check looks through the whole book.
func (h *HQ) Check() error { return audit.Check(h.o.Book) }
