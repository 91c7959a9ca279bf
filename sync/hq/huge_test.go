package hq_test

import (
	"math"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// A board whose key was stolen sends what no till of ours could write: more holdings
// of one member than a till keeps. That is its own fault, and a person's to look at:
// else the same batch would come again for ever, and nobody would know.
func TestWhatALimitRefusesStopsItsTerminal(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	one.sync()
	end := exchange.NewHQ(exchange.HQOptions{Key: hqKey, Office: b})
	raw, err := ledger.Encode(ledger.Entry{Wall: b.now.UnixMilli(), Programme: b.programme.Version(), Body: &ledger.Sale{
		Member: wang, Day: 20779, Lines: []ledger.Line{{Product: "06900001000112", Qty: 1, Fen: 100}},
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 1, Expires: 21000}}},
	}})
	b.ok("Encode", err)
	raws := append(slices.Clone(one.raws[0x101]), slices.Repeat([][]byte{raw}, 7600)...)
	head := ledger.Head{Incarnation: 0x101}
	denied := 0
	for first := 0; first < len(raws); first += wire.BatchEntriesMax {
		m := one.batchFrom(&head, raws[first:min(first+wire.BatchEntriesMax, len(raws))], ledger.Seq(first+1))
		b.ok("Receive", end.Receive(1, wire.Seal(1, 0, m, one.key), b.now))
		for _, o := range end.Outgoing() {
			if kindOf(t, o.Bytes) == wire.KindDenied {
				denied++
			}
		}
	}
	if denied == 0 || b.overview().Terminals[0].Trouble != "trouble-journal" {
		t.Errorf("denied %d times, trouble %q, want t1 stopped", denied, b.overview().Terminals[0].Trouble)
	}
	if alarms := b.alarms(); !slices.Contains(alarms, "trouble-journal") || !slices.Contains(alarms, "alarm-refused") {
		t.Errorf("alarms = %v, want t1's trouble, and that its bytes are kept aside", alarms)
	}
	two.sell(3)
	two.sync()
}

// What one board awards, however much it is, hides nobody's sums and stops no night.
func TestHugeAwardsHideNothing(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	for n := range 9300 {
		one.do(&ledger.Sale{
			Member: wang, Day: 20779, Lines: []ledger.Line{{Product: "06900001000112", Qty: 1, Fen: 100}},
			Awards: []ledger.Award{{Issue: ledger.Issue{Asset: green, Amount: lot.AmountMax, Expires: 21000}}},
		})
		if n%500 == 499 { // a till keeps no more than 7,500 holdings
			one.giveGreen()
		}
	}
	last := one.state.Head().Seq
	for first := ledger.Seq(1); first <= last; first += wire.BatchEntriesMax {
		if _, resume, err := b.Ingest(1, one.batchOf(0x101, one.raws[0x101][first-1:min(first-1+wire.BatchEntriesMax, last)], first)); err != nil || resume {
			t.Fatalf("Ingest(%d) = %v, %v, want it taken in", first, resume, err)
		}
	}
	two.sell(3)
	two.sync()
	b.ok("Nightly", b.Nightly())
	for _, v := range b.overview().Totals {
		switch {
		case v.Asset == green && (v.Issued != math.MaxInt64 || v.Off() != 0):
			t.Errorf("%d issued, off by %d, want the most that there is, and nothing said of it", v.Issued, v.Off())
		case v.Asset == points && (v.Issued != 3 || v.Terminals != 3 || v.Off() != 0):
			t.Errorf("two's: %+v, want 3", v)
		}
	}
}

// giveGreen gives HQ all green points that the terminal has.
func (t *terminal) giveGreen() {
	t.b.Helper()
	list, err := t.state.Usable(wang)
	t.b.ok("Usable", err)
	var draws []lot.Draw
	for _, h := range list {
		draws = append(draws, lot.Draw{Lot: h.Lot.ID, Amount: h.Amount})
	}
	t.do(&ledger.NoteGiven{Member: wang, Draws: draws})
}
