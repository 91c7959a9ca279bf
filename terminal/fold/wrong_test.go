package fold_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// TestWhatAnEntryHasNoRightToIsSaid does each thing once, which is right, and
// once more, which is not: that is said.
func TestWhatAnEntryHasNoRightToIsSaid(t *testing.T) {
	day := lot.Day(20000)
	fromHQ := func(b *bench, d ledger.Down) fold.Effects {
		d.Terminal, d.Epoch, d.Seq = here, 1, b.state.Mark()+1
		effects, err := b.tryDown(d)
		if err != nil {
			t.Fatalf("ApplyDown() = %v, want nil", err)
		}
		return effects
	}
	for _, c := range []struct {
		name    string
		prepare func(b *bench) (do func() fold.Effects)
	}{
		{"returned-again", func(b *bench) func() fold.Effects {
			sold := b.add(&ledger.Sale{Member: wang, Day: day, Lines: []ledger.Line{{Product: "06900001000112", Qty: 1, Fen: 100}}}).Origin
			back := &ledger.Return{Of: sold, Member: wang, Day: day, Lines: []ledger.ReturnLine{{Qty: 1}}}
			return func() fold.Effects { return b.add(back) }
		}},
		{"clawed-again", func(b *bench) func() fold.Effects {
			earned := b.award(wang, points, 10)
			back := &ledger.Return{Of: earned.Origin, Member: wang, Day: day, Claw: draw(earned, 6)}
			return func() fold.Effects { return b.add(back) }
		}},
		{"given-back-again", func(b *bench) func() fold.Effects {
			sold := b.add(spend(wang, draw(b.award(wang, points, 10), 10))).Origin
			back := &ledger.Return{Of: sold, Member: wang, Day: day, Back: draw(b.lastSpent(), 6)}
			return func() fold.Effects { return b.add(back) }
		}},
		{"quota-again", func(b *bench) func() fold.Effects {
			b.award(wang, lot.Home, 1)
			mint := &ledger.QuotaMinted{Member: wang, Quota: ledger.Issue{Asset: lot.QuotaAsset("visit", "once"), Amount: 1}, Day: day}
			return func() fold.Effects { return b.add(mint) }
		}},
		{"settled-again", func(b *bench) func() fold.Effects {
			of := b.add(&ledger.CheckIn{Member: wang, Activity: "visit", Once: ledger.Once{Claim: true}, Day: day}).Origin
			return func() fold.Effects { return fromHQ(b, ledger.Down{Settled: &ledger.Settled{Of: of, Granted: true}}) }
		}},
		{"alias-of-an-alias", func(b *bench) func() fold.Effects {
			pairs := []ledger.Alias{{From: zhang, To: wang}, {From: 3, To: zhang}}
			n := 0
			return func() fold.Effects {
				n++
				return fromHQ(b, ledger.Down{Alias: &pairs[n-1]})
			}
		}},
		{"points-as-a-quota", func(b *bench) func() fold.Effects {
			b.award(wang, lot.Home, 1)
			visit := lot.QuotaAsset("visit", "once")
			quota := b.add(&ledger.QuotaMinted{Member: wang, Quota: ledger.Issue{Asset: visit, Amount: 1}, Day: day}).Origin
			uses := []lot.ID{{Origin: quota}, b.award(wang, points, 1)}
			return func() fold.Effects {
				use := uses[0]
				uses = uses[1:]
				return b.add(&ledger.CheckIn{Member: wang, Activity: "visit", Once: ledger.Once{Quota: draw(use, 1)}, Day: day})
			}
		}},
		{"after-the-close", func(b *bench) func() fold.Effects {
			b.add(&ledger.DayOpen{Day: day})
			closed := false
			return func() fold.Effects {
				if closed {
					b.add(&ledger.DayClose{Day: day})
				}
				closed = true
				return b.add(&ledger.Sale{Member: wang, Day: day, Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 1}}}})
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			do := c.prepare(opened(t))
			if effects := do(); effects.Wrong != "" || effects.Risk != 0 {
				t.Fatalf("the first time: wrong %q, risk %d, want neither", effects.Wrong, effects.Risk)
			}
			if effects := do(); effects.Wrong == "" {
				t.Error("the second time nothing is said")
			}
		})
	}
}

// lastSpent is the lot of the first award, by which the bench began.
func (b *bench) lastSpent() lot.ID { return lot.ID{Origin: ledger.Origin(here, first, 2)} }
