// Package bench measures the terminal's ledger beside what it cannot beat and
// beside its peers, in one run: a flush of the disk, a bare bbolt Update of the
// very same puts, SQLite and Pebble with the same rows. It is a module of its
// own, so that the peers are no part of the product; they are behind the build
// tag peers. It asserts nothing.
package bench

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Sizes of the ledger, unless the environment says otherwise.
const (
	membersVariable = "JIFEN_BENCH_MEMBERS" // how many members hold points
	lotsVariable    = "JIFEN_BENCH_LOTS"    // how many lots each of them holds
	membersDefault  = 10_000
	lotsDefault     = 1
	refsMost        = 250_000 // references of 400 business days
	batch           = 2000    // records that one transaction of the seeding writes
)

const terminal ledger.TerminalID = 1

var (
	key      = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	phoneKey = []byte("a key that hides phone numbers")
	by       = clerk.By{Lane: 1, Actor: "c1"}
)

// number reads a size from the environment.
func number(name string, otherwise int) int {
	n, err := strconv.Atoi(os.Getenv(name))
	if err != nil || n < 1 {
		return otherwise
	}
	return n
}

// shop is a till on a ledger with many members.
type shop struct {
	store   *boltstore.Store
	spy     *spy
	till    *till.Till
	path    string
	members int
	now     time.Time
	random  *rand.Rand
	chance  io.Reader
	left    ledger.Head // what the boot remembers
}

// offline is a line that is down.
type offline struct{}

func (offline) Online() bool    { return false }
func (offline) Ask(_ clerk.Ask) {}

// newShop makes a ledger, opens an incarnation in it, and gives members their
// points in it, as if they had earned them there.
func newShop(b testing.TB, members, lots int) *shop {
	b.Helper()
	s := &shop{
		path: filepath.Join(b.TempDir(), "ledger.db"), members: members,
		now: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC), random: rand.New(rand.NewPCG(1, 1)), chance: rand.NewChaCha8([32]byte{1}),
	}
	var err error
	s.store, err = boltstore.Open(s.path, terminal)
	must(b, "open", err)
	b.Cleanup(func() { s.store.Close() })
	s.openTill(b)
	must(b, "sign in", s.till.SignIn(by))
	must(b, "seed", s.seed(members, lots))
	must(b, "close", s.store.Close())
	must(b, "compact", boltstore.Compact(s.path)) // thousands of records at once leave a list of free pages as no day does
	s.store, err = boltstore.Open(s.path, terminal)
	must(b, "open again", err)
	s.openTill(b)
	return s
}

func (s *shop) openTill(b testing.TB) {
	b.Helper()
	s.spy = &spy{Store: s.store}
	rules, err := programme.Parse(demo.Programme)
	must(b, "programme", err)
	products, err := programme.ParseProducts(demo.Products)
	must(b, "products", err)
	people, err := roll.Parse(regulars(min(s.members, regularsMost)), phoneKey)
	must(b, "members", err)
	boot := clerk.Boot{ID: "boot-1", Board: "board-1"}
	if s.left != (ledger.Head{}) {
		left := s.left
		boot.Head = &left
	}
	s.till, err = till.New(till.Options{
		Terminal: terminal, Place: till.Place{Store: "S1", Name: programme.Text{ZH: "红米好物一店", EN: "Hongmi One"}},
		Programme: rules, RulesText: demo.Programme, Products: products, Members: people, PhoneKey: phoneKey,
		Journal: s.spy, Key: key, Rand: s.chance, Boot: boot, Software: "bench",
		Now:   func() clerk.Reading { return clerk.Reading{Wall: s.now, Mono: time.Hour, Quality: ledger.ClockSynced} },
		Asker: offline{}, Journaled: func(h ledger.Head) { s.left = h }, Log: slog.New(slog.DiscardHandler),
	})
	must(b, "till", err)
}

func must(b testing.TB, what string, err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s: %v", what, err)
	}
}

