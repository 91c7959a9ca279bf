package slip_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/token"
	"github.com/jifen-pos/jifen/terminal/words"
)

const points = lot.Asset("points:consumption")

func shop(t *testing.T) slip.Shop {
	t.Helper()
	p, err := programme.Parse(demo.Without(demo.Seasons...))
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
	d := shop(t).Receipt(moment(), id(0).Origin, sale(), shop(t).AfterSale(sale(), held, today), []string{"JF1.R.CODE"}, "")
	says(t, d, []string{
		"红米好物一店", "2026-11-2210:00:00", "t1-0000-000017", "王*", "2×49.9099.80", "[绿]有机小米1kg26.80", "000000000000171.00", "￥127.60",
		"全场九五折券", "-￥4.00", "of-last-year", "-￥1.00", "（300分）", "-￥3.00", "-￥0.05", "￥119.55", "￥19.55", "￥110.00", "￥10.00",
		"本次获得消费积分119", "本次使用消费积分800", "本机可用消费积分819\n", "消费积分700分，2027-03-23到期", "消费积分119分，2027-07-01到期",
		"余额为暂估", "100积分抵1元", "条款第1版", "400-000-0000", "[QR]JF1.R.CODE", "积分凭证1/1", "t1/0000000000000002/3",
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
	says(t, shop(t).Receipt(at, id(0).Origin, s, shop(t).AfterSale(s, []lot.Holding{owned(0, 500, 20_800)}, today), nil, ""), []string{"时间未校准"}, "积分", "会员")
}

func TestReceiptLeavesOutWhatIsPending(t *testing.T) {
	s := sale()
	s.Awards[0].Active = 20_800
	held := []lot.Holding{owned(0, 500, 20_800), owned(1, 1000, 20_900)}
	d := shop(t).Receipt(moment(), id(0).Origin, s, shop(t).AfterSale(s, held, today), nil, "")
	says(t, d, []string{"本次获得消费积分119", "待生效消费积分119", "本机可用消费积分700\n", "消费积分合计（暂估）819"})
}

// What is elsewhere only HQ knows: fresh, it is no estimate; old, the paper says
// so and from when it is (feat F91).
func TestReceiptMarksWhatIsEstimated(t *testing.T) {
	held := []lot.Holding{owned(0, 500, 20_800), owned(1, 1000, 20_900)}
	for _, tt := range []struct {
		age  time.Duration
		want []string
		not  string
	}{
		{time.Minute, []string{"消费积分合计1069\n", "绿色积分合计30\n"}, "暂估"},
		{time.Hour, []string{"消费积分合计（暂估）1069\n", "绿色积分合计（暂估）30\n", "余额为暂估，总部数据截至2026-11-2209:00:00"}, "未联网"},
	} {
		f := shop(t).AfterSale(sale(), held, today)
		f.Told(points, 250, moment().Wall.Add(-tt.age))
		f.Told("points:green", 30, moment().Wall.Add(-tt.age))
		says(t, shop(t).Receipt(moment(), id(0).Origin, sale(), f, nil, ""), append(tt.want, "本机可用消费积分819\n"), tt.not)
	}
}

func TestThreeNextExpiriesOfTheMember(t *testing.T) {
	held := []lot.Holding{owned(0, 500, 20_800), owned(1, 1000, 20_900), owned(2, 7, 20_850), owned(4, 3, 20_850), owned(5, 9, 20_860)}
	says(t, shop(t).Receipt(moment(), id(0).Origin, sale(), shop(t).AfterSale(sale(), held, today), nil, ""),
		[]string{"消费积分10分，2027-02-01到期", "消费积分9分，2027-02-11到期", "消费积分700分，2027-03-23到期"}, "2027-07-01")
}

// A bill of as many lines as a sale may have is printed whole, in both languages.
func TestLongestSaleHasAReceipt(t *testing.T) {
	s := sale()
	for len(s.Lines) < ledger.LinesMax {
		s.Lines = append(s.Lines, s.Lines[0])
	}
	for _, lang := range words.Languages() {
		shop := shop(t)
		shop.Lang = lang
		d := shop.Receipt(moment(), id(0).Origin, s, shop.AfterSale(s, nil, today), nil, "")
		if job, err := escpos.Encode(*d, escpos.Generic80); err != nil || len(job) > printJobMax {
			t.Errorf("%s: a receipt of %d lines has %d bytes, %v; want at most %d", lang, len(s.Lines), len(job), err, printJobMax)
		}
	}
}

// printJobMax is printport.MaxJob.
const printJobMax = 256 << 10

// The code of a receipt opens under the terminal's key and says what the entry
// awarded (cap P2).
func TestReceiptProvesWhatItAwarded(t *testing.T) {
	shop := shop(t)
	shop.Key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	s := sale()
	s.Awards = append(s.Awards, ledger.Award{Issue: ledger.Issue{Asset: "points:green", Amount: 26, Funder: "m4", UnitCost: 1000, Expires: 21_400}, Rule: "eco"})
	e := ledger.Entry{Wall: moment().Wall.UnixMilli(), Clock: ledger.ClockSynced, Body: s}
	hash := ledger.Hash{1, 2, 3}
	d, err := shop.Paper(slip.Receipt, id(0), e, hash, slip.Facts{})
	if err != nil || len(d.Codes()) != 1 {
		t.Fatalf("Paper = %v with the codes %q, want one", err, d.Codes())
	}
	c, err := token.OpenCertificate(d.Codes()[0], token.NewKeys(shop.Key.Public().(ed25519.PublicKey)).Find)
	if err != nil {
		t.Fatalf("OpenCertificate: %v", err)
	}
	want := token.Certificate{
		Entry: id(0).Origin, Hash: [token.HashBytes]byte{1, 2, 3}, Member: 1001, Minute: uint32(moment().Wall.Unix() / 60), EcoFen: 2680, InAll: 2,
		Awards: []token.Awarded{{N: 0, Issue: s.Awards[0].Issue}, {N: 1, Issue: s.Awards[1].Issue}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("the certificate (-want +got):\n%s", diff)
	}
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
	d := shop(t).Return(moment(), id(9).Origin, r, slip.AfterReturn(r, paid, nil))
	says(t, d, []string{"退货", "￥49.90", "退回积分124\n", "收回积分30\n", "7", "退回优惠券：全场九五折券", "收回兑换券：1张", id(0).Origin.String()}, "撤销")
	says(t, shop(t).Return(moment(), id(9).Origin, &ledger.Return{Void: true}, slip.Facts{}), []string{"撤销", "￥0.00"}, "积分", "券")
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
		"银行卡￥80.00", "现金￥95.00", "￥90.00", "差额（不含备用金）-￥5.00",
	})
	empty := shop(t).Day(moment(), &ledger.DayClose{Day: 20_779}, "c1", "")
	says(t, empty, []string{"销售0笔￥0.00", "0/0", "差额（不含备用金）￥0.00"}, "退货", "抵扣")
}

// rulesOfADraw is the demo's programme with a wheel.
func rulesOfADraw(t *testing.T) slip.Shop {
	t.Helper()
	text := string(demo.Without(demo.Seasons...)) + `
games:
  - id: spring-wheel
    name: {zh: 新春大转盘, en: Spring wheel}
    kind: wheel
    window: {from: "2027-01-20", until: "2027-02-20"}
    stake: {asset: points:green, points: 10}
    per_day: 3
    batch: 1000
    prizes:
      - {id: tea, name: {zh: 茗茶体验套装, en: Tea tasting set}, weight: 1000, worth_fen: 600, benefit: tea-set, evidence: {zh: 门店标价, en: Price in the shop}}
      - {id: points, name: {zh: 绿色积分 10 分, en: 10 green points}, weight: 99000, worth_fen: 10, asset: points:green, points: 10}
      - {id: none, name: {zh: 谢谢参与, en: Thank you}, weight: 900000, nothing: true}
    notice:
      method: {zh: 在收银台的顾客屏上转动转盘, en: Spin the wheel on the customer screen at the till}
      claim: {zh: 当场兑付，套装凭券领取, en: Given on the spot; sets against a voucher}
      delivery: {zh: 本店领取, en: Collected at this store}
      forfeit: {zh: 逾期未领取的奖品折成积分, en: Prizes not collected are paid in points}
      organiser: {zh: 红米好物（演示）有限公司, en: Hongmi Goods (demonstration) Ltd.}
      claim_days: 30
`
	s := shop(t)
	p, err := programme.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	s.Programme = p
	return s
}

// All that law L10 wants told before a draw begins stands on its notice.
func TestDrawNoticeSaysWhatTheLawWants(t *testing.T) {
	s := rulesOfADraw(t)
	g, _ := s.Programme.Game("spring-wheel")
	says(t, s.Game(moment(), g), []string{
		"新春大转盘", "转盘", "2027-01-20至2027-02-20", "每次使用10绿色积分", "每天最多3次", "每批1000张", "茗茶体验套装1张0.1%", "价值￥6.00\n", "门店标价",
		"绿色积分10分99张9.9%", "谢谢参与900张90%", "当场兑付", "本店领取", "折成积分", "30天内", "红米好物（演示）有限公司", "400-000-0000", s.Programme.Version(),
	})
	s.Lang = "en"
	says(t, s.Game(moment(), g), []string{"Springwheel", "From2027-01-20to2027-02-20", "Teatastingset10.1%", "Claimwithin30days"}, "奖", "转")
}

func TestRulesNoticeSaysWhatPointsAreWorth(t *testing.T) {
	s := shop(t)
	says(t, s.Rules(moment()), []string{
		"积分规则公示", "100分抵￥1.00", "第12个月的月末到期", "第24个月的月末到期", "每次至少使用100分", "账单的50%", "每单最多抵扣￥200.00", "100积分抵1元", "条款第1版，2026-01-01起",
		"1.每实付1元得1消费积分", "4.条款变更", "到期前30天", "主办方", "400-000-0000", s.Programme.Version(),
	})
	s.Lang = "en"
	says(t, s.Rules(moment()), []string{"Points:therulesofthisshop", "100pointsareworth￥1.00", "4.Changesareannounced"}, "积分")
}

// By whom a one-to-one scheme can be had stands where anybody reads it (law L21).
func TestRulesNoticeSaysForWhomSchemesAre(t *testing.T) {
	s := shop(t)
	p := *s.Programme
	p.Schemes = []programme.Scheme{{ID: "vip", Name: programme.Text{ZH: "爱茶人专属"}, Criteria: programme.Text{ZH: "年度茶类消费满2000元"}}}
	s.Programme = &p
	says(t, s.Rules(moment()), []string{"爱茶人专属：年度茶类消费满2000元"})
}

// Terms may be longer than one line of a document holds: nothing of them is lost.
func TestLongTermsAreWhole(t *testing.T) {
	s := shop(t)
	s.Lang = "en"
	p := *s.Programme
	terms := *p.Terms
	terms.Clauses = []programme.Clause{{ID: "long", Text: programme.Text{EN: strings.Repeat("Points are points. ", 50) + "The end."}}}
	p.Terms, s.Programme = &terms, &p
	d := s.Rules(moment())
	if err := d.Check(); err != nil {
		t.Fatalf("Check: %v", err)
	}
	says(t, d, []string{"Theend."})
	if n := strings.Count(strings.ReplaceAll(receipt.PlainText(*d, 48), "\n", " "), "points. "); n < 49 {
		t.Errorf("the paper says it %d times, want 50", n)
	}
}
