package sqlbook

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/jifen-pos/jifen/sync/hq/sqlbook/address"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/holder"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/line"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/prepared"
)

// bookLock is the number under which HQ has a database of PostgreSQL to itself.
const bookLock = 0x4A46_4851 // JFHQ

const (
	lockTries = 10
	lockPause = 100 * time.Millisecond
)

// OpenPostgres opens the book in a database of PostgreSQL that is HQ's alone, making
// the tables first if there are none. While another HQ has it the error matches
// ErrInUse. A book of another version, or a database with other tables, gives an
// error that matches ErrVersion and is left as it was. The address is a URL, as
// postgres://user@host/database; it may name several hosts. The password may be in
// the environment or in a file, as for other programs of PostgreSQL, and then is "".
//
// A lock of the server's goes with the connection that writes, and is taken again with
// the next. Whoever opens the book writes a word of its own into it, and every
// transaction counts it on: an HQ whose connection broke, so that another one could take
// the book, or that meets a server which lost what it had committed, writes nothing any
// more.
func OpenPostgres(url, password string) (*Book, error) { return openServer(url, password) }

func openServer(url, password string, may ...string) (*Book, error) {
	b, err := openPostgres(url, password, may)
	if err != nil {
		return nil, fmt.Errorf("open the book in PostgreSQL: %w", err)
	}
	return b, nil
}

func openPostgres(url, password string, may []string) (*Book, error) {
	c, err := address.Parse(url, password)
	if err != nil {
		return nil, err
	}
	way := line.Of(c)
	writer := postgresPool(c, 1, stdlib.OptionAfterConnect(mayWrite))
	err = checkDatabase(writer, may)
	if err == nil {
		err = migrate(goose.DialectPostgres, writer, inBytewiseOrder)
	}
	var held *holder.Holder
	if err == nil {
		held, err = holder.Take(writer, rand.Text())
	}
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	reader := postgresPool(c, readersMax)
	return &Book{
		engine: postgresEngine{held}, writer: writer, reader: reader, known: newMemory(),
		writes: prepared.New(writer), reads: prepared.New(reader), free: func() error { return nil }, lost: make(chan error, 1), cut: way.Cut,
	}, nil
}

// readPostgres opens the book to be read only, also beside the HQ that keeps it.
func readPostgres(url string) (*Book, error) {
	c, err := address.Parse(url, "")
	if err != nil {
		return nil, err
	}
	reader := postgresPool(c, readersMax)
	err = checkDatabase(reader, nil)
	if err == nil {
		err = checkDone(reader)
	}
	if err != nil {
		return nil, errors.Join(err, reader.Close())
	}
	return readOnly(postgresEngine{&holder.Holder{}}, reader), nil
}

// IsPostgres reports whether a text names a database of PostgreSQL, and no file.
func IsPostgres(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

func postgresPool(c *pgx.ConnConfig, size int, more ...stdlib.OptionOpenDB) *sql.DB {
	db := stdlib.OpenDB(*c, more...)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db
}

// mayWrite makes a connection ready to write, also one that follows on another that
// broke, perhaps to another server: it takes the lock. The server takes a moment to
// notice that an HQ before it has ended.
func mayWrite(ctx context.Context, c *pgx.Conn) error {
	var mine bool
	err := keepsWhatItCommits(ctx, c)
	for try := 0; err == nil && !mine && try < lockTries; try++ {
		time.Sleep(time.Duration(min(try, 1)) * lockPause)
		err = c.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, bookLock).Scan(&mine)
	}
	if err == nil && !mine {
		err = inUse(ctx, c)
	}
	return err
}

// inUse says who has the lock: another HQ, or one that is gone and whose last
// transaction the server keeps until a standby has it.
func inUse(ctx context.Context, c *pgx.Conn) error {
	var server int
	var waits bool
	err := c.QueryRow(ctx, `SELECT l.pid, COALESCE(a.wait_event = 'SyncRep', false) FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = $1
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`, bookLock).Scan(&server, &waits)
	if err == nil && waits {
		return fmt.Errorf("process %d of the database waits for a standby, for another HQ or for this one before it was stopped; once no other HQ runs, mend the standby or unset synchronous_standby_names: %w", server, ErrInUse)
	}
	return fmt.Errorf("another HQ has it open; stop that one first: %w", ErrInUse)
}

// keepsWhatItCommits checks that what is committed survives a power cut, and lies at
// the standby too where there is one.
func keepsWhatItCommits(ctx context.Context, c *pgx.Conn) error {
	for name, good := range map[string][]string{"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": {"on", "remote_apply"}} {
		var is string
		if err := c.QueryRow(ctx, `SELECT current_setting($1)`, name).Scan(&is); err != nil {
			return err
		}
		if !slices.Contains(good, is) {
			return fmt.Errorf("the database may lose what it has committed: %s is %s, want %s", name, is, strings.Join(good, " or "))
		}
	}
	return nil
}

// checkDatabase refuses a database that this build must not write, before anything
// in it changes.
func checkDatabase(db *sql.DB, may []string) error {
	var tables, books int
	err := db.QueryRow(`SELECT COUNT(*), COUNT(CASE WHEN table_name = $1 THEN 1 END)
		FROM information_schema.tables WHERE table_schema = current_schema()`, migrationsTable).Scan(&tables, &books)
	if err == nil && tables > 0 && books == 0 {
		return fmt.Errorf("the database has other tables and no book of HQ: %w", ErrVersion)
	}
	if err != nil || tables == 0 {
		return err
	}
	var metas int
	err = db.QueryRow(`SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'meta'`).Scan(&metas)
	if err != nil || metas == 0 {
		return err
	}
	return checkVersion(db, may)
}

var textColumn = regexp.MustCompile(`\bTEXT\b`)

// inBytewiseOrder gives every text the order of its bytes, whatever the database's
// own order is: keys are compared and listed by it.
func inBytewiseOrder(text string) string {
	return textColumn.ReplaceAllString(text, `TEXT COLLATE "C"`)
}

type postgresEngine struct{ *holder.Holder }

// again holds when the server asked for it, or the connection broke before the
// commit: nothing of the transaction is there then.
func (postgresEngine) again(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		class := e.Code[:min(len(e.Code), 2)]
		return class == "40" || class == "08" || class == "57" || e.Code == "55P03"
	}
	var broken net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &broken) || pgconn.SafeToRetry(err)
}

func (postgresEngine) noOwner(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "23503"
}

func (postgresEngine) checked(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "23514"
}

func (postgresEngine) place(n int) string { return "$" + strconv.Itoa(n) }

func (postgresEngine) placesMax() int { return 1024 }

// viewing is one state for all that a View reads.
func (postgresEngine) viewing() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

func (e postgresEngine) begun(t *sql.Tx) error {
	err := e.Begin(context.Background(), t)
	if errors.Is(err, holder.ErrTaken) {
		err = fmt.Errorf("%w: %w", err, ErrInUse)
	}
	return err
}

func (e postgresEngine) committed(known bool) { e.Committed(known) }
