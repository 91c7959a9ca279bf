package hq_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

func TestBatchesAreTakenInOnce(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	for range 9 {
		one.sell(10)
	}
	have := func(seq ledger.Seq) ledger.Head {
		h := ledger.Head{Incarnation: 0x101, Hash: ledger.Genesis(1, 0x101, ledger.Head{})}
		for h.Seq < seq {
			h.Hash = h.Hash.Next(one.raws[0x101][h.Seq])
			h.Seq++
		}
		return h
	}
	for _, c := range []struct {
		name   string
		batch  *wire.Batch
		head   ledger.Head
		resume bool
	}{
		{"gap-at-the-start", one.batch(2, 4), ledger.Head{}, true},
		{"first", one.batch(1, 4), have(4), false},
		{"the-same-again", one.batch(1, 4), have(4), false},
		{"a-part-of-it-again", one.batch(2, 3), have(4), false},
		{"gap", one.batch(6, 8), have(4), true},
		{"overlap", one.batch(3, 7), have(7), false},
		{"next", one.batch(8, 10), have(10), false},
		{"all-again", one.batch(1, 10), have(10), false},
		{"nothing", &wire.Batch{Incarnation: 0x101, First: 11}, have(10), true},
		{"number-zero", &wire.Batch{Incarnation: 0x101, Entries: [][]byte{{1}}}, have(10), true},
		{"far-ahead", &wire.Batch{Incarnation: 0x101, First: 1<<64 - 1, Entries: [][]byte{{1}}}, have(10), true},
	} {
		head, resume, err := b.Ingest(1, c.batch)
		if head != c.head || resume != c.resume || err != nil {
			t.Errorf("%s: Ingest() = %v, %v, %v, want %v, %v, nil", c.name, head, resume, err, c.head, c.resume)
		}
	}
	b.sums("in the end", hq.TotalView{Issued: 90, Terminals: 90})
	if v := b.overview().Terminals[0]; v.Entries != 10 || v.Has != 10 || len(b.alarms()) != 0 {
		t.Errorf("entries %d, has %d, alarms %v, want 10, 10, none", v.Entries, v.Has, b.alarms())
	}
}

func TestNextIncarnationIsTakenIn(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(10)
	one.sync()
	one.open(0x102)
	one.sell(5)
	one.sync()
	b.sums("in the end", hq.TotalView{Issued: 15, Terminals: 15})
	welcome, err := b.Hello(1, &wire.Hello{Software: "2"})
	if err != nil || len(welcome.Has) != 2 || welcome.Has[1] != one.state.Head() {
		t.Errorf("Hello() = %+v, %v, want both incarnations, the newest at %v", welcome, err, one.state.Head())
	}
	// What comes again of the first incarnation is acked as it stands there.
	if head, resume, err := b.Ingest(1, one.batchOf(0x101, one.raws[0x101], 1)); err != nil || resume || head.Incarnation != 0x101 || head.Seq != 2 {
		t.Errorf("Ingest(first incarnation again) = %v, %v, %v, want 101/2", head, resume, err)
	}
}

// A terminal sends its next incarnation right behind the last entries of the
// one before: when those are lost, that is a gap and no fork.
func TestNextIncarnationThatComesTooEarlyIsAskedForAgain(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(10)
	one.sync()
	has := one.state.Head()
	one.sell(20)
	one.open(0x102)
	one.sell(5)
	if head, resume, err := b.Ingest(1, one.batchOf(0x102, one.raws[0x102], 1)); err != nil || !resume || head != has {
		t.Errorf("Ingest(child before its parent's end) = %v, %v, %v, want to go on after %v", head, resume, err, has)
	}
	if _, resume, err := b.Ingest(1, one.batchOf(0x101, one.raws[0x101], 1)); err != nil || resume {
		t.Errorf("Ingest(the rest of the parent) = resume %v, %v, want it taken in", resume, err)
	}
	one.sync()
	b.sums("in the end", hq.TotalView{Issued: 35, Terminals: 35})
	if v := b.overview().Terminals[0]; v.Trouble != "" {
		t.Errorf("trouble %q, want none", v.Trouble)
	}
}

