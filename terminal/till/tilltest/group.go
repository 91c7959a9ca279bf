package tilltest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Facts of the contract that a journal is free to keep in many ways: callers
// who share a transaction, and records that stand apart from their like.

// together has callers update at once, so that some of them share a
// transaction: the first one keeps the others waiting until all have come.
func (j *subject) together(n int, fn func(k int, tx journal.Tx) error) []error {
	j.Helper()
	errs := make([]error, n)
	var group sync.WaitGroup
	var came atomic.Int32
	for k := range n {
		group.Go(func() {
			came.Add(1)
			errs[k] = j.Update(func(tx journal.Tx) error {
				for wait := 0; came.Load() < int32(n) && wait < 1e6; wait++ {
					runtime.Gosched()
				}
				return fn(k, tx)
			})
		})
	}
	group.Wait()
	return errs
}

func refusedAloneInAGroup(j *subject) {
	refusal := errors.New("not enough points")
	j.update(func(tx journal.Tx) error {
		return errors.Join(tx.PutNote("kept", []byte("old")), tx.PutState([]byte("h"), []byte("old")))
	})
	for round := range 20 {
		errs := j.together(12, func(k int, tx journal.Tx) error {
			name := fmt.Sprintf("%d-%d", round, k)
			if k%3 != 0 {
				return errors.Join(tx.PutNote(name, []byte("there")), tx.PutState([]byte("row "+name), []byte("there")))
			}
			err := errors.Join(everything(tx), tx.PutNote(name, []byte("refused")), tx.PutNote("kept", make([]byte, 4096)),
				tx.PutState([]byte("h"), []byte("refused")), tx.PutState([]byte("row "+name), []byte("refused")))
			return errors.Join(err, refusal)
		})
		for k, err := range errs {
			if refused := k%3 == 0; refused != (err != nil) || refused && !errors.Is(err, refusal) {
				j.Errorf("Update() of caller %d = %v", k, err)
			}
		}
		j.view(func(tx journal.Tx) {
			for k := range errs {
				want := []byte("there")
				if k%3 == 0 {
					want = nil
				}
				got, err := tx.Note(fmt.Sprintf("%d-%d", round, k))
				j.same(fmt.Sprintf("Note() of caller %d", k), got, err, want)
				got, err = tx.Get(fmt.Appendf(nil, "row %d-%d", round, k))
				j.same(fmt.Sprintf("Get() of caller %d", k), got, err, want)
			}
			got, err := tx.Note("kept")
			j.same("Note() that refused callers wrote over", got, err, []byte("old"))
			got, err = tx.Get([]byte("h"))
			j.same("Get() of what refused callers wrote over", got, err, []byte("old"))
			streams, err := tx.Streams()
			j.same("Streams()", streams, err, []ledger.Head(nil))
		})
	}
}

func groupInOrder(j *subject) {
	j.update(func(tx journal.Tx) error { return tx.PutNote("last", []byte{0}) })
	for range 10 {
		for k, err := range j.together(8, func(_ int, tx journal.Tx) error {
			last, err := tx.Note("last")
			if err != nil {
				return err
			}
			seq := ledger.Seq(last[0]) + 1 // of what those before it wrote
			return errors.Join(tx.PutNote("last", []byte{byte(seq)}), tx.Append(record(older, seq), fmt.Sprintf("ref-%s-%d", older, seq)))
		}) {
			if err != nil {
				j.Errorf("Update() of caller %d = %v, want nil", k, err)
			}
		}
	}
	j.reopen()
	j.view(func(tx journal.Tx) {
		streams, err := tx.Streams()
		j.same("Streams()", streams, err, []ledger.Head{record(older, 80).Head})
	})
}

// panicAloneInAGroup is fault P6: one caller panics, another one's goroutine
// ends, and those who share the transaction do not notice.
func panicAloneInAGroup(j *subject) {
	for round := range 10 {
		done := make([]bool, 9)
		var group sync.WaitGroup
		for k := range done {
			group.Go(func() {
				defer func() { _ = recover() }()
				err := j.Update(func(tx journal.Tx) error {
					err := tx.PutNote(fmt.Sprintf("%d-%d", round, k), []byte("x"))
					switch k % 3 {
					case 1:
						panic("a bug")
					case 2:
						runtime.Goexit()
					}
					return err
				})
				done[k] = err == nil
			})
		}
		group.Wait()
		j.view(func(tx journal.Tx) {
			for k, done := range done {
				got, err := tx.Note(fmt.Sprintf("%d-%d", round, k))
				if err != nil || done != (k%3 == 0) || done != (got != nil) {
					j.Errorf("caller %d done %v, Note() = %q, %v", k, done, got, err)
				}
			}
		})
	}
}

