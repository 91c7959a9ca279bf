package hq_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// takesUnread has HQ take in a terminal's next entry as a build did that did not know
// its kind, although it is critical.
func (t *terminal) takesUnread(body ledger.Body) fold.Effects {
	t.b.Helper()
	e := t.do(body)
	raws := t.raws[t.state.Head().Incarnation]
	raw := raws[len(raws)-1]
	read, err := ledger.Decode(raw)
	t.b.ok("Decode", err)
	t.b.ok("Update", t.b.book.Update(func(tx book.Tx) error {
		state, err := fold.Load(t.id, tx.State(t.id))
		if err != nil {
			return err
		}
		if _, err := state.ApplyRead(t.state.Head().Incarnation, raw, decision.Blank(read), true); err != nil {
			return err
		}
		row, err := tx.Terminal(t.id)
		if err != nil {
			return err
		}
		row.Has, row.Entries, row.Parked = state.Head(), row.Entries+1, row.Parked+1
		if err := state.Flush(func(k, v []byte) error { return tx.PutState(t.id, k, v) }); err != nil {
			return err
		}
		if err := tx.PutMeta(decision.CriticalMeta(t.id), e.Origin.String()); err != nil {
			return err
		}
		if err := tx.AppendEntries(t.id, []book.Entry{{Terminal: t.id, Head: state.Head(), Raw: raw, Received: t.b.now.UnixMilli(), Parked: true}}); err != nil {
			return err
		}
		return tx.PutTerminal(row)
	}))
	return e
}

// TestUnknownKindIsReadOnceHQKnowsIt: the terminal gave 30 points by it, and claimed
// something; of the points it has spent some and given some up since. All of that is as
// if HQ had known the kind when it came, once, and the terminal may be given rights.
func TestUnknownKindIsReadOnceHQKnowsIt(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	one := b.terminals[0]
	one.sell(10)
	one.sync()
	given := one.takesUnread(&ledger.Grant{Member: wang, Issues: []ledger.Issue{{Asset: points, Amount: 30, Expires: start + 300}}, Day: start}).Issued[0].ID
	claimed := one.takesUnread(checkIn(wang, "spring")).Origin
	one.spend(given, 20)
	one.giveBack(given, 4)
	one.sync()
	b.sums("not read", hq.TotalView{Issued: 110, HQ: 100, Terminals: 10, Spent: 20, Risk: 20})
	b.waits("not read", "conflict-unknown-kind")
	for range 2 { // once, however often HQ starts
		b.restart()
		one.settled("read", claimed, fold.ClaimGranted, "")
		b.sums("read", hq.TotalView{Issued: 150, HQ: 114, Terminals: 16, Spent: 20})
		b.waits("read")
		b.ok("Check", b.Check())
	}
	one.do(&ledger.Mark{})
	one.sync()
	one.ask(1, 50)
	one.hear()
	if n := one.has(); n != 66 {
		t.Errorf("the terminal has %d points after a note of 50, want 66", n)
	}
	one.do(&ledger.Mark{})
	one.sync()
	another := one.takesUnread(checkIn(wang, "autumn")).Origin
	b.waits("another one", "conflict-unknown-kind")
	b.restart()
	one.settled("the other one is read", another, fold.ClaimGranted, "")
	if got := b.total(); got.Issued != 160 {
		t.Errorf("%d points were issued, want 160", got.Issued)
	}
	b.ok("Check", b.Check())
}

// TestUnknownKindsAreReadTogether: as long as HQ does not know one of them, none is read.
func TestUnknownKindsAreReadTogether(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.do(&ledger.Mark{})
	one.sync()
	one.takesUnread(&ledger.Grant{Member: wang, Issues: []ledger.Issue{{Asset: points, Amount: 30, Expires: start + 300}}, Day: start})
	one.writeRaw(0x101, protowire.AppendVarint(protowire.AppendTag(protowire.AppendVarint([]byte{0x08}, 999), 2, protowire.VarintType), 1))
	one.sync()
	b.restart()
	b.waits("one is not known yet", "conflict-unknown-kind")
	if v := b.overview().Terminals[0]; v.Parked != 2 || b.total() != (hq.TotalView{}) {
		t.Errorf("parked %d, accounts %+v, want 2 and none", v.Parked, b.total())
	}
}

// TestUnknownKindOfALostTerminalStaysUnread: nothing more is given to it.
func TestUnknownKindOfALostTerminalStaysUnread(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.do(&ledger.Mark{})
	one.sync()
	one.takesUnread(&ledger.Grant{Member: wang, Issues: []ledger.Issue{{Asset: points, Amount: 30, Expires: start + 300}}, Day: start})
	b.ok("Decommission", b.Decommission(1, burnt))
	b.restart()
	b.waits("it is gone")
	if b.total() != (hq.TotalView{}) {
		t.Errorf("accounts %+v, want none", b.total())
	}
}
