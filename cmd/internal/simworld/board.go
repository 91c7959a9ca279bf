package simworld

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/disk"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/market"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/question"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/rack"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
)

// board is a terminal: a till on a disk, with a clock and a line of its own.
type board struct {
	w    *World
	id   ledger.TerminalID
	code string
	key  ed25519.PrivateKey
	disk *disk.Disk
	till *till.Till
	end  *exchange.Terminal

	on       bool
	boots    int
	booted   time.Duration
	left     *ledger.Head // what tmpfs remembers
	skew     time.Duration
	quality  ledger.Clock
	nightly  bool // switched off every night
	line     line
	asks     []*wire.Ask
	pumping  time.Duration // when the next pump is due; 0 is none
	patience time.Duration
	serving  [3]bool // lanes with a customer
	retry    []func()

	heads   map[ledger.Incarnation][]ledger.Head // every entry that was ever on the disk
	told    []ledger.Head                        // what a cashier was told is done, since the last start
	entries int
	refs    uint64
	copies  []card // copies of the card that somebody has
	waits   question.Open
	cloned  bool   // another board has, or had, the same card
	back    bool   // the disk has forgotten something, once at least
	over    bool   // HQ has ended it
	gone    bool   // stolen: another board stands in its place
	slip    string // of the last close, until the day is opened or it is scanned: its code
	scans   bool   // somebody scans it in the morning
	make    string // of the board itself
	other   *twin  // another board with the same card
	rack    *rack.Rack
}

var (
	_ exchange.Station = (*board)(nil)
	_ clerk.Asker      = (*board)(nil)
)

// built is what a board without a clock knows to be past.
var built = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

func keyOf(name string) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	return ed25519.NewKeyFromSeed(seed)
}

func newBoard(w *World, n int) *board {
	b := &board{
		w: w, id: ledger.TerminalID(n), code: fmt.Sprintf("CODE%016d", n), key: keyOf(fmt.Sprintf("board %d", n)), disk: disk.New(),
		make: fmt.Sprint("board-", n), rack: rack.New(w.rules.Text), heads: map[ledger.Incarnation][]ledger.Head{}, nightly: w.Hit(w.faults.Nights), scans: w.Hit(7000), quality: ledger.ClockSynced,
	}
	return b
}

// start begins the life of the board.
func (b *board) start() {
	b.boot()
	b.w.After(b.w.Between(time.Hour, 2*time.Hour), b.nextCustomer)
	b.w.After(13*time.Hour+b.w.Between(0, time.Hour), b.evening)
}

// reading is the time as the board has it.
func (b *board) reading() clerk.Reading {
	r := clerk.Reading{Wall: b.w.Wall().Add(b.skew), Mono: b.w.Now - b.booted + time.Minute, Quality: b.quality}
	if b.quality == ledger.ClockUnset {
		r.Wall = built.Add(r.Mono)
	}
	return r
}

// boot starts the operating system and the daemon.
func (b *board) boot() {
	b.boots++
	b.on, b.booted, b.left, b.quality = true, b.w.Now, nil, ledger.ClockSynced
	if b.w.Harm(b.w.faults.Unset) {
		b.quality = ledger.ClockUnset
		b.w.Mark("clock-1970")
		b.w.After(b.w.Between(time.Minute, 20*time.Hour), func() { b.quality = ledger.ClockSynced })
	}
	b.disk.Reopen()
	slip := b.slip
	b.daemon()
	if b.on && b.scans && slip != "" {
		b.w.Mark("slip-scanned")
		b.try(b.till.Scan(b.by(1), "", slip))
		b.slip = ""
	}
}

