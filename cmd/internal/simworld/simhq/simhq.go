// Package simhq is HQ in a simulated world: the real one on a book and a grant
// log in memory, its process, the people in it, and what may become of all of
// them. It checks what HQ says against what is in its book. It never decides when
// something goes wrong; that is drawn from the world's chances.
package simhq

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/harm"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/shelf"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tally"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/signer"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

const points = tale.Points

// Options are the parts of a simulated HQ.
type Options struct {
	*engine.Engine
	Chances   *harm.Chances
	Key       ed25519.PrivateKey
	Boards    []hq.Board
	Programme *programme.Programme
	Rules     [][]byte // programmes that may be published, the first of them is in force
	Members   *roll.Members
	Unguarded guard.Off
	Log       *slog.Logger
	Send      func(to ledger.TerminalID, raw []byte) // on the line
	Stands    func(ledger.TerminalID) bool           // whether a board was ever there
	Tell      func(tale.Line)
	GaveBack  func(claim lot.Origin, draws []lot.Draw)                  // points that had paid for goods that came back
	Swapped   func(of tally.Swap, in lot.Amount)                        // what was spent of a later lot, and booked in all to one that lapsed
	Brought   func(lot.Lot)                                             // by a receipt, whose terminal has lost it with its disk
	Freed     func(at ledger.TerminalID, held map[lot.Asset]lot.Amount) // a person took it that what waits for a witness is there
	Forgot    func(known map[tally.Swap]lot.Amount)                     // HQ went back, and knows of these
}

// HQ is one HQ: its book, its grant log and its process.
type HQ struct {
	*engine.Engine
	o       Options
	chances *harm.Chances
	people  []member.ID

	Shelf     *shelf.Shelf
	grants    *shelf.Grants // nil: there is none
	HQ        *hq.HQ
	end       *exchange.HQ
	On        bool
	BrokerOff bool

	keys []ed25519.PrivateKey // oldest first

	fuse   int // statements until HQ dies; 0 is never
	moment shelf.Moment
	dies   bool // else only the connection to the book is gone
	blown  bool

	backups  []*shelf.Image // oldest first
	past     []*shelf.Image // what the book was when it went back
	restored bool           // a person has said so, and HQ has not started since

	joined   map[string][]member.ID // by phone number, whom tills enrolled
	phones   []string               // of joined, in order
	merged   [][2]member.ID
	blocked  []member.ID
	read     [2]uint64                            // how far its own journal was looked at: epoch and number
	looked   map[ledger.TerminalID]ledger.DownSeq // how far its journals were looked at
	asked    map[askOf]lot.Origin                 // the note that answered
	logged   logged
	repeated map[lot.Origin]bool // notes that were said a second time
}

// askOf is a question of one life of a terminal.
type askOf struct {
	terminal    ledger.TerminalID
	incarnation uint64
	ask         lot.AskID
}

var byPerson = hq.By{Actor: "zhou", Reason: "sim"}

const never = shelf.Moment(255)

// New is an HQ that has not started.
func New(o Options) *HQ {
	h := &HQ{Engine: o.Engine, o: o, keys: []ed25519.PrivateKey{o.Key}, chances: o.Chances, Shelf: shelf.New(), joined: map[string][]member.ID{}, looked: map[ledger.TerminalID]ledger.DownSeq{}, asked: map[askOf]lot.Origin{}, repeated: map[lot.Origin]bool{}}
	for _, p := range o.Members.All() {
		h.people = append(h.people, p.ID)
	}
	if !o.Chances.NoLog {
		h.grants = &shelf.Grants{}
	}
	h.wire()
	return h
}

// wire lets the book and the log fail.
func (h *HQ) wire() {
	h.Shelf.Fault = h.fault
	h.Shelf.Again = func() bool {
		if h.Harm(h.chances.HQAgain) {
			h.Mark("hq-transaction-again")
			return true
		}
		return false
	}
	if h.grants != nil {
		h.grants.Fault = h.fault
	}
}

// Boards are those that HQ expects.
func (h *HQ) Boards() []hq.Board { return h.o.Boards }

