package assemble_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/shelf"
	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

const code = "ENR0LENR0LENR0LENR0L"

// pair is a terminal and HQ with a line between them that loses, doubles,
// delays and cuts, on one thread and from one seed.
type pair struct {
	t      *testing.T
	bench  *tilltest.Bench
	term   *exchange.Terminal
	hq     *hq.HQ
	book   *sqlbook.Book
	office *exchange.HQ
	random *rand.Rand
	shelf  *shelf.Shelf // nil: the terminal goes by what it was made with
	asked  int
	bad    bool // whether the line does harm
	up     [][]byte
	down   [][]byte
	sales  []lot.Origin   // that may be returned
	seen   map[string]int // what happened, so that a test can tell that it did
}

func newPair(t *testing.T, seed uint64) *pair { return newPairUnder(t, seed, demo.Programme) }

// newPairUnder is a pair under a programme.
func newPairUnder(t *testing.T, seed uint64, rules []byte) *pair {
	t.Helper()
	dir := t.TempDir()
	store, err := boltstore.Open(filepath.Join(dir, "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open ledger: %v", err)
	}
	t.Cleanup(func() { store.Close() })
	p := &pair{t: t, random: rand.New(rand.NewPCG(seed, 1)), seen: map[string]int{}}
	p.bench = tilltest.NewUnenrolled(t, store)
	p.bench.UseRules(t, rules)
	p.book, err = sqlbook.OpenSQLite(filepath.Join(dir, "book.db"))
	if err != nil {
		t.Fatalf("Open book: %v", err)
	}
	t.Cleanup(func() { p.book.Close() })
	p.hq, err = hq.New(hq.Options{
		Book: p.book, Programme: p.bench.Programme, Key: p.bench.HQKey, Now: func() time.Time { return p.bench.Clock.Now().Wall },
		Boards: []hq.Board{{ID: tilltest.Terminal, Name: "till", Store: "S1", Code: code}}, Log: slog.New(slog.DiscardHandler),
		Random: rand.NewChaCha8([32]byte{byte(seed)}),
	})
	if err != nil {
		t.Fatalf("hq.New: %v", err)
	}
	members, err := roll.Parse(demo.Members, []byte("a key that hides phone numbers"))
	if err != nil {
		t.Fatalf("ParseMembers: %v", err)
	}
	for _, m := range members.All() {
		if err := p.hq.OpenMember(m); err != nil {
			t.Fatalf("OpenMember(%s): %v", m.ID, err)
		}
	}
	p.office = exchange.NewHQ(exchange.HQOptions{Key: p.bench.HQKey, Office: p.hq})
	p.restart()
	if err := p.bench.Till.SignIn(by); err != nil {
		t.Fatalf("SignIn: %v", err)
	}
	return p
}

var by = clerk.By{Lane: 1, Actor: "c1"}

// restart makes the terminal's end anew, as after a start of the daemon.
func (p *pair) restart() {
	p.term = exchange.NewTerminal(exchange.TerminalOptions{
		ID: tilltest.Terminal, Key: p.bench.Key, Code: code, Station: assemble.ShelvedStation(p.bench.Till, p.t.TempDir(), p.shelf), Shelf: shelfOf(p.shelf),
	})
	p.bench.Line.Set(false)
	p.up, p.down = nil, nil
}

// shelfOf keeps a nil shelf nil.
func shelfOf(s *shelf.Shelf) exchange.Shelf {
	if s == nil {
		return nil
	}
	return s
}

func (p *pair) now() time.Time { return p.bench.Clock.Now().Wall }

