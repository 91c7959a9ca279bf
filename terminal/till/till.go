// Package till is what a cashier can do: scan, sell, deduct, redeem, hand out,
// take back, enrol, check in, open and close the day, print again. It decides
// with the pure packages and has a clerk write each action as one entry in one
// transaction. It starts no goroutine, reads no clock of its own and waits for
// nothing but the journal: HQ's answers, paper and deadlines come back as calls.
package till

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/press"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till/bearer"
	"github.com/jifen-pos/jifen/terminal/till/dealer"
	"github.com/jifen-pos/jifen/terminal/till/person"
	"github.com/jifen-pos/jifen/terminal/till/rulebook"
	"github.com/jifen-pos/jifen/terminal/till/takeback"
)

// LanesMax bounds the lanes of one terminal.
const LanesMax = 16

// Place names where the terminal stands.
type Place struct {
	Store string
	Name  programme.Text
	Lang  string // of its papers: "zh" or "en"; Chinese when empty
}

// Options are the parts a till is made of.
type Options struct {
	Terminal  ledger.TerminalID
	Place     Place
	Programme *programme.Programme
	RulesText []byte // what Programme was read from: kept, since returns go by the rules of their sale
	Products  *programme.Products
	Codes     *barcode.Shop // codes that the shop's own scales print; nil is none
	Members   *roll.Members
	Deals     []game.Deal
	PhoneKey  []byte // for looking up phone numbers (sec E1)
	Journal   journal.Journal
	Key       ed25519.PrivateKey
	Now       func() clerk.Reading
	Rand      io.Reader
	Boot      clerk.Boot
	Software  string
	Asker     clerk.Asker
	Short     func() bool       // there is little room: awards alone are written; may be nil
	Changed   func()            // something that a screen shows has changed
	Journaled func(ledger.Head) // an entry is on the disk
	Moved     func(ledger.Head) // another one is the last that moved a right; nil: nobody wants to know
	Log       *slog.Logger
	Training  bool      // a ledger to practise on: every paper says so
	Unguarded guard.Off // set by the simulation only
}

// Till is one terminal with its lanes. It is safe for concurrent use; the lanes
// do not wait for each other but where their entries share a transaction, or
// while one chooses the lots that it holds.
// Nothing is called back while a lock of it is held, except the journal.
type Till struct {
	*clerk.Clerk
	*press.Press
	*person.Care
	*takeback.Taker
	dealer *dealer.Dealer
	bearer *bearer.Bearer
	o      Options
	lanes  map[uint32]*lane // fixed; each has its own lock

	holding sync.Mutex // one lane at a time chooses what it holds

	mu     sync.Mutex
	places map[uint32]place // what each lane shows the others

	docs atomic.Pointer[Documents] // in force
}

// Documents are what HQ publishes and a till goes by.
type Documents struct {
	Programme *programme.Programme
	RulesText []byte // what Programme was read from: kept, since returns go by the rules of their sale
	Products  *programme.Products
	Members   *roll.Members
	Deals     []game.Deal // sealed batches that this terminal may play
}

func (t *Till) documents() *Documents { return t.docs.Load() }

// Use has other documents decide from here on. What lies in a basket is priced
// anew; what is done stays done.
func (t *Till) Use(d Documents) error {
	if err := rulebook.Keep(t.o.Journal, d.Programme, d.RulesText); err != nil {
		return fmt.Errorf("keep the rules: %w", err)
	}
	if err := t.UseProgramme(d.Programme, func() { t.docs.Store(&d) }); err != nil {
		return fmt.Errorf("use other documents: %w", err)
	}
	t.Press.UseShop(t.shop())
	t.changed()
	return nil
}

