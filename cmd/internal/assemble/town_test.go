package assemble_test

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
	"github.com/jifen-pos/jifen/terminal/token"
)

// strangersKey is nobody's here.
var strangersKey = ed25519.NewKeyFromSeed([]byte("somebody else who has a printer!"))

// town is stores and one HQ on one thread, with a line from each store that loses,
// doubles and is cut.
type town struct {
	t      *testing.T
	hq     *hq.HQ
	book   *sqlbook.Book
	office *exchange.HQ
	random *rand.Rand
	stores []*store
	bad    bool
}

// store is one of them.
type store struct {
	*tilltest.Bench
	town     *town
	term     *exchange.Terminal
	asked    int
	up, down [][]byte
	on       bool
}

func newTown(t *testing.T, seed uint64, stores int) *town {
	t.Helper()
	dir := t.TempDir()
	w := &town{t: t, random: rand.New(rand.NewPCG(seed, 2))}
	var err error
	if w.book, err = sqlbook.OpenSQLite(filepath.Join(dir, "book.db")); err != nil {
		t.Fatalf("Open book: %v", err)
	}
	t.Cleanup(func() { w.book.Close() })
	o := hq.Options{Book: w.book, Log: slog.New(slog.DiscardHandler), Random: rand.NewChaCha8([32]byte{byte(seed)})}
	for n := range stores {
		id := tilltest.Terminal + ledger.TerminalID(n)
		file, err := boltstore.Open(filepath.Join(dir, fmt.Sprintf("ledger-%d.db", id)), id)
		if err != nil {
			t.Fatalf("Open ledger: %v", err)
		}
		t.Cleanup(func() { file.Close() })
		w.stores = append(w.stores, &store{Bench: tilltest.NewAt(t, file, id), town: w})
		o.Boards = append(o.Boards, hq.Board{ID: id, Name: "till", Store: fmt.Sprintf("S%d", id), Code: code})
	}
	one := w.stores[0]
	o.Programme, o.Key, o.Now = one.Programme, one.HQKey, func() time.Time { return one.Clock.Now().Wall }
	if w.hq, err = hq.New(o); err != nil {
		t.Fatalf("hq.New: %v", err)
	}
	members, err := roll.Parse(demo.Members, []byte("a key that hides phone numbers"))
	w.must("Parse members", err)
	for _, m := range members.All() {
		w.must("OpenMember", w.hq.OpenMember(m))
	}
	w.office = exchange.NewHQ(exchange.HQOptions{Key: one.HQKey, Office: w.hq})
	for _, s := range w.stores {
		s.start()
		w.must("SignIn", s.Till.SignIn(by))
		s.switchOn()
	}
	w.run(3 * time.Second)
	return w
}

