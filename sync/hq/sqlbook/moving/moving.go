// Package moving copies the rows of HQ's book from one database into another, and
// compares them, row by row. It decides nothing about which of the two is HQ's.
package moving

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/sqlbook/prepared"
)

// ErrDiffers says that the two books are not the same.
var ErrDiffers = errors.New("the two books differ")

// Table is a table of the book.
type Table struct {
	Name, Key string // the columns of its key, in order
	Own       string // a condition for the rows that are a database's own, and stay
}

// Tables are all tables of the book, those first that others name.
func Tables() []Table {
	return []Table{
		{Name: "meta", Key: "name", Own: "name IN ('version', 'holder')"},
		{Name: "terminal", Key: "terminal"},
		{Name: "stream", Key: "terminal, incarnation"},
		{Name: "entry", Key: "terminal, incarnation, seq"},
		{Name: "state", Key: "terminal, name"},
		{Name: "down", Key: "terminal, seq"},
		{Name: "office", Key: "epoch, seq"},
		{Name: "desk", Key: "name"},
		{Name: "grants", Key: "number"},
		{Name: "lot", Key: "lot"},
		{Name: "account", Key: "lot, place, terminal, incarnation"},
		{Name: "alarm", Key: "terminal, ordinal"},
		{Name: "quarantine", Key: "terminal, ordinal"},
	}
}

// Database is one of the two, in a transaction.
type Database struct {
	*sql.Tx
	Place     func(n int) string // how the engine names the n-th value of an insert
	PlacesMax int
}

// rows lists the rows of a table that move, in the order of its key.
func (d Database) rows(ctx context.Context, t Table) (*sql.Rows, error) {
	return d.QueryContext(ctx, "SELECT * FROM "+t.Name+t.where()+" ORDER BY "+t.Key)
}

func (t Table) where() string {
	if t.Own == "" {
		return ""
	}
	return " WHERE NOT (" + t.Own + ")"
}

// empty takes out of a database what moves.
func empty(ctx context.Context, d Database) error {
	for _, t := range slices.Backward(Tables()) {
		if _, err := d.ExecContext(ctx, "DELETE FROM "+t.Name+t.where()); err != nil {
			return fmt.Errorf("empty %s: %w", t.Name, err)
		}
	}
	return nil
}

// Count counts the rows that move.
func Count(ctx context.Context, d Database) (n int64, err error) {
	for _, t := range Tables() {
		var some int64
		if err := d.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+t.Name+t.where()).Scan(&some); err != nil {
			return 0, fmt.Errorf("count %s: %w", t.Name, err)
		}
		n += some
	}
	return n, nil
}

// Copy puts the rows of one database into another, in place of those that are there.
func Copy(ctx context.Context, from, to Database) error {
	if err := empty(ctx, to); err != nil {
		return err
	}
	for _, t := range Tables() {
		if err := copyTable(ctx, t, from, to); err != nil {
			return fmt.Errorf("copy %s: %w", t.Name, err)
		}
	}
	return nil
}

func copyTable(ctx context.Context, t Table, from, to Database) error {
	rows, err := from.rows(ctx, t)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	head := "INSERT INTO " + t.Name + " ("
	for n, c := range columns {
		head += []string{"", ", "}[min(n, 1)] + c
	}
	most := to.PlacesMax / len(columns)
	var waiting []any
	flush := func() error {
		if len(waiting) == 0 {
			return nil
		}
		_, err := to.ExecContext(ctx, head+") VALUES "+prepared.Values(len(waiting)/len(columns), len(columns), "", to.Place), waiting...)
		waiting = waiting[:0]
		return err
	}
	for rows.Next() {
		row, err := read(rows, len(columns))
		if err != nil {
			return err
		}
		if waiting = append(waiting, row...); len(waiting) == most*len(columns) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return errors.Join(rows.Err(), flush())
}

// read reads a row: numbers, texts and nothing else.
func read(rows *sql.Rows, columns int) ([]any, error) {
	row, at := make([]any, columns), make([]any, columns)
	for n := range row {
		at[n] = &row[n]
	}
	if err := rows.Scan(at...); err != nil {
		return nil, err
	}
	for n, v := range row {
		if b, ok := v.([]byte); ok {
			row[n] = string(b)
		}
	}
	return row, nil
}

// Same compares all rows of two databases, and counts them; the error matches
// ErrDiffers and names the first table that is not the same.
func Same(ctx context.Context, a, b Database) (rows int64, err error) {
	for _, t := range Tables() {
		some, err := sameTable(ctx, t, a, b)
		if err != nil {
			return 0, fmt.Errorf("compare %s: %w", t.Name, err)
		}
		rows += some
	}
	return rows, nil
}

func sameTable(ctx context.Context, t Table, a, b Database) (n int64, err error) {
	left, err := a.rows(ctx, t)
	if err != nil {
		return 0, err
	}
	defer func() { _ = left.Close() }()
	right, err := b.rows(ctx, t)
	if err != nil {
		return 0, err
	}
	defer func() { _ = right.Close() }()
	mine, errA := left.Columns()
	theirs, errB := right.Columns()
	if err := errors.Join(errA, errB); err != nil || !slices.Equal(mine, theirs) {
		return 0, cmp.Or(err, ErrDiffers)
	}
	for ; left.Next(); n++ {
		if !right.Next() {
			return 0, cmp.Or(right.Err(), ErrDiffers)
		}
		x, errA := read(left, len(mine))
		y, errB := read(right, len(mine))
		if err := errors.Join(errA, errB); err != nil || !slices.Equal(x, y) {
			return 0, cmp.Or(err, ErrDiffers)
		}
	}
	if right.Next() {
		return 0, ErrDiffers
	}
	return n, errors.Join(left.Err(), right.Err())
}
