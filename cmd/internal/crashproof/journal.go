package crashproof

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Kinds are what a till writes to its journal: every kind of entry, HQ's
// entries, and what is kept beside. A proof must have met each.
var Kinds = func() []string {
	list := []string{
		"sale-award", "sale-deduction", "note-in", "job-queued", "job-sending", "job-printed", "job-failed", "job-unknown",
		"basket", "hq-key", "acked",
	}
	for k := ledger.Kind(1); k.Word() != ledger.Kind(0).Word(); k++ {
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
	if sale, ok := e.Body.(*ledger.Sale); ok {
		s.kinds["sale-award"] = s.kinds["sale-award"] || len(sale.Awards) > 0
		s.kinds["sale-deduction"] = s.kinds["sale-deduction"] || sale.Deduction != nil
		maps.DeleteFunc(s.kinds, func(_ string, met bool) bool { return !met })
	}
	return s.Tx.Append(r, ref)
}

// AppendDown notes that HQ's entry is taken in.
func (s *spy) AppendDown(seq ledger.DownSeq, raw []byte) error {
	s.kinds["note-in"] = true
	return s.Tx.AppendDown(seq, raw)
}

// PutJob notes the step of the print job.
func (s *spy) PutJob(id uint64, job []byte) error {
	var step struct{ State string }
	if err := json.Unmarshal(job, &step); err != nil {
		return fmt.Errorf("print job %d: %w", id, err)
	}
	s.kinds["job-"+step.State] = true
	return s.Tx.PutJob(id, job)
}

// PutNote notes which small record is written.
func (s *spy) PutNote(name string, value []byte) error {
	if !slices.Contains(noteNames, name) {
		return fmt.Errorf("note %s is not in the digest", name)
	}
	if strings.HasPrefix(name, "lane-") {
		s.kinds["basket"] = true
	} else {
		s.kinds[name] = true
	}
	return s.Tx.PutNote(name, value)
}
