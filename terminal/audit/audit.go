// Package audit folds a terminal's ledger anew from its journals and compares
// the result with the state that is stored. It changes nothing and repairs
// nothing: it says what is off.
package audit

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/keyring"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/replay"
	"github.com/jifen-pos/jifen/terminal/signing"
)

// ErrWrong matches what Verify finds wrong.
var ErrWrong = errors.New("ledger does not verify")

// Report is what Verify looked through.
type Report struct {
	Terminal ledger.TerminalID
	Streams  int
	Entries  uint64
	Down     ledger.DownSeq
	Head     ledger.Head
	Totals   []fold.Total
	Aside    []journal.Aside // small records that were damaged, whose bytes are kept
}

// Verify folds a ledger anew from its journals and compares the result with
// the state that is stored: the chain, the signatures of the heads under the
// terminal's key, those of HQ's entries, conservation, and every record. With
// no key the heads' signatures are not checked.
func Verify(j journal.Journal, id ledger.TerminalID, key ed25519.PublicKey) (Report, error) {
	a := Report{Terminal: id}
	err := j.View(func(tx journal.Tx) error {
		v := &verifier{tx: tx, audit: &a, key: key, table: fold.Memory{}, begun: map[ledger.Incarnation]uint64{}}
		return v.run()
	})
	return a, err
}

// Journals checks the journals alone, whatever the state is: the chain, the
// signatures, and that they can be folded. Where they are whole, a rebuild gives
// the state anew.
func Journals(j journal.Journal, id ledger.TerminalID, key ed25519.PublicKey) error {
	return j.View(func(tx journal.Tx) error {
		v := &verifier{tx: tx, audit: &Report{Terminal: id}, key: key, table: fold.Memory{}, alone: true, begun: map[ledger.Incarnation]uint64{}}
		return v.fold()
	})
}

type verifier struct {
	tx    journal.Tx
	audit *Report
	key   ed25519.PublicKey
	table fold.Memory
	alone bool // the journals, and nothing that follows from them
	odd   []odd
	heals []heal
	state func() *fold.State            // as far as it is folded
	begun map[ledger.Incarnation]uint64 // which entry an incarnation began with, counted from 1
}

// heal is what a healed disk got back: the last entries before an incarnation,
// known where that was written down.
type heal struct {
	child ledger.Incarnation
	came  uint64
}

// odd is what only a disk that had gone back excuses: an entry whose reference
// leads to a later one, which was written while it was missing.
type odd struct {
	at    uint64
	later ledger.Incarnation // of what the reference leads to
	err   error
}

func (v *verifier) run() error {
	if err := v.tx.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrWrong, err)
	}
	if err := v.fold(); err != nil {
		return err
	}
	for _, o := range v.odd {
		if !v.excused(o) {
			return fmt.Errorf("%w: %w", ErrWrong, o.err)
		}
	}
	var err error
	v.audit.Aside, err = journal.SetAsides(v.tx)
	return errors.Join(err, v.compare(), v.conserved())
}

// fold folds the journals, and checks each entry.
func (v *verifier) fold() error {
	hqKey, err := v.tx.Note(journal.HQKeyNote)
	if err != nil {
		return err
	}
	open, err := keyring.Walk(hqKey)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrong, err)
	}
	w := &replay.Walk{Tx: v.tx, ID: v.audit.Terminal, Table: v.table, Entry: v.entry, Open: func(raw []byte) (ledger.Down, error) {
		if len(hqKey) == 0 {
			return ledger.Down{}, errors.New("HQ's key is missing")
		}
		return open(raw)
	}}
	v.state = func() *fold.State { return w.State }
	if v.audit.Streams, err = w.Run(); err != nil {
		return fmt.Errorf("%w: %w", ErrWrong, err)
	}
	v.audit.Head, v.audit.Down = w.State.Head(), w.State.Mark()
	return nil
}

