// Package pins is what a terminal keeps of wrong PINs: how often one was given in
// a row for somebody, and who is locked by it (sec U2). It lies beside the
// journal, so that no restart and no clock ends a wait or a lock. It knows no PIN
// and nothing of who may do what.
package pins

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/journal"
)

// Note is the name of the note that keeps it.
const Note = "pins"

// KeptMax bounds the people of whom something is kept. Settings have fewer.
const KeptMax = 256

// ErrDamaged says that the note cannot be read.
var ErrDamaged = errors.New("what was kept of wrong PINs cannot be read")

// Tried is what is kept of one person; "" is the whole terminal.
type Tried struct {
	Person string `json:"person"`
	Wrong  uint32 `json:"wrong"`   // PINs in a row
	WaitMS int64  `json:"wait_ms"` // after the newest
	Locked bool   `json:"locked,omitempty"`
}

// Read lists whose PIN was last tried in vain.
func Read(tx journal.Tx) (list []Tried, err error) {
	raw, err := tx.Note(Note)
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return list, nil
}

// Put keeps what is known of one person, or forgets it where no PIN was wrong. It
// returns what was known before.
func Put(tx journal.Tx, t Tried) (before Tried, err error) {
	list, err := Read(tx)
	if err != nil && !errors.Is(err, ErrDamaged) { // a damaged one is made anew
		return before, err
	}
	before.Person = t.Person
	if at := slices.IndexFunc(list, func(k Tried) bool { return k.Person == t.Person }); at >= 0 {
		before = list[at]
		list = slices.Delete(list, at, at+1)
	}
	if t.Wrong > 0 || t.Locked {
		list = append(list, t)
	}
	raw, err := json.Marshal(list[max(len(list)-KeptMax, 0):])
	if err != nil {
		return before, err
	}
	return before, tx.PutNote(Note, raw)
}
