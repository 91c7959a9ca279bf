package tilltest

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"
	"testing"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Journal is a journal that can be closed and opened again.
type Journal interface {
	journal.Journal
	io.Closer
}

// Opener opens the journal of Terminal in a folder, making it first if there
// is none.
type Opener func(t testing.TB, folder string) Journal

// TestJournal is the contract of journal.Journal.
func TestJournal(t *testing.T, open Opener) {
	facts := []struct {
		name string
		test func(j *subject)
	}{
		{"entries-come-back-as-written", entriesAsWritten},
		{"an-entry-is-written-once", entryOnce},
		{"streams-are-listed-oldest-first", streamsOldestFirst},
		{"what-is-put-between-stands-between", insertedBetween},
		{"a-cleared-state-is-empty", stateCleared},
		{"references-lead-to-entries", referencesLead},
		{"state-rows-are-in-order-of-keys", stateInOrder},
		{"down-entries-come-back", downComesBack},
		{"jobs-are-listed-newest-first", jobsNewestFirst},
		{"notes-are-kept-by-name", notesByName},
		{"absent-records-are-told", absentTold},
		{"a-refused-update-leaves-nothing", refusedLeavesNothing},
		{"a-panic-leaves-nothing", panicLeavesNothing},
		{"a-view-writes-nothing", viewWritesNothing},
		{"a-view-stays-on-one-state", viewStays},
		{"what-is-returned-is-a-copy", copiesReturned},
		{"updates-follow-one-another", updatesFollow},
		{"a-reopened-journal-has-everything", reopenedHasAll},
		{"a-long-journal-has-everything", longLog},
		{"state-rows-of-entries-are-in-order-too", rowsOfEntries},
		{"notes-are-kept-at-any-size", notesOfAnySize},
		{"a-refused-caller-harms-nobody-in-its-group", refusedAloneInAGroup},
		{"callers-of-a-group-see-those-before-them", groupInOrder},
		{"a-panic-harms-nobody-in-its-group", panicAloneInAGroup},
	}
	for _, f := range facts {
		t.Run(f.name, func(t *testing.T) {
			folder := t.TempDir()
			j := &subject{TB: t, Journal: open(t, folder)}
			j.reopen = func() {
				j.close()
				j.Journal = open(t, folder)
			}
			defer j.close()
			f.test(j)
			j.view(func(tx journal.Tx) { j.ok("Check()", tx.Check()) })
		})
	}
}

// subject is a journal under test.
type subject struct {
	testing.TB
	Journal
	reopen func()
}

func (j *subject) close() {
	j.Helper()
	j.ok("Close()", j.Close())
}

func (j *subject) ok(call string, err error) {
	j.Helper()
	if err != nil {
		j.Errorf("%s = %v, want nil", call, err)
	}
}

func (j *subject) same(call string, got any, err error, want any) {
	j.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		j.Errorf("%s = %+v, %v, want %+v, nil", call, got, err, want)
	}
}

func (j *subject) update(fn func(tx journal.Tx) error) {
	j.Helper()
	if err := j.Update(fn); err != nil {
		j.Fatalf("Update() = %v, want nil", err)
	}
}

