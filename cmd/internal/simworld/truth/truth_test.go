package truth_test

import (
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/truth"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const points = lot.Consumption

var (
	ofHQ  = lot.ID{Origin: lot.Origin{Seq: 1}} // ten points that HQ issued
	stock = lot.ID{Origin: lot.Origin{Seq: 2}} // two pieces of what is limited
	lends = lot.ID{Origin: lot.Origin{Seq: 3}} // four that somebody lets their household use
)

// teller tells a truth what boards wrote.
type teller struct {
	*testing.T
	truth *truth.Truth
	seq   map[ledger.TerminalID]ledger.Seq
	ended ledger.TerminalID
}

func newTeller(t *testing.T) *teller {
	x := &teller{T: t, seq: map[ledger.TerminalID]ledger.Seq{}}
	x.truth = truth.New(truth.Options{
		Engine: engine.New(1), People: func() int { return 2 },
		Ended: func() (list []ledger.TerminalID) {
			if x.ended != 0 {
				list = append(list, x.ended)
			}
			return list
		},
		Limited: func(benefit string) bool { return benefit == "few" },
		Lot: func(id lot.ID) (lot.Lot, bool) {
			l, ok := map[lot.ID]lot.Lot{
				ofHQ: {Asset: points, Amount: 10}, stock: {Asset: lot.StockAsset("few"), Amount: 2}, lends: {Asset: "quota:pool:2026-11", Amount: 4},
			}[id]
			return l, ok
		},
	})
	return x
}

// writes has a board write an entry, and reports what of it must not be, or "".
func (x *teller) writes(at ledger.TerminalID, body ledger.Body) (of lot.Origin, fails string) {
	x.Helper()
	raw, err := ledger.Encode(ledger.Entry{Body: body})
	if err != nil {
		x.Fatal(err)
	}
	x.seq[at]++
	defer func() {
		if f, ok := recover().(*engine.Failure); ok {
			fails = f.What
		}
	}()
	of = ledger.Origin(at, 7, x.seq[at])
	x.truth.Entry(truth.Store{ID: at}, journal.Record{Head: ledger.Head{Incarnation: 7, Seq: x.seq[at]}, Raw: raw})
	return of, ""
}

// step is an entry and what must be said of it.
type step struct {
	what string
	at   ledger.TerminalID
	body func(first lot.Origin) ledger.Body
	want string
}

// goes plays steps; the first entry's name is lent to the later ones.
func (x *teller) goes(steps []step) {
	x.Helper()
	var first lot.Origin
	for n, s := range steps {
		of, got := x.writes(s.at, s.body(first))
		if n == 0 {
			first = of
		}
		if got != s.want {
			x.Fatalf("%s: the truth says %q, want %q", s.what, got, s.want)
		}
	}
}

func draw(id lot.ID, n lot.Amount) []lot.Draw { return []lot.Draw{{Lot: id, Amount: n}} }

func one(lots []lot.Draw, benefit string, pieces []lot.Draw) ledger.Redemption {
	return ledger.Redemption{
		Benefit: benefit, Asset: points, Draws: lots, Stock: pieces, Voucher: ledger.Issue{Asset: lot.BenefitAsset(benefit), Amount: 1},
	}
}

func sale(r ...ledger.Redemption) ledger.Body { return &ledger.Sale{Redemptions: r} }

// TestWhatIsRedeemedWithASaleCounts: its points, which come
// back with the sale.
func TestWhatIsRedeemedWithASaleCounts(t *testing.T) {
	newTeller(t).goes([]step{
		{"six of ten", 1, func(lot.Origin) ledger.Body { return sale(one(draw(ofHQ, 6), "tea", nil)) }, ""},
		{"they come back", 1, func(of lot.Origin) ledger.Body {
			return &ledger.Return{Of: of, Vouchers: []ledger.VoucherBack{{Voucher: lot.ID{Origin: of, N: ledger.VoucherFrom}, Back: draw(ofHQ, 6)}}}
		}, ""},
		{"ten again", 2, func(lot.Origin) ledger.Body {
			return sale(one(draw(ofHQ, 6), "tea", nil), one(draw(ofHQ, 4), "tea", nil))
		}, ""},
		{"one more", 1, func(lot.Origin) ledger.Body { return sale(one(draw(ofHQ, 1), "tea", nil)) }, "spent-twice"},
	})
}

// TestTheHouseholdPaysWithinItsAllowance: others' points count as one's own do, and what
// they let the household use.
func TestTheHouseholdPaysWithinItsAllowance(t *testing.T) {
	pooled := func(n lot.Amount) func(lot.Origin) ledger.Body {
		return func(lot.Origin) ledger.Body {
			r := one(nil, "tea", nil)
			r.Pool = []ledger.PoolPart{{Owner: 3, Draws: draw(ofHQ, n), Allowance: draw(lends, n)}}
			return sale(r)
		}
	}
	newTeller(t).goes([]step{{"four", 1, pooled(4), ""}, {"a fifth", 1, pooled(1), "spent-twice"}})
	newTeller(t).goes([]step{
		{"four", 1, pooled(4), ""},
		{"six of one's own", 2, func(lot.Origin) ledger.Body { return sale(one(draw(ofHQ, 6), "tea", nil)) }, ""},
		{"a seventh", 2, func(lot.Origin) ledger.Body { return sale(one(draw(ofHQ, 1), "tea", nil)) }, "spent-twice"},
	})
}

// TestNothingLimitedWithoutAPiece: two pieces are there, and each promise takes one.
func TestNothingLimitedWithoutAPiece(t *testing.T) {
	few := func(pieces ...lot.Draw) func(lot.Origin) ledger.Body {
		return func(lot.Origin) ledger.Body { return sale(one(nil, "few", pieces)) }
	}
	newTeller(t).goes([]step{
		{"the first", 1, few(draw(stock, 1)...), ""},
		{"the second", 2, few(draw(stock, 1)...), ""},
		{"without one", 2, few(), "over-issued"},
	})
	newTeller(t).goes([]step{
		{"the first", 1, few(draw(stock, 1)...), ""},
		{"the second", 2, few(draw(stock, 1)...), ""},
		{"a third", 2, few(draw(stock, 1)...), "spent-twice"},
	})
}

// TestATicketIsPlayedOnce, and what it won is there once.
func TestATicketIsPlayedOnce(t *testing.T) {
	play := func(number uint64) func(lot.Origin) ledger.Body {
		return func(lot.Origin) ledger.Body {
			return &ledger.Play{Stake: ledger.Stake{Game: "wheel", Batch: "t1-1", Number: number, Issues: []ledger.Issue{{Asset: points, Amount: 5}}}}
		}
	}
	won := func(n lot.Amount) func(of lot.Origin) ledger.Body {
		return func(of lot.Origin) ledger.Body {
			return sale(one(draw(lot.ID{Origin: of, N: ledger.PrizeLot(0, 0)}, n), "tea", nil))
		}
	}
	newTeller(t).goes([]step{{"the first", 1, play(0), ""}, {"the second", 1, play(1), ""}, {"the first again", 1, play(0), "ticket-twice"}})
	newTeller(t).goes([]step{
		{"nine are staked", 1, func(lot.Origin) ledger.Body {
			return &ledger.Play{Stake: ledger.Stake{Asset: points, Draws: draw(ofHQ, 9)}}
		}, ""},
		{"two more", 1, func(lot.Origin) ledger.Body {
			return &ledger.Play{Stake: ledger.Stake{Asset: points, Draws: draw(ofHQ, 2)}}
		}, "spent-twice"},
	})
	newTeller(t).goes([]step{{"five are won", 1, play(0), ""}, {"five are spent", 2, won(5), ""}, {"a sixth", 2, won(1), "spent-twice"}})
	newTeller(t).goes([]step{
		{"five are won", 1, play(0), ""},
		{"its sale comes back", 1, func(of lot.Origin) ledger.Body {
			return &ledger.Return{Of: of, Plays: []ledger.PlayBack{{Claw: draw(lot.ID{Origin: of, N: ledger.PrizeLot(0, 0)}, 5)}}}
		}, ""},
		{"one is spent", 2, won(1), "spent-twice"},
	})
}

// TestWhatAReturnTakesIsGone: the award of goods that came back.
func TestWhatAReturnTakesIsGone(t *testing.T) {
	award := func(lot.Origin) ledger.Body {
		return &ledger.Sale{Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 8}}}}
	}
	newTeller(t).goes([]step{
		{"eight are earned", 1, award, ""},
		{"five go back", 1, func(of lot.Origin) ledger.Body { return &ledger.Return{Of: of, Claw: draw(lot.ID{Origin: of}, 5)} }, ""},
		{"three are spent", 2, func(of lot.Origin) ledger.Body { return sale(one(draw(lot.ID{Origin: of}, 3), "tea", nil)) }, ""},
		{"a fourth", 2, func(of lot.Origin) ledger.Body { return sale(one(draw(lot.ID{Origin: of}, 1), "tea", nil)) }, "spent-twice"},
	})
}