func (p *pair) must(what string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// connect opens the line.
func (p *pair) connect() { p.must("Opened", p.term.Opened(p.now())) }

// cut closes the line with all that is on it.
func (p *pair) cut() {
	p.term.Closed()
	p.office.Closed()
	p.up, p.down = nil, nil
	p.seen["cut"]++
}

// step moves time and messages on a little.
func (p *pair) step(d time.Duration) {
	p.bench.Clock.Advance(d)
	p.must("Tick", p.term.Tick(p.now()))
	p.bench.Line.Set(p.term.Online())
	p.must("Till.Tick", p.bench.Till.Tick())
	for _, a := range p.bench.Line.Asked()[p.asked:] {
		p.asked++
		m := &wire.Ask{ID: a.ID, Incarnation: a.Incarnation, Member: a.Member}
		for _, w := range a.Wants {
			m.Wants = append(m.Wants, wire.Want(w))
		}
		p.term.Ask(m)
	}
	out, err := p.term.Outgoing(p.now())
	p.must("Outgoing", err)
	for _, o := range out {
		p.up = p.carry(p.up, o.Bytes)
	}
	for _, b := range p.take(&p.up) {
		p.must("HQ.Receive", p.office.Receive(tilltest.Terminal, b, p.now()))
	}
	for _, o := range p.office.Outgoing() {
		p.down = p.carry(p.down, o.Bytes)
	}
	for _, b := range p.take(&p.down) {
		if err := p.term.Receive(b, p.now()); err != nil {
			p.seen["refused"]++
		}
	}
	p.bench.Line.Set(p.term.Online())
}

// carry puts a message on the line, or loses or doubles it.
func (p *pair) carry(line [][]byte, b []byte) [][]byte {
	if !p.bad {
		return append(line, b)
	}
	switch p.random.IntN(6) {
	case 0:
		p.seen["lost"]++
		return line
	case 1:
		p.seen["doubled"]++
		return append(line, b, b)
	case 2:
		p.seen["overtook"]++
		return append([][]byte{b}, line...)
	}
	return append(line, b)
}

// take delivers what is on the line, on a bad one only some of it.
func (p *pair) take(line *[][]byte) [][]byte {
	n := len(*line)
	if p.bad && n > 0 {
		n = p.random.IntN(n + 1)
	}
	got := (*line)[:n]
	*line = (*line)[n:]
	return got
}

// settle mends the line and waits for both sides to agree.
func (p *pair) settle() {
	p.t.Helper()
	p.bad = false
	if !p.term.Online() {
		p.cut()
		p.connect()
	}
	for range 600 {
		p.step(200 * time.Millisecond)
	}
	s, err := p.bench.Till.Progress()
	p.must("Ruling", err)
	if s.Ledger.Backlog != 0 {
		p.t.Fatalf("backlog of %d entries after the line was mended", s.Ledger.Backlog)
	}
}

// compare holds both sides against each other, entry by entry and record by
// record.
func (p *pair) compare() {
	p.t.Helper()
	p.must("Check", p.hq.Check())
	audit := p.bench.Verify(p.t)
	var entries uint64
	err := p.book.View(func(kept book.Tx) error {
		return p.bench.Journal.View(func(tx journal.Tx) error {
			streams, err := tx.Streams()
			if err != nil {
				return err
			}
			for _, s := range streams {
				for seq := ledger.Seq(1); seq <= s.Seq; seq++ {
					mine, err := tx.Record(s.Incarnation, seq)
					if err != nil {
						return err
					}
					theirs, err := kept.Entry(tilltest.Terminal, s.Incarnation, seq)
					if err != nil {
						return fmt.Errorf("entry %s/%d at HQ: %w", s.Incarnation, seq, err)
					}
					if !bytes.Equal(mine.Raw, theirs.Raw) || mine.Head != theirs.Head {
						return fmt.Errorf("entry %s/%d differs", s.Incarnation, seq)
					}
					entries++
				}
			}
			return compareStates(kept, tx)
		})
	})
	p.must("compare", err)
	if entries != audit.Entries {
		p.t.Errorf("compared %d entries, the journal has %d", entries, audit.Entries)
	}
	overview, err := p.hq.Overview()
	p.must("Overview", err)
	for _, a := range overview.Totals {
		if a.Off() != 0 {
			p.t.Errorf("%s: issued %d, but %+v", a.Asset, a.Issued, a)
		}
		if a.Risk != 0 || a.Flight != 0 {
			p.t.Errorf("%s: risk %d, in flight %d; want none of either", a.Asset, a.Risk, a.Flight)
		}
	}
	if len(overview.Alarms) != 0 {
		p.t.Errorf("alarms %+v, want none", overview.Alarms)
	}
}

func compareStates(kept book.Tx, tx journal.Tx) error {
	keys, values, err := kept.StateRows(tilltest.Terminal)
	if err != nil {
		return err
	}
	n := 0
	err = tx.StateRows(func(key, value []byte) error {
		if n >= len(keys) || !bytes.Equal(keys[n], key) || !bytes.Equal(values[n], value) {
			return fmt.Errorf("record %x is not the same at HQ", key)
		}
		n++
		return nil
	})
	if err == nil && n != len(keys) {
		err = fmt.Errorf("HQ has %d records, the terminal %d", len(keys), n)
	}
	return err
}

// act does one thing that a cashier does.
func (p *pair) act() {
	v, err := p.bench.Till.View(1)
	p.must("View", err)
	switch p.random.IntN(8) {
	case 0, 1:
		cards := []string{"HM10001001V", "HM10001138Y", "HM100020974", "HM10002508X"}
		_ = p.bench.Till.Scan(by, "", cards[p.random.IntN(len(cards))])
	case 2:
		_ = p.bench.Till.Scan(by, "", []string{"6900001000112", "6900001000228"}[p.random.IntN(2)])
	case 3:
		_ = p.bench.Till.Deduct(by, pricing.DeductMax)
	case 4:
		pay := till.Payment{Ref: v.Ref}
		if v.Quote.ToPay > 0 {
			pay.Tenders = []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}
		}
		if done, err := p.bench.Till.Pay(by, pay); err == nil {
			p.seen["sold"]++
			p.sales = append(p.sales, done.Origin)
		}
	case 5:
		_, err := p.bench.Till.Redeem(by, v.Ref, "tea-set")
		switch {
		case err == nil:
			p.seen["redeemed"]++
		case errors.Is(err, clerk.ErrDeclined):
			p.seen["declined"]++
		}
		if p.random.IntN(3) == 0 {
			_ = p.bench.Till.Clear(by)
		}
	case 6:
		p.giveBack()
	case 7:
		a := till.Adjustment{
			Ref: fmt.Sprint("adjust-", p.random.Uint64()), Member: 1001, Asset: "points:green", Amount: lot.Amount(p.random.IntN(100) - 40), Reason: "goodwill",
		}
		if _, err := p.bench.Till.Adjust(by, a); err == nil {
			p.seen["adjusted"]++
		}
	}
}

