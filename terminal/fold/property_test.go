package fold_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/refund"
)

// basic earns one point for a yuan, and two more for eco-friendly goods.
var basic = &programme.Programme{Rules: []programme.Rule{
	{ID: "base", Asset: points, Rate: lot.Ratio{Num: 1, Den: 100}}, {ID: "eco", Asset: green, Rate: lot.Ratio{Num: 2, Den: 100}, EcoOnly: true},
}}

// bought is a bench with a sale on it that points of two lots helped to pay.
type bought struct {
	*bench
	of   lot.Origin
	sale *ledger.Sale
}

// buy sells what chance says, under the basic programme.
func buy(t *rapid.T) bought {
	b := bought{bench: opened(t), sale: &ledger.Sale{Member: wang, Day: 20001}}
	one, two := b.award(wang, points, 50), b.award(wang, points, 70)
	var base, eco, deducted lot.Fen
	for range rapid.IntRange(1, 4).Draw(t, "lines") {
		l := ledger.Line{Qty: rapid.Int64Range(1, 4).Draw(t, "qty"), Fen: lot.Fen(rapid.IntRange(100, 9999).Draw(t, "fen")), Eco: rapid.Bool().Draw(t, "eco")}
		l.Deducted = lot.Fen(rapid.IntRange(0, 30).Draw(t, "deducted"))
		base, deducted = base+l.Net(), deducted+l.Deducted
		if l.Eco {
			eco += l.Net()
		}
		b.sale.Lines = append(b.sale.Lines, l)
	}
	if deducted > 0 {
		n := min(lot.Amount(deducted), 119)
		draws := draw(one, min(n, 50))
		if n > 50 {
			draws = append(draws, lot.Draw{Lot: two, Amount: n - 50})
		}
		b.sale.Deduction = &ledger.Deduction{Asset: points, Fen: deducted, Draws: draws}
	}
	award := func(rule string, asset lot.Asset, n lot.Amount) {
		if n > 0 {
			b.sale.Awards = append(b.sale.Awards, ledger.Award{Rule: rule, Base: n, Issue: ledger.Issue{Asset: asset, Amount: n, Expires: 21000}})
		}
	}
	award("base", points, lot.Amount(base/100))
	award("eco", green, lot.Amount(eco*2/100))
	b.of = b.add(b.sale).Origin
	return b
}

// plan makes the entry of a return as a till does.
func (b bought) plan(t *rapid.T, qty []int64) *ledger.Return {
	known, _, _, err := b.state.Sale(b.of)
	if err != nil {
		t.Fatalf("Sale() = %v, want nil", err)
	}
	list, err := b.state.Usable(wang)
	if err != nil {
		t.Fatalf("Usable() = %v, want nil", err)
	}
	body, err := refund.Plan(refund.Request{
		Of: b.of, Sale: b.sale, Known: known, Rules: basic, Qty: qty, Tender: "cash", Day: 20001, Today: lot.Today{Day: 20001, Trusted: true},
	}, list)
	if err != nil {
		t.Fatalf("Plan(%v) = %v, want nil", qty, err)
	}
	return body
}

func (b bought) all() (qty []int64) {
	for _, l := range b.sale.Lines {
		qty = append(qty, l.Qty)
	}
	return qty
}

// end is all that a return may leave behind.
type end struct {
	Held   held
	Months []fold.Month
	Base   lot.Amount
	Lines  []fold.SoldLine
	Claw   []lot.Amount
	Back   lot.Amount
	Refund lot.Fen
}

func (b bought) end() end {
	sale, _, _, err := b.state.Sale(b.of)
	if err != nil {
		b.t.Fatalf("Sale() = %v, want nil", err)
	}
	e := end{Held: b.usable(wang), Months: b.about(wang).Months, Base: b.counted(wang, 20001), Lines: sale.Lines, Refund: sale.Refund}
	for _, a := range sale.Awards {
		e.Claw = append(e.Claw, a.Clawed)
	}
	for _, p := range sale.Paid {
		e.Back += p.Back
	}
	return e
}

// TestAnyOrderOfReturnsEndsWhereOneDoes (rule S06), and there is nothing left
// of what the sale had earned, nor of what had paid for it.
func TestAnyOrderOfReturnsEndsWhereOneDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := buy(t)
		before := held{}
		for id, n := range b.usable(wang) {
			if id.Origin != b.of {
				before[id] = n
			}
		}
		if d := b.sale.Deduction; d != nil {
			for _, d := range d.Draws {
				before[d.Lot] += d.Amount
			}
		}
		whole := bought{bench: &bench{t: t, table: table{}, read: table{}}, of: b.of, sale: b.sale}
		whole.table = b.replay(1 << 30)
		whole.load()
		whole.add(whole.plan(t, b.all()))

		var pieces []int
		for i, l := range b.sale.Lines {
			pieces = append(pieces, slices.Repeat([]int{i}, int(l.Qty))...)
		}
		pieces = rapid.Permutation(pieces).Draw(t, "order")
		for len(pieces) > 0 {
			n := rapid.IntRange(1, len(pieces)).Draw(t, "at once")
			qty := make([]int64, len(b.sale.Lines))
			for _, line := range pieces[:n] {
				qty[line]++
			}
			effects := b.add(b.plan(t, qty))
			if effects.Wrong != "" || effects.Risk != 0 {
				t.Fatalf("Return(%v): wrong %q, risk %d, want none", qty, effects.Wrong, effects.Risk)
			}
			pieces = pieces[n:]
		}
		equal(t, "after returns in parts, against one", whole.end(), b.end())
		equal(t, "Usable against before the sale", before, b.usable(wang))
		equal(t, "counted", lot.Amount(0), b.counted(wang, 20001))
	})
}

