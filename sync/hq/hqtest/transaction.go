package hqtest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

func absentNotFound(_ *testing.T, b *bench) {
	b.view(func(tx book.Tx) {
		_, err := tx.Terminal(99)
		b.notFound("Terminal(99)", err)
		_, err = tx.Entry(99, wide, 1)
		b.notFound("Entry(99)", err)
		_, err = tx.Lot(lot.ID{})
		b.notFound("Lot()", err)
	})
	b.update(func(tx book.Tx) error {
		_, err := tx.Terminal(99)
		b.notFound("Terminal(99)", err)
		return tx.PutMeta("after", "kept") // not finding something spoils nothing
	})
	b.view(func(tx book.Tx) {
		got, err := tx.Meta("after")
		b.same("Meta(after)", got, err, "kept")
	})
}

// everything writes a row of every kind.
func everything(tx book.Tx) error {
	l := sampleLot(1, 1017, green)
	_, office := tx.AppendOffice(1, 1, "issue", nil)
	return errors.Join(
		office,
		tx.PutMeta("epoch", "1"),
		tx.PutTerminal(sampleTerminal(3)),
		tx.AppendEntries(3, entriesOf(3, wide, 1, 70, 0)),
		tx.PutState(3, []byte("k"), []byte("v")),
		tx.AppendDown(3, 1, []byte("down")),
		tx.PutDesk([]byte("k"), []byte("v")),
		tx.PutGrant(1, []byte("grant")),
		tx.PutLot(l),
		tx.Post(move(l.ID, issued, atHQ, 100)),
		tx.AddAlarm(book.Alarm{Code: "alarm-fork"}),
		tx.Quarantine(3, 1, "fork", []byte("raw")),
	)
}

// empty checks that nothing of it is in the book.
func (b *bench) empty() {
	b.t.Helper()
	b.view(func(tx book.Tx) {
		meta, err := tx.Meta("epoch")
		b.same("Meta(epoch)", meta, err, "")
		terminals, err := tx.Terminals()
		b.same("Terminals()", len(terminals), err, 0)
		entries, err := tx.Entries(3, wide, 0, 100)
		b.same("Entries()", len(entries), err, 0)
		streams, err := tx.Streams(3)
		b.same("Streams()", len(streams), err, 0)
		keys, _, err := tx.StateRows(3)
		b.same("StateRows()", len(keys), err, 0)
		down, err := tx.Down(3, 0, 9)
		b.same("Down()", len(down), err, 0)
		grants, err := tx.Grants(0, 9)
		b.same("Grants()", len(grants), err, 0)
		keys, _, err = tx.DeskRows(nil)
		b.same("DeskRows()", len(keys), err, 0)
		_, err = tx.Lot(sampleLot(1, 1017, green).ID)
		b.notFound("Lot()", err)
		accounts, err := tx.Accounts()
		b.same("Accounts()", len(accounts), err, 0)
		alarms, err := tx.Alarms(9)
		b.same("Alarms()", len(alarms), err, 0)
	})
	b.update(func(tx book.Tx) error {
		n, err := tx.AppendOffice(1, 1, "issue", nil)
		b.same("AppendOffice()", n, err, uint64(1))
		return err
	})
}

func errorLeavesNothing(t *testing.T, b *bench) {
	stop := errors.New("stop")
	err := b.Update(func(tx book.Tx) error { return errors.Join(everything(tx), stop) })
	if !errors.Is(err, stop) {
		t.Errorf("Update() = %v, want %v", err, stop)
	}
	b.empty()
}

func panicLeavesNothing(t *testing.T, b *bench) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("Update() returned, want its function's panic")
			}
		}()
		_ = b.Update(func(tx book.Tx) error {
			if err := everything(tx); err != nil {
				t.Errorf("writing everything = %v, want nil", err)
			}
			panic("stop")
		})
	}()
	b.empty()
}

// swallowedLeavesNothing: what failed is not kept, though nobody says so.
func swallowedLeavesNothing(_ *testing.T, b *bench) {
	b.refused("a swallowed failure", func(tx book.Tx) error {
		if err := everything(tx); err != nil {
			b.t.Errorf("writing everything = %v, want nil", err)
		}
		_ = tx.Post(move(sampleLot(1, 1017, green).ID, atHQ, spent, 101))
		return nil
	})
	b.empty()
}

// small things that a book may remember from one transaction to the next.
type remembered struct {
	meta, state, desk, absent string
	terminal                  book.Terminal
	streams                   []ledger.Head
}

func (b *bench) remembered(tx book.Tx) (r remembered) {
	b.t.Helper()
	state, failedState := tx.State(3).Get([]byte("k"))
	desk, failedDesk := tx.Desk().Get([]byte("k"))
	absent, failedAbsent := tx.Desk().Get([]byte("later"))
	r.state, r.desk, r.absent = string(state), string(desk), string(absent)
	var meta, terminal, streams error
	r.meta, meta = tx.Meta("epoch")
	r.terminal, terminal = tx.Terminal(3)
	r.streams, streams = tx.Streams(3)
	if err := errors.Join(failedState, failedDesk, failedAbsent, meta, terminal, streams); err != nil {
		b.t.Errorf("reading back = %v, want nil", err)
	}
	return r
}