// giveBack returns goods of an earlier sale, or voids it.
func (p *pair) giveBack() {
	if len(p.sales) == 0 {
		return
	}
	r := till.Returning{
		Ref: fmt.Sprint("return-", p.random.Uint64()), Of: p.sales[p.random.IntN(len(p.sales))], Qty: []int64{1}, Void: p.random.IntN(3) == 0, Tender: "cash",
	}
	done, err := p.bench.Till.Return(by, r)
	if err != nil {
		return
	}
	p.seen["returned"]++
	if len(done.Entry.Body.(*ledger.Return).Due) > 0 {
		p.seen["due"]++
	}
}

func TestBothSidesConvergeOverABadLine(t *testing.T) {
	all := map[string]int{}
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			p := newPair(t, seed)
			p.bad = true
			p.connect()
			for n := range 400 {
				p.act()
				p.step(time.Duration(p.random.IntN(1500)) * time.Millisecond)
				switch p.random.IntN(60) {
				case 0:
					p.cut()
				case 1:
					if n > 20 {
						p.bench.Restart(t)
						p.restart()
						p.seen["restarted"]++
						p.must("SignIn", p.bench.Till.SignIn(by))
					}
				}
				if p.random.IntN(10) == 0 {
					p.term.Closed()
					p.connect()
				}
			}
			p.must("Clear", p.bench.Till.Clear(by))
			p.settle()
			p.compare()
			for what, n := range p.seen {
				all[what] += n
			}
		})
	}
	for _, what := range []string{"lost", "doubled", "overtook", "cut", "restarted", "sold", "redeemed", "declined", "refused", "returned", "due", "adjusted"} {
		if all[what] == 0 {
			t.Errorf("%q never happened: the test shows nothing about it", what)
		}
	}
	t.Log(all)
}

