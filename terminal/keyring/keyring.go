// Package keyring is the keys of HQ that a terminal believes: the one that it
// learned when it enrolled, and those that HQ's own journal put in its place, each
// under the one before. It never takes a key from anywhere else, and never goes
// back to an earlier one.
package keyring

import (
	"crypto/ed25519"
	"fmt"
	"sync"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// KeysMax bounds the keys of one terminal's life.
const KeysMax = 256

// Ring is them, oldest first. Heard says that HQ has spoken under the newest: it
// is believed in nothing new under another.
type Ring struct {
	Keys  []ed25519.PublicKey
	Heard bool
}

// Parse reads a ring from the note that keeps it: the keys one after the other,
// and a byte more while HQ has not spoken under the newest.
func Parse(note []byte) (Ring, error) {
	r := Ring{Heard: len(note)%ed25519.PublicKeySize == 0}
	for at := 0; at+ed25519.PublicKeySize <= len(note); at += ed25519.PublicKeySize {
		r.Keys = append(r.Keys, note[at:at+ed25519.PublicKeySize:at+ed25519.PublicKeySize])
	}
	if left := len(note) % ed25519.PublicKeySize; left > 1 || left == 1 && len(r.Keys) < 2 || len(r.Keys) > KeysMax {
		return Ring{}, fmt.Errorf("HQ's keys, %d bytes: %w", len(note), codec.ErrMalformed)
	}
	return r, nil
}

// note is what Parse reads.
func (r Ring) note() (b []byte) {
	for _, k := range r.Keys {
		b = append(b, k...)
	}
	if !r.Heard {
		b = append(b, 0)
	}
	return b
}

// Now is the key in force, nil before enrolment.
func (r Ring) Now() ed25519.PublicKey {
	if len(r.Keys) == 0 {
		return nil
	}
	return r.Keys[len(r.Keys)-1]
}

// last is the key under which HQ has spoken last, as far as a ring tells: the newest
// or, while it has not spoken under that, the one before.
func (r Ring) last() int {
	if r.Heard || len(r.Keys) < 2 {
		return max(len(r.Keys)-1, 0)
	}
	return len(r.Keys) - 2
}

// Open reads an entry of HQ's journal. What stands in it up to mark is of an
// earlier key perhaps; what is new is of the one in force.
func (r Ring) Open(raw []byte, mark ledger.DownSeq) (ledger.Down, error) {
	d, err := ledger.OpenDown(raw, r.Now())
	for n := 0; err != nil && n < len(r.Keys)-1; n++ {
		if old, bad := ledger.OpenDown(raw, r.Keys[n]); bad == nil && old.Seq <= mark {
			return old, nil
		}
	}
	return d, err
}

// Follow is the ring after an entry that is taken in.
func (r Ring) Follow(d ledger.Down) (Ring, error) {
	if d.Key == nil {
		return r, nil
	}
	if len(r.Keys) >= KeysMax {
		return r, fmt.Errorf("HQ's key %d: %w", len(r.Keys)+1, codec.ErrMalformed)
	}
	return Ring{Keys: append(r.Keys[:len(r.Keys):len(r.Keys)], d.Key.Key[:])}, nil
}

// Walk opens the entries of a whole journal, in order, from the key that came
// with enrolment on.
func Walk(note []byte) (func(raw []byte) (ledger.Down, error), error) {
	r, err := Parse(note)
	if err != nil {
		return nil, err
	}
	r.Keys = r.Keys[:min(len(r.Keys), 1)]
	return func(raw []byte) (ledger.Down, error) {
		d, err := ledger.OpenDown(raw, r.Now())
		if err == nil {
			r, err = r.Follow(d)
		}
		return d, err
	}, nil
}

// Holder keeps the ring of a terminal that runs. It is safe for concurrent use.
type Holder struct {
	journal journal.Journal
	mu      sync.Mutex
	ring    Ring
	last    int // the key under which HQ has spoken last: it may name two in a row
}

// Load reads what a journal keeps.
func Load(j journal.Journal) (*Holder, error) {
	h := &Holder{journal: j}
	err := j.View(func(tx journal.Tx) error {
		note, err := tx.Note(journal.HQKeyNote)
		if err == nil {
			h.ring, err = Parse(note)
			h.last = h.ring.last()
		}
		return err
	})
	return h, err
}

// Ring is what is believed now.
func (h *Holder) Ring() Ring {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ring
}

// HQKey is HQ's public key, or nil before enrolment.
func (h *Holder) HQKey() ed25519.PublicKey { return h.Ring().Now() }

// FormerHQKeys are those before it under which HQ may have said what is still on its
// way: from the one under which it has spoken last on, newest first; none when that is
// the newest.
func (h *Holder) FormerHQKeys() (keys []ed25519.PublicKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for n := len(h.ring.Keys) - 2; n >= h.last; n-- {
		keys = append(keys, h.ring.Keys[n])
	}
	return keys
}

// SetHQKey remembers HQ's public key, learned at enrolment.
func (h *Holder) SetHQKey(key ed25519.PublicKey) error {
	return h.set(Ring{Keys: []ed25519.PublicKey{key}, Heard: true})
}

// HQKeyHeard notes that HQ has spoken under the newest key.
func (h *Holder) HQKeyHeard() error {
	r := h.Ring()
	if r.Heard {
		return nil
	}
	r.Heard = true
	return h.set(r)
}

func (h *Holder) set(r Ring) error {
	if err := h.journal.Update(func(tx journal.Tx) error { return r.Keep(tx) }); err != nil {
		return fmt.Errorf("keep HQ's key: %w", err)
	}
	h.Use(r)
	return nil
}

// Keep writes the ring in a transaction; Use believes it once that is committed.
func (r Ring) Keep(tx journal.Tx) error { return tx.PutNote(journal.HQKeyNote, r.note()) }

// Use believes a ring from now on.
func (h *Holder) Use(r Ring) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ring = r; r.Heard {
		h.last = r.last()
	}
}
