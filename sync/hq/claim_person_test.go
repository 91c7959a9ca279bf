package hq_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/claims"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/paper"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/quota"
	"github.com/jifen-pos/jifen/terminal/token"
)

// What a person grants of a claim uses up what the claim is of.

// late is a claim of a terminal that was ended before HQ heard of it.
func (b *bench) late(t *terminal, body ledger.Body) lot.Origin {
	b.Helper()
	t.do(&ledger.Mark{})
	t.sync()
	b.ok("Decommission", b.Decommission(t.id, burnt))
	of := t.do(body).Origin
	t.sync()
	b.waits("the claim of a lost till", "claim-late")
	return of
}

func TestWhatAPersonGrantsOnceIsGivenOnce(t *testing.T) {
	for _, personFirst := range []bool{true, false} {
		b := newBench(t)
		one, two := b.terminals[0], b.terminals[1]
		of := b.late(one, checkIn(wang, "spring"))
		if personFirst {
			b.ok("DecideClaim", b.DecideClaim(of, reward(10), byZhou))
		}
		other := two.do(checkIn(wang, "spring")).Origin
		two.sync()
		if personFirst {
			two.settled("after the person", other, fold.ClaimRefused, "claim-used")
		} else {
			if err := b.DecideClaim(of, reward(10), byZhou); !errors.Is(err, claims.ErrUsed) {
				t.Errorf("DecideClaim(what was given already) = %v, want ErrUsed", err)
			}
			b.waits("told that it was given", "claim-late")
			b.ok("DecideClaim", b.DecideClaim(of, nil, byZhou))
		}
		if n := b.freeOf(wang, points); n != 10 {
			t.Errorf("person first %v: %d points at HQ, want the 10 once", personFirst, n)
		}
		b.waits("settled")
		b.ok("Check", b.Check())
	}
}

// TestAPersonIsToldThatTheHomeIsAway: whether it was given, the terminal knows that has
// the member's home. It is asked for it, though nothing is granted yet.
func TestAPersonIsToldThatTheHomeIsAway(t *testing.T) {
	for _, used := range []bool{true, false} {
		b := newBench(t)
		one, two := b.terminals[1], b.terminals[0]
		one.do(checkIn(wang, "earlier")) // HQ makes the home
		one.sync()
		one.home()
		minted := one.do(&ledger.QuotaMinted{Member: wang, Quota: ledger.Issue{Asset: quota.Activity("spring").Asset, Amount: 1}})
		if used {
			one.do(&ledger.CheckIn{Member: wang, Activity: "spring", Issues: reward(10), Once: ledger.Once{Quota: []lot.Draw{{Lot: minted.Issued[0].ID, Amount: 1}}}})
		}
		one.sync()
		of := b.late(two, checkIn(wang, "spring"))
		if err := b.DecideClaim(of, reward(10), byZhou); !errors.Is(err, claims.ErrAway) {
			t.Errorf("used %v: DecideClaim(the home is away) = %v, want ErrAway", used, err)
		}
		one.answers()
		want := error(nil)
		if used {
			want = claims.ErrUsed
		}
		if err := b.DecideClaim(of, reward(10), byZhou); !errors.Is(err, want) {
			t.Errorf("used %v: DecideClaim(the home came back) = %v, want %v", used, err, want)
		}
	}
}

// paidSale is a sale of two for which 60 points of a lot of wang's paid.
func (t *terminal) paidSale() lot.Origin {
	t.b.Helper()
	own := t.gift(wang, points, 60)
	return t.do(&ledger.Sale{
		Member: wang, Day: start, Lines: []ledger.Line{{Qty: 2, Fen: 2000, Deducted: 60, Merchant: "m1"}},
		Deduction: &ledger.Deduction{Asset: points, Fen: 60, Draws: []lot.Draw{{Lot: own, Amount: 60}}},
	}).Origin
}

// TestGoodsThatAPersonTookBackComeBackOnce: another card was shown, so a person settled
// the first half of the goods; the second half gives back the second half, and no more.
func TestGoodsThatAPersonTookBackComeBackOnce(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	sale := one.paidSale()
	one.sync()
	wrong := func(qty int64) lot.Origin {
		claim := backClaim(sale, qty)
		claim.Member = zhao
		of := two.do(claim).Origin
		two.sync()
		b.waits("of another member's sale", "claim-no-sale")
		return of
	}
	b.ok("DecideClaimFor", b.DecideClaimFor(wrong(1), zhao, reward(30), byZhou))
	two.claims("the other half", sale, 1)
	more := two.do(backClaim(sale, 1)).Origin
	two.sync()
	two.settled("more than was sold", more, fold.ClaimRefused, "claim-returned")
	if w, z := b.freeOf(wang, points), b.freeOf(zhao, points); w != 30 || z != 30 {
		t.Errorf("wang has %d and zhao %d at HQ, want 30 each of the 60 that paid", w, z)
	}
	of := wrong(1)
	if err := b.DecideClaimFor(of, zhao, reward(30), byZhou); !errors.Is(err, paper.ErrReturned) {
		t.Errorf("DecideClaimFor(goods that came back) = %v, want ErrReturned", err)
	}
	b.ok("DecideClaim", b.DecideClaim(of, nil, byZhou))
	b.ok("Check", b.Check())
}