func equal[T any](t *rapid.T, what string, want, got T) {
	t.Helper()
	r := &run{bench: &bench{t: t}}
	same(r, what, want, got, nil)
}

// TestRefundedPointsBuyAgain: what came back is as good as it was.
func TestRefundedPointsBuyAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := buy(t)
		first := b.end()
		b.add(b.plan(t, b.all()))
		again := b.add(b.sale)
		if again.Risk != 0 || again.Wrong != "" {
			t.Fatalf("the same sale again: wrong %q, risk %d, want none", again.Wrong, again.Risk)
		}
		b.of = again.Origin
		second := b.end()
		// The new lots have the new sale's numbers; apart from that all is alike.
		for id, n := range first.Held {
			if now := (lot.ID{Origin: b.of, N: id.N}); second.Held[id] != n && second.Held[now] != n {
				t.Errorf("Usable() has %d of lot %s and %d of %s, want %d", second.Held[id], id, second.Held[now], now, n)
			}
		}
		first.Held, second.Held = nil, nil
		equal(t, "after the second sale", first, second)
	})
}

// TestMergeKeepsSumsAndUndoRestores: whatever the two had, whatever happens in
// between is all that is different afterwards.
func TestMergeKeepsSumsAndUndoRestores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRun(newBench(t))
		r.choose = func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }
		for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"sale", "award", "note", "redeem", "return", "play", "transfer"}), 1, 15).Draw(t, "before") {
			r.act(name)
		}
		older, younger := r.usable(wang), r.usable(zhang)
		months := [][]fold.Month{r.about(wang).Months, r.about(zhang).Months}
		r.bench.alias(ledger.Alias{From: zhang, To: wang})
		both := held{}
		for _, part := range []held{older, younger} {
			for id, n := range part {
				both[id] += n
			}
		}
		equal(t, "Usable of both", both, r.usable(zhang))
		var spent []lot.Draw
		for id, n := range both {
			spent = append(spent, lot.Draw{Lot: id, Amount: n})
			if owner := rapid.Bool().Draw(t, "spend"); !owner || n == 0 {
				spent = spent[:len(spent)-1]
			}
		}
		slices.SortFunc(spent, func(a, b lot.Draw) int { return a.Lot.Compare(b.Lot) })
		if len(spent) > 0 {
			who := rapid.SampledFrom([]member.ID{wang, zhang}).Draw(t, "who")
			if effects := r.add(&ledger.NoteGiven{Member: who, Draws: spent}); effects.Risk != 0 {
				t.Fatalf("risk %d, want 0", effects.Risk)
			}
		}
		r.bench.alias(ledger.Alias{From: zhang, To: wang, Undo: true})
		for _, d := range spent {
			delete(older, d.Lot)
			delete(younger, d.Lot)
		}
		equal(t, "Usable of the older", older, r.usable(wang))
		equal(t, "Usable of the younger", younger, r.usable(zhang))
		equal(t, "Months", months, [][]fold.Month{r.about(wang).Months, r.about(zhang).Months})
	})
}

// TestBothSidesFoldAlike delivers what HQ says between any two entries: who
// follows the marks comes to the same, and who does not is told.
func TestBothSidesFoldAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRun(newBench(t))
		r.choose = func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }
		names := []string{"sale", "award", "note", "alias", "recall", "ruling", "settle", "return-claim", "note-given", "open", "return"}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 1, 25).Draw(t, "actions") {
			r.act(name)
		}
		var down []ledger.Down
		var up []fact
		for _, f := range r.facts {
			if f.down != nil {
				down = append(down, *f.down)
			} else {
				up = append(up, f)
			}
		}
		// The other side has the two journals and nothing else.
		other := table{}
		s, err := fold.Load(here, other)
		if err != nil {
			t.Fatalf("Load() = %v, want nil", err)
		}
		for _, f := range up {
			e, err := ledger.Decode(f.raw)
			if err != nil {
				t.Fatalf("Decode() = %v, want nil", err)
			}
			for s.Mark() < e.Mark {
				if _, err := s.ApplyDown(down[s.Mark()]); err != nil {
					t.Fatalf("ApplyDown(%d) = %v, want nil", s.Mark()+1, err)
				}
			}
			if _, err := s.Apply(f.incarnation, f.raw); err != nil {
				t.Fatalf("Apply() = %v, want nil", err)
			}
		}
		for int(s.Mark()) < len(down) {
			if _, err := s.ApplyDown(down[s.Mark()]); err != nil {
				t.Fatalf("ApplyDown(%d) = %v, want nil", s.Mark()+1, err)
			}
		}
		if err := s.Flush(other.Put); err != nil {
			t.Fatalf("Flush() = %v, want nil", err)
		}
		if diff := alike(r.table, other); diff != "" {
			t.Fatalf("the two sides differ: %s", diff)
		}
	})
}