func TestTroubleStopsATerminal(t *testing.T) {
	flip := func(raw []byte) []byte {
		e, err := ledger.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		e.Wall++
		other, err := ledger.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		return other
	}
	for _, c := range []struct {
		name  string
		batch func(one *terminal) *wire.Batch
		code  string
	}{
		{"fork", func(one *terminal) *wire.Batch {
			return one.batchOf(0x101, [][]byte{one.raws[0x101][0], flip(one.raws[0x101][1])}, 1)
		}, "trouble-fork"},
		{"bad-head-signature", func(one *terminal) *wire.Batch {
			one.sell(1)
			m := one.batch(3, 3)
			m.Signature[0] ^= 1
			return m
		}, "trouble-signature"},
		{"other-bytes-under-a-good-signature", func(one *terminal) *wire.Batch {
			one.sell(1)
			m := one.batch(3, 3)
			m.Entries = [][]byte{flip(m.Entries[0])}
			return m
		}, "trouble-signature"},
		{"parent-of-another-line", func(one *terminal) *wire.Batch {
			raw, _ := ledger.Encode(ledger.Entry{Body: &ledger.Open{Parent: ledger.Head{Incarnation: 0x101, Seq: 2}}})
			one.raws[0x102] = [][]byte{raw}
			return one.batchOf(0x102, one.raws[0x102], 1)
		}, "trouble-fork"},
		{"no-opening", func(one *terminal) *wire.Batch {
			return &wire.Batch{Incarnation: 0x109, First: 1, Entries: one.raws[0x101][1:2]}
		}, "trouble-journal"},
		{"no-entry", func(*terminal) *wire.Batch {
			return &wire.Batch{Incarnation: 0x101, First: 3, Entries: [][]byte{{0xff}}}
		}, "trouble-journal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.give(wang, 100)
			one := b.terminals[0]
			one.sell(10)
			one.sync()
			before := b.total()
			m := c.batch(one)
			// Through the exchange, as it comes: the bytes are kept.
			end := exchange.NewHQ(exchange.HQOptions{Key: hqKey, Office: b})
			b.ok("Receive", end.Receive(1, wire.Seal(1, 0, m, one.key), b.now))
			if out := end.Outgoing(); len(out) != 1 || kindOf(t, out[0].Bytes) != wire.KindDenied {
				t.Errorf("answer = %d messages, want Denied", len(out))
			}
			if got := b.alarms(); !slices.Contains(got, c.code) || !slices.Contains(got, "alarm-refused") {
				t.Errorf("alarms %v, want %s and alarm-refused", got, c.code)
			}
			if v := b.overview().Terminals[0]; v.Trouble != c.code || v.Has != 2 {
				t.Errorf("trouble %q, has %d, want %q, 2", v.Trouble, v.Has, c.code)
			}
			if b.total() != before {
				t.Errorf("accounts changed from %+v to %+v", before, b.total())
			}
			// Nothing more is taken in or given, right as it may be.
			_, _, err := b.Ingest(1, one.batch(1, 2))
			refusedWith(t, "Ingest", err, c.code)
			_, err = b.Hello(1, &wire.Hello{})
			refusedWith(t, "Hello", err, c.code)
			one.ask(1, 50)
			if raws, err := b.Down(1, 0); err != nil || len(raws) != 0 {
				t.Errorf("Down() = %d entries, %v, want none", len(raws), err)
			}
			b.terminals[1].sync() // others are not concerned
		})
	}
}

func refusedWith(t *testing.T, call string, err error, code string) {
	t.Helper()
	var refused *exchange.RefusedError
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("%s() = %v, want it refused with %s", call, err, code)
	}
}

func kindOf(t *testing.T, b []byte) wire.Kind {
	t.Helper()
	e, err := wire.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	return e.Kind
}

func TestForgedBatchStopsNobody(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(10)
	one.sync()
	end := exchange.NewHQ(exchange.HQOptions{Key: hqKey, Office: b})
	forged := &wire.Batch{Incarnation: 0x101, First: 1, Entries: [][]byte{{1}, {2}}}
	for _, key := range []ed25519.PrivateKey{nil, b.terminals[1].key} {
		b.ok("Receive", end.Receive(1, wire.Seal(1, 0, forged, key), b.now))
	}
	if v := b.overview().Terminals[0]; v.Trouble != "" {
		t.Errorf("a batch that the terminal never signed stops it with %q", v.Trouble)
	}
	one.sell(1)
	one.sync()
}

