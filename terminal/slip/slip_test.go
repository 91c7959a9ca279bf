package slip_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/slip"
)

const points = lot.Asset("points:consumption")

func shop(t *testing.T) slip.Shop {
	t.Helper()
	p, err := programme.Parse(demo.Programme)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	products, err := programme.ParseProducts(demo.Products)
	if err != nil {
		t.Fatalf("ParseProducts: %v", err)
	}
	members, err := roll.Parse(demo.Members, []byte("a key that hides phone numbers"))
	if err != nil {
		t.Fatalf("ParseMembers: %v", err)
	}
	return slip.Shop{Terminal: 1, Name: programme.Text{ZH: "红米好物一店", EN: "Hongmi One"}, Programme: p, Products: products, Members: members}
}

var today = lot.Today{Day: 20_779, Trusted: true}

func moment() slip.Moment {
	return slip.Moment{Wall: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC), Clock: ledger.ClockSynced}
}

func id(n uint32) lot.ID {
	return lot.ID{Origin: lot.Origin{Terminal: 1, Incarnation: 2, Seq: 3}, N: n}
}

func owned(n uint32, amount lot.Amount, expires lot.Day) lot.Holding {
	return lot.Holding{Lot: lot.Lot{ID: id(n), Owner: 1001, Asset: points, Amount: amount, Expires: expires}, Amount: amount}
}

// says checks what a paper says, blanks left out, and what it does not.
func says(t *testing.T, d *receipt.Document, want []string, not ...string) {
	t.Helper()
	text := strings.ReplaceAll(receipt.PlainText(*d, 48), " ", "")
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the paper does not say %q:\n%s", w, text)
		}
	}
	for _, n := range not {
		if strings.Contains(text, n) {
			t.Errorf("the paper says %q:\n%s", n, text)
		}
	}
}

// sale is a sale with everything that a receipt tells of.
func sale() *ledger.Sale {
	return &ledger.Sale{
		Receipt: 17, Member: 1001,
		Lines: []ledger.Line{
			{Product: "06900001000112", Qty: 2, Fen: 9980, Off: 500, Deducted: 300, Rounded: 5},
			{Product: "06900001000228", Qty: 1, Fen: 2680, Eco: true},
			{Product: "00000000000017", Qty: 1, Fen: 100},
		},
		Coupons:   []ledger.CouponUse{{Asset: "coupon:five-per-cent", Fen: 400}, {Asset: "coupon:of-last-year", Fen: 100}},
		Deduction: &ledger.Deduction{Asset: points, Fen: 300, Draws: []lot.Draw{{Lot: id(0), Amount: 300}}},
		Rounded:   5,
		Tenders:   []ledger.Tender{{Kind: "wallet", Fen: 1955}, {Kind: "cash", Fen: 11_000}},
		Change:    1000,
		Awards:    []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 119, Expires: 21_000}, Rule: "base"}},
		Redemptions: []ledger.Redemption{
			{Benefit: "tea-set", Asset: points, Draws: []lot.Draw{{Lot: id(0), Amount: 200}, {Lot: id(1), Amount: 300}}},
		},
	}
}

func TestReceiptSaysWhatWasSoldPaidAndEarned(t *testing.T) {
	held := []lot.Holding{owned(0, 500, 20_800), owned(1, 1000, 20_900)}
	d := shop(t).Receipt(moment(), id(0).Origin, sale(), shop(t).AfterSale(sale(), held, today))
	says(t, d, []string{
		"红米好物一店", "2026-11-2210:00:00", "t1-0000-000017", "王*", "×299.80", "[绿]有机小米1kg26.80", "000000000000171.00", "￥127.60",
		"全场九五折券", "-￥4.00", "of-last-year", "-￥1.00", "（300分）", "-￥3.00", "-￥0.05", "￥119.55", "￥19.55", "￥110.00", "￥10.00",
		"本次获得消费积分119", "本机可用消费积分819\n", "最早到期700分：2027-03-23", "t1/0000000000000002/3",
	})
	if held[0].Amount != 500 {
		t.Errorf("the receipt changed what is held: %+v", held)
	}
}

func TestReceiptOfNobodySaysNothingOfPoints(t *testing.T) {
	s := sale()
	s.Member, s.Awards, s.Deduction, s.Redemptions, s.Coupons = 0, nil, nil, nil, nil
	at := moment()
	at.Clock = ledger.ClockUnset
	says(t, shop(t).Receipt(at, id(0).Origin, s, shop(t).AfterSale(s, []lot.Holding{owned(0, 500, 20_800)}, today)), []string{"时间未校准"}, "积分", "会员")
}