// seed writes members' records, and a reference for each, up to what 400 days
// leave. Records come in a random order, as members do.
func (s *shop) seed(members, lots int) error {
	var head ledger.Head
	err := s.store.View(func(tx journal.Tx) error {
		heads, err := tx.Streams()
		head = heads[len(heads)-1]
		return err
	})
	if err != nil {
		return err
	}
	order := s.random.Perm(members)
	for part := range slices.Chunk(order, batch) {
		err := s.store.Update(func(tx journal.Tx) error {
			for _, n := range part {
				if err := tx.PutState(memberKey(n+1), record(n+1, lots, head.Incarnation)); err != nil {
					return err
				}
				if n < refsMost {
					if err := tx.Refer(fmt.Sprintf("seed-%d", n), head); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.total(members, lots)
}

// total books what the members hold to the terminal's accounts, so that the
// sums are right.
func (s *shop) total(members, lots int) error {
	total := fold.Total{Asset: lot.Consumption, Born: lot.Amount(members) * lot.Amount(lots) * seedAmount}
	return s.store.Update(func(tx journal.Tx) error {
		return tx.PutState([]byte("t"+total.Asset), codec.Marshal(&total))
	})
}

const seedAmount = 1_000_000

func memberKey(n int) []byte { return binary.BigEndian.AppendUint64([]byte("m"), uint64(n)) }

func record(n, lots int, i ledger.Incarnation) []byte {
	var m fold.Member
	for k := range lots {
		l := lot.Lot{
			ID: lot.ID{Origin: lot.Origin{Terminal: 9, Incarnation: 1, Seq: uint64(n)}, N: uint32(k)}, Owner: member.ID(n),
			Asset: "points:consumption", Amount: seedAmount, Funder: "m1", UnitCost: 1000, Earned: 20700, Expires: 21100, Terms: "hongmi-green/1",
		}
		m.Held = append(m.Held, fold.Held{Holding: lot.Holding{Lot: l, Amount: seedAmount}, Incarnation: i})
	}
	return codec.Marshal(&m)
}

// award writes a sale of a member with its award and nothing else: no
// reference, no paper, no basket.
func (s *shop) award() error { return s.awardTo(s.spy, s.draw()) }

func (s *shop) draw() member.ID { return member.ID(rand.IntN(s.members) + 1) }

func (s *shop) awardTo(j journal.Journal, who member.ID) error {
	body := &ledger.Sale{
		Receipt: 1, Day: 20780, Member: who, Proof: member.ByCard,
		Lines:   []ledger.Line{{Product: "6900001000112", Qty: 2, Fen: 4980, Merchant: "m1"}},
		Awards:  []ledger.Award{{Issue: ledger.Issue{Asset: "points:consumption", Amount: 49, Funder: "m1", UnitCost: 1000, Expires: 21150}, Rule: "base"}},
		Tenders: []ledger.Tender{{Kind: "cash", Fen: 4980}},
	}
	return j.Update(func(tx journal.Tx) error {
		state, err := fold.Load(terminal, tx)
		if err != nil {
			return err
		}
		raw, err := ledger.Encode(ledger.Entry{Actor: "c1", Lane: 1, Wall: s.now.UnixMilli(), Programme: "hongmi-green/1", Mark: state.Mark(), Body: body})
		if err != nil {
			return err
		}
		if _, err := state.Apply(state.Head().Incarnation, raw); err != nil {
			return err
		}
		r := journal.Record{Head: state.Head(), Raw: raw}
		r.Sign = func() [ed25519.SignatureSize]byte {
			return [ed25519.SignatureSize]byte(ed25519.Sign(key, r.Head.Signed(terminal)))
		}
		if err := tx.Append(r, ""); err != nil {
			return err
		}
		return state.Flush(tx.PutState)
	})
}

// regularsMost is how many members the till knows by their cards.
const regularsMost = 5000

// regulars is a list of members with cards, as HQ would send it.
func regulars(n int) []byte {
	var b bytes.Buffer
	b.WriteString("id,name,card,phone,opening_consumption,opening_green\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "M%d,王芳,%s,138%08d,0,0\n", i, barcode.CardNumber(uint32(i)), i)
	}
	return b.Bytes()
}

// basket fills a lane for a sale with a deduction and returns what to confirm.
func (s *shop) basket(n int) (till.Payment, error) {
	card := barcode.CardNumber(uint32(n*37%min(s.members, regularsMost) + 1))
	for _, code := range []string{card, "6900001000112", "6900001000228"} {
		if err := s.till.Scan(by, "", code); err != nil {
			return till.Payment{}, err
		}
	}
	if err := s.till.Deduct(by, 500); err != nil {
		return till.Payment{}, err
	}
	v, err := s.till.View(1)
	if err != nil {
		return till.Payment{}, err
	}
	return till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}}, nil
}

// spy is a journal that remembers what the last transaction wrote.
type spy struct {
	*boltstore.Store
	puts  []put
	calls []func(journal.Tx) error
}

// put is one record that a transaction wrote: what kind, and where.
type put struct {
	kind       byte // 'e' entry, 'r' reference, 's' state, 'p' paper, 'n' note
	key, value []byte
}

func (s *spy) Update(fn func(journal.Tx) error) error {
	s.puts, s.calls = s.puts[:0], s.calls[:0]
	return s.Store.Update(func(tx journal.Tx) error { return fn(&spyTx{tx, s}) })
}

// again makes what the last transaction wrote on another store: the store
// alone, without the till.
func (s *spy) again(other *boltstore.Store) error {
	return other.Update(func(tx journal.Tx) error {
		for _, call := range s.calls {
			if err := call(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

type spyTx struct {
	journal.Tx
	s *spy
}

func (t *spyTx) add(kind byte, key, value []byte) {
	t.s.puts = append(t.s.puts, put{kind, key, value}) // nobody writes to them again; copies would be counted as ours
}

func (t *spyTx) Append(r journal.Record, ref string) error {
	at := binary.BigEndian.AppendUint64(nil, uint64(r.Head.Seq))
	t.add('e', at, r.Raw)
	if ref != "" {
		t.add('r', []byte(ref), at)
	}
	signed := r
	signed.Sign = nil // the store alone does not sign
	t.s.calls = append(t.s.calls, func(tx journal.Tx) error { return tx.Append(signed, ref) })
	return t.Tx.Append(r, ref)
}

func (t *spyTx) PutState(key, value []byte) error {
	t.add('s', key, value)
	t.s.calls = append(t.s.calls, func(tx journal.Tx) error { return tx.PutState(key, value) })
	return t.Tx.PutState(key, value)
}

func (t *spyTx) PutJob(id uint64, job []byte) error {
	t.add('p', binary.BigEndian.AppendUint64(nil, id), job)
	t.s.calls = append(t.s.calls, func(tx journal.Tx) error { return tx.PutJob(id, job) })
	return t.Tx.PutJob(id, job)
}

func (t *spyTx) PutNote(name string, value []byte) error {
	t.add('n', []byte(name), value)
	t.s.calls = append(t.s.calls, func(tx journal.Tx) error { return tx.PutNote(name, value) })
	return t.Tx.PutNote(name, value)
}

// written is how many bytes this process has handed to write calls.
func written(b testing.TB) int64 {
	text, err := os.ReadFile("/proc/self/io")
	must(b, "read /proc/self/io", err)
	var n int64
	for line := range bytes.Lines(text) {
		if v, ok := bytes.CutPrefix(line, []byte("wchar: ")); ok {
			n, err = strconv.ParseInt(string(bytes.TrimSpace(v)), 10, 64)
		}
	}
	must(b, "parse /proc/self/io", err)
	return n
}

// floor is a page that is flushed again and again: the least that a durable
// action costs here.
type floor struct {
	f    *os.File
	page [4096]byte
}

func newFloor(b testing.TB) *floor {
	f, err := os.Create(filepath.Join(b.TempDir(), "page"))
	must(b, "make a page", err)
	b.Cleanup(func() { f.Close() })
	return &floor{f: f}
}

func (p *floor) flush() error {
	p.page[0]++
	if _, err := p.f.WriteAt(p.page[:], 0); err != nil {
		return err
	}
	return unix.Fdatasync(int(p.f.Fd()))
}

// copyFile copies a ledger, so that a peer starts from the same pages.
func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, src); err != nil {
		dst.Close()
		return err
	}
	if err := dst.Sync(); err != nil {
		dst.Close()
		return err
	}
	return dst.Close()
}

var varied atomic.Uint64

// vary makes the rows of another sale out of those of one: keys that grow go
// on, others are drawn anew.
func vary(rows []put) []put {
	n := varied.Add(1)
	out := make([]put, len(rows))
	for i, r := range rows {
		out[i] = r
		switch {
		case r.kind == 'e' || r.kind == 'p':
			out[i].key = binary.BigEndian.AppendUint64(nil, 1000+n)
		case r.kind == 'r':
			out[i].key = fmt.Appendf(nil, "%024x", rand.Uint64())
		case r.kind == 's' && r.key[0] == 'm':
			out[i].key = memberKey(rand.IntN(number(membersVariable, membersDefault)) + 1)
		case r.kind == 's' && len(r.key) > 20:
			out[i].key = binary.BigEndian.AppendUint64(bytes.Clone(r.key[:13]), 1000+n)
		}
	}
	return out
}
