package crashproof

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/printjob"
)

// Kinds are what a till writes to its journal: every kind of entry, what may
// stand inside a sale, HQ's entries, and what is kept beside. A proof must have
// met each.
var Kinds = func() []string {
	list := []string{
		"sale-award", "sale-deduction", "sale-coupon", "sale-redemption", "sale-rounding", "recall-answered", "claim",
		"note-in", "recall-in", "alias-in", "settled-in", "ruling-in",
		"job-queued", "job-sending", "job-printed", "job-failed", "job-unknown", "basket", "hq-key", "acked", "leaving", "enrolled", "pins", "unlock-in", "key-in", "epoch",
	}
	for k := ledger.Kind(1); k <= ledger.KindMax; k++ {
		list = append(list, kindName(k))
	}
	return list
}()

func kindName(k ledger.Kind) string { return strings.TrimPrefix(k.Word(), "kind-") }

// Journal is a real ledger file whose commits are noted by a recorder.
type Journal struct {
	Store    *boltstore.Store
	Recorder *Recorder
}

var _ journal.Journal = (*Journal)(nil)

// NewJournal notes what the ledger holds already as commit 0.
func NewJournal(s *boltstore.Store, r *Recorder) (*Journal, error) {
	j := &Journal{Store: s, Recorder: r}
	return j, j.Seen()
}

// Seen notes that what the ledger holds now is what callers learn from it: it
// must be there from now on.
func (j *Journal) Seen() error {
	var c Commit
	err := j.Store.View(func(tx journal.Tx) (err error) {
		c.Digest, err = DigestOf(tx)
		return err
	})
	if err == nil {
		j.Recorder.confirm(j.Recorder.begin(c))
	}
	return err
}

// Update runs fn, and notes what the commit leaves before it is written, and
// that it was confirmed.
func (j *Journal) Update(fn func(journal.Tx) error) error {
	n := 0
	err := j.Store.Update(func(tx journal.Tx) error {
		spy := &spy{Tx: tx, kinds: map[string]bool{}}
		if err := fn(spy); err != nil {
			return err
		}
		digest, err := DigestOf(tx)
		if err != nil {
			return err
		}
		n = j.Recorder.begin(Commit{Digest: digest, Kinds: slices.Sorted(maps.Keys(spy.kinds))})
		return nil
	})
	if err == nil {
		j.Recorder.confirm(n)
	}
	return err
}

// View reads the ledger.
func (j *Journal) View(fn func(journal.Tx) error) error { return j.Store.View(fn) }

// spy notes what kinds of action a transaction writes.
type spy struct {
	journal.Tx
	kinds map[string]bool
}

// Append notes the entry's kind.
func (s *spy) Append(r journal.Record, ref string) error {
	e, err := ledger.Decode(r.Raw)
	if err != nil {
		return err
	}
	s.kinds[kindName(e.Body.Kind())] = true
	for kind, met := range inside(e.Body) {
		if met {
			s.kinds[kind] = true
		}
	}
	return s.Tx.Append(r, ref)
}

// inside says what an entry has inside that is more than its kind.
func inside(b ledger.Body) map[string]bool {
	switch b := b.(type) {
	case *ledger.Sale:
		return map[string]bool{
			"sale-award": len(b.Awards) > 0, "sale-deduction": b.Deduction != nil, "sale-coupon": len(b.Coupons) > 0,
			"sale-redemption": len(b.Redemptions) > 0, "sale-rounding": b.Rounded > 0,
		}
	case *ledger.NoteGiven:
		return map[string]bool{"recall-answered": b.Recall != 0}
	case *ledger.CheckIn:
		return map[string]bool{"claim": b.Once.Claim}
	}
	return nil
}

// AppendDown notes that HQ's entry is taken in, and what it is.
func (s *spy) AppendDown(seq ledger.DownSeq, raw []byte) error {
	d, err := ledger.OpenDown(raw, nil)
	if err != nil {
		return err
	}
	for kind, met := range map[string]bool{
		"note-in": d.Note != nil, "recall-in": d.Recall != nil, "alias-in": d.Alias != nil, "settled-in": d.Settled != nil,
		"ruling-in": d.Ruling != nil, "unlock-in": d.Unlock != nil, "key-in": d.Key != nil,
	} {
		if met {
			s.kinds[kind] = true
		}
	}
	return s.Tx.AppendDown(seq, raw)
}

// PutJob notes the step of the print job.
func (s *spy) PutJob(id uint64, job []byte) error {
	var step printjob.Job
	if err := codec.Unmarshal(job, &step); err != nil {
		return fmt.Errorf("print job %d: %w", id, err)
	}
	s.kinds["job-"+string(step.State)] = true
	return s.Tx.PutJob(id, job)
}

// PutNote notes which small record is written.
func (s *spy) PutNote(name string, value []byte) error {
	if !slices.Contains(noteNames, name) {
		return fmt.Errorf("note %s is not in the digest", name)
	}
	switch {
	case strings.HasPrefix(name, "lane-"):
		s.kinds["basket"] = true
	case strings.HasPrefix(name, enrolledNote):
		s.kinds["enrolled"] = true
	default:
		s.kinds[name] = true
	}
	return s.Tx.PutNote(name, value)
}