func (w *town) must(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// start makes a store's end anew, as after a start of the daemon.
func (s *store) start() {
	s.term = exchange.NewTerminal(exchange.TerminalOptions{
		ID: s.ID, Key: s.Key, Code: code, Station: assemble.Station(s.Till, s.town.t.TempDir()),
	})
	s.Line.Set(false)
	s.up, s.down, s.on = nil, nil, false
}

func (s *store) switchOn() {
	s.on = true
	s.town.must("Opened", s.term.Opened(s.Clock.Now().Wall))
}

// cut closes a store's line with all that is on it.
func (s *store) cut() {
	s.term.Closed()
	s.Line.Set(false)
	s.up, s.down, s.on = nil, nil, false
}

// run lets time pass in all stores.
func (w *town) run(d time.Duration) {
	const step = 200 * time.Millisecond
	for range d / step {
		for _, s := range w.stores {
			s.step(step)
		}
	}
}

func (s *store) step(d time.Duration) {
	w := s.town
	s.Clock.Advance(d)
	now := s.Clock.Now().Wall
	w.must("Tick", s.term.Tick(now))
	s.Line.Set(s.on && s.term.Online())
	w.must("Till.Tick", s.Till.Tick())
	for _, a := range s.Line.Asked()[s.asked:] {
		s.asked++
		m := &wire.Ask{ID: a.ID, Incarnation: a.Incarnation, Member: a.Member, Voucher: a.Voucher}
		for _, x := range a.Wants {
			m.Wants = append(m.Wants, wire.Want(x))
		}
		s.term.Ask(m)
	}
	out, err := s.term.Outgoing(now)
	w.must("Outgoing", err)
	for _, o := range out {
		s.up = w.carry(s.up, o.Bytes)
	}
	up := s.up
	s.up = nil
	for _, b := range up {
		w.must("HQ.Receive", w.office.Receive(s.ID, b, now))
	}
	for _, id := range w.hq.News() {
		w.must("Push", w.office.Push(id, now))
	}
	for _, o := range w.office.Outgoing() {
		if to := w.stores[o.To-tilltest.Terminal]; to.on {
			to.down = w.carry(to.down, o.Bytes)
		}
	}
	down := s.down
	s.down = nil
	for _, b := range down {
		_ = s.term.Receive(b, now) // what is doubled may be refused
	}
	s.Line.Set(s.on && s.term.Online())
}

// carry puts a message on a line, or loses or doubles it.
func (w *town) carry(line [][]byte, b []byte) [][]byte {
	if w.bad {
		switch w.random.IntN(6) {
		case 0:
			return line
		case 1:
			return append(line, b, b)
		case 2:
			return append([][]byte{b}, line...)
		}
	}
	return append(line, b)
}

// says is what a lane says last.
func (s *store) says(want string) {
	s.town.t.Helper()
	v, err := s.Till.View(1)
	s.town.must("View", err)
	if v.Message.Code != want {
		s.town.t.Fatalf("store %s says %q %v, want %q", s.ID, v.Message.Code, v.Message.Args, want)
	}
}

// voucher redeems a tea set and returns the text on its paper.
func (s *store) voucher() string {
	w := s.town
	w.t.Helper()
	w.must("Scan", s.Till.Scan(by, "", "HM10002508X"))
	w.run(2 * time.Second)
	v, err := s.Till.View(1)
	w.must("View", err)
	done, err := s.Till.Redeem(by, v.Ref, "tea-set")
	w.must("Redeem", err)
	body := done.Entry.Body.(*ledger.Redeem)
	text, err := s.Till.SealVoucher(token.Voucher{Lot: lot.ID{Origin: done.Origin}, Benefit: body.Benefit, Expires: body.Voucher.Expires, Units: 1})
	w.must("SealVoucher", err)
	w.must("Clear", s.Till.Clear(by))
	return text
}

// scan scans a voucher and lets an answer come.
func (s *store) scan(text string) {
	_ = s.Till.Scan(by, "", text)
	s.town.run(5 * time.Second)
}

// use hands out what is up at the lane, if anything is.
func (s *store) use() (clerk.Done, error) {
	v, err := s.Till.View(1)
	s.town.must("View", err)
	return s.Till.UseVoucher(by, v.Ref)
}

// whole holds HQ's book together and finds no loss.
func (w *town) whole() {
	w.t.Helper()
	w.must("Check", w.hq.Check())
	overview, err := w.hq.Overview()
	w.must("Overview", err)
	for _, a := range overview.Totals {
		if a.Off() != 0 || a.Risk != 0 {
			w.t.Errorf("%s: %+v, want a balance and no risk", a.Asset, a)
		}
	}
	for _, a := range overview.Alarms {
		w.t.Errorf("alarm %+v, want none", a)
	}
}

// spent is how often a voucher was handed out for, by HQ's accounts.
func (w *town) spent(text string) (n lot.Amount) {
	v, _ := token.VoucherOf(text)
	w.must("View", w.book.View(func(tx book.Tx) error {
		list, err := tx.AccountsOf(v.Lot)
		for _, a := range list {
			if a.Place.Kind == book.Spent {
				n += a.Amount
			}
		}
		return err
	}))
	return n
}

func TestVoucherOfOneStoreIsHandedOutAtAnother(t *testing.T) {
	w := newTown(t, 1, 2)
	one, two := w.stores[0], w.stores[1]
	text := one.voucher()
	w.run(3 * time.Second)
	two.scan(text)
	two.says("voucher-ready")
	if _, err := two.use(); err != nil {
		t.Fatalf("UseVoucher at the other store: %v", err)
	}
	w.run(3 * time.Second)
	two.scan(text)
	two.says("voucher-used")
	one.scan(text) // its right is gone from here, and HQ knows whereto
	one.says("voucher-used-at")
	if _, err := one.use(); err == nil {
		t.Error("the voucher was handed out twice")
	}
	if n := w.spent(text); n != 1 {
		t.Errorf("handed out %d times, want once", n)
	}
	w.whole()
}

// A voucher of one store comes back at another, as paper or with the goods that it
// was handed out for there: the points that paid for it are given back, once.
func TestVoucherOfOneStoreComesBackAtAnother(t *testing.T) {
	for name, used := range map[string]bool{"paper": false, "goods": true} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, 1, 2)
			one, two := w.stores[0], w.stores[1]
			before := w.owned(sun)
			text := one.voucher()
			w.run(3 * time.Second)
			paid := before - w.owned(sun)
			two.scan(text)
			two.says("voucher-ready")
			if used {
				if _, err := two.use(); err != nil {
					t.Fatalf("UseVoucher at the other store: %v", err)
				}
			}
			v, _ := token.VoucherOf(text)
			two.cut()
			if _, err := two.Till.TakeVoucherBack(by, "back-1", v.Lot, !used); err == nil || err.Error() != "voucher-other-state" {
				t.Errorf("TakeVoucherBack() of what it is not = %v, want voucher-other-state", err)
			}
			if _, err := two.Till.TakeVoucherBack(by, "back-2", v.Lot, used); err != nil {
				t.Fatalf("TakeVoucherBack: %v", err)
			}
			if _, err := two.Till.TakeVoucherBack(by, "back-3", v.Lot, used); err == nil || err.Error() != "voucher-returned" {
				t.Errorf("TakeVoucherBack() once more = %v, want voucher-returned", err)
			}
			if _, err := one.Till.TakeVoucherBack(by, "back-4", v.Lot, used); err == nil {
				t.Error("the store that made it takes it back as well")
			}
			if n := w.owned(sun); n != before-paid || paid <= 0 {
				t.Errorf("%d points of %d before HQ hears of it, %d paid for it", n, before, paid)
			}
			two.switchOn()
			w.run(8 * time.Second)
			if n := w.owned(sun); n != before {
				t.Errorf("%d points in the end, want the %d of before", n, before)
			}
			w.whole()
		})
	}
}

