package settle_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/sync/hq/settle"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

var march, april = lot.Day(20892).MonthEnd(), lot.Day(20920).MonthEnd()

func at(seq uint64) lot.Origin { return lot.Origin{Terminal: 1, Incarnation: 1, Seq: seq} }

func points(n lot.Amount, funder string) ledger.Award {
	return ledger.Award{Issue: ledger.Issue{Asset: lot.Consumption, Amount: n, Funder: funder, UnitCost: 1000}, Rule: "base"}
}

// A tea house's points pay ¥40.00 at an appliance shop and at itself, half of
// the kettle comes back in April, and a tea set that market and tea house points
// bought is handed out by the market.
func TestStatement(t *testing.T) {
	b := settle.New(settle.Options{Merchant: func(string) string { return "m1" }})
	b.Add(at(1), &ledger.Sale{Day: march - 20, Lines: []ledger.Line{{Merchant: "m2", Qty: 1, Fen: 300_000}}, Awards: []ledger.Award{points(3000, "m2"), points(1000, "m1")}})
	b.Add(at(2), &ledger.Sale{
		Day:       march - 5,
		Lines:     []ledger.Line{{Merchant: "m3", Qty: 2, Fen: 8000, Deducted: 3000}, {Merchant: "m2", Qty: 1, Fen: 2000, Deducted: 1000}},
		Deduction: &ledger.Deduction{Asset: lot.Consumption, Fen: 4000, Draws: []lot.Draw{{Lot: lot.ID{Origin: at(1)}, Amount: 3000}, {Lot: lot.ID{Origin: at(1), N: 1}, Amount: 1000}}},
	})
	b.Add(at(3), &ledger.Redeem{
		Member: 1, Benefit: "tea-set", Asset: lot.Consumption, Day: march - 4, Draws: []lot.Draw{{Lot: lot.ID{Origin: at(1)}, Amount: 400}, {Lot: lot.ID{Origin: at(1), N: 1}, Amount: 100}},
		Voucher: ledger.Issue{Asset: "benefit:tea-set", Amount: 1, Funder: "m1", UnitCost: 600_000},
	})
	b.Add(at(4), &ledger.VoucherUse{Member: 1, Voucher: lot.ID{Origin: at(3)}, Benefit: "tea-set", Day: march - 3})
	b.Add(at(5), &ledger.Return{
		Of: at(2), Day: april - 3, Lines: []ledger.ReturnLine{{Line: 0, Qty: 1}},
		Back: []lot.Draw{{Lot: lot.ID{Origin: at(1)}, Amount: 1500}},
	})
	b.Add(at(6), &ledger.Return{Of: at(1), Day: april - 2, Lines: []ledger.ReturnLine{{Line: 0, Qty: 1}}, Claw: []lot.Draw{{Lot: lot.ID{Origin: at(1)}, Amount: 500}}, Due: []ledger.Due{{Award: 0, Amount: 2500}}})
	b.Close()
	p := &programme.Programme{Merchants: []programme.Merchant{{ID: "m2", Name: programme.Text{ZH: "清和茶庄", EN: "Qinghe Tea House"}, UnitCost: 1000, CeilingFen: 2000}}}
	var got bytes.Buffer
	for _, m := range b.Months() {
		s := b.Statement("m2", m, p)
		if err := s.Text(&got); err != nil {
			t.Fatal(err)
		}
	}
	want := `商户结算单 Statement of m2 清和茶庄 Qinghe Tea House   2027-03
本月出资的积分 Points funded
  points:consumption     发放 given     3000  收回 taken back        0  待扣回 due      0
  让利成本 their cost ¥30.00
  让利上限 ceiling ¥20.00，已超过，请留意 exceeded: a warning
应付（本商户的积分在以下商户抵用） Owes, where its points paid
  m1         积分 points      400  ¥        4.80   退回 back        0  ¥        0.00   净 net ¥        4.80
  m2         积分 points      750  ¥        7.50   退回 back        0  ¥        0.00   净 net ¥        7.50
  m3         积分 points     2250  ¥       22.50   退回 back        0  ¥        0.00   净 net ¥       22.50
应收（以下商户的积分在本商户抵用） Is owed, whose points paid here
  m1         积分 points      250  ¥        2.50   退回 back        0  ¥        0.00   净 net ¥        2.50
  m2         积分 points      750  ¥        7.50   退回 back        0  ¥        0.00   净 net ¥        7.50
净应付 To be paid ¥24.80
商户结算单 Statement of m2 清和茶庄 Qinghe Tea House   2027-04
本月出资的积分 Points funded
  points:consumption     发放 given        0  收回 taken back      500  待扣回 due   2500
  让利成本 their cost ¥-5.00
  让利上限 ceiling ¥20.00
应付（本商户的积分在以下商户抵用） Owes, where its points paid
  m3         积分 points        0  ¥        0.00   退回 back     1500  ¥       11.25   净 net ¥      -11.25
应收（以下商户的积分在本商户抵用） Is owed, whose points paid here
净应收 To be received ¥11.25
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("statements of m2: -want +got\n%s", diff)
	}
	var table bytes.Buffer
	if err := settle.CSV(&table, []settle.Statement{b.Statement("m3", march, p)}); err != nil {
		t.Fatal(err)
	}
	wantTable := `month,merchant,row,other,asset,points,fen,back_points,back_fen,net_fen
2027-03,m3,owed,m1,,750,750,0,0,750
2027-03,m3,owed,m2,,2250,2250,0,0,2250
2027-03,m3,net,,,,,,,3000
`
	if diff := cmp.Diff(wantTable, table.String()); diff != "" {
		t.Errorf("CSV of m3: -want +got\n%s", diff)
	}
}

// event is an entry of a random history.
type event struct {
	at   lot.Origin
	body ledger.Body
}

// history draws sales that points and coupons pay, and returns of all of them
// in pieces; it gives what was paid in all.
func history(t *rapid.T) (events []event, paid lot.Fen) {
	merchants := []string{"m1", "m2", "m3"}
	earn := &ledger.Sale{Day: march - 20}
	for range rapid.IntRange(1, 4).Draw(t, "lots") {
		earn.Awards = append(earn.Awards, points(1_000_000, rapid.SampledFrom(merchants).Draw(t, "funder")))
	}
	events = append(events, event{at(1), earn})
	seq := uint64(1)
	next := func(b ledger.Body) lot.Origin {
		seq++
		events = append(events, event{at(seq), b})
		return at(seq)
	}
	coupon := next(&ledger.Grant{Day: march - 9, Issues: []ledger.Issue{{Asset: "coupon:ten", Amount: 100, Funder: "m2"}}})
	for range rapid.IntRange(1, 4).Draw(t, "sales") {
		s := &ledger.Sale{Day: march - 5, Deduction: &ledger.Deduction{Asset: lot.Consumption}}
		var off lot.Fen
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			l := ledger.Line{
				Merchant: rapid.SampledFrom(merchants).Draw(t, "merchant"), Qty: rapid.Int64Range(1, 5).Draw(t, "qty"), Fen: 100_000,
				Deducted: lot.Fen(rapid.Int64Range(0, 9999).Draw(t, "deducted")), Off: lot.Fen(rapid.Int64Range(0, 999).Draw(t, "off")),
			}
			s.Deduction.Fen, off = s.Deduction.Fen+l.Deducted, off+l.Off
			s.Lines = append(s.Lines, l)
		}
		for i, n := range lot.Split(int64(s.Deduction.Fen), []int64{3, 1, 1, 2}[:len(earn.Awards)]) {
			if n > 0 {
				s.Deduction.Draws = append(s.Deduction.Draws, lot.Draw{Lot: lot.ID{Origin: at(1), N: uint32(i)}, Amount: lot.Amount(n)})
			}
		}
		if off > 0 {
			s.Coupons = []ledger.CouponUse{{Lot: lot.ID{Origin: coupon}, Asset: "coupon:ten", Fen: off}}
		}
		if s.Deduction.Fen == 0 {
			s.Deduction = nil
		} else {
			paid += s.Deduction.Fen
		}
		paid += off
		of := next(s)
		left := make([]int64, len(s.Lines))
		for i := range left {
			left[i] = s.Lines[i].Qty
		}
		var points lot.Amount
		if s.Deduction != nil {
			points = lot.Sum(s.Deduction.Draws)
		}
		for more := true; more; {
			more = false
			r := &ledger.Return{Of: of, Day: april - 5}
			for i := range left {
				n := rapid.Int64Range(0, left[i]).Draw(t, "back")
				if left[i] -= n; n > 0 {
					r.Lines = append(r.Lines, ledger.ReturnLine{Line: uint32(i), Qty: n})
				}
				more = more || left[i] > 0
			}
			if !more && points > 0 {
				r.Back = s.Deduction.Draws
			}
			next(r)
		}
	}
	return events, paid
}

// Whatever is sold, paid and returned, in whatever order it is heard of: every
// fen that points and coupons paid stands on one statement as owed and on one
// as owing, all statements of a month come to nothing, and once everything came
// back nobody owes anything.
func TestStatementsTieToTheEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, paid := history(t)
		one, other := settle.New(settle.Options{}), settle.New(settle.Options{})
		for _, e := range events {
			one.Add(e.at, e.body)
		}
		for i := range events {
			other.Add(events[len(events)-1-i].at, events[len(events)-1-i].body)
		}
		one.Close()
		other.Close()
		if a, b := all(t, one), all(t, other); a != b {
			t.Fatalf("the order matters:\n%s\n%s", a, b)
		}
		var fen, back, ever lot.Fen
		var spent, given lot.Amount
		for _, m := range one.Months() {
			var net lot.Fen
			for _, p := range one.Parties(m) {
				s := one.Statement(p, m, nil)
				net += s.Net
				for _, r := range s.Owed {
					fen, back, spent, given = fen+r.Fen, back+r.BackFen, spent+r.Points, given+r.BackPoints
				}
			}
			if net != 0 {
				t.Fatalf("the statements of a month come to %s, want nothing", net)
			}
			ever += net
		}
		if fen != paid || back != paid || spent != given {
			t.Fatalf("points and coupons paid %s: credited %s, taken back %s; points %d, back %d", paid, fen, back, spent, given)
		}
		for _, p := range []string{"m1", "m2", "m3", ""} {
			var net lot.Fen
			for _, m := range one.Months() {
				net += one.Statement(p, m, nil).Net
			}
			if net != 0 {
				t.Fatalf("everything came back and %q is left with %s", p, net)
			}
		}
		if one.Unknown != 0 {
			t.Fatalf("%d lots that nobody knows", one.Unknown)
		}
	})
}

// What merchants funded ties to the entries too, to a thousandth of a fen: sales,
// prizes, what HQ made good and what it granted, less what returns took back.
func TestWhatMerchantsFundedTiesToTheEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := settle.New(settle.Options{})
		type sum struct{ points, milli, back int64 }
		want := map[string]sum{}
		merchants := []string{"m1", "m2", ""}
		issue := func() ledger.Issue {
			i := points(lot.Amount(rapid.Int64Range(1, 5000).Draw(t, "points")), rapid.SampledFrom(merchants).Draw(t, "funder"))
			i.UnitCost = lot.Fen(rapid.Int64Range(0, 1500).Draw(t, "cost"))
			s := want[i.Funder]
			s.points, s.milli = s.points+int64(i.Amount), s.milli+int64(i.Amount)*int64(i.UnitCost)
			want[i.Funder] = s
			return i.Issue
		}
		for seq := uint64(1); seq < 12; seq += 2 {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				sale := &ledger.Sale{Day: march - 5, Lines: []ledger.Line{{Merchant: "m1", Qty: 1, Fen: 100}}, Awards: []ledger.Award{{Issue: issue()}}}
				b.Add(at(seq), sale)
				if a := sale.Awards[0]; rapid.Bool().Draw(t, "returned") {
					n := lot.Amount(rapid.Int64Range(0, int64(a.Amount)).Draw(t, "clawed"))
					b.Add(at(seq+1), &ledger.Return{Of: at(seq), Day: march - 4, Lines: []ledger.ReturnLine{{Qty: 1}}, Claw: []lot.Draw{{Lot: lot.ID{Origin: at(seq)}, Amount: n}}})
					s := want[a.Funder]
					s.back += int64(n) * int64(a.UnitCost)
					want[a.Funder] = s
				}
			case 1:
				b.Add(at(seq), &ledger.Play{Day: march - 5, Stake: ledger.Stake{Game: "spring", Issues: []ledger.Issue{issue()}}})
			case 2:
				i := issue()
				b.Given([]lot.Lot{{ID: lot.ID{Origin: at(seq)}, Asset: i.Asset, Amount: i.Amount, Funder: i.Funder, UnitCost: i.UnitCost, Earned: march - 5}})
			case 3:
				if w := want["m1"]; rapid.Bool().Draw(t, "due") && seq > 1 { // of what HQ gave at first
					b.Given([]lot.Lot{{ID: lot.ID{Origin: at(50 + seq)}, Asset: lot.Consumption, Amount: 7, Funder: "m1", UnitCost: 1001, Earned: march - 5}})
					b.Taken([]lot.Draw{{Lot: lot.ID{Origin: at(50 + seq)}, Amount: 3}}, march-1)
					w.points, w.milli, w.back = w.points+7, w.milli+7007, w.back+3003
					want["m1"] = w
				}
				b.Given([]lot.Lot{{ID: lot.ID{Origin: at(seq)}, Asset: lot.Consumption, Amount: 10, Funder: "m1", UnitCost: 10, Earned: march - 5, From: lot.ID{Origin: at(99)}}})
			}
		}
		b.Close()
		for _, m := range merchants {
			var got sum
			for _, i := range b.Statement(m, march, nil).Issued {
				got.points, got.milli, got.back = got.points+int64(i.Points), got.milli+i.CostMilli, got.back+i.BackMilli
			}
			if got != want[m] {
				t.Fatalf("%q funded %+v, the entries say %+v", m, got, want[m])
			}
		}
	})
}

func all(t *rapid.T, b *settle.Book) string {
	var out strings.Builder
	for _, m := range b.Months() {
		for _, p := range b.Parties(m) {
			s := b.Statement(p, m, nil)
			if err := s.Text(&out); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out.String()
}

// A voucher whose goods come back is no credit any more; a prize is borne by
// whoever gave it.
func TestVouchersAreCreditedOnce(t *testing.T) {
	b := settle.New(settle.Options{Merchant: func(string) string { return "m3" }})
	b.Add(at(1), &ledger.Play{Member: 1, Day: march, Stake: ledger.Stake{Game: "g", Issues: []ledger.Issue{{Asset: "benefit:pack", Amount: 1, Funder: "m2", UnitCost: 6_800_000}}}})
	prize := lot.ID{Origin: at(1), N: ledger.PrizeFrom}
	b.Add(at(2), &ledger.VoucherUse{Voucher: prize, Benefit: "pack", Day: march})
	b.Close()
	if s := b.Statement("m3", march, nil); s.Net != 6800 || len(s.Owed) != 1 || s.Owed[0].Other != "m2" {
		t.Errorf("statement of m3: got %+v, want ¥68.00 from m2", s)
	}
	b.Add(at(3), &ledger.VoucherBack{Voucher: prize, Benefit: "pack", Used: true, Day: april})
	b.Close()
	if s := b.Statement("m3", april, nil); s.Net != -6800 {
		t.Errorf("statement of m3 after the goods came back: got %s, want -68.00", s.Net)
	}
}

func TestLiabilityIsByFunderAndMonth(t *testing.T) {
	held := func(funder string, asset lot.Asset, n lot.Amount, expires lot.Day) lot.Holding {
		return lot.Holding{Lot: lot.Lot{Funder: funder, Asset: asset, UnitCost: 900, Expires: expires}, Amount: n}
	}
	got := settle.Liability([]lot.Holding{
		held("m2", lot.Green, 5, 0), held("m1", lot.Consumption, 10, march-3), held("m1", lot.Consumption, 20, march), held("m1", "quota:x:once", 1, 0),
	})
	want := "[{m1 points:consumption 2027-03-31 30 27000} {m2 points:green never 5 4500}]"
	if s := strings.ReplaceAll(fmt.Sprint(got), "1970-01-01", "never"); s != want {
		t.Errorf("Liability: got %s, want %s", s, want)
	}
}

// A receipt of a lost terminal brings an award, and the terminal turns up and tells of it:
// its merchant pays for it once.
func TestWhatAReceiptBroughtIsFundedOnce(t *testing.T) {
	b := settle.New(settle.Options{})
	award := points(40, "m1")
	b.Add(at(1), &ledger.Sale{Day: march - 5, Lines: []ledger.Line{{Merchant: "m1", Qty: 1, Fen: 4000}}, Awards: []ledger.Award{award}})
	b.Given([]lot.Lot{{ID: lot.ID{Origin: at(1)}, Asset: award.Asset, Amount: award.Amount, Funder: award.Funder, UnitCost: award.UnitCost, Earned: march - 5}})
	b.Close()
	if rows := b.Statement("m1", march, nil).Issued; len(rows) != 1 || rows[0].Points != 40 {
		t.Errorf("m1 is told that it funded %+v, want 40 points", rows)
	}
}
