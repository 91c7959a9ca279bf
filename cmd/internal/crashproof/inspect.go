package crashproof

import (
	"bufio"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Question asks a child process about a ledger file.
type Question struct {
	Path string
	// Birth: the file is the one made aside for a new ledger; after a restart
	// there must be a whole ledger under the final name.
	Birth bool
	// Write: it is opened to write, and written to, before it is looked through.
	Write bool
	// Members whose points are asked for, as a till that opens the file to
	// write would serve them.
	Members []member.ID
}

// Finding is what a child process found.
type Finding struct {
	Fault    string // why the file is no good, or ""
	Digest   Digest
	Streams  []ledger.Head
	Balances []Balance
	Served   string // why the balances were not served, or ""
	Died     bool   // the process died or hung
}

// Balance is what one member holds of one asset.
type Balance struct {
	Member member.ID
	Asset  lot.Asset
	Amount lot.Amount
}

// benchKey is the public key of the bench's terminal.
var benchKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)

// Serve answers questions until there are no more. It is what a child process
// does: a damaged file may end the process (bolt R8).
func Serve(in io.Reader, out io.Writer) error {
	debug.SetPanicOnFault(true)
	answers := json.NewEncoder(out)
	for questions := json.NewDecoder(bufio.NewReader(in)); ; {
		var q Question
		if err := questions.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(answer(q)); err != nil {
			return err
		}
	}
}

func answer(q Question) (f Finding) {
	f.Fault = survive(func() error {
		switch {
		case q.Birth:
			return birth(q.Path)
		case q.Write:
			if err := write(q.Path); err != nil {
				return err
			}
		}
		return f.inspect(q)
	})
	if len(q.Members) > 0 {
		f.Served = survive(func() error { return f.serve(q) })
	}
	return f
}

// survive runs what a damaged file may make panic, and returns what was wrong.
func survive(fn func() error) (fault string) {
	defer func() {
		if p := recover(); p != nil {
			fault = fmt.Sprintf("panic: %v", p)
		}
	}()
	if err := fn(); err != nil {
		return err.Error()
	}
	return ""
}

// inspect opens a file as it is, and looks through all of it.
func (f *Finding) inspect(q Question) error {
	s, err := boltstore.OpenRead(q.Path)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.View(f.read); err != nil {
		return err
	}
	if !verified[f.Digest] {
		if _, err := audit.Verify(s, tilltest.Terminal, benchKey); err != nil {
			return err
		}
		verified[f.Digest] = true
	}
	return check(q.Path)
}

// verified are the contents that this process has folded anew and found right.
// The hash is over all that the verifier reads but the store's own check, so
// that the same content needs it once.
var verified = map[Digest]bool{}

func (f *Finding) read(tx journal.Tx) (err error) {
	if err := tx.Check(); err != nil {
		return err
	}
	if f.Digest, err = DigestOf(tx); err != nil {
		return err
	}
	f.Streams, err = tx.Streams()
	return err
}

// write makes a commit that changes nothing.
func write(path string) error {
	s, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Update(func(journal.Tx) error { return nil })
}

// check has bbolt look at every page: none lost, none used twice.
func check(path string) (err error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		return fmt.Errorf("open pages: %w", err)
	}
	defer db.Close()
	return db.View(func(tx *bolt.Tx) (first error) {
		for err := range tx.Check() {
			if first == nil {
				first = fmt.Errorf("pages: %w", err)
			}
		}
		return first
	})
}

// birth starts a terminal for the first time, or once more: whatever lies
// aside, nothing lies at the final name, and a whole ledger can be made.
func birth(path string) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there before it is whole", path)
	}
	s, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if err := (&Finding{}).inspect(Question{Path: path}); err != nil {
		return err
	}
	return os.Remove(path)
}

// serve reads balances as a daemon does that opens the file to write.
func (f *Finding) serve(q Question) error {
	s, err := boltstore.Open(q.Path, tilltest.Terminal)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.View(func(tx journal.Tx) error {
		state, err := fold.Load(tilltest.Terminal, tx)
		if err == nil {
			f.Balances, err = balances(state, q.Members)
		}
		return err
	})
}

// balances lists what members hold, frozen or not, in a fixed order.
func balances(state *fold.State, members []member.ID) (list []Balance, err error) {
	for _, id := range members {
		usable, err := state.Usable(id)
		if err != nil {
			return nil, err
		}
		frozen, err := state.Frozen(id)
		if err != nil {
			return nil, err
		}
		for _, h := range slices.Concat(usable, frozen) {
			at := slices.IndexFunc(list, func(b Balance) bool { return b.Member == id && b.Asset == h.Lot.Asset })
			if at < 0 {
				at = len(list)
				list = append(list, Balance{Member: id, Asset: h.Lot.Asset})
			}
			list[at].Amount += h.Amount
		}
	}
	return list, nil
}
