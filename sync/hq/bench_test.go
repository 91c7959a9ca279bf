package hq_test

import (
	"bytes"
	"crypto/ed25519"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/grantlog"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

const (
	wang   member.ID = 10001001
	points lot.Asset = "points:consumption"
	green  lot.Asset = "points:green"
	code             = "ENR0LENR0LENR0LENR0L"
)

var hqKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))

// tester is what a test and a check of the model have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// bench is HQ on a real book, and terminals that are their journals alone.
type bench struct {
	tester
	*hq.HQ
	book      *sqlbook.Book
	path      string        // of the book
	log       *grantlog.Log // or nil
	stuck     bool          // it cannot be written
	restored  bool          // as the person says who put a backup back
	programme *programme.Programme
	now       time.Time
	terminals []*terminal
	cap       lot.Amount
	broken    bool              // the test broke the book on purpose
	third     hq.Board          // beside the two, or none
	cut       ledger.TerminalID // whose connection the broker was told to end
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{tester: t, now: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)}
	var err error
	b.path = filepath.Join(t.TempDir(), "book.db")
	b.book, err = sqlbook.OpenSQLite(b.path)
	b.ok("OpenSQLite", err)
	b.programme, err = programme.Parse(demo.Programme)
	b.ok("Parse", err)
	b.restart()
	for n := range 2 {
		b.terminals = append(b.terminals, b.newTerminal(ledger.TerminalID(n+1)))
	}
	t.Cleanup(func() {
		if err := b.Check(); (err != nil) != b.broken {
			t.Errorf("Check() at the end = %v, want an error %v", err, b.broken)
		}
		if err := b.book.Close(); err != nil {
			t.Errorf("Close() = %v, want nil", err)
		}
	})
	return b
}

// restart makes HQ anew on its book.
func (b *bench) restart() {
	b.Helper()
	made, err := hq.New(b.options(b.log))
	b.ok("New", err)
	b.HQ = made
}

// Nightly is HQ's at a time that a terminal agrees with: tests go from one day to
// any other. HQ does not know this terminal, so nothing else comes of what it says.
func (b *bench) Nightly() error {
	_ = b.Report(99, &wire.Report{Wall: b.now.UnixMilli(), Clock: ledger.ClockSynced})
	return b.HQ.Nightly()
}

// options are HQ's, on the bench's book and a grant log or none.
func (b *bench) options(log *grantlog.Log) hq.Options {
	o := hq.Options{
		Book: b.book, Programme: b.programme, Key: hqKey, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
		Cap:      func(string) lot.Amount { return b.cap },
		Boards:   []hq.Board{{ID: 1, Name: "one", Store: "S1", Code: code}, {ID: 2, Name: "two", Store: "S2", Code: code}},
		Restored: b.restored, Gone: func(id ledger.TerminalID) { b.cut = id },
	}
	if b.third.ID != 0 {
		o.Boards = append(o.Boards, b.third)
	}
	switch {
	case b.stuck:
		o.Grants = stuck{log}
	case log != nil:
		o.Grants = log
	}
	return o
}

func (b *bench) ok(call string, err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s = %v, want nil", call, err)
	}
}

// give opens a member with points at HQ.
func (b *bench) give(id member.ID, amounts ...lot.Amount) {
	b.Helper()
	p := roll.Person{ID: id}
	for n, amount := range amounts {
		p.Opening = append(p.Opening, programme.Cost{Asset: []lot.Asset{points, green}[n], Amount: amount})
	}
	b.ok("OpenMember", b.OpenMember(p))
}

// terminal is a terminal's journal and fold.
type terminal struct {
	b     *bench
	id    ledger.TerminalID
	key   ed25519.PrivateKey
	table fold.Memory
	state *fold.State
	raws  map[ledger.Incarnation][][]byte
	downs [][]byte // HQ's journal as received
}

// newTerminal is an enrolled terminal in its first incarnation, nothing sent.
func (b *bench) newTerminal(id ledger.TerminalID) *terminal {
	b.Helper()
	t := &terminal{b: b, id: id, key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(id)}, ed25519.SeedSize)), table: fold.Memory{}, raws: map[ledger.Incarnation][][]byte{}}
	t.load()
	public := t.key.Public().(ed25519.PublicKey)
	m := &wire.Enrol{Mac: wire.EnrolMac(code, id, public), Software: "test"}
	copy(m.Key[:], public)
	_, err := b.Enrol(id, m)
	b.ok("Enrol", err)
	t.open(ledger.Incarnation(id)<<8 | 1)
	return t
}

func (t *terminal) load() {
	t.b.Helper()
	var err error
	t.state, err = fold.Load(t.id, t.table)
	t.b.ok("Load", err)
}

func (t *terminal) open(i ledger.Incarnation) {
	t.b.Helper()
	t.write(i, &ledger.Open{Parent: t.state.Head()})
}

// do writes an entry and returns its effects.
func (t *terminal) do(body ledger.Body) fold.Effects {
	t.b.Helper()
	return t.write(t.state.Head().Incarnation, body)
}

func (t *terminal) write(i ledger.Incarnation, body ledger.Body) fold.Effects {
	t.b.Helper()
	raw, err := ledger.Encode(ledger.Entry{Wall: t.b.now.UnixMilli(), Mark: t.state.Mark(), Programme: t.b.programme.Version(), Body: body})
	t.b.ok("Encode", err)
	return t.writeRaw(i, raw)
}

func (t *terminal) writeRaw(i ledger.Incarnation, raw []byte) fold.Effects {
	t.b.Helper()
	effects, err := t.state.Apply(i, raw)
	t.b.ok("Apply", err)
	t.raws[i] = append(t.raws[i], raw)
	return effects
}