// longLog goes over what a journal may keep in one piece.
func longLog(j *subject) {
	const count = 6000
	body := make([]byte, 200)
	for from := 1; from <= count; from += 100 {
		j.update(func(tx journal.Tx) error {
			for n := from; n < from+100; n++ {
				r := record(older, ledger.Seq(n))
				r.Raw = append(r.Raw, body...)
				err := errors.Join(tx.Append(r, fmt.Sprint("ref-", n)), tx.PutJob(uint64(n), body), tx.AppendDown(ledger.DownSeq(n), body))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	j.update(func(tx journal.Tx) error { return tx.PutJob(7, []byte("again")) })
	j.reopen()
	j.view(func(tx journal.Tx) {
		for n := 1; n <= count; n += 37 {
			r, err := tx.Referred(fmt.Sprint("ref-", n))
			j.same(fmt.Sprintf("Referred(%d)", n), r.Head, err, record(older, ledger.Seq(n)).Head)
			down, err := tx.Down(ledger.DownSeq(n))
			j.same(fmt.Sprintf("Down(%d)", n), down, err, body)
		}
		streams, err := tx.Streams()
		j.same("Streams()", streams, err, []ledger.Head{record(older, count).Head})
		ids, jobs, err := tx.Jobs(count + 1)
		if err != nil || len(ids) != count || ids[0] != count || ids[count-1] != 1 || string(jobs[count-7]) != "again" {
			j.Errorf("Jobs() = %d jobs from %d, %v; want %d, newest first", len(ids), ids[0], err, count)
		}
		job, err := tx.Job(7)
		j.same("Job(7)", job, err, []byte("again"))
	})
}

// rowsOfEntries stand wherever the journal likes, and come in order of keys.
func rowsOfEntries(j *subject) {
	row := func(prefix byte, i ledger.Incarnation, seq uint64, rest ...byte) []byte {
		b := binary.BigEndian.AppendUint32([]byte{prefix}, uint32(Terminal))
		return append(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, uint64(i)), seq), rest...)
	}
	j.update(func(tx journal.Tx) error { return errors.Join(write(tx, older, 3), write(tx, newer, 2)) })
	keys := [][]byte{
		[]byte("h"), []byte("m12345678"), row('n', 77, 1), row('s', newer, 2), row('s', older, 1), row('s', older, 3),
		row('v', newer, 1, 0, 0, 0, 1), row('v', older, 2, 0, 0, 0, 0), row('v', older, 2, 0, 0, 0, 7), row('w', older, 2), []byte("z"),
	}
	for _, n := range []int{5, 0, 9, 2, 7, 3, 10, 1, 8, 6, 4} {
		j.update(func(tx journal.Tx) error { return tx.PutState(keys[n], []byte{byte(n)}) })
	}
	j.view(func(tx journal.Tx) {
		n := 0
		err := tx.StateRows(func(key, value []byte) error {
			if n == len(keys) || !bytes.Equal(key, keys[n]) || len(value) != 1 || int(value[0]) != n {
				return fmt.Errorf("row %d is %x = %x", n, key, value)
			}
			n++
			return nil
		})
		j.same("StateRows()", n, err, len(keys))
		streams, err := tx.Streams()
		j.same("Streams()", streams, err, []ledger.Head{record(older, 3).Head, record(newer, 2).Head})
		value, err := tx.Get(keys[7])
		j.same("Get()", value, err, []byte{7})
	})
}

// notesOfAnySize grow and shrink.
func notesOfAnySize(j *subject) {
	for _, size := range []int{10, 5000, 0, 600, 20} {
		want := bytes.Repeat([]byte{byte(size)}, size)
		j.update(func(tx journal.Tx) error { return tx.PutNote("note", want) })
		j.view(func(tx journal.Tx) {
			got, err := tx.Note("note")
			if err != nil || !bytes.Equal(got, want) || got == nil {
				j.Errorf("Note() of %d bytes = %d bytes, %v", size, len(got), err)
			}
		})
	}
}
