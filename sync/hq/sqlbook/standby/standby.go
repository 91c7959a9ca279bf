// Package standby watches whether a database of PostgreSQL has the standby that it
// should: what is committed lies on one disk only where there is none. It decides
// nothing, and whoever writes the book never waits for it.
package standby

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/jifen-pos/jifen/sync/hq/sqlbook/address"
)

const (
	every   = 5 * time.Second
	limit   = 4 * time.Second // of one look, connecting too
	connect = time.Second     // to one host
)

// State is how the book is kept. It is also the word for it.
type State string

// The states.
const (
	Unknown State = ""             // a file, or the server was not asked yet
	Away    State = "store-away"   // it does not answer
	Kept    State = "store-kept"   // a synchronous standby is there
	Waits   State = "store-waits"  // the server asks for one, and none is there: it commits nothing
	Alone   State = "store-alone"  // there are several hosts, and the server asks for no standby
	Single  State = "store-single" // there is one host, and it asks for no standby
	Unseen  State = "store-unseen" // there are standbys, and HQ may not see how they are
)

// Grave reports whether somebody must see to it now.
func (s State) Grave() bool { return s == Waits || s == Alone || s == Away }

// Seen is what the last look saw.
type Seen struct {
	State    State
	Standbys int // synchronous ones
}

// Watch looks again and again.
type Watch struct {
	db      *sql.DB // nil where there is no server
	several bool
	mu      sync.Mutex
	seen    Seen
}

// New makes a watch on the database of an address, by a connection of its own; one that
// sees nothing where the address is "".
func New(url, password string) *Watch {
	c, err := address.Parse(url, password)
	if url == "" || err != nil { // whoever opens the book says so
		return &Watch{}
	}
	c.ConnectTimeout = connect
	w := &Watch{db: stdlib.OpenDB(*c)}
	w.db.SetMaxOpenConns(1)
	for _, f := range c.Fallbacks { // a host may be there twice, with encryption and without
		w.several = w.several || f.Host != c.Host || f.Port != c.Port
	}
	return w
}

// Run looks until ctx ends. It calls changed when what it saw is not as before.
func (w *Watch) Run(ctx context.Context, changed func()) error {
	if w.db == nil {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if w.Look(ctx) {
			changed()
		}
		select {
		case <-ctx.Done():
			return w.db.Close()
		case <-tick.C:
		}
	}
}

// Look asks the server once, and reports whether it is not as before.
func (w *Watch) Look(ctx context.Context) bool {
	if w.db == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	seen, err := ask(ctx, w.db, w.several)
	if err != nil {
		seen = Seen{State: Away}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.seen
	w.seen = seen
	return was != seen
}

// Seen is what the last look saw.
func (w *Watch) Seen() Seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// ask asks for the standbys that a commit waits for. A role that may not see how a
// standby is sees that there is one.
func ask(ctx context.Context, db *sql.DB, several bool) (seen Seen, err error) {
	var names string
	var hidden int
	err = db.QueryRowContext(ctx, `SELECT current_setting('synchronous_standby_names'),
		(SELECT COUNT(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')),
		(SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state IS NULL)`).Scan(&names, &seen.Standbys, &hidden)
	switch {
	case err != nil:
	case names == "" && several:
		seen.State = Alone
	case names == "":
		seen.State = Single
	case seen.Standbys > 0:
		seen.State = Kept
	case hidden > 0:
		seen.State = Unseen
	default:
		seen.State = Waits
	}
	return seen, err
}
