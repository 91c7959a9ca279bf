// Package press takes papers from the action that wants one to the printer: it
// keeps the intent in the action's own transaction, makes the paper from the
// journal when the printer is ready for it, and writes down what became of it.
// It starts no goroutine and knows no printer; what a paper says is slip's.
package press

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/slip"
)

// How many of the newest jobs are looked at, and how many are looked through at
// the start for those that wait.
const (
	jobsShown    = 8
	jobsSearched = 1000
)

// Limits of patience.
const (
	lateAfter    = 20 * time.Minute // then a paper is not printed by itself: the customer has gone (dev 4.4, point 8)
	drawerWithin = 30 * time.Second // a drawer does not open later than this: nobody may stand before it
	unknownsMax  = 2                // unknown outcomes one after another that stop the queue
)

// Options are the parts a press is made of.
type Options struct {
	Journal journal.Journal
	Clerk   *clerk.Clerk
	Shop    slip.Shop // its programme is for entries whose own is not known
	Rules   func(tx journal.Tx, version string) (*programme.Programme, error)
	Now     func() clerk.Reading
	Changed func() // something that a screen shows has changed
	Log     *slog.Logger
}

// Press is the papers of one terminal. It is safe for concurrent use.
type Press struct {
	o Options

	mu       sync.Mutex
	shop     slip.Shop
	queue    []waiting         // oldest first
	handed   waiting           // the last one that was handed out
	unknowns int               // outcomes, one after another, that nobody knows
	unproved map[uint64]lot.ID // of the jobs that only their paper can prove, what each is about
	torn     bool              // a job was being sent when the daemon ended
}

// waiting is a job that waits.
type waiting struct {
	id    uint64
	since time.Duration // since boot, when it was queued; 0 by an earlier daemon
}

// New finds the jobs that wait, and marks those that were being sent when the
// daemon ended: only the paper tells whether they were printed.
func New(o Options) (*Press, error) {
	p := &Press{o: o, shop: o.Shop, unproved: map[uint64]lot.ID{}}
	var sending, queued []printjob.Job
	err := o.Journal.View(func(tx journal.Tx) error {
		list, err := printjob.Newest(tx, jobsSearched)
		if err != nil {
			return err
		}
		for _, j := range slices.Backward(list) {
			switch j.State {
			case printjob.Queued:
				p.queue = append(p.queue, waiting{id: j.ID})
				queued = append(queued, j)
			case printjob.Sending:
				sending = append(sending, j)
			case printjob.Unknown, printjob.Sent, printjob.Incident:
				p.unproved[j.ID] = about(j)
			case printjob.Printed, printjob.Failed, printjob.Expired:
			}
		}
		return nil
	})
	d, ok := o.Journal.(journal.Doubtful)
	if ok && d.Doubtful() && len(sending) == 0 && len(queued) > 0 { // that it was being sent may be what is gone
		sending, p.queue = queued[:1], p.queue[1:]
	}
	if err != nil || len(sending) == 0 {
		return p, err
	}
	p.torn = true
	return p, o.Journal.Update(func(tx journal.Tx) error {
		for _, j := range sending {
			j.State, j.Reason = printjob.Unknown, "restart"
			p.unproved[j.ID] = about(j)
			if err := printjob.Put(tx, j); err != nil {
				return err
			}
		}
		return nil
	})
}

// Print queues a paper of the action's own entry in the action's transaction:
// it is there before the action is done, or neither is. n is the lot of the
// entry that the paper is about. Nothing of the paper is made yet.
func (p *Press) Print(x *clerk.Txn, lane uint32, kind slip.Kind, n uint32, facts slip.Facts) {
	x.Then(func() error {
		ids, _, err := x.Jobs(1)
		if err != nil {
			return err
		}
		next := uint64(1)
		if len(ids) > 0 {
			next = ids[0] + 1
		}
		x.Landed(func() { p.putLast(next) })
		return printjob.Put(x, printjob.Job{
			ID: next, Entry: p.o.Clerk.Newest(x), Kind: kind, N: n, Lane: lane, State: printjob.Queued, Attempt: 1, Facts: facts,
		})
	})
}

