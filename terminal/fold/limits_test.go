package fold_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// A record that cannot be read back would end the terminal for good: whatever
// an entry may say, the table is read again after it (flush does), or the
// entry is refused and the table is as it was (try looks).

// TestLimitsAreRefusedBeforeTheyAreStored: a record that cannot be read back
// would end the terminal for good.
func TestLimitsAreRefusedBeforeTheyAreStored(t *testing.T) {
	b := opened(t)
	full := func(n int) *ledger.Sale {
		s := &ledger.Sale{Member: wang}
		for i := range 200 {
			s.Awards = append(s.Awards, ledger.Award{Issue: ledger.Issue{Asset: lot.Asset(fmt.Sprintf("points:%d-%d", n, i)), Amount: 1}})
		}
		return s
	}
	for n := range 5 {
		b.add(full(n))
	}
	if err := b.entry(first, full(5)); !errors.Is(err, lot.ErrAmount) {
		t.Errorf("Apply(sale that makes 1,200 assets) = %v, want ErrAmount", err)
	}
	n := note(1, first, 0, lot.AmountMax)
	n.Holdings = append(n.Holdings, n.Holdings[0])
	if _, err := b.tryDown(ledger.Down{Terminal: here, Seq: 1, Note: n}); !errors.Is(err, lot.ErrAmount) {
		t.Errorf("ApplyDown(note of twice the most) = %v, want ErrAmount", err)
	}
	for range 36 {
		s := &ledger.Sale{Member: zhang}
		for range 200 {
			s.Awards = append(s.Awards, ledger.Award{Issue: ledger.Issue{Asset: points, Amount: 1}})
		}
		b.add(s)
	}
	big := &ledger.Sale{Member: zhang, Awards: make([]ledger.Award, 900)}
	for i := range big.Awards {
		big.Awards[i].Issue = ledger.Issue{Asset: points, Amount: 1}
	}
	if err := b.entry(first, big); !errors.Is(err, lot.ErrAmount) {
		t.Errorf("Apply(sale that makes 8,100 holdings) = %v, want ErrAmount", err)
	}
}

// lots gives a member n lots of one point each, at most 900 at once.
func (b *bench) lots(who member.ID, asset lot.Asset, n int) []lot.Draw {
	b.t.Helper()
	sale := &ledger.Sale{Member: who}
	for range n {
		sale.Awards = append(sale.Awards, ledger.Award{Issue: ledger.Issue{Asset: asset, Amount: 1}})
	}
	var out []lot.Draw
	for _, l := range b.add(sale).Issued {
		out = append(out, lot.Draw{Lot: l.ID, Amount: 1})
	}
	return out
}