func (j *subject) view(fn func(tx journal.Tx)) {
	j.Helper()
	err := j.View(func(tx journal.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		j.Fatalf("View() = %v, want nil", err)
	}
}

// Incarnations of the samples: their order in time is not that of the numbers.
const (
	older ledger.Incarnation = 0xfedcba9876543210
	newer ledger.Incarnation = 0x0000000000000abc
)

func record(i ledger.Incarnation, seq ledger.Seq) journal.Record {
	r := journal.Record{Head: ledger.Head{Incarnation: i, Seq: seq}, Raw: fmt.Appendf(nil, "entry %s/%d", i, seq)}
	r.Head.Hash[0], r.Head.Hash[31], r.Signature[0], r.Signature[63] = byte(i), byte(seq), 1, byte(seq)
	return r
}

// write appends entries from 1 to n of an incarnation with references.
func write(tx journal.Tx, i ledger.Incarnation, n ledger.Seq) error {
	for seq := ledger.Seq(1); seq <= n; seq++ {
		if err := tx.Append(record(i, seq), fmt.Sprintf("ref-%s-%d", i, seq)); err != nil {
			return err
		}
	}
	return nil
}

func entriesAsWritten(j *subject) {
	j.update(func(tx journal.Tx) error { return errors.Join(write(tx, older, 300), write(tx, newer, 2)) })
	j.view(func(tx journal.Tx) {
		for _, r := range []journal.Record{record(older, 1), record(older, 256), record(older, 300), record(newer, 1), record(newer, 2)} {
			got, err := tx.Record(r.Head.Incarnation, r.Head.Seq)
			j.same("Record("+r.Head.String()+")", got, err, r)
		}
	})
}

func entryOnce(j *subject) {
	j.update(func(tx journal.Tx) error { return write(tx, older, 2) })
	other := record(older, 2)
	other.Raw = []byte("another")
	if err := j.Update(func(tx journal.Tx) error { return tx.Append(other, "") }); err == nil {
		j.Error("Append(entry 2 again) = nil, want an error")
	}
	j.view(func(tx journal.Tx) {
		got, err := tx.Record(older, 2)
		j.same("Record(2)", got, err, record(older, 2))
	})
	j.update(func(tx journal.Tx) error { return tx.Append(record(older, 3), "") }) // no harm was done
}

func streamsOldestFirst(j *subject) {
	j.view(func(tx journal.Tx) {
		got, err := tx.Streams()
		j.same("Streams() of an empty journal", got, err, []ledger.Head(nil))
	})
	j.update(func(tx journal.Tx) error { return write(tx, older, 3) })
	j.update(func(tx journal.Tx) error { return write(tx, newer, 1) })
	j.view(func(tx journal.Tx) {
		got, err := tx.Streams()
		j.same("Streams()", got, err, []ledger.Head{record(older, 3).Head, record(newer, 1).Head})
	})
}

// insertedBetween is what a disk that went back gets back: the end of a life,
// and a life, before what was written since.
func insertedBetween(j *subject) {
	const between ledger.Incarnation = 77
	j.update(func(tx journal.Tx) error { return errors.Join(write(tx, older, 2), write(tx, newer, 600)) })
	refused := errors.New("refused")
	back := func(tx journal.Tx) error {
		for seq := ledger.Seq(3); seq <= 5; seq++ {
			if err := tx.Append(record(older, seq), ""); err != nil {
				return err
			}
		}
		return errors.Join(tx.Insert(between, newer), write(tx, between, 2))
	}
	if err := j.Update(func(tx journal.Tx) error { return errors.Join(back(tx), refused) }); !errors.Is(err, refused) {
		j.Errorf("Update() = %v, want what was refused", err)
	}
	j.update(back)
	j.update(func(tx journal.Tx) error { return tx.Append(record(newer, 601), "") })
	j.update(func(tx journal.Tx) error { return write(tx, 99, 1) })
	if err := j.Update(func(tx journal.Tx) error { return tx.Insert(older, newer) }); err == nil {
		j.Error("Insert() of what is there = nil, want an error")
	}
	want := []ledger.Head{record(older, 5).Head, record(between, 2).Head, record(newer, 601).Head, record(99, 1).Head}
	for range 2 {
		j.view(func(tx journal.Tx) {
			got, err := tx.Streams()
			j.same("Streams()", got, err, want)
			for _, r := range []journal.Record{record(older, 2), record(older, 4), record(between, 1), record(newer, 300), record(newer, 601)} {
				got, err := tx.Record(r.Head.Incarnation, r.Head.Seq)
				j.same("Record("+r.Head.String()+")", got, err, r)
			}
		})
		j.reopen()
	}
}

func stateCleared(j *subject) {
	j.update(func(tx journal.Tx) error {
		return errors.Join(write(tx, older, 1), tx.PutState([]byte("h"), []byte("one")), tx.PutState([]byte("mm"), []byte("two")))
	})
	j.update(func(tx journal.Tx) error {
		return errors.Join(tx.ClearState(), tx.PutState([]byte("x"), []byte("new")))
	})
	j.view(func(tx journal.Tx) {
		var got []string
		err := tx.StateRows(func(key, value []byte) error {
			got = append(got, fmt.Sprintf("%s=%s", key, value))
			return nil
		})
		j.same("StateRows()", got, err, []string{"x=new"})
		value, err := tx.Get([]byte("mm"))
		j.same("Get(mm)", value, err, []byte(nil))
	})
}

func referencesLead(j *subject) {
	j.update(func(tx journal.Tx) error { return errors.Join(write(tx, older, 3), write(tx, newer, 3)) })
	j.update(func(tx journal.Tx) error { return tx.Append(record(newer, 4), "") })
	j.view(func(tx journal.Tx) {
		for _, r := range []journal.Record{record(older, 2), record(newer, 3)} {
			got, err := tx.Referred(fmt.Sprintf("ref-%s-%d", r.Head.Incarnation, r.Head.Seq))
			j.same("Referred("+r.Head.String()+")", got, err, r)
		}
	})
}

func stateInOrder(j *subject) {
	j.update(func(tx journal.Tx) error {
		return errors.Join(
			tx.PutState([]byte("n"), []byte("three")), tx.PutState([]byte{0xff, 0}, []byte("four")), tx.PutState([]byte("h"), []byte("old")),
			tx.PutState([]byte("mm"), nil), tx.PutState([]byte("h"), []byte("one")),
		)
	})
	j.view(func(tx journal.Tx) {
		var got []string
		err := tx.StateRows(func(key, value []byte) error {
			got = append(got, fmt.Sprintf("%s=%s", key, value))
			return nil
		})
		j.same("StateRows()", got, err, []string{"h=one", "mm=", "n=three", "\xff\x00=four"})
		stop := errors.New("stop")
		if err := tx.StateRows(func(_, _ []byte) error { return stop }); !errors.Is(err, stop) {
			j.Errorf("StateRows(fn that fails) = %v, want its error", err)
		}
		value, err := tx.Get([]byte("h"))
		j.same("Get(h)", value, err, []byte("one"))
	})
}

func downComesBack(j *subject) {
	j.update(func(tx journal.Tx) error {
		return errors.Join(tx.AppendDown(1, []byte("one")), tx.AppendDown(256, []byte("many")))
	})
	j.view(func(tx journal.Tx) {
		got, err := tx.Down(1)
		j.same("Down(1)", got, err, []byte("one"))
		got, err = tx.Down(256)
		j.same("Down(256)", got, err, []byte("many"))
	})
}

func jobsNewestFirst(j *subject) {
	j.update(func(tx journal.Tx) error {
		return errors.Join(tx.PutJob(1, []byte("one")), tx.PutJob(2, []byte("two")), tx.PutJob(256, []byte("old")), tx.PutJob(256, []byte("new")))
	})
	j.view(func(tx journal.Tx) {
		ids, jobs, err := tx.Jobs(2)
		j.same("Jobs(2)", ids, err, []uint64{256, 2})
		j.same("Jobs(2)", jobs, err, [][]byte{[]byte("new"), []byte("two")})
		job, err := tx.Job(1)
		j.same("Job(1)", job, err, []byte("one"))
	})
}

func notesByName(j *subject) {
	j.update(func(tx journal.Tx) error {
		return errors.Join(tx.PutNote("lane-1", []byte("basket")), tx.PutNote("acked", []byte("old")), tx.PutNote("acked", []byte("new")))
	})
	j.view(func(tx journal.Tx) {
		got, err := tx.Note("acked")
		j.same("Note(acked)", got, err, []byte("new"))
		got, err = tx.Note("lane-1")
		j.same("Note(lane-1)", got, err, []byte("basket"))
	})
}

func absentTold(j *subject) {
	j.update(func(tx journal.Tx) error { return write(tx, older, 1) })
	j.view(func(tx journal.Tx) {
		_, stream := tx.Record(newer, 1)
		_, entry := tx.Record(older, 2)
		_, zero := tx.Record(older, 0)
		_, ref := tx.Referred("never")
		_, down := tx.Down(1)
		_, job := tx.Job(1)
		for call, err := range map[string]error{
			"Record(unknown incarnation)": stream, "Record(after the newest)": entry, "Record(0)": zero, "Referred(never)": ref, "Down(1)": down, "Job(1)": job,
		} {
			if !errors.Is(err, journal.ErrNotFound) {
				j.Errorf("%s = %v, want an error that matches ErrNotFound", call, err)
			}
		}
		value, err := tx.Get([]byte("x"))
		j.same("Get(absent)", value, err, []byte(nil))
		value, err = tx.Note("x")
		j.same("Note(absent)", value, err, []byte(nil))
	})
}

// everything writes one record of every kind.
func everything(tx journal.Tx) error {
	return errors.Join(
		write(tx, older, 2), tx.PutState([]byte("h"), []byte("state")), tx.AppendDown(1, []byte("down")),
		tx.PutJob(1, []byte("job")), tx.PutNote("note", []byte("note")),
	)
}

func (j *subject) empty(when string) {
	j.Helper()
	j.view(func(tx journal.Tx) {
		streams, err := tx.Streams()
		j.same("Streams() "+when, streams, err, []ledger.Head(nil))
		err = tx.StateRows(func(key, _ []byte) error { return fmt.Errorf("record %x", key) })
		j.ok("StateRows() "+when, err)
		ids, _, err := tx.Jobs(9)
		j.same("Jobs() "+when, ids, err, []uint64(nil))
		note, err := tx.Note("note")
		j.same("Note() "+when, note, err, []byte(nil))
		if _, err := tx.Down(1); !errors.Is(err, journal.ErrNotFound) {
			j.Errorf("Down(1) %s = %v, want ErrNotFound", when, err)
		}
		if _, err := tx.Referred(fmt.Sprintf("ref-%s-1", older)); !errors.Is(err, journal.ErrNotFound) {
			j.Errorf("Referred() %s = %v, want ErrNotFound", when, err)
		}
	})
}

func refusedLeavesNothing(j *subject) {
	refusal := errors.New("not enough points")
	err := j.Update(func(tx journal.Tx) error {
		if err := everything(tx); err != nil {
			return err
		}
		return refusal
	})
	if err != refusal { //nolint:errorlint // it must be returned as it is
		j.Errorf("Update(refused) = %v, want the very error of fn", err)
	}
	j.empty("after a refused update")
	j.update(everything)
}

func panicLeavesNothing(j *subject) {
	func() {
		defer func() { _ = recover() }()
		_ = j.Update(func(tx journal.Tx) error {
			if err := everything(tx); err != nil {
				return err
			}
			panic("a bug")
		})
	}()
	j.empty("after a panic")
	j.update(everything)
}

func viewWritesNothing(j *subject) {
	err := j.View(func(tx journal.Tx) error { return tx.PutNote("note", []byte("x")) })
	if err == nil {
		j.Error("PutNote in a view = nil, want an error")
	}
	j.empty("after a view that wrote")
}

func viewStays(j *subject) {
	j.update(func(tx journal.Tx) error { return tx.PutNote("note", []byte("before")) })
	j.view(func(tx journal.Tx) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			j.update(func(tx journal.Tx) error { return tx.PutNote("note", []byte("after")) })
		}()
		<-done
		got, err := tx.Note("note")
		j.same("Note() in a view that began before", got, err, []byte("before"))
	})
	j.view(func(tx journal.Tx) {
		got, err := tx.Note("note")
		j.same("Note() in a later view", got, err, []byte("after"))
	})
}

