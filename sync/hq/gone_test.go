package hq_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/late"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

var burnt = hq.By{Actor: "1", Reason: "burnt"}

func TestDecommissionedTerminalGivesBackWhatItHeld(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one, two := b.terminals[0], b.terminals[1]
	one.ask(1, 60)
	one.hear()
	one.sell(40)
	one.sync()
	one.ask(2, 50) // on its way when the board burns
	b.sums("before", hq.TotalView{Issued: 240, HQ: 90, Terminals: 100, Flight: 50})
	b.ok("Decommission", b.Decommission(1, burnt))
	b.sums("after", hq.TotalView{Issued: 240, HQ: 240})
	if !two.ask(3, 240).Given {
		t.Error("ask at another till: not given, want what the board held")
	}
	if one.ask(4, 1).Given {
		t.Error("ask of the board: given, want nothing")
	}
	if err := b.Decommission(1, burnt); !errors.Is(err, decision.ErrGone) {
		t.Errorf("Decommission() again = %v, want ErrGone", err)
	}
	_, err := b.Hello(1, &wire.Hello{Streams: []ledger.Head{one.state.Head()}, Down: one.state.Mark()})
	if refused := (*exchange.RefusedError)(nil); !errors.As(err, &refused) || refused.Code != "denied-gone" {
		t.Errorf("Hello() = %v, want refused as denied-gone", err)
	}
}

func TestLateEntriesAreTheStoresExposure(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.ask(1, 60)
	one.hear()
	one.do(&ledger.Mark{})
	one.sync()
	one.ask(2, 50)
	b.ok("Decommission", b.Decommission(1, burnt))
	// The board lived on: it took in the second note, sold, spent and gave back.
	one.hear()
	late := one.sell(40)
	one.spendAny(90)
	one.givesUp(5)
	if _, err := b.Hello(1, &wire.Hello{Streams: []ledger.Head{one.state.Head()}}); err != nil {
		t.Errorf("Hello() with late entries = %v, want nil: they are taken in", err)
	}
	one.sync()
	got := b.total()
	if got.HQ != 200 || got.Off() != 0 || got.Spent != 90 {
		t.Errorf("account %+v, want the member's 200 at HQ untouched and 90 spent", got)
	}
	if got.Risk+got.Issued-got.Terminals-got.HQ != 90 {
		t.Errorf("account %+v, want what was spent late borne by the store or out of what was earned late", got)
	}
	if ruling, err := b.Ruling(wang); err != nil || len(ruling.Owed) != 0 {
		t.Errorf("Ruling() = %+v, %v, want nothing owed", ruling, err)
	}
	if got := b.alarms(); !slices.Contains(got, "alarm-late") {
		t.Errorf("alarms = %v, want alarm-late among them", got)
	}
	if err := b.Check(); err != nil {
		t.Errorf("Check() = %v, want nil", err)
	}
	list, err := b.Late()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if l.Of != late.Origin {
			t.Errorf("late %+v, want what was sold only", l)
		}
		b.ok("DecideLate", b.DecideLate(l.Of, true, hq.By{Actor: "1", Reason: "receipt"}))
	}
	if rest, err := b.Late(); len(rest) != 0 || err != nil {
		t.Errorf("Late() = %v, %v, want nothing left", rest, err)
	}
}

func TestLateAwardWaitsForAPerson(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(1)
	one.sync()
	b.ok("Decommission", b.Decommission(1, burnt))
	of := one.sell(40).Origin
	no := one.sell(30).Origin
	one.sync()
	b.sums("late", hq.TotalView{Issued: 71, HQ: 1, Terminals: 70})
	if free := b.terminals[1].ask(1, 100); !free.Given || free.Left[0].Elsewhere != 1 && free.Left[0].HQ != 0 {
		t.Errorf("ask = %+v, want what is the member's without doubt only", free)
	}
	b.ok("DecideLate", b.DecideLate(of, true, hq.By{Actor: "1", Reason: "receipt"}))
	b.ok("DecideLate", b.DecideLate(no, false, hq.By{Actor: "1", Reason: "forged"}))
	b.sums("decided", hq.TotalView{Issued: 71, HQ: 40, Flight: 1, Gone: 30})
	if err := b.DecideLate(of, true, burnt); !errors.Is(err, late.ErrNone) {
		t.Errorf("DecideLate() again = %v, want ErrNone", err)
	}
}

