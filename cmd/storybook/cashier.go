package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/terminal/cashier"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till"
)

// cashierStory is one state of the cashier's screen.
type cashierStory struct {
	name    string
	view    till.View
	devices []cashier.DeviceView
	panel   string

	customer bool // the customer's screen is shown too
}

var (
	noon        = time.Date(2026, 11, 22, 10, 32, 0, 0, time.FixedZone("CST", 8*3600))
	consumption = lot.Asset("points:consumption")
	green       = lot.Asset("points:green")
	nextDay     = lot.DayOf(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC))
)

func text(zh, en string) programme.Text { return programme.Text{ZH: zh, EN: en} }

// goods are what the sample baskets are filled from.
var goods = []till.LineView{
	{GTIN: "06900001000112", Name: text("东北长粒香米 5kg", "Northeast long-grain rice 5 kg"), Merchant: text("红米优选超市", "Hongmi Market"), Unit: 4990},
	{GTIN: "06900001000228", Name: text("有机小米 1kg", "Organic millet 1 kg"), Merchant: text("红米优选超市", "Hongmi Market"), Unit: 2680, Eco: true},
	{GTIN: "06900001000990", Name: text("土鸡蛋 20枚", "Free-range eggs, 20"), Merchant: text("红米优选超市", "Hongmi Market"), Unit: 3280, Eco: true},
	{GTIN: "06910002000226", Name: text("有机白茶 150g", "Organic white tea 150 g"), Merchant: text("清和茶庄", "Qinghe Tea House"), Unit: 12800, Eco: true},
	{GTIN: "06900001001102", Name: text("矿泉水 550ml", "Mineral water 550 ml"), Merchant: text("红米优选超市", "Hongmi Market"), Unit: 200},
}

func ready() []cashier.DeviceView {
	return []cashier.DeviceView{{Kind: "printer", Name: "printer", OK: true, ZH: "就绪", EN: "ready"}, {Kind: "scanner", Name: "counter", OK: true, ZH: "就绪", EN: "ready"}}
}

// empty is a lane at the beginning of a sale.
func empty() till.View {
	return till.View{
		Terminal: 1, Store: text("河滨店", "Riverside"), Programme: text("红米好物绿色消费积分", "Hongmi Goods green consumption points"), Cashier: "li",
		Ref: "0123456789abcdef01234567", Now: noon, Clock: ledger.ClockSynced, Ledger: clerk.LedgerView{Online: true},
		Benefits: []till.BenefitView{
			benefit("tea-set", "茗茶体验套装", "Tea tasting set", 500, 1280), benefit("breakfast-pack", "早餐礼包", "Breakfast pack", 1500, 1280),
			benefit("appliance-coupon", "家电抵用券30元", "Appliance coupon ¥30", 2500, 1280), benefit("tea-tasting", "茶艺体验课", "Tea class", 3000, 1280),
			benefit("health-box", "健康礼盒", "Health box", 4000, 1280), benefit("gift-pack", "节日大礼包", "Festival gift pack", 5000, 1280),
			benefit("travel-coupon", "周边游代金券100元", "Day-trip coupon ¥100", 8800, 1280),
		},
		Jobs: jobs("queued", "printed", "unknown", "failed"),
	}
}

func benefit(id, zh, en string, cost, has lot.Amount) till.BenefitView {
	return till.BenefitView{ID: id, Name: text(zh, en), Asset: text("消费积分", "Consumption points"), Cost: cost, Missing: max(cost-has, 0)}
}

func jobs(states ...printjob.State) []printjob.Job {
	var list []printjob.Job
	for i, s := range states {
		kind := []slip.Kind{slip.Receipt, slip.Voucher}[i%2]
		list = append(list, printjob.Job{ID: uint64(42 - i), Kind: kind, Lane: 1, State: s, Attempt: 1})
	}
	return list
}

// filled puts n lines into the basket.
func filled(v till.View, n int) till.View {
	for i := range n {
		l := goods[i%len(goods)]
		l.Qty = int64(1 + i%3)
		l.Fen = l.Unit * lot.Fen(l.Qty)
		v.Lines = append(v.Lines, l)
	}
	return priced(v, 0, pricing.LimitNoMember)
}

