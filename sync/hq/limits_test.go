package hq_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/sync/hq/grantlog"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// wrote counts the entries of a kind in HQ's own journal; all of it must be readable.
func (b *bench) wrote(kind string) (n int) {
	b.Helper()
	b.ok("View", b.book.View(func(tx book.Tx) error {
		rows, err := tx.Office(0, 0, 100_000)
		for _, r := range rows {
			_, bad := office.Decode(r.Kind, r.Body)
			if bad != nil {
				b.Errorf("entry %d: %v", r.Seq, bad)
			}
			if r.Kind == kind {
				n++
			}
		}
		return err
	}))
	return n
}

// manyLots earns points lot by lot and gives them all up to HQ.
func (t *terminal) manyLots(count int, each lot.Amount) {
	t.b.Helper()
	var draws []lot.Draw
	for range count {
		draws = append(draws, lot.Draw{Lot: t.sell(each), Amount: each})
	}
	for some := range slices.Chunk(draws, lot.HoldingsMax) {
		t.do(&ledger.NoteGiven{Member: wang, Draws: some})
	}
	t.sync()
}

// What a return takes back out of more lots than one entry can name is settled in
// several, whole; whoever reads HQ's journal goes on, and so does a book that went back.
func TestADueIsTakenFromManyLots(t *testing.T) {
	b, _ := logged(t)
	one, two := b.terminals[0], b.terminals[1]
	one.sync()
	backup := b.backup()
	one.manyLots(600, 10)
	big := one.sell(6000)
	one.spend(big, 6000)
	one.undo(big, 6000, 6000)
	one.sync()
	b.owes("returned", wang, 0, 0)
	if n := b.wrote("settle-due"); n != 2 {
		t.Errorf("a due of 600 lots was settled in %d entries, want 2", n)
	}
	one.hear()
	b.ok("Report", b.Report(1, &wire.Report{Wall: b.now.UnixMilli(), Head: one.state.Head(), Down: one.state.Mark()}))
	two.do(&ledger.Enrol{Member: 77000001})
	two.sync()
	b.ok("Nightly", b.Nightly())
	two.hear()
	b.goesBack(backup)
	for _, t := range []*terminal{one, two} {
		t.hello()
		t.hear()
		t.syncAll()
	}
	b.owes("went back", wang, 0, 0)
}

// What a member spent of more later lots than one entry can name, while HQ held one
// that lapses, is booked to that one all the same.
func TestALapseIsSwappedAgainstManyLots(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	last := start + 40
	b.award(1000, last)
	for range 600 {
		one.spend(one.sell(1), 1)
	}
	one.sync()
	b.ok("Notice", b.Notice(wang, last, "receipt", byZhou))
	b.night(last + 1)
	if n := b.wrote("expire"); n != 2 {
		t.Errorf("a lapse swapped against 600 lots took %d entries, want 2", n)
	}
	b.sums("lapsed", hq.TotalView{Issued: 1600, HQ: 600, Spent: 600, Gone: 400})
	b.ok("Nightly", b.Nightly())
}

// A person lets all of a member's points last longer, and notes that they were told of
// all that lapses, of however many lots.
func TestManyLotsAreExtendedAndToldOf(t *testing.T) {
	b := newBench(t)
	b.terminals[0].manyLots(600, 1)
	b.ok("Notice", b.Notice(wang, 21000, "receipt", byZhou))
	b.ok("Extend", b.Extend(wang, 21100, byZhou))
	if n := b.wrote("extend"); n != 2 {
		t.Errorf("600 lots were extended in %d entries, want 2", n)
	}
	b.ok("View", b.book.View(func(tx book.Tx) error {
		free, err := tx.Free(wang)
		for _, f := range free {
			if f.Amount > 0 && f.Lot.Expires != 21100 {
				t.Fatalf("%d points last until %s, want %s", f.Amount, f.Lot.Expires, lot.Day(21100))
			}
		}
		return err
	}))
}

// What a member owes of more days than one entry can name is written off whole.
func TestManyDebtsAreWrittenOff(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	const days = 300 // and two kinds of points
	for range days {
		sold := one.do(&ledger.Sale{
			Member: wang, Day: 20779, Lines: []ledger.Line{{Product: "06900001000112", Qty: 1, Fen: 400}},
			Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 4, Expires: 21000}}, {Issue: ledger.Issue{Asset: green, Amount: 4, Expires: 21000}}},
		})
		for _, l := range sold.Issued {
			one.do(&ledger.Sale{Member: wang, Deduction: &ledger.Deduction{Asset: l.Asset, Draws: []lot.Draw{{Lot: l.ID, Amount: 4}}}})
		}
		one.do(&ledger.Return{Of: sold.Origin, Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}, Due: []ledger.Due{{Amount: 4}, {Award: 1, Amount: 4}}})
		one.sync()
		b.now = b.now.AddDate(0, 0, 1)
	}
	b.owes("returned", wang, days*8, 0)
	b.ok("Forgive", b.Forgive(wang, byZhou))
	b.owes("written off", wang, 0, 0)
	if n := b.wrote("forgive"); n != 2 {
		t.Errorf("%d debts were written off in %d entries, want 2", 2*days, n)
	}
}

