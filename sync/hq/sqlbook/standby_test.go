package sqlbook_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/pgtest"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/standby"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

const named = "book1" // the first database of a server

// pair is a server with a standby, and a book's URL at whichever takes writes.
func pair(t *testing.T) (first, second *pgtest.Server, either string) {
	t.Helper()
	first = pgtest.New(t)
	first.Database()
	second = first.Standby()
	return first, second, first.Either(second, named)
}

// sells commits sales of a terminal.
func sells(t *testing.T, b *sqlbook.Book, from, to ledger.Seq) {
	t.Helper()
	for seq := from; seq <= to; seq++ {
		if err := b.Update(func(tx book.Tx) error { return sale(tx, 7, seq) }); err != nil {
			t.Fatalf("Update() of sale %d = %v, want nil", seq, err)
		}
	}
}

func wantState(t *testing.T, url string, want standby.State, standbys int) {
	t.Helper()
	w := standby.New(url, "")
	w.Look(t.Context())
	if got := w.Seen(); got != (standby.Seen{State: want, Standbys: standbys}) {
		t.Errorf("Seen() = %+v, want %s with %d standbys", got, want, standbys)
	}
}

// What HQ was told is kept is at the standby that takes over, and HQ goes on there by
// itself. The server before it, which comes back as if nothing were, is not written.
func TestStandbyTakesOver(t *testing.T) {
	t.Parallel()
	first, second, either := pair(t)
	alone := first.Either(first, named)
	wantState(t, either, standby.Alone, 0)
	wantState(t, alone, standby.Single, 0)
	first.WaitForStandby()
	first.Do("postgres", "CREATE ROLE clerk LOGIN")
	wantState(t, either, standby.Kept, 1)
	wantState(t, first.As("clerk", named), standby.Unseen, 0)
	b := openPostgres(t, either)
	defer closeBook(t, b)
	sells(t, b, 1, 50)

	first.Kill()
	if err := put(b, "epoch", "1"); err == nil {
		t.Error("Update() without a server = nil, want an error")
	}
	wantState(t, either, standby.Away, 0)
	second.Promote()
	sells(t, b, 51, 52)
	if err := b.View(func(tx book.Tx) error { return keptUpTo(t, tx, 7, 52) }); err != nil {
		t.Error(err)
	}
	wantState(t, either, standby.Alone, 0)

	first.Start()
	second.BreakConnections()
	for range 2 {
		if err := put(b, "epoch", "2"); !errors.Is(err, sqlbook.ErrWentBack) {
			t.Errorf("Update() at the server before = %v, want ErrWentBack", err)
		}
	}
}

// An HQ that is cut off with the server of before, while another one goes on at the
// standby, is told of nothing that it is kept.
func TestServerWithoutItsStandbyCommitsNothing(t *testing.T) {
	t.Parallel()
	first, second, either := pair(t)
	first.WaitForStandby()
	old := openPostgres(t, either)
	defer closeBook(t, old)
	sells(t, old, 1, 5)
	second.Deafen()
	second.Promote()
	second.Set("synchronous_standby_names", "")
	fresh := openPostgres(t, second.Either(second, named))
	defer closeBook(t, fresh)
	sells(t, fresh, 6, 7)
	wantState(t, first.Either(first, named), standby.Waits, 0)

	told := make(chan error, 1)
	go func() { told <- put(old, "epoch", "old") }()
	first.Until("SELECT COUNT(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
	first.Kill()
	if err := <-told; !errors.Is(err, sqlbook.ErrUnknownResult) {
		t.Errorf("Update() without the standby = %v, want ErrUnknownResult", err)
	}
	if err := put(old, "epoch", "old"); !errors.Is(err, sqlbook.ErrInUse) {
		t.Errorf("Update() where the other HQ is = %v, want ErrInUse", err)
	}
	wantMeta(t, fresh, "epoch", "")
}

// An HQ that is to end does not wait for a standby that is gone: what it was not told
// is kept it does not say is kept.
func TestGiveUpEndsWhatWaitsForAStandby(t *testing.T) {
	t.Parallel()
	first, second, either := pair(t)
	first.WaitForStandby()
	b := openPostgres(t, either)
	sells(t, b, 1, 5)
	second.Deafen()
	told, closed := make(chan error, 1), make(chan error, 1)
	go func() { told <- put(b, "epoch", "1") }()
	first.Until("SELECT COUNT(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
	go func() { closed <- b.Close() }()
	select {
	case err := <-closed:
		t.Fatalf("Close() while a commit waits = %v, want that it waits too", err)
	case <-time.After(100 * time.Millisecond):
	}
	b.GiveUp()
	if err := <-told; !errors.Is(err, sqlbook.ErrUnknownResult) {
		t.Errorf("Update() that is given up = %v, want ErrUnknownResult", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close() after it = %v, want nil", err)
	}
}

// A standby that nobody waits for takes over without the last commits: HQ notices before
// it decides anything.
func TestStandbyThatWasBehind(t *testing.T) {
	t.Parallel()
	first, second, either := pair(t)
	b := openPostgres(t, either)
	sells(t, b, 1, 5)
	first.Until("SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication")
	second.Deafen()
	sells(t, b, 6, 7)
	first.Kill()
	second.Promote()
	for range 2 {
		err := b.Update(func(tx book.Tx) error { t.Error("it decides on what is lost"); return nil })
		if !errors.Is(err, sqlbook.ErrWentBack) {
			t.Errorf("Update() = %v, want ErrWentBack", err)
		}
	}
	closeBook(t, b)
	again := openPostgres(t, either)
	defer closeBook(t, again)
	if err := again.View(func(tx book.Tx) error { return keptUpTo(t, tx, 7, 5) }); err != nil {
		t.Error(err)
	}
}