// sell earns n points and returns the lot.
func (t *terminal) sell(n lot.Amount) lot.ID {
	t.b.Helper()
	effects := t.do(&ledger.Sale{
		Member: wang, Day: 20779, Lines: []ledger.Line{{Product: "06900001000112", Qty: 1, Fen: lot.Fen(n) * 100}},
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: n, Expires: 21000}}},
	})
	return effects.Issued[0].ID
}

func (t *terminal) spend(id lot.ID, n lot.Amount) fold.Effects {
	t.b.Helper()
	return t.do(&ledger.Sale{Member: wang, Deduction: &ledger.Deduction{Asset: points, Draws: []lot.Draw{{Lot: id, Amount: n}}}})
}

// batch is entries of the newest incarnation, signed.
func (t *terminal) batch(first, last ledger.Seq) *wire.Batch {
	t.b.Helper()
	return t.batchOf(t.state.Head().Incarnation, t.raws[t.state.Head().Incarnation][first-1:last], first)
}

// batchOf signs entries as the chain of the fold has them.
func (t *terminal) batchOf(i ledger.Incarnation, raws [][]byte, first ledger.Seq) *wire.Batch {
	t.b.Helper()
	all := append(slices.Clone(t.raws[i][:first-1]), raws...)
	e, err := ledger.Decode(t.raws[i][0])
	t.b.ok("Decode", err)
	head := ledger.Head{Incarnation: i, Seq: ledger.Seq(len(all)), Hash: ledger.Genesis(t.id, i, e.Body.(*ledger.Open).Parent)}
	for _, raw := range all {
		head.Hash = head.Hash.Next(raw)
	}
	m := &wire.Batch{Incarnation: i, First: first, Entries: raws}
	copy(m.Signature[:], ed25519.Sign(t.key, head.Signed(t.id)))
	return m
}

// sync sends all of the newest incarnation; HQ must ack it.
func (t *terminal) sync() {
	t.b.Helper()
	head, resume, err := t.b.Ingest(t.id, t.batch(1, t.state.Head().Seq))
	if err != nil || resume || head != t.state.Head() {
		t.b.Fatalf("Ingest() = %v, %v, %v, want %v, false, nil", head, resume, err, t.state.Head())
	}
}

// batchFrom signs entries that follow on a head, and moves it on.
func (t *terminal) batchFrom(head *ledger.Head, raws [][]byte, first ledger.Seq) *wire.Batch {
	t.b.Helper()
	if first == 1 {
		e, err := ledger.Decode(raws[0])
		t.b.ok("Decode", err)
		head.Hash = ledger.Genesis(t.id, head.Incarnation, e.Body.(*ledger.Open).Parent)
	}
	for _, raw := range raws {
		head.Seq++
		head.Hash = head.Hash.Next(raw)
	}
	m := &wire.Batch{Incarnation: head.Incarnation, First: first, Entries: raws}
	copy(m.Signature[:], ed25519.Sign(t.key, head.Signed(t.id)))
	return m
}

// hear applies what is new of HQ's journal.
func (t *terminal) hear() {
	t.b.Helper()
	raws, err := t.b.Down(t.id, t.state.Mark())
	t.b.ok("Down", err)
	for _, raw := range raws {
		d, err := ledger.OpenDown(raw, hqKey.Public().(ed25519.PublicKey))
		t.b.ok("OpenDown", err)
		t.downs = append(t.downs, raw)
		_, err = t.state.ApplyDown(d)
		t.b.ok("ApplyDown", err)
	}
}

// ask asks HQ for points of a member.
func (t *terminal) ask(id lot.AskID, n lot.Amount) *wire.Answer {
	t.b.Helper()
	return t.askFor(id, wang, points, n)
}

// askFor asks HQ for something of somebody.
func (t *terminal) askFor(id lot.AskID, who member.ID, asset lot.Asset, n lot.Amount) *wire.Answer {
	t.b.Helper()
	answer, err := t.b.Ask(t.id, &wire.Ask{ID: id, Incarnation: t.state.Head().Incarnation, Member: who, Wants: []wire.Want{{Asset: asset, Amount: n}}})
	t.b.ok("Ask", err)
	return answer
}

// has is what the terminal may use of a member's points.
func (t *terminal) has() lot.Amount {
	t.b.Helper()
	list, err := t.state.Usable(wang)
	t.b.ok("Usable", err)
	var n lot.Amount
	for _, h := range list {
		if h.Lot.Asset.Points() {
			n += h.Amount
		}
	}
	return n
}

// total is the programme's account of consumption points.
func (b *bench) total() hq.TotalView {
	b.Helper()
	for _, t := range b.overview().Totals {
		if t.Asset == points {
			return t
		}
	}
	return hq.TotalView{}
}

func (b *bench) overview() hq.Overview {
	b.Helper()
	o, err := b.Overview()
	b.ok("Overview", err)
	return o
}

// sums holds the programme's account against what is wanted.
func (b *bench) sums(when string, want hq.TotalView) {
	b.Helper()
	got := b.total()
	got.Asset, got.Name = "", programme.Text{}
	if got != want {
		b.Errorf("%s: account %+v, want %+v", when, got, want)
	}
	if got.Off() != 0 {
		b.Errorf("%s: account %+v does not add up", when, got)
	}
}

// alarms are the codes, newest first.
func (b *bench) alarms() []string {
	b.Helper()
	out := []string{}
	for _, a := range b.overview().Alarms {
		out = append(out, a.Code)
	}
	return out
}