func TestNoteGoesAndComesBack(t *testing.T) {
	b := newBench(t)
	b.give(wang, 1000, 50)
	one := b.terminals[0]
	b.sums("at first", hq.TotalView{Issued: 1000, HQ: 1000})
	answer := one.ask(1, 300)
	if left := answer.Left[0]; left.Asset != points || left.HQ != 700 || left.Elsewhere != 0 {
		t.Errorf("Ask() leaves %+v, want 700 at HQ and nothing elsewhere", left)
	}
	b.sums("given", hq.TotalView{Issued: 1000, HQ: 700, Flight: 300})
	one.hear()
	if one.has() != 300 {
		t.Errorf("the terminal has %d, want 300", one.has())
	}
	id := lot.ID{Origin: lot.Origin{Incarnation: b.Epoch(), Seq: 1}}
	one.spend(id, 120)
	b.sums("spent, not heard", hq.TotalView{Issued: 1000, HQ: 700, Flight: 300})
	one.sync()
	b.sums("spent and heard", hq.TotalView{Issued: 1000, HQ: 700, Terminals: 180, Spent: 120})
	one.do(&ledger.NoteGiven{Member: wang, Draws: []lot.Draw{{Lot: id, Amount: 180}}})
	one.sync()
	b.sums("given back", hq.TotalView{Issued: 1000, HQ: 880, Spent: 120})
	// It can be given again, to another terminal.
	two := b.terminals[1]
	two.ask(1, 10_000)
	two.hear()
	two.sync()
	two.do(&ledger.Mark{})
	two.sync()
	b.sums("given to another", hq.TotalView{Issued: 1000, Terminals: 880, Spent: 120})
	if two.has() != 880 {
		t.Errorf("the other terminal has %d, want 880", two.has())
	}
}

func TestNoteForAGivenUpAskComesBack(t *testing.T) {
	b := newBench(t)
	b.give(wang, 1000)
	one := b.terminals[0]
	one.ask(5, 300)
	one.do(&ledger.AskGivenUp{Ask: 5})
	one.hear()
	if one.has() != 0 {
		t.Errorf("the terminal has %d of a note it gave up, want 0", one.has())
	}
	one.do(&ledger.Mark{})
	one.sync()
	b.sums("given up", hq.TotalView{Issued: 1000, HQ: 1000})
}

// TestNoteForAnIncarnationThatMayLiveStaysOnItsWay is a disk that went back: the
// first incarnation took the note and spent it where HQ never heard of it. Its
// child refuses the note, and HQ must not have the points again.
func TestNoteForAnIncarnationThatMayLiveStaysOnItsWay(t *testing.T) {
	b := newBench(t)
	b.give(wang, 1000)
	one := b.terminals[0]
	one.sync()
	one.ask(1, 300)
	one.open(77) // a cold boot from the older disk: the note was never heard
	one.hear()
	if one.has() != 0 {
		t.Errorf("the new incarnation has %d of a note to the old one, want 0", one.has())
	}
	one.do(&ledger.Mark{})
	head, resume, err := b.Ingest(one.id, one.batch(1, one.state.Head().Seq))
	if err != nil || resume {
		t.Fatalf("Ingest() = %v, %v, %v", head, resume, err)
	}
	b.sums("after the cold boot", hq.TotalView{Issued: 1000, HQ: 700, Flight: 300})
}

func TestReturnIsBookedWhereItBelongs(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	sale := one.do(&ledger.Sale{
		Member: wang, Lines: []ledger.Line{{Qty: 2, Fen: 200}},
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 60}, Rule: "base"}},
	})
	paid := one.do(&ledger.Sale{
		Member: wang, Lines: []ledger.Line{{Qty: 1, Fen: 100}},
		Deduction: &ledger.Deduction{Asset: points, Fen: 10, Draws: []lot.Draw{{Lot: lot.ID{Origin: sale.Origin}, Amount: 10}}},
	})
	one.sync()
	b.sums("sold", hq.TotalView{Issued: 60, Terminals: 50, Spent: 10})
	one.do(&ledger.Return{
		Of: paid.Origin, Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}, Back: []lot.Draw{{Lot: lot.ID{Origin: sale.Origin}, Amount: 10}},
	})
	one.do(&ledger.Return{
		Of: sale.Origin, Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}, Claw: []lot.Draw{{Lot: lot.ID{Origin: sale.Origin}, Amount: 30}},
	})
	one.sync()
	b.sums("returned", hq.TotalView{Issued: 60, Back: 10, Terminals: 30, Spent: 10, Gone: 30})
	if alarms := b.alarms(); len(alarms) != 0 {
		t.Errorf("alarms %v, want none", alarms)
	}
	one.do(&ledger.Return{Of: sale.Origin, Member: wang, Lines: []ledger.ReturnLine{{Qty: 5}}})
	one.sync()
	if alarms := b.alarms(); len(alarms) != 1 || alarms[0] != "alarm-wrong" {
		t.Errorf("alarms %v, want one for more returned than was sold", alarms)
	}
}