// daemon starts the till on what the disk has.
func (b *board) daemon() {
	b.toldIsKept()
	b.seen()
	b.serving, b.waits = [3]bool{}, b.waits.Restarted()
	var head *ledger.Head
	if b.left != nil {
		left := *b.left
		head = &left
	}
	w := b.w
	rules, err := w.rules.Parse(b.rack.InForce())
	w.Must("read the programme in force", err)
	made, err := till.New(till.Options{
		Terminal: b.id, Place: till.Place{Store: b.store(), Name: programme.Text{ZH: b.store(), EN: b.store()}},
		Programme: rules, RulesText: b.rack.InForce(), Products: w.rules.Products, Members: w.rules.Members, Deals: b.batches(), PhoneKey: market.PhoneKey,
		Journal: b.disk, Key: b.key, Now: b.reading, Rand: w, Software: "sim", Asker: b,
		Boot:      clerk.Boot{ID: fmt.Sprintf("%d-%d", b.id, b.boots), Board: b.make, Head: head},
		Journaled: b.journaled, Log: w.log, Unguarded: w.o.Unguarded,
	})
	w.Must("open till", err)
	b.till = made
	gather := exchange.Gather
	if b.id%2 == 0 { // what leaves at once overtakes more
		gather = 0
	}
	b.end = exchange.NewTerminal(exchange.TerminalOptions{ID: b.id, Key: b.key, Code: b.code, Software: "sim", Station: b, Shelf: b.rack, Gather: gather, Unguarded: w.o.Unguarded})
	b.line.connected = false
	for lane := uint32(1); lane <= 2; lane++ {
		if !b.ok(b.till.SignIn(clerk.By{Lane: lane, Actor: "c1"})) {
			return
		}
		b.try(b.till.Clear(clerk.By{Lane: lane, Actor: "c1"}))
	}
	if !b.openDay() {
		return
	}
	retry := b.retry
	b.retry = nil
	for _, again := range retry {
		if b.on {
			again()
		}
	}
	if b.on {
		b.connectSoon(b.w.Between(time.Second, time.Minute))
	}
}

func (b *board) store() string { return fmt.Sprint("S", b.id) }

func (b *board) by(lane uint32) clerk.By { return clerk.By{Lane: lane, Actor: "c1"} }

func (b *board) ref() string {
	b.refs++
	return fmt.Sprintf("%d-%d", b.id, b.refs)
}

// openDay opens the business day where it was closed. The slip is torn up then, as it
// says: of what the day loses it knows nothing.
func (b *board) openDay() bool {
	d, err := b.till.Day()
	b.w.Must("read the day", err)
	if !d.Closed {
		return true
	}
	b.slip = ""
	_, err = b.till.OpenDay(b.by(1), b.ref(), 0)
	return b.ok(err)
}

// journaled hears of what is on the disk.
func (b *board) journaled(head ledger.Head) {
	b.left = &head
	b.seen()
	b.patience = time.Second // it does not wait for others for long
	b.soon(50 * time.Millisecond)
}

// seen looks at every entry that has come to the disk.
func (b *board) seen() {
	img := b.disk.See()
	for _, newest := range img.Heads() {
		known := b.heads[newest.Incarnation]
		if n := len(known); uint64(newest.Seq) == uint64(n) && known[n-1] == newest {
			continue
		}
		from := ledger.Seq(1)
		if n := ledger.Seq(len(known)); n > 0 && n < newest.Seq {
			if r, ok := img.Record(newest.Incarnation, n); ok && r.Head == known[n-1] { // the hash stands for all before
				from = n + 1
			}
		}
		for seq := from; seq <= newest.Seq; seq++ {
			r, _ := img.Record(newest.Incarnation, seq)
			if int(seq) <= len(known) {
				if known[seq-1] != r.Head {
					b.w.Fail("two-entries", "%s has entry %s twice with other bytes", b.id, r.Head)
				}
				continue
			}
			if n := len(known); n > 0 && known[n-1].Hash.Next(r.Raw) != r.Head.Hash {
				b.w.Fail("chain", "%s: entry %s does not follow on the one before", b.id, r.Head)
			}
			known = append(known, r.Head)
			b.entries++
			b.w.Trace("entry", uint64(b.id), uint64(r.Head.Incarnation), uint64(seq), binary.BigEndian.Uint64(r.Head.Hash[:]))
			b.w.truth.Entry(b.asStore(), r)
		}
		b.heads[newest.Incarnation] = known
	}
}

// toldIsKept checks that what a cashier was told is done is on the disk.
func (b *board) toldIsKept() {
	img := b.disk.See()
	for _, h := range b.told {
		if r, ok := img.Record(h.Incarnation, h.Seq); !ok || r.Head != h {
			b.w.Fail("told-and-gone", "%s: entry %s was told to be done and is not on the disk", b.id, h)
		}
	}
	b.told = nil
}