func TestPaymentOutOfTooManyLotsIsRefused(t *testing.T) {
	pay := func(own []lot.Draw, pool []ledger.PoolPart) *ledger.Deduction {
		return &ledger.Deduction{Asset: points, Draws: own, Pool: pool}
	}
	for _, c := range []struct {
		name string
		body func(b *bench, own []lot.Draw) ledger.Body
	}{
		{"own-and-a-coupon", func(b *bench, own []lot.Draw) ledger.Body {
			coupon := b.award(wang, "coupon:10-off", 1)
			return &ledger.Sale{Member: wang, Deduction: pay(own, nil), Coupons: []ledger.CouponUse{{Lot: coupon, Asset: "coupon:10-off"}}}
		}},
		{"own-and-the-household", func(b *bench, own []lot.Draw) ledger.Body {
			shared, allowed := b.award(zhang, points, 1), b.award(zhang, "quota:pool:2027", 1)
			return &ledger.Sale{Member: wang, Deduction: pay(own, []ledger.PoolPart{{Owner: zhang, Draws: draw(shared, 1), Allowance: draw(allowed, 1)}})}
		}},
		{"exchange-in-a-return", func(b *bench, own []lot.Draw) ledger.Body {
			sold := b.add(&ledger.Sale{Member: wang, Lines: []ledger.Line{{Qty: 1}}}).Origin
			coupon := b.award(wang, "coupon:10-off", 1)
			sale := &ledger.Sale{Member: wang, Deduction: pay(own, nil), Coupons: []ledger.CouponUse{{Lot: coupon, Asset: "coupon:10-off"}}}
			return &ledger.Return{Of: sold, Member: wang, Sale: sale}
		}},
		{"redeem-limited", func(b *bench, own []lot.Draw) ledger.Body {
			body := redeem(own)
			body.Quota = draw(b.award(wang, "quota:tea:2027", 1), 1)
			return body
		}},
		{"redeem-inside-a-sale", func(b *bench, own []lot.Draw) ledger.Body {
			quota := b.award(wang, "quota:tea:2027", 1)
			r := ledger.Redemption{Benefit: "tea-set", Asset: points, Draws: own, Quota: draw(quota, 1), Voucher: ledger.Issue{Asset: teaSet, Amount: 1}}
			return &ledger.Sale{Member: wang, Redemptions: []ledger.Redemption{r}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			own := b.lots(wang, points, lot.HoldingsMax)
			if err := b.entry(first, c.body(b, own)); !errors.Is(err, lot.ErrAmount) {
				t.Errorf("Apply(payment out of %d lots) = %v, want ErrAmount", len(own)+1, err)
			}
			// As many as there may be are taken, and can be read again.
			effects := b.add(spend(wang, own))
			sale, _, ok, err := b.state.Sale(effects.Origin)
			if err != nil || !ok || len(sale.Paid) != lot.HoldingsMax || effects.Risk != 0 {
				t.Errorf("Sale() = %d lots paid, %v, %v, want %d, true, nil", len(sale.Paid), ok, err, lot.HoldingsMax)
			}
		})
	}
}

// TestPaymentOfTooMuchOfALotIsRefused draws the most there may be of one lot
// twice: two incarnations hold that much of it.
func TestPaymentOfTooMuchOfALotIsRefused(t *testing.T) {
	b := opened(t)
	b.down(note(1, first, 0, lot.AmountMax))
	b.open(second, ledger.BootWitness)
	again := note(2, second, 0, lot.AmountMax)
	again.Holdings[0].Lot.ID.Seq = 1
	b.down(again)
	all := lot.Draw{Lot: again.Holdings[0].Lot.ID, Amount: lot.AmountMax}
	if err := b.entry(second, spend(wang, []lot.Draw{all, all})); !errors.Is(err, lot.ErrAmount) {
		t.Errorf("Apply(twice the most) = %v, want ErrAmount", err)
	}
	if effects := b.add(spend(wang, []lot.Draw{all})); effects.Risk != 0 {
		t.Errorf("Apply(the most): risk %d, want 0", effects.Risk)
	}
}

func TestFullRecordOfAMemberCanBeRead(t *testing.T) {
	b := opened(t)
	b.home(wang)
	for n := range 300 {
		b.add(quota(wang, fmt.Sprintf("quota:day:%d", n), 20000))
	}
	for id := range member.ID(20) {
		b.alias(ledger.Alias{From: 5000 + id, To: wang})
	}
	for n := range lot.Day(40) {
		b.add(&ledger.Sale{Member: wang, Day: 20000 + 31*n})
	}
	sale := &ledger.Sale{Member: wang, Day: 20000 + 31*40}
	for n := range 100 {
		sale.Awards = append(sale.Awards, ledger.Award{Rule: fmt.Sprintf("r%d", n), Issue: ledger.Issue{Asset: points, Amount: 1}})
	}
	b.add(sale)
	ruling := ledger.Ruling{Member: wang, Tier: "gold"}
	for n := range ledger.OwedMax {
		ruling.Owed = append(ruling.Owed, ledger.Owed{Asset: lot.Asset(fmt.Sprintf("points:%d", n)), Owed: 1})
	}
	b.hq(ledger.Down{Ruling: &ruling})
	about, err := b.state.About(wang)
	if err != nil || len(about.Months) != 26 || len(about.Minted) != 256 {
		t.Errorf("About() = %d months, %d minted, %v, want 26, 256, nil", len(about.Months), len(about.Minted), err)
	}
	var entries int
	for size := 900; size > 0; {
		s := &ledger.Sale{Member: wang, Awards: make([]ledger.Award, size)}
		for i := range s.Awards {
			s.Awards[i].Issue = ledger.Issue{Asset: points, Amount: 1}
		}
		if err := b.entry(first, s); errors.Is(err, lot.ErrAmount) {
			size /= 10
		} else if err != nil {
			t.Fatalf("Apply(%d more lots) = %v, want nil or ErrAmount", size, err)
		}
		entries++
	}
	held := len(b.usable(wang))
	if held < lot.MemberLotsMax-9 || entries < 9 {
		t.Errorf("a full record holds %d lots after %d entries, want nearly %d", held, entries, lot.MemberLotsMax)
	}

	// A note that finds no room is left on its way and said; what HQ says next
	// is taken in.
	note := &lot.Note{ID: lot.Origin{Seq: 77}, Terminal: uint32(here), Incarnation: uint64(first)}
	for n := range uint32(10) {
		l := lot.Lot{ID: lot.ID{Origin: lot.Origin{Terminal: 9, Seq: 1}, N: n}, Owner: wang, Asset: points, Amount: 1}
		note.Holdings = append(note.Holdings, lot.Holding{Lot: l, Amount: 1})
	}
	effects, err := b.tryDown(ledger.Down{Terminal: here, Epoch: 1, Seq: b.state.Mark() + 1, Note: note})
	if err != nil || effects.Wrong == "" || effects.Accepted != nil || effects.Left == nil || len(b.usable(wang)) != held {
		t.Errorf("ApplyDown(a note too many) = %+v, %v, want it left and said", effects, err)
	}
	b.hq(ledger.Down{Ruling: &ledger.Ruling{Member: wang, Tier: "silver"}})
	if about, err := b.state.About(wang); err != nil || about.Ruling.Tier != "silver" {
		t.Errorf("About() = %+v, %v, want what HQ said after the note", about.Ruling, err)
	}
}

// TestBootsAreWithoutEnd starts a terminal more often than a shop ever will: the
// head stays small, what proven boots carried can be used, and of unproven ones
// the newest still wait.
func TestBootsAreWithoutEnd(t *testing.T) {
	for name, witness := range map[string]ledger.Witness{"proven": ledger.BootWitness, "unproven": ledger.NoWitness} {
		t.Run(name, func(t *testing.T) {
			b := opened(t)
			id := b.lots(wang, points, 1)[0].Lot
			for n := range 6000 {
				open := &ledger.Open{Parent: b.state.Head(), Witness: witness}
				if _, err := b.state.Apply(ledger.Incarnation(1000+n), b.encode(open)); err != nil {
					t.Fatalf("Apply(opening %d) = %v, want nil", n, err)
				}
			}
			b.flush()
			if size := len(b.table["h"]); witness != ledger.NoWitness && size > 200 {
				t.Errorf("the head's record has %d bytes, want no more than 200", size)
			}
			usable, waiting := held{id: 1}, 0
			if witness == ledger.NoWitness {
				usable, waiting = held{}, 2 // the one that earned, and all that did nothing
			}
			want(t, "Usable", usable, b.usable(wang))
			want(t, "Waiting", waiting, len(b.state.Waiting()))
		})
	}
}

// TestIncarnationIsNeverUsedAgain: a number that comes again would take the
// holdings of the first one with it.
func TestIncarnationIsNeverUsedAgain(t *testing.T) {
	b := opened(t)
	b.open(second, ledger.BootWitness)
	open := &ledger.Open{Parent: b.state.Head(), Witness: ledger.BootWitness}
	if _, err := b.state.Apply(first, b.encode(open)); !errors.Is(err, fold.ErrOrder) {
		t.Errorf("Apply(opening of the first incarnation again) = %v, want ErrOrder", err)
	}
}

// TestCarryingManyParentsKeepsTheHeadReadable frees all that waited.
func TestCarryingManyParentsKeepsTheHeadReadable(t *testing.T) {
	b := opened(t)
	for n := range ledger.Incarnation(40) {
		b.open(1+n, ledger.NoWitness)
		b.award(wang, points, 1)
	}
	b.open(1000, ledger.NoWitness)
	for _, w := range slices.Backward(b.state.Waiting()) {
		if effects := b.add(carries(w)); effects.Wrong != "" {
			t.Errorf("Carry(%s): wrong %q, want none", w.Head, effects.Wrong)
		}
	}
	want(t, "Waiting", []lineage.Waiting(nil), b.state.Waiting())
	want(t, "Usable", 40, len(b.usable(wang)))
}

func TestRecallsAreBounded(t *testing.T) {
	b := opened(t)
	for range 260 {
		b.hq(ledger.Down{Recall: &ledger.Recall{Member: wang}})
	}
	recalls := b.state.Recalls()
	if len(recalls) != 256 || recalls[0].Seq != 1 {
		t.Errorf("Recalls() = %d from %d on, want 256 from 1 on", len(recalls), recalls[0].Seq)
	}
}

func TestAliasesAreBounded(t *testing.T) {
	b := opened(t)
	for id := range member.ID(20) {
		effects := b.alias(ledger.Alias{From: 5000 + id, To: wang})
		if got, want := effects.Wrong, map[bool]string{true: "alias of an alias"}[id >= 16]; got != want {
			t.Errorf("alias %d: wrong %q, want %q", id, got, want)
		}
	}
}

// TestTotalOfALongBenefitCanBeRead uses a voucher that is not there, of a
// benefit with as long a name as there may be.
func TestTotalOfALongBenefitCanBeRead(t *testing.T) {
	b := opened(t)
	use := &ledger.VoucherUse{Member: wang, Voucher: lot.ID{N: 9}, Benefit: strings.Repeat("b", ledger.TextBytesMax)}
	for range 2 {
		if effects := b.add(use); effects.Risk != 1 {
			t.Errorf("use of an unknown voucher: risk %d, want 1", effects.Risk)
		}
	}
}

// TestTextsAtTheirLongestCanBeRead fills every text that a record keeps.
func TestTextsAtTheirLongestCanBeRead(t *testing.T) {
	long := strings.Repeat("x", ledger.TextBytesMax)
	b := opened(t)
	b.down(note(1, first, 0, 40))
	sale := &ledger.Sale{
		Member: wang, Day: 20000, Tenders: []ledger.Tender{{Kind: long, Fen: 1}},
		Awards:      []ledger.Award{{Rule: long, Issue: ledger.Issue{Asset: lot.Asset(long), Amount: 1, Funder: long}}},
		Redemptions: []ledger.Redemption{{Benefit: long, Asset: points, Voucher: ledger.Issue{Asset: lot.Asset("benefit:" + long[8:]), Amount: 1}}},
	}
	sold := b.add(sale).Origin
	b.add(&ledger.VoucherUse{Member: wang, Voucher: lot.ID{Origin: sold, N: ledger.VoucherFrom}, Benefit: long})
	claim := b.add(&ledger.Grant{Member: wang, Once: ledger.Once{Claim: true}}).Origin
	b.hq(ledger.Down{Settled: &ledger.Settled{Of: claim, Reason: long}})
	got, err := b.state.Claim(claim)
	if want := (fold.Claim{Status: fold.ClaimRefused, Member: wang, Reason: long}); err != nil || got != want {
		t.Errorf("Claim() = %+v, %v, want %+v", got, err, want)
	}
}