// priced adds the basket up; fen of it are paid with points.
func priced(v till.View, fen lot.Fen, limit pricing.Limit) till.View {
	q := pricing.Quote{Lines: make([]pricing.LineQuote, len(v.Lines))}
	var eco lot.Fen
	weights := make([]int64, len(v.Lines))
	for i, l := range v.Lines {
		q.Total += l.Fen
		weights[i] = int64(l.Fen)
		if l.Eco {
			eco += l.Fen
		}
	}
	for i, part := range lot.Split(int64(fen), weights) {
		v.Lines[i].Deducted = lot.Fen(part)
	}
	q.Deduction = pricing.Deduction{Asset: consumption, Fen: fen, Points: lot.Amount(fen)}
	q.ToPay = q.Total - fen
	q.MaxDeduction = pricing.MaxDeduction{Limit: limit}
	if v.Member != nil && v.Member.Proof.MaySpend() {
		q.MaxDeduction.Fen = min(q.Total/2, v.Member.Points[0].Worth)
		q.MaxDeduction.Points = lot.Amount(q.MaxDeduction.Fen)
	}
	q.WouldEarn = []pricing.Earning{{Asset: consumption, Amount: lot.Amount(q.ToPay / 100)}, {Asset: green, Amount: lot.Amount(eco / 100)}}
	v.Quote = q
	return v
}

// joined puts a member on the sale.
func joined(v till.View, proof member.Proof) till.View {
	v.Member = &till.MemberView{
		ID: 1006, Name: "杨*", Card: "HM10001686F", Phone: "139****1186", Proof: proof, Next: 120, NextDay: nextDay,
		Points: []till.PointsView{
			{Asset: consumption, Name: text("消费积分", "Consumption points"), Here: 1280, Worth: 1280},
			{Asset: green, Name: text("绿色积分", "Green points"), Here: 86, Worth: 86},
		},
	}
	limit := pricing.LimitPoints
	if !proof.MaySpend() {
		limit = pricing.LimitProof
	}
	return priced(v, 0, limit)
}

func said(v till.View, level till.Level, code string, args ...programme.Text) till.View {
	v.Message = till.Message{Level: level, Code: code, Args: args, N: 7}
	return v
}

func cashierStories() []cashierStory {
	same := func(s string) programme.Text { return text(s, s) }
	list := []cashierStory{
		{name: "empty", view: empty(), customer: true},
		{name: "basket", view: said(filled(empty(), 4), till.OK, "added", goods[3].Name, same("1"))},
		{name: "member-online", view: said(online(), till.OK, "member", same("杨*"))},
		{name: "member-offline", view: said(offline(), till.OK, "member", same("杨*"))},
		{name: "member-by-phone", view: joined(filled(empty(), 3), member.ByPhone)},
		{name: "deduction", view: deduction()},
		{name: "paid", view: paid(), customer: true},
		{name: "redeem", view: online(), panel: "redeem"},
		{name: "voucher-ready", view: voucher()},
		{name: "voucher-refused", view: said(empty(), till.Refused, "voucher-used", same("2026-11-20 18:04:31"), text("河滨店", "Riverside"), same("2"))},
		{name: "voucher-asked", view: said(empty(), till.Attention, "voucher-asking")},
		{name: "voucher-held", view: said(empty(), till.Refused, "voucher-held", text("红米好物河滨店", "Hongmi Riverside"), same("2026-11-20 18:04"))},
		{name: "receipt-claimed", view: said(empty(), till.Attention, "paper-claimed", same("t7"))},
		{name: "challenge", view: challenge(), customer: true},
		{name: "challenge-menu", view: challenge(), panel: "menu"},
		{name: "papers", view: empty(), panel: "papers"},
		{name: "printer-out", view: offline()},
		{name: "frozen-points", view: frozen()},
		{name: "long-names", view: long(), customer: true},
		{name: "forty-lines", view: joined(filled(empty(), 40), member.ByCard)},
	}
	list = append(list, counterStories()...)
	for i := range list {
		list[i].devices = ready()
		if list[i].name == "printer-out" {
			list[i].devices[0] = cashier.DeviceView{Kind: "printer", OK: false, ZH: "缺纸，请装纸", EN: "out of paper: put in a roll"}
			list[i].devices[1] = cashier.DeviceView{Kind: "scanner", OK: false, ZH: "已断开，请检查连线", EN: "not there: check the cable"}
		}
	}
	return list
}