func copiesReturned(j *subject) {
	j.update(everything)
	j.update(func(tx journal.Tx) error { // small stores may be kept in another way
		big := make([]byte, 8<<10)
		return errors.Join(tx.PutState([]byte("x"), big), tx.AppendDown(2, big), tx.PutJob(0, big), tx.PutNote("x", big))
	})
	var kept [][]byte
	j.view(func(tx journal.Tx) {
		r, err := tx.Record(older, 1)
		j.ok("Record(1)", err)
		state, err := tx.Get([]byte("h"))
		j.ok("Get(h)", err)
		down, err := tx.Down(1)
		j.ok("Down(1)", err)
		_, jobs, err := tx.Jobs(1)
		j.ok("Jobs(1)", err)
		note, err := tx.Note("note")
		j.ok("Note(note)", err)
		kept = [][]byte{r.Raw, state, down, jobs[0], note}
		for _, b := range kept {
			b[0] = 'X' // no harm to the journal
		}
	})
	j.reopen() // no harm to the copies
	for n, want := range []string{"Xntry", "Xtate", "Xown", "Xob", "Xote"} {
		if got := string(kept[n][:len(want)]); got != want {
			j.Errorf("copy %d = %q after the journal was closed, want %q", n, got, want)
		}
	}
	j.view(func(tx journal.Tx) {
		got, err := tx.Record(older, 1)
		j.same("Record(1)", got, err, record(older, 1))
	})
}

