package press

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/slip"
)

// Doubt is how sure the papers of a terminal are, for a screen.
type Doubt struct {
	Unproved int  // papers that somebody must look at or scan
	Held     bool // printing has stopped until somebody has
}

// Doubt tells how sure the papers are.
func (p *Press) Doubt() Doubt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Doubt{Unproved: len(p.unproved), Held: p.unknowns >= unknownsMax}
}

// about is the lot that a job's paper is about.
func about(j printjob.Job) lot.ID {
	if j.Kind != slip.Voucher {
		return lot.ID{}
	}
	return lot.ID{Origin: j.Entry, N: j.N}
}

// count keeps how a job ended in mind: which papers are unproved, and how many
// outcomes in a row nobody knows. A printer that cannot tell is not one that
// fails, and a receipt that it took without a word needs nobody.
func (p *Press) count(id uint64, state printjob.State) error {
	j, err := p.job(id)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.unproved, id)
	if state.Unproved() && (state != printjob.Sent || j.Kind == slip.Voucher) && len(p.unproved) < jobsSearched {
		p.unproved[id] = about(j)
	}
	switch state {
	case printjob.Unknown:
		p.unknowns++
	case printjob.Printed, printjob.Sent, printjob.Incident:
		p.unknowns = 0
	case printjob.Queued, printjob.Sending, printjob.Failed, printjob.Expired:
	}
	return nil
}

func (p *Press) job(id uint64) (j printjob.Job, err error) {
	err = p.o.Journal.View(func(tx journal.Tx) error {
		j, err = printjob.Find(tx, id)
		return err
	})
	return j, err
}

// answered notes that a person has dealt with a job: printing goes on.
func (p *Press) answered(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.unproved, id)
	p.unknowns = 0
}

// Settle records that a person looked at a paper and found it whole. A job
// whose paper needs no proof stays as it is; one that is not there is
// journal.ErrNotFound.
func (p *Press) Settle(by clerk.By, id uint64) error { return p.prove(by, id, printjob.Seen) }

// Prove records that a voucher's code was read from its paper, if that was
// still in doubt: the best proof there is (dev 1.12). ok is false if it was not.
func (p *Press) Prove(by clerk.By, voucher lot.ID) (ok bool, err error) {
	id, ok := p.doubted(voucher)
	if !ok {
		return false, nil
	}
	return true, p.prove(by, id, printjob.Scanned)
}

func (p *Press) doubted(voucher lot.ID) (id uint64, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, about := range p.unproved {
		if about == voucher {
			return id, true
		}
	}
	return 0, false
}

func (p *Press) prove(by clerk.By, id uint64, how string) error {
	defer p.changed()
	err := p.o.Clerk.Update(func(x *clerk.Txn) error {
		proved := false
		j, err := printjob.Change(x, id, func(j *printjob.Job) error {
			if proved = j.State.Unproved(); proved {
				j.State, j.Reason = printjob.Printed, how
			}
			return nil
		})
		if err != nil || !proved || j.Notice() {
			return err
		}
		body := &ledger.Printed{Of: j.Entry, Job: id, Attempt: j.Attempt, State: string(printjob.Printed), Reason: how}
		_, err = p.o.Clerk.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: body})
		return err
	})
	if err != nil {
		return fmt.Errorf("prove print job %d: %w", id, err)
	}
	p.answered(id)
	return nil
}