// Jobs lists the newest papers, newest first, with what they say or will say.
func (p *Press) Jobs() (list []printjob.Paper, err error) {
	err = p.o.Journal.View(func(tx journal.Tx) error {
		jobs, err := printjob.Newest(tx, jobsShown)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			paper, err := p.paper(tx, &j)
			if err != nil {
				return err
			}
			list = append(list, paper)
		}
		return nil
	})
	return list, err
}

// paper is a job with what it says: what it said the first time or, if it has
// not been handed out yet, what its entry says.
func (p *Press) paper(tx journal.Tx, j *printjob.Job) (printjob.Paper, error) {
	shop := p.today()
	d, ok, err := j.Says()
	if err != nil || ok {
		return printjob.Paper{Job: *j, Lang: shop.Lang, Document: d}, err
	}
	e, hash, err := entryOf(tx, j)
	if err != nil {
		return printjob.Paper{}, err
	}
	if rules, err := p.o.Rules(tx, e.Programme); err == nil {
		shop.Programme = rules
	} else {
		p.o.Log.Warn("a paper is made by today's rules", "job", j.ID, "rules", e.Programme, "error", err)
	}
	made, err := shop.Paper(j.Kind, lot.ID{Origin: j.Entry, N: j.N}, e, hash, j.Facts)
	if err != nil {
		return printjob.Paper{}, fmt.Errorf("print job %d: %w", j.ID, err)
	}
	return printjob.Paper{Job: *j, Lang: shop.Lang, Document: *made}, nil
}

// UseShop has papers be made for the shop as it is from here on.
func (p *Press) UseShop(s slip.Shop) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shop = s
}

func (p *Press) today() slip.Shop {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shop
}

// entryOf reads the entry that a job is about, and its hash.
func entryOf(tx journal.Tx, j *printjob.Job) (ledger.Entry, ledger.Hash, error) {
	r, err := tx.Record(ledger.Incarnation(j.Entry.Incarnation), ledger.Seq(j.Entry.Seq))
	if err != nil {
		return ledger.Entry{}, ledger.Hash{}, fmt.Errorf("print job %d: %w", j.ID, err)
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil {
		return ledger.Entry{}, ledger.Hash{}, fmt.Errorf("print job %d: %w", j.ID, err)
	}
	return e, r.Head.Hash, nil
}

// NextJob hands out the oldest paper that waits; ok is false if there is none.
// That it is being sent, and what it says, is on the disk first. A paper that
// cannot be made has failed and keeps no other waiting.
func (p *Press) NextJob() (next printjob.Paper, ok bool, err error) {
	for {
		w, ok := p.take()
		if !ok {
			return printjob.Paper{}, false, nil
		}
		id := w.id
		var unmade error
		state, reason := printjob.Failed, "document"
		err := p.o.Journal.Update(func(tx journal.Tx) error {
			_, err := printjob.Change(tx, id, func(j *printjob.Job) error {
				j.State = printjob.Sending
				if next, unmade = p.paper(tx, j); unmade != nil {
					return unmade
				}
				waited, old, err := p.age(tx, w, j)
				if err != nil {
					return err
				}
				if waited > lateAfter && j.Kind != slip.Day && j.Attempt == 1 {
					unmade, state, reason = errLate, printjob.Expired, "late"
					return unmade
				}
				if max(waited, old.Abs()) > drawerWithin {
					next.Document = *next.Document.Shut()
				}
				return j.Keep(next.Document)
			})
			return err
		})
		switch {
		case unmade != nil:
			p.o.Log.Error("paper is not printed", "job", id, "error", unmade)
			if err := p.EndJob(id, state, reason); err != nil {
				return printjob.Paper{}, false, err
			}
		case err != nil:
			p.putFirst(w)
			return printjob.Paper{}, false, err
		default:
			return next, true, nil
		}
	}
}

// errLate says that a paper waited for too long.
var errLate = errors.New("the paper waited too long")

// age is how long a paper has waited since it was queued, and how old its entry
// is by the wall clock, which may have been set since. Of a job of an earlier
// daemon only the second is known. A notice is never too late.
func (p *Press) age(tx journal.Tx, w waiting, j *printjob.Job) (waited, old time.Duration, err error) {
	if j.Notice() {
		return 0, 0, nil
	}
	e, _, err := entryOf(tx, j)
	if err != nil {
		return 0, 0, err
	}
	now := p.o.Now()
	old = now.Wall.Sub(time.UnixMilli(e.Wall))
	if w.since != 0 {
		return now.Mono - w.since, old, nil
	}
	return old, old, nil
}

// Waiting reports whether a paper waits that may be handed out.
func (p *Press) Waiting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.queue) > 0 && p.unknowns < unknownsMax
}

