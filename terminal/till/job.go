package till

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/words"
)

// JobState says how far a print job has come. Stored by name.
type JobState string

// The states of a print job. Each is on the disk before the act it allows.
const (
	JobQueued  JobState = "queued"
	JobSending JobState = "sending" // bytes may be on their way
	JobPrinted JobState = "printed"
	JobUnknown JobState = "unknown" // only the paper tells
	JobFailed  JobState = "failed"  // nothing was printed; it may be tried again
)

// How many of the newest jobs are shown, and how many are looked through at
// the start for those that wait.
const (
	jobsShown    = 8
	jobsSearched = 1000
)

// Job is one paper to print for one entry. A reprint is the same job with one
// more attempt, so that it carries the same number.
type Job struct {
	ID       uint64           `json:"-"`
	Entry    lot.Origin       `json:"entry"`
	Lane     uint32           `json:"lane"`
	State    JobState         `json:"state"`
	Attempt  int              `json:"attempt"`
	Reason   string           `json:"reason,omitempty"` // a word of the printer's, when it failed
	Document receipt.Document `json:"document"`
}

// Paper is what the printer is to print: the document, marked as a reprint
// from the second attempt on.
func (j Job) Paper() receipt.Document {
	if j.Attempt < 2 {
		return j.Document
	}
	again := receipt.New(j.Document.Title)
	again.Centre(words.In("zh", "paper-again", fmt.Sprint(j.Attempt-1)), receipt.Bold)
	again.Lines = append(again.Lines, j.Document.Lines...)
	return *again
}

// print notes that a paper belongs to the action: it is queued in the same
// transaction.
func (x *txn) print(d *receipt.Document) {
	x.jobs = append(x.jobs, Job{State: JobQueued, Attempt: 1, Document: *d})
}

func (t *Till) putJobs(x *txn) error {
	if len(x.jobs) == 0 {
		return nil
	}
	ids, _, err := x.Jobs(1)
	if err != nil {
		return err
	}
	next := uint64(1)
	if len(ids) > 0 {
		next = ids[0] + 1
	}
	head := x.state.Head()
	for i, j := range x.jobs {
		x.queued = append(x.queued, next+uint64(i))
		j.Entry = lot.Origin{Terminal: uint32(t.o.Terminal), Incarnation: uint64(head.Incarnation), Seq: uint64(head.Seq)}
		if err := putJob(x, next+uint64(i), j); err != nil {
			return err
		}
	}
	return nil
}

func putJob(tx journal.Tx, id uint64, j Job) error {
	b, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("print job %d: %w", id, err)
	}
	return tx.PutJob(id, b)
}

func readJob(id uint64, b []byte) (Job, error) {
	var j Job
	if err := json.Unmarshal(b, &j); err != nil {
		return j, fmt.Errorf("print job %d: %w", id, err)
	}
	j.ID = id
	return j, nil
}

// jobs lists the newest jobs, newest first.
func jobs(tx journal.Tx, limit int) ([]Job, error) {
	ids, raws, err := tx.Jobs(limit)
	if err != nil {
		return nil, err
	}
	list := make([]Job, len(ids))
	for i := range ids {
		if list[i], err = readJob(ids[i], raws[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Jobs lists the newest print jobs, newest first.
func (t *Till) Jobs() (list []Job, err error) {
	err = t.o.Journal.View(func(tx journal.Tx) error {
		list, err = jobs(tx, jobsShown)
		return err
	})
	return list, err
}

// recoverJobs finds the jobs that wait, and marks those that were being sent
// when the daemon ended: only the paper tells whether they were printed.
func (t *Till) recoverJobs() error {
	var sending []Job
	err := t.o.Journal.View(func(tx journal.Tx) error {
		list, err := jobs(tx, jobsSearched)
		if err != nil {
			return err
		}
		for _, j := range slices.Backward(list) {
			switch j.State {
			case JobQueued:
				t.queue = append(t.queue, j.ID)
			case JobSending:
				j.State, j.Reason = JobUnknown, "restart"
				sending = append(sending, j)
			case JobPrinted, JobUnknown, JobFailed:
			}
		}
		return nil
	})
	if err != nil || len(sending) == 0 {
		return err
	}
	return t.o.Journal.Update(func(tx journal.Tx) error {
		for _, j := range sending {
			if err := putJob(tx, j.ID, j); err != nil {
				return err
			}
		}
		return nil
	})
}

// NextJob hands out the oldest queued job, which is marked as being sent on
// the disk first; ok is false if there is none.
func (t *Till) NextJob() (next Job, ok bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 {
		return Job{}, false, nil
	}
	next, err = t.setJob(t.queue[0], func(j *Job) { j.State = JobSending })
	if err != nil {
		return Job{}, false, err
	}
	t.queue = t.queue[1:]
	return next, true, nil
}

// EndJob records what became of a job that NextJob handed out: in its own
// record and, once it has an end, in the journal. A job that goes back to the
// queue is the next one again.
func (t *Till) EndJob(id uint64, state JobState, reason string) error {
	defer t.changed()
	t.mu.Lock()
	defer t.mu.Unlock()
	if state == JobQueued {
		_, err := t.setJob(id, func(j *Job) { j.State, j.Reason = state, reason })
		if err == nil {
			t.queue = slices.Insert(t.queue, 0, id)
		}
		return err
	}
	return t.update(func(x *txn) error {
		j, err := changeJob(x, id, func(j *Job) { j.State, j.Reason = state, reason })
		if err != nil || t.stopped {
			return err
		}
		body := &ledger.Printed{Of: j.Entry, Job: id, Attempt: int64(j.Attempt), State: string(state), Reason: reason}
		_, err = t.append(x, ledger.Entry{Lane: j.Lane, Body: body})
		return err
	})
}

// Reprint queues a job again under the same number; the paper says so.
func (t *Till) Reprint(by By, id uint64) error {
	return t.edit(by, func(*lane) error {
		queued := false
		_, err := t.setJob(id, func(j *Job) {
			switch j.State {
			case JobQueued, JobSending:
				return
			case JobPrinted, JobUnknown:
				j.Attempt++
			case JobFailed: // nothing was printed: it is not a reprint
			}
			j.State, j.Reason, queued = JobQueued, "", true
		})
		if errors.Is(err, journal.ErrNotFound) {
			return refuse("no-job")
		}
		if queued {
			t.queue = append(t.queue, id)
		}
		return err
	})
}

func (t *Till) setJob(id uint64, change func(*Job)) (j Job, err error) {
	err = t.o.Journal.Update(func(tx journal.Tx) error {
		j, err = changeJob(tx, id, change)
		return err
	})
	return j, err
}

func changeJob(tx journal.Tx, id uint64, change func(*Job)) (Job, error) {
	b, err := tx.Job(id)
	if err != nil {
		return Job{}, err
	}
	j, err := readJob(id, b)
	if err != nil {
		return j, err
	}
	change(&j)
	return j, putJob(tx, id, j)
}

// shop is what all papers here have in common.
func (t *Till) shop() slip.Shop {
	return slip.Shop{
		Terminal: t.o.Terminal, Name: t.o.Place.Name, Programme: t.o.Programme, Products: t.o.Products, Members: t.o.Members,
	}
}

func (x *txn) moment() slip.Moment {
	return slip.Moment{Wall: x.now.Wall, Clock: x.now.Quality, Today: x.today}
}