// TestRiskIsOfWhatWasHeld: what a lost board held of one thing explains no loss of another.
func TestRiskIsOfWhatWasHeld(t *testing.T) {
	x := newTeller(t)
	x.truth.Risk(points, 4)
	x.goes([]step{
		{"fourteen of ten", 1, func(lot.Origin) ledger.Body { return sale(one(draw(ofHQ, 14), "tea", nil)) }, ""},
		{"three of two pieces", 1, func(lot.Origin) ledger.Body {
			return sale(one(nil, "few", draw(stock, 1)), one(nil, "few", draw(stock, 1)), one(nil, "few", draw(stock, 1)))
		}, "spent-twice"},
	})
	x = newTeller(t)
	x.goes([]step{
		{"ten are spent", 1, func(lot.Origin) ledger.Body { return sale(one(draw(ofHQ, 10), "tea", nil)) }, ""},
		{"four come back there", 1, func(of lot.Origin) ledger.Body {
			return &ledger.Return{Of: of, Vouchers: []ledger.VoucherBack{{Voucher: lot.ID{Origin: of, N: ledger.VoucherFrom}, Back: draw(ofHQ, 4)}}}
		}, ""},
		{"and are spent again", 1, func(lot.Origin) ledger.Body { return sale(one(draw(ofHQ, 4), "tea", nil)) }, ""},
	})
	x.ended = 1
	x.goes([]step{
		{"a person granted them too", 2, func(lot.Origin) ledger.Body { return sale(one(draw(ofHQ, 4), "tea", nil)) }, ""},
		{"a fifth", 2, func(lot.Origin) ledger.Body { return sale(one(draw(ofHQ, 1), "tea", nil)) }, "spent-twice"},
	})
	x = newTeller(t)
	x.ended = 1
	x.goes([]step{
		{"eight are earned there", 1, func(lot.Origin) ledger.Body {
			return &ledger.Sale{Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 8}}}}
		}, ""},
		{"and granted anew", 2, func(of lot.Origin) ledger.Body { return sale(one(draw(lot.ID{Origin: of}, 9), "tea", nil)) }, ""},
	})
}
