package keeper

import (
	"errors"
	"slices"
	"sort"
	"time"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// What is old enough to be sealed, once HQ has it in two places.
const (
	sealAfter   = 90 * 24 * time.Hour
	sealEntries = 200_000 // newer entries than these stay, whatever their age
)

// Kept says that HQ has all of the journal up to an entry in two places that do
// not fail together.
func (k *Keeper) Kept(head ledger.Head) { k.kept.Store(&head) }

// seal seals what is old enough.
func (k *Keeper) seal() error {
	kept := k.kept.Load()
	if kept == nil {
		return nil
	}
	var upTo ledger.Head
	err := k.o.Store.View(func(tx journal.Tx) (err error) {
		upTo, err = oldEnough(tx, *kept, k.o.Now().Add(-sealAfter))
		return err
	})
	if err != nil || upTo.Seq == 0 {
		return err
	}
	n, err := k.o.Store.Seal(upTo)
	if n > 0 {
		k.o.Log.Info("old entries are sealed", "entries", n, "up to", upTo.String())
	}
	return err
}

// oldEnough is the newest entry, not after one, that was written before a time
// or has more than sealEntries after it; the zero head is none.
func oldEnough(tx journal.Tx, kept ledger.Head, before time.Time) (ledger.Head, error) {
	heads, err := tx.Streams()
	if err != nil {
		return ledger.Head{}, err
	}
	at := slices.IndexFunc(heads, func(h ledger.Head) bool { return h.Incarnation == kept.Incarnation })
	newer := uint64(0)
	for n := len(heads) - 1; n >= 0; n-- {
		h := heads[n]
		if n <= at {
			last := h.Seq
			if n == at {
				last = min(last, kept.Seq)
			}
			seq, err := oldest(tx, h, last, newer, before)
			if err != nil || seq > 0 {
				return headAt(tx, h.Incarnation, seq, err)
			}
		}
		newer += uint64(h.Seq)
	}
	return ledger.Head{}, nil
}

// oldest is how far one incarnation is old enough.
func oldest(tx journal.Tx, h ledger.Head, last ledger.Seq, newer uint64, before time.Time) (ledger.Seq, error) {
	many := ledger.Seq(0)
	if all := newer + uint64(h.Seq); all > sealEntries {
		many = min(last, ledger.Seq(all-sealEntries))
	}
	var failed error
	young := sort.Search(int(last), func(n int) bool { // in the order of their times, but for a clock that was set back
		r, err := tx.Record(h.Incarnation, ledger.Seq(n+1))
		if err != nil {
			failed = err
			return true
		}
		e, err := ledger.Decode(r.Raw)
		if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
			failed = err
			return true
		}
		return !time.UnixMilli(e.Wall).Before(before)
	})
	return max(many, ledger.Seq(young)), failed
}

func headAt(tx journal.Tx, i ledger.Incarnation, seq ledger.Seq, err error) (ledger.Head, error) {
	if err != nil {
		return ledger.Head{}, err
	}
	r, err := tx.Record(i, seq)
	return r.Head, err
}