// ok deals with the outcome of an action; false ends what the caller was about.
func (b *board) ok(err error) bool {
	var refusal *till.Refusal
	switch {
	case err == nil:
		return true
	case errors.Is(err, journal.ErrUnknownResult):
		b.w.Mark("result-unknown")
		b.powerOff()
		b.w.After(b.w.Between(time.Minute, 3*time.Hour), b.powerOn)
	case errors.As(err, &refusal):
		b.w.Mark("refused-" + refusal.Code)
	case errors.Is(err, clerk.ErrDeclined):
		b.w.Mark("declined")
	case errors.Is(err, journal.ErrFull):
		b.w.Mark("disk-full")
		b.disk.Fill(false)
	case errors.Is(err, clerk.ErrStopped):
		b.w.Mark("stopped")
	default:
		b.w.Fail("error", "%s: %v", b.id, err)
	}
	return false
}

// try is ok where nothing follows from it.
func (b *board) try(err error) { b.ok(err) }

func (b *board) powerOff() {
	if !b.on {
		return
	}
	b.on, b.left = false, nil
	b.happened(tale.PowerCut)
	if b.disk.PowerOff() {
		b.w.Mark("flush-lied")
		b.told, b.back, b.copies = nil, true, nil // copies may have what the card has not
	}
	b.hangUp()
	b.till, b.end = nil, nil
}

func (b *board) powerOn() {
	if !b.on && !b.gone {
		b.happened(tale.PowerBack)
		b.boot()
	}
}

// reboot is the power going for a while.
func (b *board) reboot() {
	if !b.on {
		return
	}
	b.w.Mark("power-cut")
	b.powerOff()
	b.w.After(b.w.Between(time.Minute, 8*time.Hour), b.powerOn)
}

// restartDaemon is the daemon ending and starting within a boot.
func (b *board) restartDaemon() {
	if !b.on {
		return
	}
	b.hangUp()
	if b.w.Hit(5000) {
		b.w.Mark("daemon-killed")
	} else {
		b.w.Mark("daemon-stopped")
		if !b.ok(b.till.Stop()) {
			return
		}
	}
	b.daemon()
}

// evening ends the day, and for some boards the power too.
func (b *board) evening() {
	b.w.After(day, b.evening)
	if !b.on {
		return
	}
	if !b.nightly && !b.w.Hit(3000) {
		return
	}
	if !b.close(b.nightly && !b.w.Calm) {
		return
	}
	if !b.on {
		b.w.After(9*time.Hour+b.w.Between(0, time.Hour), b.powerOn)
		return
	}
	b.w.After(9*time.Hour+b.w.Between(0, time.Hour), func() {
		if b.on {
			b.openDay()
		}
	})
}

// close closes the day, takes the slip, and for the night the power off.
func (b *board) close(off bool) bool {
	for lane := uint32(1); lane <= 2; lane++ {
		if !b.ok(b.till.Clear(b.by(lane))) {
			return false
		}
	}
	b.serving = [3]bool{}
	if _, err := b.till.CloseDay(b.by(1), b.ref(), 0); !b.ok(err) && !b.on {
		return false
	}
	b.w.Mark("day-closed")
	var err error
	b.slip, err = b.till.HeadCode()
	b.w.Must("read the slip", err)
	if off {
		b.w.Mark("night-off")
		if b.w.Hit(8000) {
			b.try(b.till.Stop())
		}
		b.powerOff()
	}
	return true
}

// stepClock sets the wall clock, as a cashier or a time server does.
func (b *board) stepClock() {
	steps := map[string]time.Duration{
		"clock-year-on": 365 * day, "clock-day-back": -day, "clock-drift": 5 * time.Minute, "clock-back": -b.w.Between(time.Minute, 3*time.Hour),
	}
	name := pick(b.w, []string{"clock-year-on", "clock-day-back", "clock-drift", "clock-back"})
	b.w.Mark(name)
	b.skew += steps[name]
	if name == "clock-year-on" && b.w.Hit(5000) {
		b.quality = ledger.ClockRunning
	}
	b.w.After(b.w.Between(time.Hour, 2*day), func() { b.skew, b.quality = 0, ledger.ClockSynced })
}