// A document goes first to as many stores as a person names, whatever they are called.
func TestPilotInStoresWithLongNames(t *testing.T) {
	b := newBench(t)
	b.third = hq.Board{ID: 3, Name: "three", Store: "上海市浦东新区世纪大道店与静安寺店之间的第三家旗舰店", Code: code}
	b.restart()
	three := b.newTerminal(3)
	b.ok("Publish", b.Publish("programme", b.programme.Version(), demo.Programme, time.Time{}))
	pilot := b.changed("2", "keep_fen: 5000", "keep_fen: 6000")
	pilot.Stores = []string{b.third.Store, "S1"}
	b.ok("Release", b.Release(pilot, byZhou))
	b.tellsAll("pilot", pilot.Version, b.programme.Version())
	if got := three.told(); got != pilot.Version {
		t.Errorf("told %q in the third store, want %q", got, pilot.Version)
	}
	b.wrote("judge")
	b.terminals[0].sync()
	b.ok("Report", b.Report(1, &wire.Report{Head: b.terminals[0].state.Head()}))
	b.ok("Nightly", b.Nightly())
}

// A list of stores that is beyond all measure, and a version that no terminal could
// read, are refused in words; nothing of them is kept.
func TestWhatNobodyCouldReadIsNotPublished(t *testing.T) {
	b := newBench(t)
	before := b.wrote("")
	for name, r := range map[string]library.Release{
		"stores":  {What: "programme", Version: "2", Bytes: []byte("two"), Stores: slices.Repeat([]string{"S1"}, 30_000)},
		"version": {What: "programme", Version: strings.Repeat("2", 65), Bytes: []byte("two")},
	} {
		if err := b.Release(r, byZhou); !errors.Is(err, codec.ErrUnreadable) {
			t.Errorf("%s: Release = %v, want ErrUnreadable", name, err)
		}
	}
	if got, want := b.terminals[0].told(), ""; got != want || b.wrote("") != before {
		t.Errorf("told %q, want nothing", got)
	}
}

// Nothing that HQ could not read again is committed, in whichever of its journals.
func TestNothingIsWrittenThatCannotBeRead(t *testing.T) {
	b, _ := logged(t)
	draws := make([]lot.Draw, lot.HoldingsMax+1)
	for n := range draws {
		draws[n] = lot.Draw{Lot: lot.ID{Origin: lot.Origin{Terminal: 1, Incarnation: 1, Seq: 1}, N: uint32(n)}, Amount: 1}
	}
	for name, fn := range map[string]func(w *decision.Work) error{
		"own-journal": func(w *decision.Work) error {
			_, err := w.Enter(&office.Recall{Terminal: 1, Member: wang, Draws: draws, By: w.By(byZhou)})
			return err
		},
		"for-a-terminal": func(w *decision.Work) error {
			_, err := w.Send(1, ledger.Down{Recall: &ledger.Recall{Member: wang, Draws: draws}})
			return err
		},
		"desk": func(w *decision.Work) error {
			return w.Desk.Give(wang, slices.Repeat([]string{"birthday"}, ledger.GiftsMax+1))
		},
	} {
		var before, after int
		count := func(n *int) error {
			return b.book.View(func(tx book.Tx) error {
				rows, err := tx.Office(0, 0, 1000)
				raws, failed := tx.Down(1, 0, 1000)
				*n = len(rows) + len(raws)
				return errors.Join(err, failed)
			})
		}
		b.ok("count", count(&before))
		if err := b.Decide(fn); !errors.Is(err, codec.ErrUnreadable) || errors.Is(err, codec.ErrMalformed) {
			t.Errorf("%s: Decide = %v, want ErrUnreadable, and no fault of a terminal", name, err)
		}
		b.ok("count", count(&after))
		if after != before {
			t.Errorf("%s: %d entries after it, want %d", name, after, before)
		}
	}
}

// HQ that was restored waits for all of its terminals, though one entry cannot name them.
func TestMoreTerminalsAreWaitedForThanAnEntryNames(t *testing.T) {
	b := newBench(t)
	const more = 4500
	b.ok("Update", b.book.Update(func(tx book.Tx) (err error) {
		for n := range more {
			err = errors.Join(err, tx.PutTerminal(book.Terminal{ID: ledger.TerminalID(n + 10)}))
		}
		return err
	}))
	b.goesBack(b.backup())
	if n := b.wrote("restored"); n != 2 {
		t.Errorf("HQ began anew with %d entries, want 2", n)
	}
	if list, err := b.Unheard(); err != nil || len(list) != more+2 {
		t.Errorf("%d terminals are waited for, %v, want %d", len(list), err, more+2)
	}
	if grant.BytesMax != grantlog.RecordBytesMax {
		t.Errorf("a record may have %d bytes, and the grant log reads %d", grant.BytesMax, grantlog.RecordBytesMax)
	}
}

// An entry of HQ's own journal that is not readable is nobody's fault but HQ's: no
// terminal is stopped for it, it is named, and who does not need it reads past it.
func TestAnUnreadableEntryOfHQsOwnStopsNoTerminal(t *testing.T) {
	b := newBench(t)
	two := b.terminals[1]
	two.sync()
	spoil := func(kind string) {
		b.ok("Update", b.book.Update(func(tx book.Tx) error {
			_, err := tx.AppendOffice(b.Epoch(), b.now.UnixMilli(), kind, []byte{0xff})
			return err
		}))
	}
	b.broken = true
	spoil("recall")
	two.do(&ledger.Enrol{Member: 77000001})
	two.sync()
	spoil("settle-claim")
	two.do(&ledger.Enrol{Member: 77000002})
	_, _, err := b.Ingest(2, two.batch(1, two.state.Head().Seq))
	if !errors.Is(err, office.ErrRecord) || !strings.Contains(err.Error(), "settle-claim") {
		t.Errorf("Ingest = %v, want ErrRecord with what is not readable", err)
	}
	if v := b.overview().Terminals[1]; v.Trouble != "" || len(b.alarms()) != 0 {
		t.Errorf("the terminal was stopped with %q; alarms %v", v.Trouble, b.alarms())
	}
}