// TestPointsGivenBackLateWaitForAPerson: points of a lot that HQ made were spent before
// the end, and given back at the lost terminal after it.
func TestPointsGivenBackLateWaitForAPerson(t *testing.T) {
	for _, granted := range []bool{true, false} {
		b := newBench(t)
		b.give(wang, 200)
		one := b.terminals[0]
		one.ask(1, 60)
		one.hear()
		one.do(&ledger.Mark{})
		draws := one.draws(60)
		paid := one.do(&ledger.Sale{Member: wang, Lines: []ledger.Line{{Qty: 1, Fen: 600}}, Deduction: &ledger.Deduction{Asset: points, Fen: 600, Draws: draws}})
		one.sync()
		b.ok("Decommission", b.Decommission(1, burnt))
		one.do(&ledger.Return{Of: paid.Origin, Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}, Back: draws})
		one.sync()
		b.waits("given back late", "conflict-late")
		list, err := b.Late()
		b.ok("Late", err)
		if len(list) != 1 || list[0].At != 1 || list[0].Amount != 60 {
			t.Fatalf("Late() = %+v, want the 60 that t1 gave back", list)
		}
		b.ok("DecideLate", b.DecideLate(list[0].Of, granted, hq.By{Actor: "1", Reason: "receipt"}))
		if rest, err := b.Late(); len(rest) != 0 || err != nil {
			t.Errorf("Late() = %v, %v, want nothing left", rest, err)
		}
		want := lot.Amount(140)
		if granted {
			want = 200
		}
		if got := b.total(); got.HQ != want {
			t.Errorf("granted %v: %d at HQ, want %d", granted, got.HQ, want)
		}
		b.ok("Check", b.Check())
	}
}

func TestNoteForALifeThatIsOverComesBack(t *testing.T) {
	for _, c := range []struct {
		name  string
		stops bool
		flown lot.Amount
	}{
		{"it-had-stopped-in-order", true, 0},
		{"nobody-knows-what-became-of-it", false, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.give(wang, 200)
			one := b.terminals[0]
			one.sync()
			one.ask(1, 60) // HQ gives it to the first life
			if c.stops {
				one.do(&ledger.Stop{})
				one.sync()
			}
			one.open(0x102) // without a witness
			one.hear()      // the note names a life that is not alive here
			one.do(&ledger.Mark{})
			one.sync()
			b.sums("in the end", hq.TotalView{Issued: 200, HQ: 200 - c.flown, Flight: c.flown})
			b.ok("Decommission", b.Decommission(1, burnt))
			b.sums("decommissioned", hq.TotalView{Issued: 200, HQ: 200})
		})
	}
}

// A note that was said twice, as somebody does who mends HQ's journal by hand, comes
// back once from a terminal that had heard of neither.
func TestNoteThatWasSaidTwiceComesBackOnce(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.sync()
	one.ask(1, 60)
	raws, err := b.Down(1, one.state.Mark())
	b.ok("Down", err)
	said, err := ledger.OpenDown(raws[len(raws)-1], nil)
	b.ok("OpenDown", err)
	b.ok("Send", b.Decide(func(w *decision.Work) error {
		_, err := w.Send(1, ledger.Down{Note: said.Note})
		return err
	}))
	b.ok("Decommission", b.Decommission(1, burnt))
	b.sums("decommissioned", hq.TotalView{Issued: 200, HQ: 200})
}