// Start begins the life of HQ.
func (h *HQ) Start() {
	h.process()
	for _, p := range h.o.Members.All() {
		h.Do("open member", func() error { return h.HQ.OpenMember(p) })
	}
	for n := 0; n+familySize <= len(h.people)/2; n += familySize {
		h.family(h.people[n : n+familySize])
	}
	h.stock()
	h.After(19*time.Hour, h.nightly)
	h.After(time.Minute, h.Tick)
	h.After(time.Hour, h.backup)
}

// process starts HQ on its book.
func (h *HQ) process() {
	h.fuse, h.blown, h.moment = 0, false, never
	if h.Harm(h.chances.HQCrash) { // in what it does before it says anything
		h.light(shelf.Moment(h.Random.IntN(int(shelf.AfterLog) + 1)))
	}
	o := hq.Options{
		Book: h.Shelf, Programme: h.o.Programme, Key: h.Key(), Former: h.keys[:len(h.keys)-1], Boards: h.o.Boards, Now: h.Wall, Log: h.o.Log, Restored: h.restored,
		Unguarded: h.o.Unguarded, Random: h,
	}
	if h.grants != nil {
		o.Grants = h.grants
	}
	h.emptyLog()
	made, err := hq.New(o)
	h.fuse = 0
	if h.blown {
		h.Mark("hq-died-at-start")
		h.After(h.Between(time.Second, 10*time.Minute), h.process)
		return
	}
	h.Must("open HQ", err)
	h.end = exchange.NewHQ(exchange.HQOptions{Key: h.Key(), Office: made, Unguarded: h.o.Unguarded, Voice: signer.Voice{Signer: made.Keys(), Book: h.Shelf}, Broke: func(why any) { panic(why) }})
	h.HQ, h.On, h.restored = made, true, false
	if !made.Fenced() {
		h.Do("publish what the settings name", func() error { return made.Publish("programme", "0", h.o.Rules[0], time.Time{}) })
	}
}

// Key is the newest with which HQ signs.
func (h *HQ) Key() ed25519.PrivateKey { return h.keys[len(h.keys)-1] }

// NewKey has a person give HQ another key, and start it again.
func (h *HQ) NewKey() {
	if !h.On || len(h.keys) == keysMost {
		return
	}
	h.Mark("hq-new-key")
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, fmt.Sprint("headquarters ", len(h.keys)))
	h.keys, h.On = append(h.keys, ed25519.NewKeyFromSeed(seed)), false
	h.After(h.Between(time.Second, 20*time.Minute), h.process)
}

const keysMost = 5

// fault blows the fuse where it has burnt down.
func (h *HQ) fault(at shelf.Moment) error {
	if h.fuse == 0 || at != h.moment {
		return nil
	}
	if h.fuse--; h.fuse > 0 {
		return nil
	}
	h.blown = true
	return shelf.ErrCrash
}

// light has something fail at a moment to come.
func (h *HQ) light(at shelf.Moment) {
	h.moment, h.fuse = at, 1
	if at == shelf.Statement {
		h.fuse += h.Random.IntN(12)
	}
}

// Do has HQ do something, and perhaps die of it.
func (h *HQ) Do(what string, fn func() error) {
	if !h.On {
		return
	}
	h.fuse, h.blown, h.moment = 0, false, never
	switch {
	case h.Harm(h.chances.HQCrash):
		h.dies = true
		h.light(shelf.Moment(h.Random.IntN(int(shelf.AfterLog) + 1)))
	case h.Harm(h.chances.HQUnknown):
		h.dies = false
		h.light(shelf.Moment(h.Random.IntN(int(shelf.AfterCommit) + 1))) // a log that failed takes no more: HQ begins anew
	}
	err := fn()
	if errors.Is(err, hq.ErrFenced) {
		h.Mark("hq-fenced")
	}
	if !h.blown && (err == nil || errors.Is(err, hq.ErrFenced)) {
		err = h.flush()
	}
	h.fuse = 0
	switch {
	case h.blown && h.dies:
		h.Mark([]string{"hq-died-at-statement", "hq-died-before-commit", "hq-died-after-commit", "hq-died-before-log", "hq-died-after-log"}[h.moment])
		h.On = false
		h.After(h.Between(time.Second, 20*time.Minute), h.process)
	case h.blown:
		h.Mark("hq-result-unknown")
		h.again()
	case err != nil && !errors.Is(err, hq.ErrFenced):
		h.Fail("error", "HQ, %s: %v", what, err)
	}
}

