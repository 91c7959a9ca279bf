// Package tilltest helps tests of the till and of journals: a till on a
// journal with a clock and a line to HQ that a test moves by hand, and the
// contract that every journal must keep. Every till it makes is verified from
// its first entry when the test ends.
package tilltest

import (
	"cmp"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Terminal is the id of the bench's terminal.
const Terminal ledger.TerminalID = 1

// Bench is a till with everything around it in the test's hands.
type Bench struct {
	ID        ledger.TerminalID
	Till      *till.Till
	Journal   journal.Journal
	Programme *programme.Programme
	Key       ed25519.PrivateKey
	HQKey     ed25519.PrivateKey
	Line      *Line
	Clock     *Clock
	Left      *ledger.Head  // what the boot remembers: the head after the newest entry
	Told      []ledger.Head // what the boot was told, oldest first
	BootID    string
	Board     string        // "" is that of all tests
	Named     []clerk.Named // what witnesses say at the next start
	Short     bool          // there is little room
	Changed   func()        // told of every change; nil is nobody

	Codes *barcode.Shop // for the next Restart; nil is none
	Deals []game.Deal   // for the next Restart

	rules    []byte // what Programme was read from
	products *programme.Products
	members  *roll.Members
	random   *chance
	heard    ledger.DownSeq // what HQ said last
}

func (b *Bench) changed() {
	if b.Changed != nil {
		b.Changed()
	}
}

// chance is chance from a seed, for many lanes at once.
type chance struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

func (c *chance) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from.Read(b)
}

// Reseed has the daemon start again with other chance: on a ledger that another
// bench wrote, the same chance would draw the same references.
func (b *Bench) Reseed(t testing.TB, seed byte) {
	t.Helper()
	b.random = &chance{from: rand.NewChaCha8([32]byte{byte(b.ID), seed})}
	b.Restart(t)
}

var phoneKey = []byte("a key that hides phone numbers")

// Clock is a clock that a test moves.
type Clock struct {
	mu sync.Mutex
	at clerk.Reading
}

// Now reads the clock.
func (c *Clock) Now() clerk.Reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at.Wall, c.at.Mono = c.at.Wall.Add(d), c.at.Mono+d
}

// Step sets the wall clock, as somebody or a time server would.
func (c *Clock) Step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at.Wall = c.at.Wall.Add(d)
}

// SetQuality says how far the clock may be trusted.
func (c *Clock) SetQuality(q ledger.Clock) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at.Quality = q
}

// Line is the way to HQ: a test switches it and sees what was asked.
type Line struct {
	mu     sync.Mutex
	online bool
	asked  []clerk.Ask
}

// Online reports what the test set.
func (l *Line) Online() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.online
}

// Set switches the line.
func (l *Line) Set(online bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.online = online
}

// Ask notes a question.
func (l *Line) Ask(a clerk.Ask) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, a)
}

// Asked returns the questions so far.
func (l *Line) Asked() []clerk.Ask {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked
}

// New makes a bench on a journal of Terminal, with the demo's documents, that
// knows HQ's key.
func New(t testing.TB, journal journal.Journal) *Bench {
	t.Helper()
	b := NewUnenrolled(t, journal)
	if err := b.Till.SetHQKey(b.HQKey.Public().(ed25519.PublicKey)); err != nil {
		t.Fatalf("SetHQKey: %v", err)
	}
	return b
}

// scaleProducts are goods that a scale of the shop weighs: their price is that of
// a kilogram.
const scaleProducts = "2112345000008,红富士苹果,Fuji apples,1299,m1,false\n" +
	"2312345000002,红富士苹果,Fuji apples,1299,m1,false\n"

// NewUnenrolled makes a bench that has not met HQ.
func NewUnenrolled(t testing.TB, journal journal.Journal) *Bench { return NewAt(t, journal, Terminal) }