func TestVoucherOfASilentStoreIsRefusedWithAWayOut(t *testing.T) {
	w := newTown(t, 1, 2)
	one, two := w.stores[0], w.stores[1]
	heard := one.voucher()
	w.run(3 * time.Second)
	one.cut()
	unheard := one.voucher()
	w.run(90 * time.Second)
	two.scan(heard)
	two.says("voucher-held")
	two.scan(unheard)
	two.says("voucher-unheard")
	two.cut()
	two.scan(heard)
	two.says("voucher-made-offline")
	for _, text := range []string{heard, unheard} { // where they were made they are as good as ever
		one.scan(text)
		one.says("voucher-ready")
		if _, err := one.use(); err != nil {
			t.Errorf("UseVoucher at the silent store: %v", err)
		}
	}
	one.switchOn()
	two.switchOn()
	w.run(10 * time.Second)
	two.scan(heard)
	two.says("voucher-used-at")
	w.whole()
}

func TestVoucherThatNobodySignedIsRefused(t *testing.T) {
	w := newTown(t, 1, 2)
	one, two := w.stores[0], w.stores[1]
	text := one.voucher()
	w.run(3 * time.Second)
	v, _ := token.VoucherOf(text)
	forged, err := token.SealVoucher(v, strangersKey)
	w.must("SealVoucher", err)
	two.scan(forged)
	two.says("token-forged")
	if _, err := two.use(); err == nil {
		t.Error("a forged voucher was handed out for")
	}
	w.whole()
}