// givenUpForgotten: a transaction goes on from what is committed, whatever one that
// was given up had read and written before it.
func givenUpForgotten(t *testing.T, b *bench) {
	b.update(everything)
	want := remembered{"1", "v", "v", "", sampleTerminal(3), []ledger.Head{headAt(wide, 70)}}
	next := func(tx book.Tx) error {
		_, err := tx.AppendOffice(1, 1, "issue", nil)
		other := sampleTerminal(3)
		other.Trouble, other.DownSeq = "trouble-fork", other.DownSeq+1
		return errors.Join(err, tx.PutMeta("epoch", "2"), tx.PutState(3, []byte("k"), []byte("w")), tx.PutDesk([]byte("k"), []byte("w")),
			tx.PutDesk([]byte("later"), []byte("w")), tx.PutTerminal(other), tx.AppendEntries(3, entriesOf(3, wide, 71, 72, 0)), tx.AppendDown(3, 2, nil))
	}
	for range 2 {
		b.refused("what is given up", func(tx book.Tx) error {
			b.same("before", b.remembered(tx), nil, want)
			if err := next(tx); err != nil {
				t.Errorf("writing = %v, want nil", err)
			}
			if after := b.remembered(tx); after.meta != "2" || after.state != "w" || after.desk != "w" || after.absent != "w" || after.streams[0] != headAt(wide, 72) {
				t.Errorf("in the transaction itself: %+v, want what it wrote", after)
			}
			return errors.New("stop")
		})
	}
	b.update(func(tx book.Tx) error {
		b.same("afterwards", b.remembered(tx), nil, want)
		return next(tx)
	})
	b.view(func(tx book.Tx) {
		want := b.remembered(tx)
		b.update(func(tx book.Tx) error {
			b.same("once it is committed", b.remembered(tx), nil, want)
			return nil
		})
	})
}

func viewWritesNothing(t *testing.T, b *bench) {
	var wrote error
	if err := b.View(func(tx book.Tx) error {
		wrote = tx.PutMeta("epoch", "1")
		return nil
	}); err != nil {
		t.Errorf("View() = %v, want nil", err)
	}
	if wrote == nil {
		t.Error("PutMeta() in a View = nil, want an error")
	}
	b.empty()
}

func viewSeesOld(_ *testing.T, b *bench) {
	b.update(func(tx book.Tx) error {
		if err := everything(tx); err != nil {
			return err
		}
		b.view(func(old book.Tx) {
			got, err := old.Meta("epoch")
			b.same("Meta(epoch) in a View during the Update", got, err, "")
		})
		return nil
	})
	b.view(func(tx book.Tx) {
		got, err := tx.Meta("epoch")
		b.same("Meta(epoch) after the Update", got, err, "1")
	})
}

func viewStays(_ *testing.T, b *bench) {
	b.view(func(tx book.Tx) {
		before, err := tx.Meta("epoch")
		b.same("Meta(epoch) before an Update", before, err, "")
		b.update(func(tx book.Tx) error { return tx.PutMeta("epoch", "1") })
		after, err := tx.Meta("epoch")
		b.same("Meta(epoch) after an Update beside the View", after, err, "")
	})
}

func updatesSerial(t *testing.T, b *bench) {
	const workers, each = 2, 100
	l := sampleLot(1, 1017, green)
	l.Amount = workers * each
	b.issue(l)
	b.update(func(tx book.Tx) error { return tx.PutMeta("count", "0") })
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range each {
				if err := b.Update(func(tx book.Tx) error { return spendOne(tx, l.ID) }); err != nil {
					t.Errorf("Update() = %v, want nil", err)
					return
				}
			}
		})
	}
	group.Wait()
	b.view(func(tx book.Tx) {
		got, err := tx.Meta("count")
		b.same("Meta(count)", got, err, fmt.Sprint(workers*each))
		b.same("sums of green", b.sums(tx, green), nil,
			map[book.PlaceKind]lot.Amount{book.Issued: -workers * each, book.Spent: workers * each})
	})
}

// spendOne reads, then writes what it read and one more.
func spendOne(tx book.Tx, id lot.ID) error {
	text, err := tx.Meta("count")
	if err != nil {
		return err
	}
	var n int
	if _, err := fmt.Sscan(text, &n); err != nil {
		return err
	}
	if err := tx.PutMeta("count", fmt.Sprint(n+1)); err != nil {
		return err
	}
	return tx.Post(move(id, atHQ, spent, 1))
}

func reopenedHasAll(_ *testing.T, b *bench) {
	b.update(everything)
	b.reopen()
	b.view(func(tx book.Tx) {
		meta, err := tx.Meta("epoch")
		b.same("Meta(epoch)", meta, err, "1")
		one, err := tx.Terminal(3)
		b.same("Terminal(3)", one, err, sampleTerminal(3))
		entries, err := tx.Entries(3, wide, 0, 100)
		b.same("Entries()", entries, err, entriesOf(3, wide, 1, 70, 0))
		streams, err := tx.Streams(3)
		b.same("Streams(3)", streams, err, []ledger.Head{headAt(wide, 70)})
		value, err := tx.State(3).Get([]byte("k"))
		b.same("Get(k)", value, err, []byte("v"))
		value, err = tx.Desk().Get([]byte("k"))
		b.same("Desk().Get(k)", value, err, []byte("v"))
		down, err := tx.Down(3, 0, 9)
		b.same("Down(3)", down, err, [][]byte{[]byte("down")})
		grants, err := tx.Grants(0, 9)
		b.same("Grants(0)", grants, err, []book.Grant{{N: 1, Raw: []byte("grant")}})
		free, err := tx.Free(1017)
		b.same("Free(1017)", free, err, []lot.Holding{{Lot: sampleLot(1, 1017, green), Amount: 100}})
		alarms, err := tx.Alarms(9)
		b.same("Alarms()", alarms, err, []book.Alarm{{Code: "alarm-fork"}})
	})
	b.update(func(tx book.Tx) error {
		n, err := tx.AppendOffice(1, 1, "issue", nil)
		b.same("AppendOffice()", n, err, uint64(2))
		return err
	})
}