// Torn reports whether a job was being sent when the last daemon ended: the
// printer may stand in the middle of it.
func (p *Press) Torn() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.torn
}

// take takes the first of the jobs that wait. After several outcomes in a row
// that nobody knows none is handed out, until a person has looked.
func (p *Press) take() (w waiting, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 || p.unknowns >= unknownsMax {
		return waiting{}, false
	}
	w, p.queue = p.queue[0], p.queue[1:]
	p.handed = w
	return w, true
}

// putBack puts the job that was handed out last first again.
func (p *Press) putBack(id uint64) {
	p.mu.Lock()
	w := waiting{id: id}
	if p.handed.id == id {
		w = p.handed
	}
	p.mu.Unlock()
	p.putFirst(w)
}

func (p *Press) putFirst(w waiting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = slices.Insert(p.queue, 0, w)
}

func (p *Press) putLast(id uint64) {
	since := p.o.Now().Mono
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, waiting{id, since})
}

// EndJob records what became of a job that NextJob handed out: in its own
// record and, once it has an end, in the journal. A job that goes back to the
// queue is the next one again.
func (p *Press) EndJob(id uint64, state printjob.State, reason string) error {
	defer p.changed()
	end := func(j *printjob.Job) error {
		j.State, j.Reason = state, reason
		return nil
	}
	alone := func() error {
		return p.o.Journal.Update(func(tx journal.Tx) error {
			_, err := printjob.Change(tx, id, end)
			return err
		})
	}
	before, err := p.job(id)
	switch {
	case err != nil:
		return err
	case state == printjob.Queued:
		if err = alone(); err == nil {
			p.putBack(id)
		}
		return err
	case before.Notice():
		if err = alone(); err == nil {
			err = p.count(id, state)
		}
		return err
	}
	err = p.o.Clerk.Update(func(x *clerk.Txn) error {
		j, err := printjob.Change(x, id, end)
		if err != nil {
			return err
		}
		body := &ledger.Printed{Of: j.Entry, Job: id, Attempt: j.Attempt, State: string(state), Reason: reason}
		_, err = p.o.Clerk.Append(x, ledger.Entry{Lane: j.Lane, Body: body})
		return err
	})
	if errors.Is(err, clerk.ErrStopped) { // the journal has ended; the paper's record has not
		err = alone()
	}
	if err == nil {
		err = p.count(id, state)
	}
	return err
}

// Reprint queues a job again under the same number; the paper says so, and the
// journal who asked for it. A job that is not there is journal.ErrNotFound.
func (p *Press) Reprint(by clerk.By, id uint64) error {
	var queued bool
	err := p.o.Clerk.Update(func(x *clerk.Txn) error {
		var again bool
		queued = false
		j, err := printjob.Change(x, id, func(j *printjob.Job) error {
			switch j.State {
			case printjob.Queued, printjob.Sending:
				return nil
			case printjob.Printed, printjob.Unknown, printjob.Sent, printjob.Incident:
				if again = !j.Notice(); again {
					j.Attempt++
				}
			case printjob.Failed, printjob.Expired: // nothing was printed: it is not a reprint
			}
			j.State, j.Reason, queued = printjob.Queued, "", true
			return nil
		})
		if err != nil || !again {
			return err
		}
		body := &ledger.Reprint{Of: j.Entry, Job: id, Attempt: j.Attempt}
		_, err = p.o.Clerk.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: body})
		return err
	})
	if err == nil && queued {
		p.answered(id)
		p.putLast(id)
	}
	return err
}

func (p *Press) changed() {
	if p.o.Changed != nil {
		p.o.Changed()
	}
}