func TestAskIsAnsweredOnce(t *testing.T) {
	b := newBench(t)
	b.give(wang, 1000)
	one := b.terminals[0]
	first, again := one.ask(7, 300), one.ask(7, 300)
	if first.Left[0] != again.Left[0] {
		t.Errorf("answers %+v and %+v, want the same twice", first.Left[0], again.Left[0])
	}
	b.sums("asked twice", hq.TotalView{Issued: 1000, HQ: 700, Flight: 300})
	one.ask(8, 300)
	b.sums("asked anew", hq.TotalView{Issued: 1000, HQ: 400, Flight: 600})
}

func TestAskGetsAtMostWhatThereIs(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	one, two := b.terminals[0], b.terminals[1]
	one.ask(1, 80)
	two.ask(1, 80)
	one.ask(2, 80) // nothing is left
	one.hear()
	two.hear()
	if one.has() != 80 || two.has() != 20 {
		t.Errorf("the terminals have %d and %d, want 80 and 20", one.has(), two.has())
	}
	b.sums("asked for more", hq.TotalView{Issued: 100, Flight: 100})
	if raws, err := b.Down(1, 0); err != nil || len(raws) != 1 {
		t.Errorf("Down(1) = %d entries, %v, want the one note", len(raws), err)
	}
}

func TestAskThatNamesAnAssetTwiceCountsOnce(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	want := wire.Want{Asset: points, Amount: 70}
	_, err := b.Ask(1, &wire.Ask{ID: 1, Incarnation: 0x101, Member: wang, Wants: []wire.Want{want, want}})
	if err != nil {
		t.Errorf("Ask() = %v, want nil", err)
	}
	b.sums("asked", hq.TotalView{Issued: 100, HQ: 30, Flight: 70})
}

func TestAskOfAnOldIncarnationGetsNothing(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	one := b.terminals[0]
	one.sync()
	one.open(0x102)
	one.sync()
	_, err := b.Ask(1, &wire.Ask{ID: 1, Incarnation: 0x101, Member: wang, Wants: []wire.Want{{Asset: points, Amount: 10}}})
	b.ok("Ask", err)
	b.sums("asked by the past", hq.TotalView{Issued: 100, HQ: 100})
	one.ask(2, 10)
	b.sums("asked by the present", hq.TotalView{Issued: 100, HQ: 90, Flight: 10})
}