// NewAt is NewUnenrolled for a terminal of another id, in a store of its own.
func NewAt(t testing.TB, journal journal.Journal, id ledger.TerminalID) *Bench {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = byte(id - Terminal)
	b := &Bench{
		ID: id, Journal: journal, Line: &Line{}, BootID: "boot-1", random: &chance{from: rand.NewChaCha8([32]byte{byte(id)})},
		Clock: &Clock{at: clerk.Reading{Wall: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC), Mono: time.Hour, Quality: ledger.ClockSynced}},
		Key:   ed25519.NewKeyFromSeed(seed), HQKey: ed25519.NewKeyFromSeed([]byte("headquarters-headquarters-hq-key")),
	}
	b.readRules(t, demo.Programme)
	products, err := programme.ParseProducts(append(slices.Clip(demo.Products), scaleProducts...))
	b.products = read(t, products, err)
	members, err := roll.Parse(demo.Members, phoneKey)
	b.members = read(t, members, err)
	b.Restart(t)
	t.Cleanup(func() { b.Verify(t) })
	return b
}

// Restart makes a new till on the journal, as a daemon that starts again.
func (b *Bench) Restart(t testing.TB) {
	t.Helper()
	boot := clerk.Boot{ID: b.BootID, Board: cmp.Or(b.Board, "board-1"), Named: b.Named}
	if b.Left != nil {
		left := *b.Left
		boot.Head = &left
	}
	made, err := till.New(till.Options{
		Changed:  b.changed,
		Terminal: b.ID, Place: b.place(),
		Programme: b.Programme, RulesText: b.rules, Products: b.products, Codes: b.Codes, Deals: b.Deals, Members: b.members, PhoneKey: phoneKey,
		Journal: b.Journal, Short: func() bool { return b.Short }, Key: b.Key, Now: b.Clock.Now, Rand: b.random, Boot: boot, Software: "test",
		Asker: b.Line, Journaled: b.told, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatalf("till.New: %v", err)
	}
	b.Till = made
}

// place is where the till stands.
func (b *Bench) place() till.Place {
	if b.ID == Terminal {
		return till.Place{Store: "S1", Name: programme.Text{ZH: "红米好物一店", EN: "Hongmi One"}}
	}
	name := fmt.Sprintf("S%d", b.ID)
	return till.Place{Store: name, Name: programme.Text{ZH: name, EN: name}}
}

func (b *Bench) told(h ledger.Head) { b.Left, b.Told = &h, append(b.Told, h) }

// UseRules has the daemon start again under another programme.
func (b *Bench) UseRules(t testing.TB, yaml []byte) {
	t.Helper()
	b.readRules(t, yaml)
	b.Restart(t)
}

// UseMembers has the daemon start again with another list of members.
func (b *Bench) UseMembers(t testing.TB, csv []byte) {
	t.Helper()
	members, err := roll.Parse(csv, phoneKey)
	b.members = read(t, members, err)
	b.Restart(t)
}

func (b *Bench) readRules(t testing.TB, yaml []byte) {
	t.Helper()
	rules, err := programme.Parse(yaml)
	b.Programme, b.rules = read(t, rules, err), yaml
}

// UseProducts has the daemon start again with another list of goods.
func (b *Bench) UseProducts(t testing.TB, csv []byte) {
	t.Helper()
	products, err := programme.ParseProducts(csv)
	b.products = read(t, products, err)
	b.Restart(t)
}

// Reboot forgets what the boot remembers: a cold boot.
func (b *Bench) Reboot(t testing.TB, id string) {
	t.Helper()
	b.Left, b.BootID = nil, id
	b.Restart(t)
}

// Verify folds the whole ledger anew and fails the test if anything is off.
func (b *Bench) Verify(t testing.TB) audit.Report {
	t.Helper()
	a, err := audit.Verify(b.Journal, b.ID, b.Key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Errorf("Verify: %v", err)
	}
	return a
}

// read is a document, or the end of the test.
func read[T any](t testing.TB, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatalf("demo document: %v", err)
	}
	return v
}