// again says what is left to be said after a connection to the book was lost.
func (h *HQ) again() {
	if err := h.flush(); err != nil && !errors.Is(err, hq.ErrFenced) {
		h.Fail("error", "HQ, push: %v", err)
	}
}

// Receive hands a terminal's message to HQ.
func (h *HQ) Receive(from ledger.TerminalID, raw []byte) {
	if !h.On || h.BrokerOff {
		h.Mark("hq-away")
		return
	}
	h.Do("receive", func() error { return h.end.Receive(from, raw, h.Wall()) })
}

// Tampered hands HQ a message with other bytes under a number that it has: it must take
// nothing more from there until a person has looked.
func (h *HQ) Tampered(from ledger.TerminalID, raw []byte) {
	h.Receive(from, raw)
	if !h.On || h.BrokerOff || h.blown || h.HQ.Fenced() {
		return
	}
	h.Mark("tampered")
	h.view(func(tx book.Tx) error {
		t, err := tx.Terminal(from)
		if t.Trouble == "" {
			h.Fail("other-bytes-pass", "HQ has taken other bytes under a known number from %s for good", from)
		}
		return err
	})
}

// HangUp is HQ's own connection going.
func (h *HQ) HangUp() { h.end.Closed() }

// flush sends what HQ has to say, and what it wrote for others.
func (h *HQ) flush() error {
	h.look() // a member's phone hears of it without the broker
	if h.BrokerOff {
		h.end.Outgoing()
		return nil
	}
	for _, id := range h.HQ.News() {
		if err := h.end.Push(id, h.Wall()); err != nil {
			return fmt.Errorf("push: %w", err)
		}
	}
	for _, o := range h.end.Outgoing() {
		h.says(o.To, o.Bytes)
		h.o.Send(o.To, o.Bytes)
	}
	return nil
}

// look checks what HQ wrote for terminals since it was looked at last: a question
// is answered with one note, and no note is for a life that is known to be past.
func (h *HQ) look() {
	h.lookAtOwn()
	img := h.Shelf.Image()
	for _, b := range h.o.Boards {
		newest := img.Down(b.ID)
		for seq := h.looked[b.ID] + 1; seq <= newest; seq++ {
			d, err := ledger.OpenDown(img.DownRaw(b.ID, seq), nil)
			h.Must("open an entry of HQ", err)
			if d.Note == nil {
				continue
			}
			key := askOf{b.ID, d.Note.Incarnation, d.Note.Ask}
			if first, answered := h.asked[key]; d.Note.Ask != 0 && answered && first != d.Note.ID {
				h.Fail("answered-twice", "question %d of %s was answered with two notes", d.Note.Ask, b.ID)
			}
			h.asked[key] = d.Note.ID
			if h.repeated[d.Note.ID] {
				continue
			}
			streams := img.Streams(b.ID)
			for n, s := range streams {
				if uint64(s.Incarnation) == d.Note.Incarnation && n < len(streams)-1 && len(h.past) == 0 {
					h.Fail("given-to-the-past", "a note for incarnation %s of %s, which is past", s.Incarnation, b.ID)
				}
			}
		}
		h.looked[b.ID] = newest
	}
}

// lookAtOwn tells what HQ decided since it was looked at last.
func (h *HQ) lookAtOwn() {
	h.Must("read HQ's own journal", h.Shelf.View(func(tx book.Tx) error {
		list, err := tx.Office(h.read[0], h.read[1], 1<<30)
		for _, e := range list {
			h.read = [2]uint64{e.Epoch, e.Seq}
			body, err := office.Decode(e.Kind, e.Body)
			if err != nil {
				return err
			}
			if s, ok := body.(*office.SettleClaim); ok {
				h.settled(s)
			}
			if x, ok := body.(*office.Expire); ok && len(x.Swapped) > 0 {
				h.Mark("expired-after-swap")
				if err := h.swapped(tx, x.Lot); err != nil {
					return err
				}
			}
		}
		return err
	}))
}

