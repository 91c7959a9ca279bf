package till

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/slip"
)

// How many of the newest jobs are shown, and how many are looked through at
// the start for those that wait.
const (
	jobsShown    = 8
	jobsSearched = 1000
)

// print queues a paper in the action's own transaction. It is there before the
// action is done, or neither is.
func (t *Till) print(x *clerk.Txn, lane uint32, d *receipt.Document) {
	x.Then(func() error {
		ids, _, err := x.Jobs(1)
		if err != nil {
			return err
		}
		next := uint64(1)
		if len(ids) > 0 {
			next = ids[0] + 1
		}
		j := printjob.Job{Entry: t.Newest(x), Lane: lane, State: printjob.Queued, Attempt: 1, Document: *d}
		if err := printjob.Put(x, next, j); err != nil {
			return err
		}
		x.Landed(func() { t.enqueue(next) })
		return nil
	})
}

// enqueue puts a job at the end of those that wait.
func (t *Till) enqueue(id uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.queue = append(t.queue, id)
}

// Jobs lists the newest print jobs, newest first.
func (t *Till) Jobs() (list []printjob.Job, err error) {
	err = t.o.Journal.View(func(tx journal.Tx) error {
		list, err = printjob.Newest(tx, jobsShown)
		return err
	})
	return list, err
}

// recoverJobs finds the jobs that wait, and marks those that were being sent
// when the daemon ended: only the paper tells whether they were printed.
func (t *Till) recoverJobs() error {
	var sending []printjob.Job
	err := t.o.Journal.View(func(tx journal.Tx) error {
		list, err := printjob.Newest(tx, jobsSearched)
		if err != nil {
			return err
		}
		for _, j := range slices.Backward(list) {
			switch j.State {
			case printjob.Queued:
				t.queue = append(t.queue, j.ID)
			case printjob.Sending:
				j.State, j.Reason = printjob.Unknown, "restart"
				sending = append(sending, j)
			case printjob.Printed, printjob.Unknown, printjob.Failed:
			}
		}
		return nil
	})
	if err != nil || len(sending) == 0 {
		return err
	}
	return t.o.Journal.Update(func(tx journal.Tx) error {
		for _, j := range sending {
			if err := printjob.Put(tx, j.ID, j); err != nil {
				return err
			}
		}
		return nil
	})
}

// NextJob hands out the oldest queued job, which is marked as being sent on
// the disk first; ok is false if there is none.
func (t *Till) NextJob() (next printjob.Job, ok bool, err error) {
	id, ok := t.take()
	if !ok {
		return printjob.Job{}, false, nil
	}
	next, err = t.setJob(id, func(j *printjob.Job) { j.State = printjob.Sending })
	if err != nil {
		t.putFirst(id)
		return printjob.Job{}, false, err
	}
	return next, true, nil
}

// take takes the first of the jobs that wait.
func (t *Till) take() (id uint64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 {
		return 0, false
	}
	id, t.queue = t.queue[0], t.queue[1:]
	return id, true
}

func (t *Till) putFirst(id uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.queue = slices.Insert(t.queue, 0, id)
}

// EndJob records what became of a job that NextJob handed out: in its own
// record and, once it has an end, in the journal. A job that goes back to the
// queue is the next one again.
func (t *Till) EndJob(id uint64, state printjob.State, reason string) error {
	defer t.changed()
	if state == printjob.Queued {
		_, err := t.setJob(id, func(j *printjob.Job) { j.State, j.Reason = state, reason })
		if err == nil {
			t.putFirst(id)
		}
		return err
	}
	end := func(j *printjob.Job) { j.State, j.Reason = state, reason }
	err := t.Update(func(x *clerk.Txn) error {
		j, err := printjob.Change(x, id, end)
		if err != nil {
			return err
		}
		body := &ledger.Printed{Of: j.Entry, Job: id, Attempt: int64(j.Attempt), State: string(state), Reason: reason}
		_, err = t.Append(x, ledger.Entry{Lane: j.Lane, Body: body})
		return err
	})
	if errors.Is(err, clerk.ErrStopped) { // the journal has ended; the paper's record has not
		_, err = t.setJob(id, end)
	}
	return err
}

// Reprint queues a job again under the same number; the paper says so, and the
// journal who asked for it.
func (t *Till) Reprint(by clerk.By, id uint64) error {
	return t.edit(by, func(*lane) error {
		var queued bool
		err := t.Update(func(x *clerk.Txn) error {
			var again bool
			queued = false
			j, err := printjob.Change(x, id, func(j *printjob.Job) {
				switch j.State {
				case printjob.Queued, printjob.Sending:
					return
				case printjob.Printed, printjob.Unknown:
					j.Attempt++
					again = true
				case printjob.Failed: // nothing was printed: it is not a reprint
				}
				j.State, j.Reason, queued = printjob.Queued, "", true
			})
			if err != nil || !again {
				return err
			}
			body := &ledger.Reprint{Of: j.Entry, Job: id, Attempt: int64(j.Attempt)}
			_, err = t.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: body})
			return err
		})
		if errors.Is(err, journal.ErrNotFound) {
			return refuse("no-job")
		}
		if err == nil && queued {
			t.enqueue(id)
		}
		return err
	})
}

func (t *Till) setJob(id uint64, change func(*printjob.Job)) (j printjob.Job, err error) {
	err = t.o.Journal.Update(func(tx journal.Tx) error {
		j, err = printjob.Change(tx, id, change)
		return err
	})
	return j, err
}

// shop is what all papers here have in common.
func (t *Till) shop() slip.Shop {
	return slip.Shop{
		Terminal: t.o.Terminal, Name: t.o.Place.Name, Programme: t.o.Programme, Products: t.o.Products, Members: t.o.Members,
	}
}

func moment(x *clerk.Txn) slip.Moment {
	return slip.Moment{Wall: x.Now.Wall, Clock: x.Now.Quality, Today: x.Today}
}