func online() till.View {
	v := joined(filled(empty(), 3), member.ByPass)
	v.Member.AsOf = noon
	v.Member.Points[0].HQ, v.Member.Points[0].Elsewhere = 5120, 300
	v.Member.Vouchers = []till.VoucherView{{Code: "7F3K9Q", Benefit: text("茗茶体验套装", "Tea tasting set"), Expires: nextDay}}
	return v
}

func offline() till.View {
	v := joined(filled(empty(), 3), member.ByCard)
	v.Ledger = clerk.LedgerView{Backlog: 214, Oldest: noon.Add(-80 * time.Minute)}
	v.Clock = ledger.ClockRunning
	return v
}

func deduction() till.View {
	v := joined(filled(empty(), 4), member.ByCard)
	v.Wish = pricing.DeductMax
	return priced(v, 1280, pricing.LimitPoints)
}

func paid() till.View {
	v := empty()
	v.Last = &till.Last{Kind: ledger.KindSale, Paid: 28770, Change: 1230}
	return said(v, till.OK, "sold", text("12.30", "12.30"))
}

func voucher() till.View {
	v := empty()
	v.Voucher = &till.VoucherView{Code: "7F3K9Q", Benefit: text("茗茶体验套装", "Tea tasting set"), Expires: nextDay}
	return said(v, till.Attention, "voucher-ready")
}

// challenge waits for a customer's phone, where the line is down.
func challenge() till.View {
	v := said(offline(), till.Attention, "challenge-shown")
	v.Challenge = "JF1.C." + strings.Repeat("7K3M9Q2XTB $%*+-./:", 9)
	return v
}

func frozen() till.View {
	v := joined(filled(empty(), 2), member.ByCard)
	v.Member.Points[0].Here, v.Member.Points[0].Worth, v.Member.Points[0].Frozen = 0, 0, 1280
	v.Ledger = clerk.LedgerView{Backlog: 3, Oldest: noon.Add(-14 * time.Hour)}
	v.Clock = ledger.ClockUnset
	return priced(v, 0, pricing.LimitMinimum)
}

// long has everything at its longest.
func long() till.View {
	v := filled(empty(), 3)
	name := text("云南高原有机认证雨前手工炒制小叶种绿茶礼盒装（含竹制茶盘与陶瓷盖碗）", "Certified organic hand-roasted highland green tea in a gift box with bamboo tray and porcelain bowl")
	for i := range v.Lines {
		v.Lines[i].Name, v.Lines[i].Qty, v.Lines[i].Unit, v.Lines[i].Fen = name, 9999, 999999, 999900001
		v.Lines[i].Merchant = text("红米优选超市有限公司城南旗舰分店", "Hongmi Market Limited, southern flagship branch")
	}
	v = joined(v, member.ByPass)
	v.Store = text("红米好物绿色消费体验中心河滨大道旗舰店", "Hongmi Goods Green Experience Centre, Riverside Avenue")
	v.Member.Name, v.Member.ID, v.Member.AsOf = "阿卜杜热合曼***", 18446744073709551615, noon
	v.Member.Points[0] = till.PointsView{Asset: consumption, Name: text("消费积分", "Consumption points"), Here: 123456789, Worth: 123456789, HQ: 987654321, Elsewhere: 55555555, Frozen: 4444444}
	for i := range 5 {
		v.Member.Vouchers = append(v.Member.Vouchers, till.VoucherView{Code: fmt.Sprintf("7F3K9%d", i), Benefit: name})
	}
	v = priced(v, 20000, pricing.LimitMax)
	return said(v, till.Refused, "voucher-used", text("2026-11-20 18:04:31", "2026-11-20 18:04:31"), v.Store, text("16", "16"))
}
