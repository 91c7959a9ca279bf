package sqlbook

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/holder"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/prepared"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// rowsMax is how many rows one statement inserts at most: a power of two of them,
// so that few texts are ever prepared.
func rowsMax(places, columns int) int {
	size := 1
	for 2*size*columns <= places {
		size *= 2
	}
	return size
}

// tx is one transaction. Its first failure is kept: what has failed is never
// committed, whatever the caller makes of the error.
type tx struct {
	sql    *sql.Tx
	engine engine
	ready  *prepared.Statements
	bound  map[string]*sql.Stmt
	missed []string // texts that were not ready
	failed error

	pending   pending
	owners    map[lot.ID]member.ID // of lots that it made itself
	lots      map[lot.ID]lot.Lot   // that it read: they never change
	own       *memory              // what it read and wrote itself
	committed *memory              // what the book knows; nil where others may write meanwhile
	settling  bool
}

var _ book.Tx = (*tx)(nil)

// end rolls back what was not committed and prepares, for the next
// transaction, what this one had to prepare for itself.
func (t *tx) end() {
	_ = t.sql.Rollback()
	t.ready.Learn(t.missed)
}

func (t *tx) stmt(text string) (*sql.Stmt, error) {
	if t.sql == nil {
		return nil, errForgotten
	}
	if text != stateGet && text != deskGet && text != metaGet && !t.settling {
		if err := t.flush(); err != nil {
			return nil, err
		}
	}
	if s, ok := t.bound[text]; ok {
		return s, nil
	}
	if s := t.ready.Find(text); s != nil {
		t.bound[text] = t.sql.Stmt(s)
		return t.bound[text], nil
	}
	s, err := t.sql.Prepare(text)
	if err != nil {
		return nil, err
	}
	t.bound[text] = s
	t.missed = append(t.missed, text)
	return s, nil
}

// flush settles what is pending, before anything that could tell the
// difference.
func (t *tx) flush() error {
	t.settling = true
	defer func() { t.settling = false }()
	return t.settle()
}

// errView says that a transaction reads only.
var errView = errors.New("a view writes nothing")

// fail keeps the first failure of the transaction and says what was done.
func (t *tx) fail(act string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s: %w", act, err)
	if t.failed == nil {
		t.failed = err
	}
	return err
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(act, text string, args ...any) (int64, error) {
	s, err := t.stmt(text)
	if err != nil {
		return 0, t.fail(act, err)
	}
	r, err := s.Exec(args...)
	if err != nil {
		return 0, t.fail(act, err)
	}
	n, err := r.RowsAffected()
	return n, t.fail(act, err)
}

// row reads the only row of a query, or returns book.ErrNotFound, after which
// the transaction goes on.
func (t *tx) row(act, text string, args []any, dest ...any) error {
	s, err := t.stmt(text)
	if err != nil {
		return t.fail(act, err)
	}
	err = s.QueryRow(args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", act, book.ErrNotFound)
	}
	return t.fail(act, err)
}

// scanner reads the columns of one row.
type scanner func(dest ...any) error

// rows calls each for every row of a query.
func (t *tx) rows(act, text string, args []any, each func(scanner) error) error {
	s, err := t.stmt(text)
	if err != nil {
		return t.fail(act, err)
	}
	r, err := s.Query(args...)
	if err != nil {
		return t.fail(act, err)
	}
	defer func() { _ = r.Close() }()
	for r.Next() {
		if err := each(r.Scan); err != nil {
			return t.fail(act, err)
		}
	}
	return t.fail(act, r.Err())
}

// insert adds rows of as many columns as the head names: head is the text
// before the values, tail the text after them.
func (t *tx) insert(act, head, tail string, rows [][]any) error {
	_, err := t.insertMore(act, head, "", tail, rows)
	return err
}

// insertMore adds rows that end with what the engine finds itself: more names the
// first value of its row as $%d. It returns how many rows were changed.
func (t *tx) insertMore(act, head, more, tail string, rows [][]any) (changed int64, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	form := prepared.Insertion{Head: head, More: more, Tail: tail, Columns: len(rows[0])}
	again := strings.Count(more, "$%d") // every place has a value of its own
	form.Rows = rowsMax(t.engine.placesMax(), form.Columns+again)
	for len(rows) > 0 {
		if len(rows) < form.Rows {
			form.Rows /= 2
			continue
		}
		args := make([]any, 0, form.Rows*(form.Columns+again))
		for _, row := range rows[:form.Rows] {
			args = append(args, row...)
			for range again {
				args = append(args, row[0])
			}
		}
		n, err := t.exec(act, t.ready.Insertion(form, t.engine.place), args...)
		if err != nil {
			return changed, err
		}
		changed += n
		rows = rows[form.Rows:]
	}
	return changed, nil
}

// Meta implements book.Tx.
func (t *tx) Meta(name string) (string, error) {
	if text, ok := t.pending.metas[name]; ok {
		return text, nil
	}
	if v, ok := t.known(ofMeta + name); ok {
		return v.text, nil
	}
	v, err := t.value("read "+name, metaGet, name)
	if err == nil {
		t.note(ofMeta+name, v)
	}
	return v.text, err
}

// PutMeta implements book.Tx. The version is not the caller's to change.
func (t *tx) PutMeta(name, value string) error {
	if name == versionName || name == holder.Name {
		return t.fail("write "+name, ErrVersion)
	}
	if t.committed == nil {
		return t.fail("write "+name, errView)
	}
	if t.pending.metas == nil {
		t.pending.metas = map[string]string{}
	}
	t.change(ofMeta+name, value)
	t.pending.metas[name] = value
	return t.failed
}
