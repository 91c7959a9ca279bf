// Package crashproof proves that a power cut, a kill or a failing disk takes
// nothing from the terminal's ledger that was confirmed, and leaves nothing of
// what was not. It records every write and flush of a ledger file while a
// script of actions runs, builds each file that a crash could have left, and
// has a child process open it and verify it. scripts/crash.sh runs it with a
// copy of bbolt that has hooks; it never changes the product.
//
// The model of a disk: what was written before the last good flush is there;
// of what was written after it, any subset may be there, in any order, each
// write torn at any 512 bytes. What a failed flush covered is never written by
// a later flush, since the kernel marks those pages clean.
package crashproof

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/pins"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
)

// SectorBytes is the most that a disk writes wholly or not.
const SectorBytes = 512

// noteNames are the small records that a till keeps beside the journal.
var noteNames = func() []string {
	names := []string{journal.HQKeyNote, "acked", "epoch", "leaving", "heal", "in-force-programme", "in-force-software", pins.Note}
	if rules, err := programme.Parse(demo.Programme); err == nil {
		names = append(names, "rules-"+rules.Version())
	}
	for n := 1; n <= till.LanesMax; n++ {
		names = append(names, fmt.Sprintf("lane-%d", n))
	}
	for n := range enrolledMost {
		names = append(names, enrolledNote+hex.EncodeToString(phone(n)))
	}
	return names
}()

// A till remembers whom it enrolled by the hash of their phone number.
const (
	enrolledNote = "enrolled-"
	enrolledMost = 32 // more than any script enrols
)

// phone is what stands for the hash of the n-th number.
func phone(n int) []byte { return fmt.Appendf(nil, "hash %d", n) }

// jobsMost is more print jobs than any script makes.
const jobsMost = 1 << 20

// Digest is the hash of all that a ledger holds.
type Digest [sha256.Size]byte

// DigestOf reads every record of a ledger: entries with the references that
// lead to them, HQ's entries, the folded state, print jobs and notes.
func DigestOf(tx journal.Tx) (d Digest, err error) {
	h := digester{Hash: sha256.New(), tx: tx}
	err = errors.Join(h.entries(), h.down(), h.rest())
	h.Sum(d[:0])
	return d, err
}

type digester struct {
	hash.Hash
	tx journal.Tx
}

// add hashes fields, each with its length before it.
func (d digester) add(fields ...[]byte) {
	for _, f := range fields {
		d.Write(binary.BigEndian.AppendUint32(nil, uint32(len(f))))
		d.Write(f)
	}
}

func (d digester) entries() error {
	streams, err := d.tx.Streams()
	if err != nil {
		return err
	}
	for _, s := range streams {
		for seq := ledger.Seq(1); seq <= s.Seq; seq++ {
			if err := d.entry(s.Incarnation, seq); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d digester) entry(i ledger.Incarnation, seq ledger.Seq) error {
	r, err := d.tx.Record(i, seq)
	if err != nil {
		return err
	}
	d.add([]byte(r.Head.String()), r.Head.Hash[:], r.Signature[:], r.Raw)
	ref, err := refOf(r.Raw)
	if err != nil || ref == "" {
		return err
	}
	to, err := d.tx.Referred(ref)
	if err == nil && to.Head != r.Head {
		err = fmt.Errorf("reference %q leads to %s, not to %s", ref, to.Head, r.Head)
	}
	return err
}

// refs remembers the reference of each entry's bytes: the states of a run hold
// the same few entries again and again.
var refs sync.Map

// refOf is the reference that an entry was written under, or "".
func refOf(raw []byte) (string, error) {
	if ref, ok := refs.Load(string(raw)); ok {
		return ref.(string), nil
	}
	e, err := ledger.Decode(raw)
	if err == nil {
		refs.Store(string(raw), e.Ref)
	}
	return e.Ref, err
}

func (d digester) down() error {
	for seq := ledger.DownSeq(1); ; seq++ {
		raw, err := d.tx.Down(seq)
		if errors.Is(err, journal.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		d.add([]byte("down"), raw)
	}
}

func (d digester) rest() error {
	err := d.tx.StateRows(func(key, value []byte) error {
		d.add([]byte("state"), key, value)
		return nil
	})
	if err != nil {
		return err
	}
	ids, jobs, err := d.tx.Jobs(jobsMost)
	if err != nil {
		return err
	}
	for n, id := range ids {
		d.add([]byte("job"), binary.BigEndian.AppendUint64(nil, id), jobs[n])
	}
	for _, name := range noteNames {
		value, err := d.tx.Note(name)
		if err != nil {
			return err
		}
		d.add([]byte(name), value)
	}
	return nil
}
