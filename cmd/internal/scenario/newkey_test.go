package scenario_test

import (
	"crypto/ed25519"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/wire"
)

// HQ takes another key, and one more: a till that is in touch hears of each, one
// that is away hears of both when it is back, and both sell on meanwhile. Nobody
// is alarmed, and in the end all agree.
func TestHQChangesItsSigningKey(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1, 2, false)
	f.begin(t.Context())
	here, away := f.tills[0], f.tills[1]
	f.sold(5)
	f.waits(away, "at first")
	away.program.kill()
	f.follow()
	f.waits(here, "after the first change")
	f.sold(5, here)
	f.follow()
	f.waits(here, "after the second")
	f.open(away)
	f.sold(5)
	f.rest()
	f.clerks.Wait()
	f.calm(waitLimit)
	f.close()
	for _, c := range f.tills {
		f.does(0, "ok: chain", "verify", c.file("ledger.db"))
	}
	f.agree()
	f.kept()
	if err := os.Rename(f.path("hq/hq.key.1"), f.path("kept")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(f.path("hq/hq.key.2"), f.path("hq/hq.key.1")); err != nil {
		t.Fatal(err)
	}
	if code, said := start(t, f.command("jifenhq")).refusal(); code != 1 || !strings.Contains(said, "a key of HQ is missing") || !strings.Contains(said, "put its file back") {
		t.Errorf("HQ without the file of its first key = %d: %s; want it to say so", code, said)
	}
}

// follow makes HQ another key, of which it knows from its next start on.
func (f *fleet) follow() {
	f.t.Helper()
	f.does(0, "restart HQ", "newkey", "-hq", "hq")
	f.hq.stop(syscall.SIGTERM)
	f.openHQ()
}

// sold waits until each of some terminals has sold so much more, or all of them.
func (f *fleet) sold(n int64, of ...*counter) {
	f.t.Helper()
	if len(of) == 0 {
		of = f.tills
	}
	for _, c := range of {
		before := c.clerk.done.Load()
		eventually(f.t, "more sales", func() (any, bool) { return c.clerk.done.Load(), c.clerk.done.Load() >= before+n })
	}
}

// waits waits until HQ has what a terminal that sells on wrote.
func (f *fleet) waits(c *counter, when string) {
	f.t.Helper()
	look := newClerk("http://"+c.api, c.clerk.token, 9, 1)
	end := time.Now().Add(waitLimit)
	for {
		h := look.health(f.t.Context())
		if n, _ := h["backlog"].(float64); h["online"] == true && n < 100 {
			return
		}
		if time.Now().After(end) {
			f.t.Fatalf("%s t%d says %v", when, c.id, h)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// sellsUntil sells until something holds of what HQ has heard and said since: a batch
// says how far the till is, and a report may be long in coming.
func (w *world) sellsUntil(what string, holds func(hq.TerminalView) bool) {
	w.t.Helper()
	goods := []string{red, rice} // the same code at once again is a scanner's double
	eventually(w.t, what, func() (any, bool) {
		w.sell(goods[0])
		goods[0], goods[1] = goods[1], goods[0]
		w.at.sees("HQ to have the sale", func(v view) bool { return v.Ledger.Backlog == 0 })
		v := w.desk.overview().Terminals[0]
		return v, holds(v)
	})
}

// What the key of before signs is believed no more once HQ has spoken under the
// next: whoever has got hold of it can say nothing.
func TestTheKeyOfBeforeIsBelievedNoMore(t *testing.T) {
	t.Parallel()
	h := newHostile(t)
	stolen := h.key("hq/hq.key")
	h.does(0, "restart HQ", "newkey", "-hq", "hq")
	h.hq.stop(syscall.SIGTERM)
	h.openHQ()
	h.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	newest := h.key("hq/hq.key").Public().(ed25519.PublicKey)
	h.sellsUntil("HQ to ack under its newest key", func(v hq.TerminalView) bool {
		acks := h.heard(wire.DownTopic(1), wire.KindAck)
		e, err := wire.Open(acks[len(acks)-1])
		return err == nil && e.Verify(newest) == nil && v.DownApplied == v.DownSent
	})
	if v := h.at.view(); count(v) != 0 {
		t.Fatalf("after the change the till did not believe HQ: %s", v.device("line").EN)
	}
	for n, m := range []wire.Message{&wire.Denied{Code: "denied-gone"}, &wire.Welcome{}} {
		h.publish(wire.DownTopic(1), wire.Seal(1, 9, m, stolen))
		h.at.sees("the till to tell of it", func(v view) bool {
			return count(v) == n+1 && strings.Contains(v.device("line").EN, "signature does not match")
		})
	}
	if v := h.at.view(); !v.Ledger.Online {
		t.Error("the till obeyed who had the key of before")
	}
}
