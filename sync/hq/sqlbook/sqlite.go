package sqlbook

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/jifen-pos/jifen/sync/hq/sqlbook/prepared"
)

// OpenSQLite opens the book in a file, making it first if there is none. A
// lock file beside it keeps other processes away: while one has the book the
// error matches ErrInUse. A book of another version, or a file that is no book
// at all, gives an error that matches ErrVersion and is left as it was.
func OpenSQLite(path string) (*Book, error) { return openFile(path) }

func openFile(path string, may ...string) (*Book, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open book %s: %w", path, err)
	}
	free, err := lock(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("open book %s: %w", path, err)
	}
	b, err := openSQLite(path, may)
	if err != nil {
		return nil, fmt.Errorf("open book %s: %w", path, errors.Join(err, free()))
	}
	b.free = free
	return b, nil
}

// readSQLite opens the book in a file to be read only, also beside the process
// that keeps it.
func readSQLite(path string) (*Book, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err == nil {
		err = checkFile(path, nil)
	}
	if err == nil {
		err = checkSteps(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read book %s: %w", path, err)
	}
	reader, err := pool(path, readersMax, "query_only(1)")
	if err != nil {
		return nil, fmt.Errorf("read book %s: %w", path, err)
	}
	return readOnly(sqliteEngine{}, reader), nil
}

func openSQLite(path string, may []string) (*Book, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	if err := checkFile(path, may); err != nil {
		return nil, err
	}
	writer, err := pool(path, 1, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"temp_store(MEMORY)",                             // what a statement of many rows could have to undo
		"cache_size(-65536)", "wal_autocheckpoint(8192)") // 64 MB, 32 MB: a backlog of weeks touches every page again and again
	if err != nil {
		return nil, err
	}
	if err := prepare(writer); err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	reader, err := pool(path, readersMax, "query_only(1)")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	return &Book{
		engine: sqliteEngine{}, writer: writer, reader: reader, known: newMemory(),
		writes: prepared.New(writer), reads: prepared.New(reader),
	}, nil
}

// create makes an empty file that only its owner may read; SQLite gives the
// files beside it the same mode.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// pool opens connections to a file. Only a pool of one writes: its
// transactions take the write lock when they begin.
func pool(path string, size int, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"_pragma": append([]string{"busy_timeout(5000)"}, pragmas...)}
	if size == 1 {
		q.Set("_txlock", "immediate")
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// checkFile refuses a file that this build must not write, before anything in
// it changes.
func checkFile(path string, may []string) error {
	db, err := pool(path, readersMax, "query_only(1)")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var tables, books int
	err = db.QueryRow(`SELECT COUNT(*), COUNT(CASE WHEN name = $1 THEN 1 END)
		FROM sqlite_master WHERE type = 'table'`, migrationsTable).Scan(&tables, &books)
	if hasCode(err, codes.SQLITE_NOTADB) || (err == nil && tables > 0 && books == 0) {
		return fmt.Errorf("the file is not a book of HQ: %w", ErrVersion)
	}
	if err != nil || tables == 0 {
		return err
	}
	var metas int
	if err := db.QueryRow(`SELECT COUNT(*) FROM sqlite_master WHERE name = 'meta'`).Scan(&metas); err != nil || metas == 0 {
		return err
	}
	return checkVersion(db, may)
}

// checkSteps is checkDone of a file.
func checkSteps(path string) error {
	db, err := pool(path, 1, "query_only(1)")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return checkDone(db)
}

// prepare checks that the file is kept as it must be, and brings its tables
// up to date.
func prepare(db *sql.DB) error {
	var mode string
	if err := db.QueryRow(`PRAGMA journal_mode`).Scan(&mode); err != nil {
		return err
	}
	var flushed int
	if err := db.QueryRow(`PRAGMA synchronous`).Scan(&flushed); err != nil {
		return err
	}
	if mode != "wal" || flushed < 2 {
		return fmt.Errorf("the file system does not keep a write-ahead log: journal is %s, synchronous is %d", mode, flushed)
	}
	return migrate(goose.DialectSQLite3, db, inOrderOfKeys)
}

// inOrderOfKeys has SQLite keep every table in the order of its key. It would keep
// two trees for each, one of rows by a number of its own and one of keys, and every
// row of a backlog would be written into both.
func inOrderOfKeys(text string) string {
	return strings.ReplaceAll(text, "\n);\n", "\n) WITHOUT ROWID;\n")
}

type sqliteEngine struct{}

// again holds when another connection had the file.
func (sqliteEngine) again(err error) bool {
	return hasCode(err, codes.SQLITE_BUSY) || hasCode(err, codes.SQLITE_LOCKED)
}

func (sqliteEngine) viewing() *sql.TxOptions { return nil }
func (sqliteEngine) begun(*sql.Tx) error     { return nil } // the lock file keeps others away
func (sqliteEngine) committed(bool)          {}

// place has no number: SQLite would keep a name for each, and the driver asks for
// the name of every value by going through all of them.
func (sqliteEngine) place(int) string { return "?" }

// placesMax lets an insert take in most of what a batch has for a table: each
// statement that can be undone sets aside every page that it changes, once.
func (sqliteEngine) placesMax() int { return 1024 }

func (sqliteEngine) noOwner(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == codes.SQLITE_CONSTRAINT_FOREIGNKEY
}

func (sqliteEngine) checked(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == codes.SQLITE_CONSTRAINT_CHECK
}

// hasCode compares the primary code of SQLite, which is the low byte.
func hasCode(err error, code int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == code
}