// entry checks an entry's link of the chain, its head's signature and its
// reference, once it has been folded.
func (v *verifier) entry(r journal.Record, head ledger.Head, e fold.Effects) error {
	if head != r.Head {
		return fmt.Errorf("chain is broken: %x is stored, the entries give %x", r.Head.Hash[:8], head.Hash[:8])
	}
	if v.key != nil && !signing.Verify(v.key, r.Head.Signed(v.audit.Terminal), r.Signature[:]) {
		return errors.New("the head's signature is not this terminal's")
	}
	v.audit.Entries++
	if head.Seq == 1 {
		v.begun[head.Incarnation] = v.audit.Entries
	}
	if h, ok := e.Entry.Body.(*ledger.Healed); ok {
		v.heals = append(v.heals, heal{h.Child, h.Entries})
	}
	if e.Risk != 0 && !v.alone && v.state().Behind() == 0 { // else it was written before what was missing had come back
		return fmt.Errorf("entry %s took %d beyond what was held: %w", head, e.Risk, ErrWrong)
	}
	if open, ok := e.Entry.Body.(*ledger.Open); ok && open.Parent.Seq > 0 {
		if p, err := v.tx.Record(open.Parent.Incarnation, open.Parent.Seq); err != nil || p.Head != open.Parent {
			return errors.Join(fmt.Errorf("parent %s is not what is stored", open.Parent), err)
		}
	}
	if v.alone {
		return nil
	}
	return v.referred(e.Entry.Ref, r.Head)
}

// referred checks that a reference leads to its entry: else the same action
// could be done twice under it.
func (v *verifier) referred(ref string, head ledger.Head) error {
	if ref == "" {
		return nil
	}
	r, err := v.tx.Referred(ref)
	if err == nil && r.Head != head {
		err = fmt.Errorf("reference %q leads to entry %s", ref, r.Head)
		if other, wrong := ledger.Decode(r.Raw); wrong == nil && other.Ref == ref && r.Head.Incarnation != head.Incarnation {
			v.odd = append(v.odd, odd{v.audit.Entries, r.Head.Incarnation, err})
			return nil
		}
	}
	return err
}

// excused reports whether a disk that had gone back explains what is odd.
func (v *verifier) excused(o odd) bool {
	came := map[ledger.Incarnation]uint64{}
	for _, h := range v.heals {
		came[h.child] += h.came
		child := v.begun[h.child]
		if o.at < child && child-o.at <= came[h.child] && v.begun[o.later] >= child {
			return true
		}
	}
	return false
}

// compare holds every stored record against the folded one.
func (v *verifier) compare() error {
	seen := 0
	err := v.tx.StateRows(func(key, value []byte) error {
		seen++
		if folded, ok := v.table[string(key)]; !ok || !bytes.Equal(folded, value) {
			return fmt.Errorf("record %x is not what the journal gives: %w", key, ErrWrong)
		}
		return nil
	})
	if err == nil && seen != len(v.table) {
		err = fmt.Errorf("%d records are stored, the journal gives %d: %w", seen, len(v.table), ErrWrong)
	}
	return err
}

// conserved adds up what all members hold here and compares it with the
// terminal's own accounts.
func (v *verifier) conserved() error {
	held := map[lot.Asset]lot.Amount{}
	for _, key := range slices.Sorted(maps.Keys(v.table)) {
		if err := fold.AddHeld([]byte(key), v.table[key], held); err != nil {
			return err
		}
		t, ok, err := fold.ReadTotal([]byte(key), v.table[key])
		if err != nil {
			return err
		}
		if ok {
			v.audit.Totals = append(v.audit.Totals, t)
		}
	}
	for _, t := range v.audit.Totals {
		if held[t.Asset] != t.Held() {
			return fmt.Errorf("%s: members hold %d, the accounts say %d: %w", t.Asset, held[t.Asset], t.Held(), ErrWrong)
		}
	}
	return nil
}
