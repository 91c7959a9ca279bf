package sqlbook

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/jifen-pos/jifen/sync/hq/sqlbook/moving"
)

// What a book has for a version while it moves, so that HQ keeps it in one place at
// most, wherever the move is cut off: first what has come is marked as arriving, then
// what it came from as moved, then what has come as a book.
const (
	arriving = "arriving"
	moved    = "moved"
)

// Why nothing is moved.
var (
	ErrOccupied = errors.New("there is a book already")
	ErrNoBook   = errors.New("there is no book")
)

// Move moves a book into another database, of the same engine or another: each is a
// file, or the address of a database where IsPostgres is true of it. HQ must not run.
// All rows are compared before HQ may start on what has come, and never again on what
// they came from. A move that was cut off is done again from its beginning, or
// finished. It returns how many rows were compared.
func Move(from, to string) (rows int64, err error) {
	if from == to {
		return 0, fmt.Errorf("%s: %w", to, ErrOccupied)
	}
	if _, err := os.Stat(from); err != nil && !IsPostgres(from) {
		return 0, fmt.Errorf("%w: %w", ErrNoBook, err)
	}
	a, err := openAny(from, moved)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	b, err := openAny(to, arriving)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return move(context.Background(), a, b)
}

func openAny(where string, may ...string) (*Book, error) {
	if IsPostgres(where) {
		return openServer(where, "", may...)
	}
	return openFile(where, may...)
}

func move(ctx context.Context, from, to *Book) (rows int64, err error) {
	source, errA := versionOf(from.writer)
	target, errB := versionOf(to.writer)
	switch err := errors.Join(errA, errB); {
	case err != nil:
		return 0, err
	case source != moved:
		if err := copyAll(ctx, from, to, target == Version); err != nil {
			return 0, err
		}
	case target != arriving:
		return 0, checkVersion(from.writer, nil)
	}
	if rows, err = sameRows(ctx, from, to); err != nil {
		return 0, err
	}
	if err := setVersion(ctx, from.writer, moved); err != nil {
		return 0, err
	}
	return rows, setVersion(ctx, to.writer, Version)
}

// copyAll fills a database in one transaction, which leaves it as one that is arriving.
func copyAll(ctx context.Context, from, to *Book, fresh bool) error {
	source, err := viewing(ctx, from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Rollback() }()
	t, err := to.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }()
	target := database(to, t)
	if there, err := moving.Count(ctx, source); err != nil || there == 0 {
		return cmp.Or(err, ErrNoBook)
	}
	if there, err := moving.Count(ctx, target); err != nil || fresh && there > 0 {
		return cmp.Or(err, ErrOccupied)
	}
	if err := moving.Copy(ctx, source, target); err != nil {
		return err
	}
	if err := setVersion(ctx, t, arriving); err != nil {
		return err
	}
	return t.Commit()
}

func sameRows(ctx context.Context, from, to *Book) (rows int64, err error) {
	a, err := viewing(ctx, from)
	if err != nil {
		return 0, err
	}
	defer func() { _ = a.Rollback() }()
	b, err := viewing(ctx, to)
	if err != nil {
		return 0, err
	}
	defer func() { _ = b.Rollback() }()
	return moving.Same(ctx, a, b)
}

func database(b *Book, t *sql.Tx) moving.Database {
	return moving.Database{Tx: t, Place: b.engine.place, PlacesMax: b.engine.placesMax()}
}

func viewing(ctx context.Context, b *Book) (moving.Database, error) {
	t, err := b.reader.BeginTx(ctx, b.engine.viewing())
	return database(b, t), err
}

func versionOf(db *sql.DB) (version string, err error) {
	err = db.QueryRow(`SELECT value FROM meta WHERE name = $1`, versionName).Scan(&version)
	return version, err
}

func setVersion(ctx context.Context, in interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, version string) error {
	_, err := in.ExecContext(ctx, `UPDATE meta SET value = $1 WHERE name = $2`, version, versionName)
	return err
}