// swapped tells how much of which later lots HQ has booked to one that lapsed, in all
// that its book knows of: what it forgot it does again.
func (h *HQ) swapped(tx book.Tx, lapsed lot.ID) error {
	in, err := swaps(tx)
	for _, of := range slices.SortedFunc(maps.Keys(in), func(a, b tally.Swap) int { return a.Later.Compare(b.Later) }) {
		if of.Lapsed == lapsed {
			h.o.Swapped(of, in[of])
		}
	}
	return err
}

// swaps is what HQ has booked of later lots to ones that lapsed.
func swaps(tx book.Tx) (map[tally.Swap]lot.Amount, error) {
	list, err := tx.Office(0, 0, 1<<30)
	in := map[tally.Swap]lot.Amount{}
	for _, e := range list {
		body, bad := office.Decode(e.Kind, e.Body)
		if x, ok := body.(*office.Expire); ok && bad == nil {
			for _, d := range x.Swapped {
				in[tally.Swap{Lapsed: x.Lot, Later: d.Lot}] += d.Amount
			}
		}
	}
	return in, err
}

// says checks what HQ is about to say: it stands for what is in the book.
func (h *HQ) says(to ledger.TerminalID, raw []byte) {
	e, err := wire.Open(raw)
	h.Must("open HQ's message", err)
	m, err := e.Message()
	h.Must("read HQ's message", err)
	img := h.Shelf.Image()
	switch m := m.(type) {
	case *wire.Ack:
		h.Mark("ack")
		if m.Head.Seq > 0 && !had(img, to, m.Head) {
			h.Fail("ack-not-durable", "HQ acks %s of %s, which is not in its book", m.Head, to)
		}
	case *wire.Resume:
		h.Mark("resume")
	case *wire.Lacks:
		h.Mark("lacks")
	case *wire.Denied:
		h.Mark("denied-" + m.Code)
	case *wire.Down:
		h.Mark("down")
		for n, entry := range m.Entries {
			if have := img.DownRaw(to, m.First+ledger.DownSeq(n)); string(have) != string(entry) {
				h.Fail("sent-not-durable", "HQ sends entry %d for %s, which is not in its book", m.First+ledger.DownSeq(n), to)
			}
			if h.grants != nil && !h.logged.has(h.grants, to, m.First+ledger.DownSeq(n), entry) {
				h.Fail("sent-not-logged", "HQ sends entry %d for %s, which is not in its grant log", m.First+ledger.DownSeq(n), to)
			}
		}
	}
}

// Had reports whether an entry is in HQ's book, or was before it went back.
func (h *HQ) Had(id ledger.TerminalID, head ledger.Head) bool {
	for _, img := range h.past {
		if had(img, id, head) {
			return true
		}
	}
	return had(h.Shelf.Image(), id, head)
}

func had(img *shelf.Image, id ledger.TerminalID, head ledger.Head) bool {
	e := img.Entry(id, head.Incarnation, head.Seq)
	return e != nil && e.Head == head
}

// Forgot reports whether an entry of a terminal that was in HQ's book before it went
// back is in it no more. Once all is sent again, the terminal has forgotten it too.
func (h *HQ) Forgot(id ledger.TerminalID) bool {
	now := h.Shelf.Image()
	return slices.ContainsFunc(h.past, func(img *shelf.Image) bool {
		return slices.ContainsFunc(img.Streams(id), func(s ledger.Head) bool { return !had(now, id, s) })
	})
}

// Issued is a lot that was ever made.
func (h *HQ) Issued(id lot.ID) (lot.Lot, bool) {
	for _, img := range append([]*shelf.Image{h.Shelf.Image()}, h.past...) {
		if l, ok := img.Issued(id); ok {
			return l, true
		}
	}
	return lot.Lot{}, false
}

// Settle has HQ at work, now that the harm is over.
func (h *HQ) Settle() {
	if !h.On {
		h.process()
	}
}

// nightly is the end of HQ's day.
func (h *HQ) nightly() {
	h.After(engine.Day, h.nightly)
	h.Nightly()
}

// Nightly has HQ do what it does at the end of a day.
func (h *HQ) Nightly() { h.Do("nightly", func() error { return h.HQ.Nightly() }) }

// Tick sends what waits for terminals that asked for nothing.
func (h *HQ) Tick() {
	h.After(10*time.Minute, h.Tick)
	if h.On {
		h.again()
	}
	h.acceptEmpty()
}
