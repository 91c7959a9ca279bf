// Package signer is the keys with which HQ signs. HQ may take another one: each
// terminal hears of it in its journal, under the key that it knows, and from then
// on that journal and what is said to that terminal are of the newest. What an
// earlier key signed or opens stays HQ's. It decides nothing else, and never
// forgets a key that a journal names.
package signer

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/sealed"
	"github.com/jifen-pos/jifen/terminal/hqkey"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ErrMissing says that a journal is signed by a key that HQ has not got.
var ErrMissing = errors.New("a key of HQ is missing")

// Signer has the keys. It is safe for concurrent use.
type Signer struct {
	keys []ed25519.PrivateKey // oldest first

	mu    sync.Mutex
	shown map[ledger.TerminalID]int // which key a terminal showed that it knows
	turns map[ledger.TerminalID][]turn
}

var _ exchange.Voice = Voice{}

// turn is from which entry of a terminal's journal on a key signs.
type turn struct {
	seq ledger.DownSeq // of the entry that named it; 0 for the first
	key int
}

// New makes a signer of HQ's key and those before it, oldest first.
func New(newest ed25519.PrivateKey, former ...ed25519.PrivateKey) *Signer {
	s := &Signer{shown: map[ledger.TerminalID]int{}, turns: map[ledger.TerminalID][]turn{}}
	for _, k := range former {
		if !k.Equal(newest) {
			s.keys = append(s.keys, k)
		}
	}
	s.keys = append(s.keys, newest)
	return s
}

func (s *Signer) newest() int { return len(s.keys) - 1 }

// Public is the newest key's.
func (s *Signer) Public() ed25519.PublicKey {
	return s.keys[s.newest()].Public().(ed25519.PublicKey)
}

// Open reads what some key of HQ signed.
func (s *Signer) Open(raw []byte) (ledger.Down, error) {
	d, _, err := s.open(raw)
	return d, err
}

func (s *Signer) open(raw []byte) (d ledger.Down, key int, err error) {
	for key = s.newest(); key >= 0; key-- {
		if d, err = ledger.OpenDown(raw, s.keys[key].Public().(ed25519.PublicKey)); err == nil {
			return d, key, nil
		}
	}
	return d, 0, err
}

// Unseal reads what a till sealed for HQ.
func (s *Signer) Unseal(b []byte) (plain []byte, err error) {
	for _, k := range slices.Backward(s.keys) {
		if plain, err = sealed.Open(k, b); err == nil {
			break
		}
	}
	return plain, err
}

// Hide is a name under which a text is kept and found again, and from which nobody
// tells the text who has not got HQ's first key.
func (s *Signer) Hide(text string) uint64 {
	mac := hmac.New(sha256.New, s.keys[0].Seed())
	mac.Write([]byte("jifen hidden " + text))
	return binary.BigEndian.Uint64(mac.Sum(nil))
}

// meta has the turns of a terminal's journal: a number and a key each, as
// "0:ab… 17:cd…".
func meta(id ledger.TerminalID) string { return "hq-keys-" + id.String() }

// turnsOf are the turns of a terminal's journal. One that says nothing is of the
// first key throughout.
func (s *Signer) turnsOf(tx book.Tx, id ledger.TerminalID) ([]turn, error) {
	text, err := tx.Meta(meta(id))
	if err != nil || text == "" {
		return []turn{{0, 0}}, err
	}
	var list []turn
	for part := range strings.FieldsSeq(text) {
		number, key, _ := strings.Cut(part, ":")
		seq, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("keys of %s: %w", id, err)
		}
		at := slices.IndexFunc(s.keys, func(k ed25519.PrivateKey) bool { return name(k) == key })
		if at < 0 {
			return nil, fmt.Errorf("the one of %s, %s…: put its file back: %w", id, key[:min(len(key), 8)], ErrMissing)
		}
		list = append(list, turn{ledger.DownSeq(seq), at})
	}
	return list, nil
}

func name(k ed25519.PrivateKey) string { return hex.EncodeToString(k.Public().(ed25519.PublicKey)) }

func (s *Signer) put(tx book.Tx, id ledger.TerminalID, list []turn) error {
	parts := make([]string, len(list))
	for i, t := range list {
		parts[i] = fmt.Sprintf("%d:%s", t.seq, name(s.keys[t.key]))
	}
	s.mu.Lock()
	delete(s.turns, id)
	s.mu.Unlock()
	return tx.PutMeta(meta(id), strings.Join(parts, " "))
}

// Met is the key under which the journal for a terminal that enrols begins: the one
// that it knows, from a time that the book forgot, or the newest; unless something was
// written for it already.
func (s *Signer) Met(tx book.Tx, t book.Terminal, knows ed25519.PublicKey) (ed25519.PublicKey, error) {
	list := []turn{{0, s.newest()}}
	if at := slices.IndexFunc(s.keys, func(k ed25519.PrivateKey) bool { return knows.Equal(k.Public()) }); at >= 0 {
		list[0].key = at
	}
	var err error
	if t.DownSeq == 0 {
		err = s.put(tx, t.ID, list)
	} else {
		list, err = s.turnsOf(tx, t.ID)
	}
	if err != nil {
		return nil, err
	}
	return s.keys[list[0].key].Public().(ed25519.PublicKey), nil
}