// Note is HQ's answer to an ask: a note of consumption points in one new lot,
// as the down entry with the number given.
func (b *Bench) Note(t testing.TB, seq ledger.DownSeq, a clerk.Ask, n lot.Amount) []byte {
	t.Helper()
	origin := lot.Origin{Incarnation: 1, Seq: uint64(seq)}
	day := b.Programme.Day(b.Clock.Now().Wall)
	l := lot.Lot{
		ID: lot.ID{Origin: origin}, Owner: a.Member, Asset: "points:consumption", Amount: n,
		Earned: day, Expires: b.Programme.ExpiryOf("points:consumption", day), Terms: b.Programme.Version(),
	}
	note := &lot.Note{
		ID: origin, Terminal: uint32(b.ID), Incarnation: uint64(a.Incarnation), Ask: a.ID,
		Holdings: []lot.Holding{{Lot: l, Amount: n}},
	}
	return ledger.SignDown(ledger.Down{Terminal: b.ID, Epoch: 1, Seq: seq, Note: note}, b.HQKey)
}

// Say signs what HQ says next to this terminal.
func (b *Bench) Say(d ledger.Down) []byte {
	b.heard++
	d.Terminal, d.Epoch, d.Seq = b.ID, 1, b.heard
	return ledger.SignDown(d, b.HQKey)
}

// Unsay forgets the last n entries that were said and never heard.
func (b *Bench) Unsay(n ledger.DownSeq) { b.heard -= n }

// Hear has the till take in what HQ says next.
func (b *Bench) Hear(t testing.TB, d ledger.Down) {
	t.Helper()
	raw := b.Say(d)
	if at, err := b.Till.ApplyDown([][]byte{raw}); err != nil || at != b.heard {
		t.Fatalf("ApplyDown = %d, %v; want %d", at, err, b.heard)
	}
}

// Gift is a note of new lots for the incarnation that is open here. Each lot
// says whose it is, of what and how much.
func (b *Bench) Gift(t testing.TB, lots ...lot.Lot) *lot.Note {
	t.Helper()
	if err := b.Till.SettleBoot(); err != nil {
		t.Fatalf("SettleBoot: %v", err)
	}
	progress, err := b.Till.Progress()
	if err != nil {
		t.Fatalf("Progress: %v", err)
	}
	newest := progress.Streams[len(progress.Streams)-1].Incarnation
	note := &lot.Note{
		ID: lot.Origin{Incarnation: 1, Seq: uint64(b.heard) + 1}, Terminal: uint32(b.ID), Incarnation: uint64(newest),
	}
	for n, l := range lots {
		l.ID, l.Earned, l.Terms = lot.ID{Origin: note.ID, N: uint32(n)}, b.Programme.Day(b.Clock.Now().Wall), b.Programme.Version()
		note.Holdings = append(note.Holdings, lot.Holding{Lot: l, Amount: l.Amount})
	}
	return note
}

// Give has HQ give new lots to this terminal.
func (b *Bench) Give(t testing.TB, lots ...lot.Lot) {
	t.Helper()
	b.Hear(t, ledger.Down{Note: b.Gift(t, lots...)})
}

// PhoneKey is the key that the bench's till hides phone numbers with.
func PhoneKey() []byte { return slices.Clone(phoneKey) }

// PhoneHash is the form in which the bench's till looks a phone number up.
func PhoneHash(phone string) string { return roll.PhoneHash(phoneKey, phone) }

// Holds is what may be used here of a member's rights.
func (b *Bench) Holds(t testing.TB, id member.ID) (held []lot.Holding) {
	t.Helper()
	err := b.Journal.View(func(tx journal.Tx) error {
		state, err := fold.Load(b.ID, tx)
		if err == nil {
			held, err = state.Usable(id)
		}
		return err
	})
	if err != nil {
		t.Fatalf("Usable(%s): %v", id, err)
	}
	return held
}