func TestOverclaimIsBookedToRisk(t *testing.T) {
	unknown := lot.ID{Origin: lot.Origin{Terminal: 2, Incarnation: 0x201, Seq: 2}}
	for _, c := range []struct {
		name string
		body func(id lot.ID) ledger.Body
		want hq.TotalView
	}{
		{"sale", func(id lot.ID) ledger.Body {
			return &ledger.Sale{Member: wang, Deduction: &ledger.Deduction{Asset: points, Draws: []lot.Draw{{Lot: id, Amount: 130}}}}
		}, hq.TotalView{Issued: 100, Spent: 130, Risk: 30}},
		{"sale-of-a-lot-that-hq-never-saw", func(lot.ID) ledger.Body {
			return &ledger.Sale{Member: wang, Deduction: &ledger.Deduction{Asset: points, Draws: []lot.Draw{{Lot: unknown, Amount: 30}}}}
		}, hq.TotalView{Issued: 100, Terminals: 100, Spent: 30, Risk: 30}},
		{"note", func(id lot.ID) ledger.Body {
			return &ledger.NoteGiven{Member: wang, Draws: []lot.Draw{{Lot: id, Amount: 130}}}
		}, hq.TotalView{Issued: 100, HQ: 100}},
		{"note-of-a-lot-that-hq-never-saw", func(lot.ID) ledger.Body {
			return &ledger.NoteGiven{Member: wang, Draws: []lot.Draw{{Lot: unknown, Amount: 30}}}
		}, hq.TotalView{Issued: 100, Terminals: 100}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			one := b.terminals[0]
			effects := one.do(c.body(one.sell(100)))
			if effects.Risk != 30 {
				t.Fatalf("risk = %d, want 30", effects.Risk)
			}
			one.sync() // the sale stands
			b.sums("claimed", c.want)
			if got := b.alarms(); !slices.Equal(got, []string{"alarm-risk"}) {
				t.Errorf("alarms %v, want alarm-risk", got)
			}
			// The lot that was named is still its owner's when it turns up.
			two := b.terminals[1]
			if two.sell(7) != unknown {
				t.Fatal("the test names another lot than the one that turns up")
			}
			two.sync()
			two.spend(unknown, 7)
			two.sync()
			if got := b.alarms(); len(got) != 1 {
				t.Errorf("alarms %v after the real lot turned up, want the one", got)
			}
		})
	}
}

func TestUnknownKindIsParked(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	one := b.terminals[0]
	one.sell(10)
	raw := protowire.AppendVarint(protowire.AppendTag(protowire.AppendVarint([]byte{0x08}, 999), 2, protowire.VarintType), 1)
	one.writeRaw(0x101, raw)
	one.sell(5)
	one.sync()
	if v := b.overview().Terminals[0]; v.Parked != 1 || v.Has != 4 || v.Trouble != "" {
		t.Errorf("parked %d, has %d, trouble %q, want 1, 4, none", v.Parked, v.Has, v.Trouble)
	}
	err := b.book.View(func(tx book.Tx) error {
		e, err := tx.Entry(1, 0x101, 3)
		if err == nil && (!e.Parked || !bytes.Equal(e.Raw, raw)) {
			t.Errorf("entry 3 = %+v, want it parked as it came", e)
		}
		return err
	})
	b.ok("View", err)
	one.ask(1, 50)
	b.sums("asked by one whose entries are not understood", hq.TotalView{Issued: 115, HQ: 100, Terminals: 15})
	b.terminals[1].ask(1, 50)
	b.sums("asked by another", hq.TotalView{Issued: 115, HQ: 50, Terminals: 15, Flight: 50})
}

// TestUnknownKindThatIsNotCriticalStopsNoNotes is an entry that moves nothing,
// by its own bit.
func TestUnknownKindThatIsNotCriticalStopsNoNotes(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	one := b.terminals[0]
	one.writeRaw(0x101, protowire.AppendVarint([]byte{0x08}, 999))
	one.sync()
	one.ask(1, 50)
	b.sums("asked", hq.TotalView{Issued: 100, HQ: 50, Flight: 50})
}

func TestMemberIsOpenedOnce(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	b.restart()
	b.give(wang, 100)
	b.sums("opened twice", hq.TotalView{Issued: 100, HQ: 100})
}

func TestRestartForgetsNothingThatCounts(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	one := b.terminals[0]
	one.ask(1, 40)
	one.sync()
	b.restart()
	one.hear()
	one.spend(lot.ID{Origin: lot.Origin{Incarnation: b.Epoch(), Seq: 1}}, 40)
	one.sync()
	b.sums("after a restart", hq.TotalView{Issued: 100, HQ: 60, Spent: 40})
	if key, err := b.Key(1); err != nil || !key.Equal(one.key.Public()) {
		t.Errorf("Key(1) = %x, %v, want the one that enrolled", key, err)
	}
}

