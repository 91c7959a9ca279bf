package scenario_test

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/pgtest"
)

// newPostgresWorld is a world whose HQ keeps its book in PostgreSQL, with all running.
func newPostgresWorld(t *testing.T) (*pgtest.Server, *world) {
	t.Helper()
	server, w := pgtest.New(t), newWorld(t)
	w.set.database = server.Database()
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", hqHasAll)
	return server, w
}

// hqHasAll says that HQ is there and lacks nothing of the till's.
func hqHasAll(v view) bool { return v.Ledger.Online && v.Ledger.Backlog == 0 }

// usesPoints has a member's points come from HQ, and pays with them.
func (w *world) usesPoints() {
	w.t.Helper()
	w.scan(lei)
	v := w.at.sees("the member's points from HQ", func(v view) bool { return v.here(consumption) == 2500 })
	w.at.do("redeem", "ref", v.Ref, "benefit", "tea-set")
	w.sell(rice, lei)
	w.at.sees("HQ to have the sale", hqHasAll)
}

// HQ keeps its book in PostgreSQL: the shop sells on while that is away, and while
// HQ is, and in the end both sides have the same.
func TestHQKeepsItsBookInPostgres(t *testing.T) {
	t.Parallel()
	server, w := newPostgresWorld(t)
	w.usesPoints()

	server.Kill()
	for range 3 {
		w.sell(rice, red)
	}
	server.Start()
	w.at.sees("HQ to have what was sold without its database", hqHasAll)

	other := w.hqCommand()
	if out, err := other.CombinedOutput(); err == nil || !strings.Contains(string(out), "another HQ has it open; stop that one first") {
		t.Errorf("a second HQ on the database = %v: %s; want that it is refused with a sentence", err, out)
	}

	w.hq.kill()
	w.sell(millet, red)
	w.openHQ()
	w.at.sees("HQ to have what was sold without it", hqHasAll)

	_ = w.hq.cmd.Process.Signal(syscall.SIGSTOP)
	server.BreakConnections()
	taken, err := sqlbook.OpenPostgres(w.set.database, "")
	if err != nil {
		t.Fatal(err)
	}
	_ = w.hq.cmd.Process.Signal(syscall.SIGCONT)
	w.sell(rice)
	if code, said := w.hq.refusal(); code != 1 || !strings.Contains(said, "HQ's book: ") || !strings.Contains(said, "book is in use by another process") {
		t.Errorf("HQ whose book was taken ends with %d: %s; want 1, and a sentence", code, said)
	}
	if err := taken.Close(); err != nil {
		t.Error(err)
	}
	w.openHQ()
	w.at.sees("HQ to have the rest", hqHasAll)

	w.closeAll()
	w.compareSides()
	w.does(0, "points:consumption", "settle", "-book", w.set.database)
}

// A chain that has outgrown a file moves its book, and HQ goes on where it was.
func TestHQMovesItsBookIntoPostgres(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t).Database()
	w := newWorld(t)
	w.stock()
	w.openHQ()
	w.does(1, "another HQ has it open; stop that one first", "move", "hq/book.db", url)
	w.hq.stop(syscall.SIGTERM)
	w.sell(rice, red)
	w.does(0, "the book has moved", "move", "hq/book.db", url)
	if out, err := w.hqCommand().CombinedOutput(); err == nil || !strings.Contains(string(out), "was moved into another database") {
		t.Errorf("HQ with its old settings = %v: %s; want that it is refused with a sentence", err, out)
	}
	w.set.database = url
	w.openHQ()
	w.at.sees("HQ to have what was sold meanwhile", hqHasAll)
	v := w.scan(lei)
	w.at.do("redeem", "ref", v.Ref, "benefit", "tea-set")
	w.closeAll()
	w.compareSides()
}

// A server that comes back without its last commits has forgotten points that HQ gave.
// HQ notices, starts anew, and gets them back from its grant log.
func TestDatabaseThatWentBackIsCaughtUp(t *testing.T) {
	t.Parallel()
	server, w := newPostgresWorld(t)
	back := server.Image()
	w.usesPoints()

	back()
	w.sell(rice, red)
	if code, said := w.hq.refusal(); code != 1 || !strings.Contains(said, "the database has lost what it had committed; start HQ anew") {
		t.Errorf("HQ whose database went back ends with %d: %s; want 1, and a sentence", code, said)
	}
	w.openHQ()
	w.at.sees("HQ to have everything again", hqHasAll)
	w.closeAll()
	w.compare(3)
}

// A standby that nobody waits for takes over without the last commits, when the server
// is gone for good. The tills notice nothing, and HQ gets back what it gave.
func TestStandbyThatWasBehindTakesOver(t *testing.T) {
	t.Parallel()
	first, w := pgtest.New(t), newWorld(t)
	first.Database()
	second := first.Standby()
	w.set.database, w.set.dashboard = first.Either(second, "book1"), freeAddress(t)
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", hqHasAll)
	w.readySays("store-alone")
	first.WaitForStandby()
	w.readySays("store-kept")
	first.Set("synchronous_standby_names", "")
	second.Deafen()
	w.usesPoints()

	first.Kill()
	second.Promote()
	w.sell(rice, red)
	if code, said := w.hq.refusal(); code != 1 || !strings.Contains(said, "the database has lost what it had committed; start HQ anew") {
		t.Errorf("HQ at a standby that was behind ends with %d: %s; want 1, and a sentence", code, said)
	}
	w.openHQ()
	w.at.sees("HQ to have everything again", hqHasAll)
	w.closeAll()
	w.compare(3)
}

// HQ whose database waits for a standby that is gone can be stopped, and goes on from
// there when somebody has seen to it.
func TestHQThatWaitsForItsStandbyCanBeStopped(t *testing.T) {
	t.Parallel()
	first, w := pgtest.New(t), newWorld(t)
	first.Database()
	second := first.Standby()
	w.set.database = first.Either(second, "book1")
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", hqHasAll)
	w.usesPoints()
	first.WaitForStandby()
	second.Deafen()
	w.sell(rice, red)
	first.Until("SELECT COUNT(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")

	_ = w.hq.cmd.Process.Signal(syscall.SIGTERM)
	if code, said := w.hq.refusal(); code != 0 || !strings.Contains(said, "HQ's book answers nothing: HQ ends without it") {
		t.Errorf("HQ that is to end while its database waits ends with %d: %s; want 0, and a sentence", code, said)
	}
	w.hq = start(w.t, w.hqCommand())
	if code, said := w.hq.refusal(); code != 1 || !strings.Contains(said, "waits for a standby") {
		t.Errorf("HQ that starts while the database waits for the last one ends with %d: %s; want 1, and what to do", code, said)
	}
	first.Set("synchronous_standby_names", "")
	w.openHQ()
	w.at.sees("HQ to have everything", hqHasAll)
	w.closeAll()
	w.compare(3)
}

// readySays waits until HQ's readiness names a state of its database.
func (w *world) readySays(state string) {
	w.t.Helper()
	eventually(w.t, "HQ to say "+state, func() (any, bool) {
		resp, err := http.Get("http://" + w.set.dashboard + "/readyz")
		if err != nil {
			return err, false
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return string(text), err == nil && strings.Contains(string(text), `"ready":true,"store":"`+state+`"`)
	})
}