// TestVouchersAreHandedOutOnceWhateverTheLinesDo has people walk between stores
// with their vouchers while messages are lost, doubled and overtaken and stores
// are cut off. In the end each voucher has been handed out for, once.
func TestVouchersAreHandedOutOnceWhateverTheLinesDo(t *testing.T) {
	all := map[string]int{}
	for seed := range uint64(4) {
		w := newTown(t, seed, 2)
		var texts []string
		for n := range 6 {
			texts = append(texts, w.stores[n%2].voucher())
			w.run(6 * time.Second) // the points go back to HQ
		}
		used := map[string]int{}
		hand := func(s *store) {
			v, err := s.Till.View(1)
			w.must("View", err)
			if v.Voucher == nil {
				return
			}
			if done, err := s.use(); err == nil && !done.Again {
				id := done.Entry.Body.(*ledger.VoucherUse).Voucher
				if used[id.String()]++; id.Terminal != uint32(s.ID) {
					all["handed out elsewhere"]++
				}
			}
		}
		w.bad = true
		for range 60 {
			s := w.stores[w.random.IntN(2)]
			switch w.random.IntN(8) {
			case 0:
				s.cut()
				all["cut"]++
			case 1:
				_ = s.Till.PutVoucherAway(by)
			case 2, 3:
				if w.random.IntN(4) == 0 {
					hand(s)
				}
			default:
				_ = s.Till.Scan(by, "", texts[w.random.IntN(len(texts))])
			}
			if !s.on && w.random.IntN(2) == 0 {
				s.switchOn()
			}
			w.run(time.Duration(w.random.IntN(3000)) * time.Millisecond)
		}
		w.bad = false
		for _, s := range w.stores {
			s.cut()
			s.switchOn()
			_ = s.Till.PutVoucherAway(by)
		}
		w.run(time.Minute)
		for n, text := range texts {
			s := w.stores[(n+1)%2]
			s.scan(text)
			hand(s)
		}
		w.run(10 * time.Second)
		for _, text := range texts {
			v, _ := token.VoucherOf(text)
			if n := w.spent(text); n != 1 || used[v.Lot.String()] != 1 {
				t.Errorf("seed %d: %s: handed out %d times, and %d by HQ's book; want once", seed, v.Lot, used[v.Lot.String()], n)
			}
		}
		w.whole()
	}
	for _, what := range []string{"cut", "handed out elsewhere"} {
		if all[what] == 0 {
			t.Errorf("%q never happened: the test shows nothing about it", what)
		}
	}
	t.Log(all)
}

// A program that hands a voucher out asks again under its reference until the right
// has come, or hears why it does not.
func TestProgramHandsOutTheVoucherOfAnotherStore(t *testing.T) {
	w := newTown(t, 1, 2)
	one, two := w.stores[0], w.stores[1]
	text := one.voucher()
	w.run(3 * time.Second)
	tries := func(s *store, ref string) (codes []string) {
		for range 12 {
			_, err := s.Till.HandOut(by, ref, text, "")
			if err == nil {
				return append(codes, "done")
			}
			if codes = append(codes, err.Error()); err.Error() != "voucher-asking" {
				return codes
			}
			w.run(time.Second)
		}
		return codes
	}
	if got := tries(two, "till-7"); len(got) < 2 || got[0] != "voucher-asking" || got[len(got)-1] != "done" {
		t.Errorf("HandOut() again and again = %v, want voucher-asking and then done", got)
	}
	if done, err := two.Till.HandOut(by, "till-7", text, ""); err != nil || !done.Again {
		t.Errorf("HandOut() under the same reference = %+v, %v, want the first answer", done, err)
	}
	w.run(3 * time.Second)
	if got := tries(one, "till-8"); got[len(got)-1] != "voucher-used-at" {
		t.Errorf("HandOut() where it was made = %v, want voucher-used-at in the end", got)
	}
	w.whole()
}