func TestEnrolment(t *testing.T) {
	b := newBench(t)
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	own := b.terminals[0].key.Public().(ed25519.PublicKey)
	for _, c := range []struct {
		name string
		id   ledger.TerminalID
		key  ed25519.PublicKey
		code string
		want string
	}{
		{"the-same-board-again", 1, own, code, ""},
		{"another-board", 1, other, code, "denied-board"},
		{"wrong-code", 1, own, "WR0NG", "denied-code"},
		{"unknown-terminal", 9, own, code, "denied-code"},
		{"empty-code-of-an-unknown-terminal", 9, own, "", "denied-code"},
	} {
		m := &wire.Enrol{Mac: wire.EnrolMac(c.code, c.id, c.key)}
		copy(m.Key[:], c.key)
		answer, err := b.Enrol(c.id, m)
		if c.want != "" {
			refusedWith(t, c.name, err, c.want)
			continue
		}
		hqPublic := hqKey.Public().(ed25519.PublicKey)
		if err != nil || answer.Mac != wire.EnrolledMac(code, 1, own, hqPublic) {
			t.Errorf("%s: Enrol() = %+v, %v, want HQ's proof", c.name, answer, err)
		}
	}
	if key, err := b.Key(9); key != nil || err != nil {
		t.Errorf("Key(unknown) = %x, %v, want none", key, err)
	}
}

func TestOverviewNumbers(t *testing.T) {
	b := newBench(t)
	b.give(wang, 1000, 50)
	one := b.terminals[0]
	one.sell(30)
	one.do(&ledger.Decline{Code: "points-short"})
	one.sync()
	late := b.now.Add(-time.Hour)
	head := one.state.Head()
	head.Seq += 5
	b.ok("Report", b.Report(1, &wire.Report{Head: head, Down: 0, Backlog: 5, Oldest: late.UnixMilli()}))
	b.SetPresence(1, true)
	o := b.overview()
	v := o.Terminals[0]
	if v.Name != "one" || v.Store != "S1" || v.Presence != hq.Online || v.Has != 3 || v.Says != 8 || v.Backlog != 5 || v.Lag != time.Hour ||
		v.Entries != 3 || v.Incarnation != 0x101 || !v.Heard.Equal(b.now) {
		t.Errorf("terminal 1 = %+v", v)
	}
	one.ask(1, 10)
	if v := b.overview().Terminals[0]; v.DownSent != 1 || v.DownApplied != 0 {
		t.Errorf("down sent %d, applied %d, want 1, 0", v.DownSent, v.DownApplied)
	}
	for _, c := range []struct {
		after     time.Duration
		connected bool
		want      hq.Presence
	}{{40 * time.Second, true, hq.Online}, {time.Minute, true, hq.Late}, {time.Minute, false, hq.Offline}} {
		at := b.now
		b.now = at.Add(c.after)
		b.SetPresence(1, c.connected)
		if got := b.overview().Terminals[0].Presence; got != c.want {
			t.Errorf("presence %s after the last word, connected %v: %q, want %q", c.after, c.connected, got, c.want)
		}
		b.now = at
	}
	o = b.overview()
	kinds := []string{}
	for _, e := range o.Recent {
		kinds = append(kinds, e.Kind)
	}
	if !slices.Equal(kinds, []string{"kind-decline", "kind-sale", "kind-open"}) || o.Recent[1].Fen != 3000 || o.Recent[1].Points != 30 {
		t.Errorf("recent %v, sale of %d fen and %d points, want decline, sale, open, 3000, 30", kinds, o.Recent[1].Fen, o.Recent[1].Points)
	}
	if len(o.Totals) != 2 || o.Totals[0].Asset != points || o.Totals[0].Name.ZH != "消费积分" || o.Totals[1].Issued != 50 {
		t.Errorf("totals %+v, want consumption and green points", o.Totals)
	}
	// What is caught up has no backlog.
	for range 5 {
		one.sell(1)
	}
	one.sync()
	if v := b.overview().Terminals[0]; v.Backlog != 0 || v.Lag != 0 || v.Has != 8 {
		t.Errorf("backlog %d, lag %s, has %d after catching up, want 0, 0, 8", v.Backlog, v.Lag, v.Has)
	}
}

func TestRefusedBytesAreKeptWithAnAlarm(t *testing.T) {
	b := newBench(t)
	b.Refused(1, []byte("what came"), errors.New("why"))
	if got := b.overview().Alarms; len(got) != 1 || got[0].Code != "alarm-refused" || got[0].Detail != "why" || got[0].Terminal != 1 {
		t.Errorf("alarms %+v, want alarm-refused of t1", got)
	}
}

