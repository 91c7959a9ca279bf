// Package holder is the row of a database that says who writes in it, and how often
// they did. Who holds it finds out when another one has written it since, and when the
// server went back to before what it had committed.
package holder

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Name is the row's name in the table of values.
const Name = "holder"

// Why nothing may be written any more.
var (
	ErrTaken    = errors.New("another HQ has taken it; stop one of the two")
	ErrWentBack = errors.New("the database has lost what it had committed; start HQ anew")
)

// errNobody says that the row was never written: who reads only has not.
var errNobody = errors.New("it is open to be read only")

// Holder remembers what the row must say. It is changed by one transaction at a time.
type Holder struct {
	word string   // the holder's own
	may  []uint64 // how many transactions there may have been: one number, or more where a commit's result is not known
	next uint64   // the number of the one that has begun
}

// Take writes the row, for somebody with a word that nobody else has.
func Take(db *sql.DB, word string) (*Holder, error) {
	h := &Holder{word: word, may: []uint64{0}}
	_, err := db.Exec(`INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, Name, h.stamp(0))
	return h, err
}

func (h *Holder) stamp(n uint64) string { return fmt.Sprintf("%s %d", h.word, n) }

// Begin counts a transaction, and holds the row until that ends.
func (h *Holder) Begin(ctx context.Context, t *sql.Tx) error {
	if len(h.may) == 0 {
		return errNobody
	}
	h.next = slices.Max(h.may) + 1
	stamps := make([]string, len(h.may))
	for i, n := range h.may {
		stamps[i] = h.stamp(n)
	}
	r, err := t.ExecContext(ctx, `UPDATE meta SET value = $1 WHERE name = $2 AND value = ANY($3)`, h.stamp(h.next), Name, stamps)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	var is string
	if err := t.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = $1`, Name).Scan(&is); err != nil {
		return err
	}
	if strings.HasPrefix(is, h.word) {
		return ErrWentBack
	}
	return ErrTaken
}

// Committed says that the transaction is there, or that nobody knows.
func (h *Holder) Committed(known bool) {
	if known {
		h.may = h.may[:0]
	}
	h.may = append(h.may, h.next)
}
