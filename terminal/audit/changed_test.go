package audit_test

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// changed is a journal of which something is read otherwise than it was
// written, as after somebody has worked on the file.
type changed struct {
	journal.Journal
	record   func(*journal.Record) // of the second entry
	referred func(*journal.Record)
	state    func(value []byte) // of a member
}

func (c changed) View(fn func(journal.Tx) error) error {
	return c.Journal.View(func(tx journal.Tx) error { return fn(changedTx{tx, c}) })
}

type changedTx struct {
	journal.Tx
	changed
}

func (x changedTx) Record(i ledger.Incarnation, seq ledger.Seq) (journal.Record, error) {
	r, err := x.Tx.Record(i, seq)
	if seq == 2 && x.record != nil {
		x.record(&r)
	}
	return r, err
}

func (x changedTx) Referred(ref string) (journal.Record, error) {
	r, err := x.Tx.Referred(ref)
	if x.referred != nil {
		x.referred(&r)
	}
	return r, err
}

func (x changedTx) StateRows(fn func(key, value []byte) error) error {
	return x.Tx.StateRows(func(key, value []byte) error {
		if len(key) == 9 && x.state != nil {
			x.state(value)
		}
		return fn(key, value)
	})
}

// TestVerifyNoticesAnEntryThatWasChanged: the second entry is the signing in,
// which moves nothing and has no reference, so that the chain and the signature
// alone can tell.
func TestVerifyNoticesAnEntryThatWasChanged(t *testing.T) {
	b := newBench(t)
	sell(t, b, "HM10001001V")
	key := b.Key.Public().(ed25519.PublicKey)
	for _, c := range []struct {
		name    string
		changed changed
		key     ed25519.PublicKey
		want    error
	}{
		{"as-written", changed{}, key, nil},
		{"another-hash", changed{record: func(r *journal.Record) { r.Head.Hash[0] ^= 1 }}, nil, audit.ErrWrong},
		{"another-signature", changed{record: func(r *journal.Record) { r.Signature[0] ^= 1 }}, key, audit.ErrWrong},
		{"another-reference", changed{referred: func(r *journal.Record) { r.Head.Seq-- }}, key, audit.ErrWrong},
		{"another-state", changed{state: func(value []byte) { value[len(value)-1] ^= 1 }}, key, audit.ErrWrong},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.changed.Journal = b.Journal
			if _, err := audit.Verify(c.changed, tilltest.Terminal, c.key); !errors.Is(err, c.want) {
				t.Errorf("Verify() = %v, want %v", err, c.want)
			}
		})
	}
}