// Who sends chooses the words of a reason: noise hides nothing of another terminal, and
// names that nobody enrolled share one room.
func TestNoiseHidesNoRefusalOfAnotherTerminal(t *testing.T) {
	b := newBench(t)
	for n := range 300 {
		b.Refused(1, nil, fmt.Errorf("noise %d", n))
		b.Refused(ledger.TerminalID(1000+n), nil, errors.New("not enrolled"))
	}
	b.Refused(2, []byte("forged"), errors.New("signature"))
	count := map[ledger.TerminalID]int{}
	b.ok("Refusals", b.book.View(func(tx book.Tx) error {
		list, err := tx.Refusals(10_000)
		for _, r := range list {
			count[r.Terminal]++
		}
		return err
	}))
	if count[2] != 1 || len(count) != 3 || count[1] > 100 || count[0] > 100 {
		t.Errorf("pieces by terminal %v, want the one of t2 beside at most 100 of t1 and of nobody's", count)
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(tx book.Tx) error
	}{
		{"record-changed", func(tx book.Tx) error { return tx.PutState(1, []byte("h"), []byte{}) }},
		{"record-added", func(tx book.Tx) error { return tx.PutState(1, []byte("x"), []byte{1}) }},
		{"record-of-one-that-never-wrote", func(tx book.Tx) error { return tx.PutState(2, []byte("x"), []byte{1}) }},
		{"entry-added", func(tx book.Tx) error {
			return tx.AppendEntries(1, []book.Entry{{Terminal: 1, Head: ledger.Head{Incarnation: 0x101, Seq: 3}, Raw: []byte{0x08, 9}}})
		}},
		{"account-out-of-balance", func(tx book.Tx) error {
			return tx.Post([]book.Post{{Lot: lot.ID{Origin: ledger.Origin(1, 0x101, 2)}, Place: book.Place{Kind: book.AtHQ}, Amount: 1}})
		}},
		{"account-in-balance-that-no-journal-gives", func(tx book.Tx) error {
			id, till := lot.ID{Origin: ledger.Origin(1, 0x101, 2)}, book.Place{Kind: book.AtTerminal, Terminal: 1, Incarnation: 0x101}
			return tx.Post([]book.Post{{Lot: id, Place: till, Amount: -1}, {Lot: id, Place: book.Place{Kind: book.Spent}, Amount: 1}})
		}},
		{"entry-of-hq-that-nothing-came-of", func(tx book.Tx) error {
			o := office.Opening{Lots: []lot.Lot{{Owner: wang, Asset: points, Amount: 7}}}
			_, err := tx.AppendOffice(1, 1, o.Kind(), codec.Marshal(&o))
			return err
		}},
		{"debt-that-no-journal-gives", func(tx book.Tx) error {
			p := office.Person{Owed: []office.Owing{{Owner: 7, Asset: points, Since: 1, Amount: 7}}}
			return tx.PutDesk([]byte("p\x00\x00\x00\x00\x00\x00\x00\x07"), codec.Marshal(&p))
		}},
		{"alias-that-no-journal-gives", func(tx book.Tx) error {
			return tx.PutDesk([]byte("p\x00\x00\x00\x00\x00\x00\x00\x07"), codec.Marshal(&office.Person{To: 8}))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.terminals[0].sell(10)
			b.terminals[0].sync()
			b.ok("Check", b.Check())
			b.ok("Update", b.book.Update(c.spoil))
			b.broken = true
			if err := b.Check(); !errors.Is(err, hq.ErrAudit) {
				t.Errorf("Check() = %v, want ErrAudit", err)
			}
		})
	}
}

// TestHQsOwnDamageIsNotTheTerminalsFault plants a record that cannot be read.
func TestHQsOwnDamageIsNotTheTerminalsFault(t *testing.T) {
	b := newBench(t)
	b.broken = true
	one := b.terminals[0]
	one.sell(10)
	b.ok("Update", b.book.Update(func(tx book.Tx) error { return tx.PutState(one.id, []byte("h"), []byte{0xff}) }))
	if _, _, err := b.Ingest(one.id, one.batch(1, one.state.Head().Seq)); err == nil {
		t.Error("Ingest() on a damaged state = nil, want an error")
	}
	if v := b.overview().Terminals[0]; v.Trouble != "" {
		t.Errorf("trouble %q of a terminal that did nothing wrong", v.Trouble)
	}
}
