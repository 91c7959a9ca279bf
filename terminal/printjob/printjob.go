// Package printjob is what is kept of a paper that is to be printed: for which
// entry, how far it has come, and what it says. It prints nothing and decides
// nothing.
package printjob

import (
	"encoding/json"
	"fmt"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/words"
)

// State says how far a print job has come. Stored by name.
type State string

// The states of a print job. Each is on the disk before the act it allows.
const (
	Queued  State = "queued"
	Sending State = "sending" // bytes may be on their way
	Printed State = "printed"
	Unknown State = "unknown" // only the paper tells
	Failed  State = "failed"  // nothing was printed; it may be tried again
)

// Job is one paper to print for one entry. A reprint is the same job with one
// more attempt, so that it carries the same number.
type Job struct {
	ID       uint64           `json:"-"`
	Entry    lot.Origin       `json:"entry"`
	Lane     uint32           `json:"lane"`
	State    State            `json:"state"`
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

// Put keeps a job.
func Put(tx journal.Tx, id uint64, j Job) error {
	b, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("print job %d: %w", id, err)
	}
	return tx.PutJob(id, b)
}

func read(id uint64, b []byte) (Job, error) {
	var j Job
	if err := json.Unmarshal(b, &j); err != nil {
		return j, fmt.Errorf("print job %d: %w", id, err)
	}
	j.ID = id
	return j, nil
}

// Newest lists the newest jobs, newest first.
func Newest(tx journal.Tx, limit int) ([]Job, error) {
	ids, raws, err := tx.Jobs(limit)
	if err != nil {
		return nil, err
	}
	list := make([]Job, len(ids))
	for i := range ids {
		if list[i], err = read(ids[i], raws[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Change changes a job that is kept and returns it as it is now.
func Change(tx journal.Tx, id uint64, change func(*Job)) (Job, error) {
	b, err := tx.Job(id)
	if err != nil {
		return Job{}, err
	}
	j, err := read(id, b)
	if err != nil {
		return j, err
	}
	change(&j)
	return j, Put(tx, id, j)
}