func TestWeeksOfflineAreTakenInWhole(t *testing.T) {
	p := newPair(t, 1)
	p.connect()
	for range 20 {
		p.step(200 * time.Millisecond)
	}
	p.cut()
	for range 600 {
		p.must("Scan", p.bench.Till.Scan(by, "", "HM10001001V"))
		p.must("Scan", p.bench.Till.Scan(by, "", "6900001000112"))
		v, err := p.bench.Till.View(1)
		p.must("View", err)
		_, err = p.bench.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
		p.must("Pay", err)
		p.bench.Clock.Advance(time.Hour)
	}
	p.settle()
	p.compare()
}

func TestBoardWithoutTheCodeIsNotEnrolled(t *testing.T) {
	p := newPair(t, 1)
	p.term = exchange.NewTerminal(exchange.TerminalOptions{
		ID: tilltest.Terminal, Key: p.bench.Key, Code: "WR0NGWR0NGWR0NGWR0NG", Station: assemble.Station(p.bench.Till, p.t.TempDir()),
	})
	p.connect()
	for range 30 {
		p.step(200 * time.Millisecond)
	}
	if p.term.Online() || p.term.Denied() != "denied-code" {
		t.Errorf("online %v denied %q, want denied-code", p.term.Online(), p.term.Denied())
	}
	if key, err := p.hq.Key(tilltest.Terminal); err != nil || key != nil {
		t.Errorf("HQ took the key of a board without the code: %x, %v", key, err)
	}
}

func TestSecondBoardWithTheSameCodeIsRefused(t *testing.T) {
	p := newPair(t, 1)
	p.connect()
	p.settle()
	seed := bytes.Repeat([]byte{9}, ed25519.SeedSize)
	other := ed25519.NewKeyFromSeed(seed)
	thief := exchange.NewTerminal(exchange.TerminalOptions{ID: tilltest.Terminal, Key: other, Code: code, Station: noHQ{assemble.Station(p.bench.Till, p.t.TempDir())}})
	p.must("Opened", thief.Opened(p.now()))
	out, err := thief.Outgoing(p.now())
	p.must("Outgoing", err)
	p.must("Receive", p.office.Receive(tilltest.Terminal, out[0].Bytes, p.now()))
	for _, o := range p.office.Outgoing() {
		_ = thief.Receive(o.Bytes, p.now())
	}
	if thief.Denied() != "denied-board" {
		t.Errorf("denied %q, want denied-board", thief.Denied())
	}
}

// noHQ is a station that has not enrolled.
type noHQ struct{ exchange.Station }

func (noHQ) HQKey() ed25519.PublicKey { return nil }

func TestForgedBatchIsNotBelieved(t *testing.T) {
	p := newPair(t, 1)
	p.connect()
	p.settle()
	p.must("Scan", p.bench.Till.Scan(by, "", "6900001000112"))
	v, err := p.bench.Till.View(1)
	p.must("View", err)
	_, err = p.bench.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
	p.must("Pay", err)
	progress, err := p.bench.Till.Progress()
	p.must("Ruling", err)
	head := progress.Streams[0]
	list, err := p.bench.Till.Entries(head.Incarnation, head.Seq, 1, 1<<20)
	p.must("Entries", err)
	forged := bytes.Clone(list[0].Raw)
	forged[len(forged)-1] ^= 1
	batch := &wire.Batch{Incarnation: head.Incarnation, First: head.Seq, Entries: [][]byte{forged}, Signature: list[0].Signature}
	p.must("Receive", p.office.Receive(tilltest.Terminal, wire.Seal(tilltest.Terminal, 0, batch, nil), p.now()))
	for _, o := range p.office.Outgoing() {
		if e, err := wire.Open(o.Bytes); err == nil && e.Kind == wire.KindAck {
			t.Error("HQ acked a forged batch")
		}
	}
}