func updatesFollow(j *subject) {
	j.update(func(tx journal.Tx) error { return tx.PutNote("count", []byte{0}) })
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			j.update(func(tx journal.Tx) error {
				n, err := tx.Note("count")
				if err != nil {
					return err
				}
				return tx.PutNote("count", []byte{n[0] + 1})
			})
		})
	}
	group.Wait()
	j.view(func(tx journal.Tx) {
		got, err := tx.Note("count")
		j.same("count after 20 updates at once", got, err, []byte{20})
	})
}

func reopenedHasAll(j *subject) {
	j.update(everything)
	j.reopen()
	j.view(func(tx journal.Tx) {
		streams, err := tx.Streams()
		j.same("Streams()", streams, err, []ledger.Head{record(older, 2).Head})
		got, err := tx.Referred(fmt.Sprintf("ref-%s-2", older))
		j.same("Referred(2)", got, err, record(older, 2))
		state, err := tx.Get([]byte("h"))
		j.same("Get(h)", state, err, []byte("state"))
		job, err := tx.Job(1)
		j.same("Job(1)", job, err, []byte("job"))
		note, err := tx.Note("note")
		j.same("Note(note)", note, err, []byte("note"))
		down, err := tx.Down(1)
		j.same("Down(1)", down, err, []byte("down"))
	})
	j.update(func(tx journal.Tx) error { return tx.Append(record(older, 3), "") })
}