// Next is the key for the next entry of a terminal's journal and, where that is
// not the newest, what the entry must say first.
func (s *Signer) Next(tx book.Tx, id ledger.TerminalID) (ed25519.PrivateKey, *hqkey.Change, error) {
	if s.newest() == 0 {
		return s.keys[0], nil, nil
	}
	list, err := s.turnsOf(tx, id)
	if err != nil {
		return nil, nil, err
	}
	at := list[len(list)-1].key
	if at == s.newest() {
		return s.keys[at], nil, nil
	}
	next := &hqkey.Change{}
	copy(next.Key[:], s.keys[at+1].Public().(ed25519.PublicKey))
	return s.keys[at], next, nil
}

// Turned notes an entry of a terminal's journal that named another key.
func (s *Signer) Turned(tx book.Tx, d ledger.Down) error {
	if d.Key == nil {
		return nil
	}
	list, err := s.turnsOf(tx, d.Terminal)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(s.keys, func(k ed25519.PrivateKey) bool { return name(k) == hex.EncodeToString(d.Key.Key[:]) })
	if at < 0 {
		return fmt.Errorf("entry %d for %s: put its file back: %w", d.Seq, d.Terminal, ErrMissing)
	}
	return s.put(tx, d.Terminal, append(list, turn{d.Seq, at}))
}

// Regained notes an entry of a terminal's journal that HQ had forgotten. Under which key
// it is signed tells which one the terminal knows, where an older book does not.
func (s *Signer) Regained(tx book.Tx, d ledger.Down, raw []byte) error {
	_, by, err := s.open(raw)
	if err != nil {
		return err
	}
	list, err := s.turnsOf(tx, d.Terminal)
	if err != nil {
		return err
	}
	if last := &list[len(list)-1]; last.key < by {
		if last.seq == d.Seq-1 {
			last.key = by
		} else {
			list = append(list, turn{d.Seq - 1, by})
		}
		err = s.put(tx, d.Terminal, list)
	}
	return errors.Join(err, s.Turned(tx, d))
}

// Voice says under which key each terminal believes HQ.
type Voice struct {
	*Signer
	Book book.Book
}

// Showed notes which key a terminal knows, by the newest entry of HQ's journal
// that it has: a book that was put back may know less of it.
func (s *Signer) Showed(id ledger.TerminalID, last []byte) {
	if s.newest() == 0 {
		return
	}
	key := -1
	if d, by, err := s.open(last); err == nil && len(last) > 0 {
		key = by
		if d.Key != nil {
			key = slices.IndexFunc(s.keys, func(k ed25519.PrivateKey) bool { return name(k) == hex.EncodeToString(d.Key.Key[:]) })
		}
	}
	s.mu.Lock()
	s.shown[id] = key
	s.mu.Unlock()
}

// Guesses are those under which a terminal that the book has not got may believe HQ:
// the one that it showed, or all.
func (s *Signer) Guesses(id ledger.TerminalID) []ed25519.PrivateKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.shown[id]; ok && at >= 0 {
		return s.keys[at : at+1]
	}
	return s.keys
}

// Key is the one under which a terminal believes HQ, by how far it says that it has
// HQ's journal or, if it has not said so, as HQ's book has it.
func (v Voice) Key(id ledger.TerminalID, has ledger.DownSeq, says bool) (ed25519.PrivateKey, error) {
	s := v.Signer
	if s.newest() == 0 {
		return s.keys[0], nil
	}
	s.mu.Lock()
	list, known := s.turns[id]
	at, ok := s.shown[id]
	s.mu.Unlock()
	if !known || !says {
		err := v.Book.View(func(tx book.Tx) error {
			t, err := tx.Terminal(id)
			if err == nil && !says {
				has = t.DownApplied
			}
			if err == nil || errors.Is(err, book.ErrNotFound) {
				list, err = s.turnsOf(tx, id)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if list[len(list)-1].key == s.newest() { // nothing more will come to it
			s.mu.Lock()
			s.turns[id] = list
			s.mu.Unlock()
		}
	}
	if !ok {
		at = -1
	}
	for _, t := range list {
		if t.seq <= has {
			at = max(at, t.key)
		}
	}
	return s.keys[max(at, 0)], nil
}

// Behind lists the terminals whose journals do not name the newest key yet. It
// looks whether each key that a journal names is there, and has a journal that
// says nothing yet say the first.
func (s *Signer) Behind(tx book.Tx) (late []ledger.TerminalID, err error) {
	terminals, err := tx.Terminals()
	for _, t := range terminals {
		if t.Key == nil || err != nil {
			continue
		}
		var list []turn
		if list, err = s.turnsOf(tx, t.ID); err != nil {
			break
		}
		if text, bad := tx.Meta(meta(t.ID)); bad != nil {
			err = bad
		} else if text == "" {
			err = s.put(tx, t.ID, list)
		}
		if list[len(list)-1].key != s.newest() {
			late = append(late, t.ID)
		}
	}
	return late, err
}