func TestReceiptLeavesOutWhatIsPending(t *testing.T) {
	s := sale()
	s.Awards[0].Active = 20_800
	held := []lot.Holding{owned(0, 500, 20_800), owned(1, 1000, 20_900)}
	d := shop(t).Receipt(moment(), id(0).Origin, s, shop(t).AfterSale(s, held, today))
	says(t, d, []string{"本次获得消费积分119", "本机可用消费积分700\n"})
}

func TestVoucherSaysWhatForAndUntilWhen(t *testing.T) {
	r := ledger.Redemption{
		Benefit: "tea-set", Asset: points, Draws: []lot.Draw{{Lot: id(0), Amount: 500}}, Voucher: ledger.Issue{Expires: 20_838},
	}
	d := shop(t).Voucher(moment(), r, id(7), "JF1.V.CODE")
	says(t, d, []string{"茗茶体验套装", "2027-01-20", "红米好物一店", "凭券在本店领取一套", "500", id(7).String()})
	code := ""
	for _, l := range d.Lines {
		if l.Kind == receipt.KindQR {
			code = l.QR
		}
	}
	if code != "JF1.V.CODE" {
		t.Errorf("the code to scan is %q, want JF1.V.CODE", code)
	}
}

func TestHandoutSaysWhereAndByWhom(t *testing.T) {
	d := shop(t).Handout(moment(), 3, "c7", &ledger.VoucherUse{Benefit: "tea-set", Voucher: id(7)})
	says(t, d, []string{"茗茶体验套装", "c7", "3", id(7).String()})
}

func TestReturnCountsPointsAlone(t *testing.T) {
	paid := []fold.Paid{
		{Holding: owned(0, 300, 0)}, {Holding: owned(1, 300, 0)},
		{Holding: lot.Holding{Lot: lot.Lot{ID: id(2), Asset: "coupon:five-per-cent"}, Amount: 1}},
		{Holding: lot.Holding{Lot: lot.Lot{ID: id(3), Asset: "quota:pool:2026-11"}, Amount: 90}},
	}
	r := &ledger.Return{
		Of: id(0).Origin, Refund: 4990,
		Back:     []lot.Draw{{Lot: id(0), Amount: 100}, {Lot: id(2), Amount: 1}, {Lot: id(3), Amount: 90}},
		Anew:     []ledger.Anew{{From: id(1), Amount: 20}},
		Claw:     []lot.Draw{{Lot: id(5), Amount: 30}},
		Due:      []ledger.Due{{Amount: 7}},
		Vouchers: []ledger.VoucherBack{{Back: []lot.Draw{{Lot: id(0), Amount: 4}}}},
	}
	d := shop(t).Return(moment(), r, slip.AfterReturn(r, paid))
	says(t, d, []string{"退货", "￥49.90", "退回积分124\n", "收回积分30\n", "7", "退回优惠券：全场九五折券", "收回兑换券：1张", id(0).Origin.String()}, "撤销")
	says(t, shop(t).Return(moment(), &ledger.Return{Void: true}, slip.Facts{}), []string{"撤销", "￥0.00"}, "积分", "券")
}

func TestDaySlipSaysTheFiguresAndTheDifference(t *testing.T) {
	c := &ledger.DayClose{
		Day: 20_779, Counted: 9000,
		Figures: ledger.Figures{
			Sales: 3, Returns: 1, Sold: 20_000, Off: 100, Deducted: 200, Rounded: 3, Refunded: 500, Vouchers: 2, HandOuts: 1,
			Tenders: []ledger.TenderSum{{Kind: "card", Taken: 8000}, {Kind: "cash", Taken: 10_000, Given: 500}},
			Points:  []ledger.PointsSums{{Asset: points, Earned: 150, Used: 200, Back: 10, Clawed: 20}},
		},
	}
	d := shop(t).Day(moment(), c, "c1", "JF1.R.CODE")
	says(t, d, []string{
		"2026-11-22", "c1", "销售3笔￥200.00", "-￥1.00", "-￥2.00", "-￥0.03", "退货1笔-￥5.00", "消费积分：发150用200退回10扣回20", "2/1",
		"银行卡￥80.00", "现金￥95.00", "￥90.00", "差额（不含备用金）-5.00",
	})
	empty := shop(t).Day(moment(), &ledger.DayClose{Day: 20_779}, "c1", "")
	says(t, empty, []string{"销售0笔￥0.00", "0/0", "差额（不含备用金）0.00"}, "退货", "抵扣")
}
