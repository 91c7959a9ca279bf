package hq_test

import (
	"maps"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Returns of sales in which more than the member's own points paid, or more than
// points was given, claimed where their right is not: HQ settles them by the
// arithmetic of any return.

const (
	cup   = lot.Asset("benefit:cup")
	tenth = lot.Asset("coupon:tenth")
)

// gift is a lot of a member's at the terminal.
func (t *terminal) gift(who member.ID, asset lot.Asset, n lot.Amount) lot.ID {
	t.b.Helper()
	e := t.do(&ledger.Grant{Member: who, Issues: []ledger.Issue{{Asset: asset, Amount: n, Expires: start + 300}}, Day: start})
	return e.Issued[0].ID
}

// lies holds where a lot is against what is wanted.
func (b *bench) lies(when string, id lot.ID, want map[book.PlaceKind]lot.Amount) {
	b.Helper()
	got := map[book.PlaceKind]lot.Amount{}
	b.ok("View", b.book.View(func(tx book.Tx) error {
		accounts, err := tx.AccountsOf(id)
		for _, a := range accounts {
			if a.Amount != 0 && a.Place.Kind != book.Issued {
				got[a.Place.Kind] += a.Amount
			}
		}
		return err
	}))
	if !maps.Equal(got, want) {
		b.Errorf("%s: lot %s lies %v, want %v", when, id, got, want)
	}
}

// claims claims all that came back of a sale at the other till, and reports that
// HQ settled it.
func (t *terminal) claims(when string, of lot.Origin, qty int64) {
	t.b.Helper()
	claim := t.do(backClaim(of, qty)).Origin
	t.sync()
	t.settled(when, claim, fold.ClaimGranted, "")
}

func TestClaimGivesTheCouponBackWithTheLastGoods(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	used := one.gift(wang, tenth, 1)
	sale := one.do(&ledger.Sale{
		Member: wang, Day: start, Lines: []ledger.Line{{Qty: 2, Fen: 2200, Off: 200, Merchant: "m1"}},
		Coupons: []ledger.CouponUse{{Lot: used, Asset: tenth, Fen: 200}},
	}).Origin
	one.sync()
	two.claims("one of two", sale, 1)
	b.lies("one of two", used, map[book.PlaceKind]lot.Amount{book.Spent: 1})
	two.claims("the other", sale, 1)
	b.lies("all", used, map[book.PlaceKind]lot.Amount{book.Spent: 1, book.AtHQ: 1, book.Reinstated: -1})
	one.askFor(7, wang, tenth, 1)
	one.hear()
	one.do(&ledger.Mark{})
	if v, ok, err := one.state.Voucher(used); err != nil || !ok || v.Status != fold.VoucherIssued {
		t.Errorf("the coupon where it was used = %+v, %v, %v; want it to be used again", v, ok, err)
	}
}

func TestClaimGivesBackToThePool(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	own, theirs := one.gift(wang, points, 30), one.gift(zhao, points, 50)
	allowed := one.gift(zhao, "quota:pool:2026-11", 40)
	sale := one.do(&ledger.Sale{
		Member: wang, Day: start, Lines: []ledger.Line{{Qty: 2, Fen: 2060, Deducted: 60, Merchant: "m1"}},
		Deduction: &ledger.Deduction{Asset: points, Fen: 60, Draws: []lot.Draw{{Lot: own, Amount: 30}}, Pool: []ledger.PoolPart{
			{Owner: zhao, Draws: []lot.Draw{{Lot: theirs, Amount: 30}}, Allowance: []lot.Draw{{Lot: allowed, Amount: 30}}},
		}},
	}).Origin
	one.sync()
	two.claims("one of two", sale, 1) // the sharer's first, since they were taken last
	b.lies("one of two", theirs, map[book.PlaceKind]lot.Amount{book.AtTerminal: 20, book.Spent: 30, book.AtHQ: 30, book.Reinstated: -30})
	b.lies("one of two", allowed, map[book.PlaceKind]lot.Amount{book.AtTerminal: 10, book.Spent: 30, book.AtHQ: 30, book.Reinstated: -30})
	b.lies("one of two", own, map[book.PlaceKind]lot.Amount{book.Spent: 30})
	two.claims("the other", sale, 1)
	b.lies("all", own, map[book.PlaceKind]lot.Amount{book.Spent: 30, book.AtHQ: 30, book.Reinstated: -30})
}

// A return is no void: what was redeemed beside the goods stays.
func TestClaimLeavesWhatWasRedeemed(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	own := one.gift(wang, points, 30)
	e := one.do(&ledger.Sale{
		Member: wang, Day: start, Lines: []ledger.Line{{Qty: 1, Fen: 1000, Merchant: "m1"}},
		Redemptions: []ledger.Redemption{{Benefit: "cup", Asset: points, Draws: []lot.Draw{{Lot: own, Amount: 30}}, Voucher: ledger.Issue{Asset: cup, Amount: 1, Expires: start + 90}}},
	})
	one.sync()
	two.claims("all", e.Origin, 1)
	b.lies("all", own, map[book.PlaceKind]lot.Amount{book.Spent: 30})
	b.lies("all", e.Issued[0].ID, map[book.PlaceKind]lot.Amount{book.AtTerminal: 1})
}

// A prize goes with its purchase: HQ calls it back, and what is used by then is
// owed.
func TestClaimTakesThePrizeBack(t *testing.T) {
	for _, used := range []bool{false, true} {
		b := newBench(t)
		one, two := b.terminals[0], b.terminals[1]
		e := one.do(&ledger.Sale{
			Member: wang, Day: start, Lines: []ledger.Line{{Qty: 1, Fen: 1000, Merchant: "m1"}},
			Plays: []ledger.Stake{{Game: "spring", Prize: "cup", Issues: []ledger.Issue{{Asset: cup, Amount: 1, Expires: start + 90}}}},
		})
		another := one.gift(wang, cup, 1)
		one.sync()
		prize := e.Issued[0].ID
		if used {
			one.do(&ledger.VoucherUse{Member: wang, Voucher: prize, Benefit: "cup", Day: start})
		}
		two.claims("all", e.Origin, 1)
		b.owes("called back", wang, 0, 1)
		one.sync()
		one.hear()
		for _, r := range one.state.Recalls() {
			draws := r.Draws
			if used {
				draws = nil
			}
			one.do(&ledger.NoteGiven{Member: r.Member, Draws: draws, Recall: r.Seq})
		}
		one.sync()
		want, owed := map[book.PlaceKind]lot.Amount{book.Clawed: 1}, lot.Amount(0)
		if used {
			want, owed = map[book.PlaceKind]lot.Amount{book.Spent: 1}, 1
		}
		b.lies("in the end", prize, want)
		b.lies("in the end", another, map[book.PlaceKind]lot.Amount{book.AtTerminal: 1})
		b.owes("in the end", wang, owed, 0)
	}
}

// TestAPrizeThatIsKeptIsNotAskedForAgainAtOnce: somebody is served with it, or what the
// till knows of it is unsure. The two would ask and answer without end.
func TestAPrizeThatIsKeptIsNotAskedForAgainAtOnce(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	e := one.do(&ledger.Sale{
		Member: wang, Day: start, Lines: []ledger.Line{{Qty: 1, Fen: 1000, Merchant: "m1"}},
		Plays: []ledger.Stake{{Game: "spring", Prize: "cup", Issues: []ledger.Issue{{Asset: cup, Amount: 1, Expires: start + 90}}}},
	})
	one.sync()
	two.claims("all", e.Origin, 1)
	one.sync()
	one.hear()
	one.do(&ledger.NoteGiven{Member: wang, Recall: one.state.Recalls()[0].Seq})
	one.sync()
	if n := b.recalls(1); n != 1 {
		t.Errorf("%d recalls after an empty answer, want the one", n)
	}
	b.ok("Nightly", b.Nightly())
	if n := b.recalls(1); n != 2 {
		t.Errorf("%d recalls after the night, want another", n)
	}
}