// New makes a till on a journal. It keeps the rules in force there and marks
// papers that were being printed; it writes no entry and starts nothing.
func New(o Options) (*Till, error) {
	t := &Till{o: o, lanes: map[uint32]*lane{}, places: map[uint32]place{}}
	t.docs.Store(&Documents{o.Programme, o.RulesText, o.Products, o.Members, o.Deals})
	var err error
	t.Clerk, err = clerk.New(clerk.Options{
		Terminal: o.Terminal, Programme: o.Programme, Journal: o.Journal, Key: o.Key, Now: o.Now, Rand: o.Rand, Boot: o.Boot,
		Software: o.Software, Asker: o.Asker, Busy: t.busy, Changed: o.Changed, Journaled: o.Journaled, Moved: o.Moved, Log: o.Log, Unguarded: o.Unguarded,
	})
	if err != nil {
		return nil, fmt.Errorf("open till: %w", err)
	}
	if err := t.loadLanes(); err != nil {
		return nil, fmt.Errorf("open till: %w", err)
	}
	if err := rulebook.Keep(o.Journal, o.Programme, o.RulesText); err != nil {
		return nil, fmt.Errorf("open till: %w", err)
	}
	t.Press, err = press.New(press.Options{
		Journal: o.Journal, Clerk: t.Clerk, Shop: t.shop(), Rules: t.rules, Now: o.Now, Changed: o.Changed, Log: o.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("open till: %w", err)
	}
	t.Care = person.New(person.Options{
		Clerk: t.Clerk, Journal: o.Journal, Do: t.do, Usable: t.usable, Unguarded: o.Unguarded, Online: o.Asker.Online,
		Claim:   func(x *clerk.Txn, lane uint32) { t.Print(x, lane, slip.Claim, 0, slip.Facts{}) },
		Voucher: func(x *clerk.Txn, lane, n uint32) { t.Print(x, lane, slip.Voucher, n, slip.Facts{}) },
		Members: func() *roll.Members { return t.documents().Members },
	})
	t.Taker = takeback.New(takeback.Options{Terminal: o.Terminal, Clerk: t.Clerk, Press: t.Press, Do: t.do, Usable: t.usable, Rules: t.rules, Unguarded: o.Unguarded})
	t.dealer = dealer.New(dealer.Options{
		Terminal: o.Terminal, Deals: func() []game.Deal { return t.documents().Deals }, Rules: t.rules,
		Store: o.Place.Store, Clerk: t.Clerk, Care: t.Care, Spendable: t.spendable,
	})
	t.bearer = bearer.New(bearer.Options{
		Terminal: o.Terminal, Name: o.Place.Name, Key: o.Key, Clerk: t.Clerk, Journal: o.Journal, Online: o.Asker.Online, Log: o.Log,
		Stamp: func(at time.Time) string { return t.shop().Stamp(at) },
		Show: func(n uint32, id lot.ID) error {
			return t.edit(clerk.By{Lane: n}, func(l *lane) error { return t.showVoucher(n, l, id) })
		},
		Tell: func(n uint32, level Level, code string, args ...programme.Text) error {
			return t.Tell(clerk.By{Lane: n}, level, code, args...)
		},
	})
	return t, nil
}

// shop is what all papers here have in common.
func (t *Till) shop() slip.Shop {
	return slip.Shop{
		Terminal: t.o.Terminal, Lang: t.o.Place.Lang, Name: t.o.Place.Name, Programme: t.Programme(), Products: t.documents().Products, Members: t.documents().Members, Key: t.o.Key, Training: t.o.Training,
	}
}

// Reprint prints a paper again under the same number.
func (t *Till) Reprint(by clerk.By, id uint64) error { return t.ofPaper(by, id, t.Press.Reprint) }

// Settle records that a person found a paper whole.
func (t *Till) Settle(by clerk.By, id uint64) error { return t.ofPaper(by, id, t.Press.Settle) }

// Notice prints what the shop puts up: the rules of its points or, with a game's
// id, those of that game.
func (t *Till) Notice(by clerk.By, game string) error {
	return t.edit(by, func(l *lane) error {
		err := t.Press.Notice(by, game)
		if errors.Is(err, press.ErrNoGame) {
			return refuse("no-game")
		}
		if err == nil {
			l.say(OK, "notice-queued")
		}
		return err
	})
}

func (t *Till) ofPaper(by clerk.By, id uint64, do func(clerk.By, uint64) error) error {
	return t.edit(by, func(*lane) error {
		err := do(by, id)
		if errors.Is(err, journal.ErrNotFound) {
			return refuse("no-job")
		}
		return err
	})
}

// rules returns the programme of a version that was in force here once.
func (t *Till) rules(tx journal.Tx, version string) (*programme.Programme, error) {
	return rulebook.Find(tx, t.Programme(), version)
}

func (t *Till) changed() {
	if t.o.Changed != nil {
		t.o.Changed()
	}
}