// TestGoodsOfAnUnknownSaleComeBackOnce: nobody can tell how much was sold; when HQ gets
// to know the sale, it counts what a person granted of it.
func TestGoodsOfAnUnknownSaleComeBackOnce(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	one.do(&ledger.Mark{})
	one.sync()
	sale := one.paidSale()
	b.ok("Decommission", b.Decommission(1, burnt))
	claim := func(line uint32) lot.Origin {
		c := backClaim(sale, 2)
		c.Lines[0].Line = line
		return two.do(c).Origin
	}
	first, again, odd := claim(0), claim(0), claim(7)
	two.sync()
	b.ok("DecideClaim", b.DecideClaim(first, reward(60), byZhou))
	if err := b.DecideClaim(again, reward(60), byZhou); !errors.Is(err, paper.ErrReturned) {
		t.Errorf("DecideClaim(the same goods) = %v, want ErrReturned", err)
	}
	b.ok("DecideClaim", b.DecideClaim(odd, reward(1), byZhou))
	one.sync() // the till turns up
	last := two.do(backClaim(sale, 1)).Origin
	two.sync()
	two.settled("HQ has the sale", last, fold.ClaimRefused, "claim-returned")
	b.ok("Check", b.Check())
}

// TestAVoucherThatAPersonTookBackComesBackOnce: the till that took it back was ended
// before HQ heard of it. What had paid for the voucher is given back once.
func TestAVoucherThatAPersonTookBackComesBackOnce(t *testing.T) {
	b := newBench(t)
	maker, two := b.terminals[0], b.terminals[1]
	own := maker.gift(wang, points, 50)
	sold := maker.do(&ledger.Sale{
		Member: wang, Day: start, Lines: []ledger.Line{{Qty: 1, Fen: 1000, Merchant: "m1"}},
		Redemptions: []ledger.Redemption{{Benefit: "cup", Asset: points, Draws: []lot.Draw{{Lot: own, Amount: 50}}, Voucher: ledger.Issue{Asset: cup, Amount: 1, Expires: start + 90}}},
	})
	id := lot.ID{Origin: sold.Origin, N: ledger.VoucherFrom}
	maker.do(&ledger.NoteGiven{Member: wang, Draws: []lot.Draw{{Lot: id, Amount: 1}}})
	maker.sync()
	two.askFor(5, wang, cup, 1)
	two.hear()
	two.do(&ledger.VoucherUse{Member: wang, Voucher: id, Benefit: "cup", Day: start})
	two.sync()
	b.ok("Decommission", b.Decommission(2, burnt))
	body := &ledger.VoucherBack{Member: wang, Voucher: id, Benefit: "cup", Used: true, Day: start}
	of := two.do(body).Origin
	two.sync()
	b.waits("the claim of a lost till", "claim-late")
	b.ok("DecideClaim", b.DecideClaim(of, reward(50), byZhou))
	again := maker.do(&ledger.Mark{}).Origin // as another till claims it that has the same paper
	maker.sync()
	b.ok("Settle", b.Decide(func(w *decision.Work) error {
		if err := w.Desk.OpenClaim(again, wang, id.Origin); err != nil {
			return err
		}
		_, err := paper.Settle(w, again, body)
		return err
	}))
	if n := b.freeOf(wang, points); n != 50 {
		t.Errorf("%d points at HQ, want the 50 that had paid", n)
	}
	if !slices.Contains(b.alarms(), "alarm-returned-twice") {
		t.Errorf("alarms %v, want alarm-returned-twice", b.alarms())
	}
	b.waits("settled")
	b.ok("Check", b.Check())
}

// TestAReceiptThatAPersonGrantedIsThereOnce: it is dated after the end of its terminal,
// and a person believes it all the same. The award has its own name then, and is not
// there twice when the till tells of it after all.
func TestAReceiptThatAPersonGrantedIsThereOnce(t *testing.T) {
	for _, toldFirst := range []bool{false, true} {
		b := newBench(t)
		one, two := b.terminals[0], b.terminals[1]
		one.do(&ledger.Mark{})
		one.sync()
		b.ok("Decommission", b.Decommission(1, burnt))
		b.night(start + 3)
		sale := one.sell(40).Origin
		code := one.certified(sale, 40)
		of := two.do(&ledger.PaperClaim{Member: wang, Of: sale, Code: code, Day: start + 3}).Origin
		if toldFirst {
			one.sync()
		}
		two.sync()
		b.waits("after the end", append(map[bool][]string{true: {"conflict-late"}}[toldFirst], "claim-after-loss")...)
		err := b.DecideClaim(of, reward(40), byZhou)
		if toldFirst {
			if !errors.Is(err, paper.ErrBooked) {
				t.Errorf("DecideClaim(what waits already) = %v, want ErrBooked", err)
			}
			b.ok("DecideClaim", b.DecideClaim(of, nil, byZhou))
			b.ok("DecideLate", b.DecideLate(sale, true, byZhou))
		} else {
			b.ok("DecideClaim", err)
			one.sync()
		}
		if n := b.freeOf(wang, points); n != 40 {
			t.Errorf("told first %v: %d points at HQ, want the 40 once", toldFirst, n)
		}
		b.waits("all is settled")
		b.ok("Check", b.Check())
	}
}

// certified is the code of a receipt of wang's that awards points, as the terminal signs it.
func (t *terminal) certified(of lot.Origin, n lot.Amount) string {
	t.b.Helper()
	c := token.Certificate{
		Entry: of, Member: wang, Minute: uint32(t.b.now.Unix() / 60), InAll: 1,
		Awards: []token.Awarded{{Issue: ledger.Issue{Asset: points, Amount: n, Expires: start + 300}}},
	}
	head := t.state.Head()
	if uint64(head.Seq) == of.Seq && uint64(head.Incarnation) == of.Incarnation {
		copy(c.Hash[:], head.Hash[:])
	}
	codes, err := token.SealCertificates(c, t.key)
	t.b.ok("SealCertificates", err)
	return codes[0]
}
