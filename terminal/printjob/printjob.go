// Package printjob is what is kept of a paper that is to be printed: of which
// entry, how far it has come and, once it was handed to the printer, what it
// says. It prints nothing and decides nothing.
package printjob

import (
	"encoding/json"
	"fmt"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Limits of a stored job.
const (
	wordBytesMax     = 64
	documentBytesMax = 4 << 20
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

	Sent     State = "sent"     // all of it, to a printer that cannot tell
	Incident State = "incident" // the printer says printed, and paper or cover came in between
	Expired  State = "expired"  // it waited too long; nothing was printed
)

// Why a paper counts as printed, when it was not the printer that said so.
const (
	Seen    = "seen"    // a person looked at it
	Scanned = "scanned" // its code was read from it
)

// Unproved reports whether only the paper itself can tell that it is whole.
func (s State) Unproved() bool { return s == Unknown || s == Sent || s == Incident }

// Job is one paper to print for one entry. It starts as an intent: which paper
// of which entry, and what the entry cannot tell. A reprint is the same job
// with one more attempt, so that it carries the same number.
type Job struct {
	ID      uint64
	Entry   lot.Origin
	Kind    slip.Kind
	N       uint32 // which lot of the entry it is about
	Lane    uint32
	State   State
	Attempt int64
	Reason  string // a word of the printer's, when it failed
	Facts   slip.Facts

	says []byte // the document as first handed out, or none yet
}

// Fields lists the message's fields. Stored: append, never reuse.
func (j *Job) Fields(c *codec.Coder) {
	codec.Value(c, 1, &j.Entry)
	codec.Uint(c, 2, &j.Kind)
	codec.Uint(c, 3, &j.N)
	codec.Uint(c, 4, &j.Lane)
	codec.String(c, 5, &j.State, wordBytesMax)
	codec.Int(c, 6, &j.Attempt)
	codec.String(c, 7, &j.Reason, wordBytesMax)
	codec.Value(c, 8, &j.Facts)
	codec.Bytes(c, 9, &j.says, documentBytesMax)
}

// Notice reports whether the job is about no entry: a paper that the shop puts
// up, of which the journal has no word.
func (j Job) Notice() bool { return j.Entry == lot.Origin{} }

// Keep makes a job say what it says for ever: a reprint shows what was on the
// first paper, whatever names and rules have become since.
func (j *Job) Keep(d receipt.Document) (err error) {
	j.says, err = json.Marshal(d)
	return err
}

// Says is what a job that was handed out once says; ok is false for one that
// is still an intent.
func (j *Job) Says() (d receipt.Document, ok bool, err error) {
	if len(j.says) == 0 {
		return d, false, nil
	}
	if err := json.Unmarshal(j.says, &d); err != nil {
		return d, false, fmt.Errorf("print job %d: %w", j.ID, err)
	}
	return d, true, nil
}

// Paper is a job with what it says.
type Paper struct {
	Job
	Lang     string // of the words that the printing adds
	Document receipt.Document
}

// Marked is what the printer is to print: the document, marked as a reprint
// from the second attempt on.
func (p Paper) Marked() receipt.Document {
	if p.Attempt < 2 {
		return p.Document
	}
	return *p.Document.Again(words.In(p.Lang, "paper-again", fmt.Sprint(p.Attempt-1)))
}

// tokenMost bounds what a token counts to: three letters of base 32.
const tokenMost = 1 << 15

// Token is what the printer is to echo when this attempt is on paper. Number
// and attempt are on the disk before it is used, and one job is on its way at a
// time: no echo of another can be taken for it (dev 4.3).
func (j Job) Token() string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	n := (j.ID*8 + uint64(j.Attempt)%8) % tokenMost
	return string([]byte{letters[n>>10], letters[n>>5&31], letters[n&31], '='})
}

// Prompt is the word of the catalogue that tells the cashier what to do about
// the job, or "".
func (j Job) Prompt() string {
	switch {
	case j.State.Unproved() && j.Kind == slip.Voucher:
		return "prompt-scan"
	case j.State.Unproved():
		return "prompt-look"
	case j.State == Failed, j.State == Expired:
		return "prompt-print"
	}
	return ""
}

// Put keeps a job.
func Put(tx journal.Tx, j Job) error { return tx.PutJob(j.ID, codec.Marshal(&j)) }

func read(id uint64, b []byte) (Job, error) {
	j := Job{ID: id}
	if err := codec.Unmarshal(b, &j); err != nil {
		return j, fmt.Errorf("print job %d: %w", id, err)
	}
	return j, nil
}

// Find returns the job with that number; one that is not there is
// journal.ErrNotFound.
func Find(tx journal.Tx, id uint64) (Job, error) {
	b, err := tx.Job(id)
	if err != nil {
		return Job{}, err
	}
	return read(id, b)
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
func Change(tx journal.Tx, id uint64, change func(*Job) error) (Job, error) {
	j, err := Find(tx, id)
	if err != nil {
		return j, err
	}
	if err := change(&j); err != nil {
		return j, err
	}
	return j, Put(tx, j)
}
