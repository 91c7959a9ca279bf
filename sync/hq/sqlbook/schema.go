package sqlbook

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"

	"github.com/pressly/goose/v3"

	"github.com/jifen-pos/jifen/sync/hq/sqlbook/prepared"
)

// What the engines have in common before there is a book: its tables, how they are
// brought up to date, and whether this build may touch them.

//go:embed migrations/*.sql
var migrations embed.FS

// versionName is the row of meta that holds the version of the tables.
const versionName = "version"

// migrationsTable is where the migrations done are noted.
const migrationsTable = "migration"

// Read opens a book to be read only, also beside the HQ that keeps it: in a file, or
// in a database of PostgreSQL where IsPostgres is true of its name.
func Read(where string) (*Book, error) {
	if !IsPostgres(where) {
		return readSQLite(where)
	}
	b, err := readPostgres(where)
	if err != nil {
		return nil, fmt.Errorf("read the book in PostgreSQL: %w", err)
	}
	return b, nil
}

// readOnly is a book of which only views are had.
func readOnly(e engine, reader *sql.DB) *Book {
	ready := prepared.New(reader)
	return &Book{engine: e, writer: reader, reader: reader, writes: ready, reads: ready, known: newMemory(), free: func() error { return nil }}
}

// migrate does what is to be done of the migrations, each in the engine's words.
func migrate(dialect goose.Dialect, db *sql.DB, word func(string) string) error {
	steps, err := steps(word)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, nil,
		goose.WithGoMigrations(steps...),
		goose.WithTableName(migrationsTable),
		goose.WithDisableGlobalRegistry(true),
		goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	if _, err := p.Up(context.Background()); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// steps are the migrations in the words of an engine.
func steps(word func(string) string) ([]*goose.Migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	list := make([]*goose.Migration, len(names))
	for n, name := range names {
		b, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, err
		}
		text := word(string(b))
		list[n] = goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, text)
			return err
		}}, nil)
	}
	return list, nil
}

// checkVersion compares the version that the book says it has. A book that says
// none was left by a start that was cut off, and is taken further. Who moves books
// says which other words it may have.
func checkVersion(db *sql.DB, may []string) error {
	var has string
	err := db.QueryRow(`SELECT value FROM meta WHERE name = $1`, versionName).Scan(&has)
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && slices.Contains(may, has):
		return nil
	case err == nil && has == moved:
		return fmt.Errorf("the book was moved into another database, and HQ keeps it there: %w", ErrVersion)
	case err == nil && has == arriving:
		return fmt.Errorf("a book is being moved into this database, and that is not done: %w", ErrVersion)
	case err == nil && has != Version:
		return fmt.Errorf("the book has version %s and this program keeps version %s: %w", has, Version, ErrVersion)
	}
	return err
}

// checkDone refuses a book that only HQ can bring up to date, because who reads
// changes nothing.
func checkDone(db *sql.DB) error {
	all, err := steps(func(text string) string { return text })
	if err != nil {
		return err
	}
	var done int64
	err = db.QueryRow(`SELECT MAX(version_id) FROM ` + migrationsTable).Scan(&done)
	if newest := all[len(all)-1].Version; err == nil && done < newest {
		return fmt.Errorf("an older HQ kept the book (tables %d, here %d): start HQ of this version on it once: %w", done, newest, ErrVersion)
	}
	return err
}
