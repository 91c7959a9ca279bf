package main

import (
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// counterStories are what lies beside a basket.
func counterStories() []cashierStory {
	return []cashierStory{
		{name: "best-use", view: best(false), customer: true},
		{name: "best-taken", view: best(true), customer: true},
		{name: "nearly", view: nearly()},
		{name: "use-own", view: best(true), panel: "use"},
		{name: "member-details", view: rich(), panel: "about"},
		{name: "split-payment", view: best(true), panel: "tender"},
		{name: "parked", view: parked(), panel: "parked"},
		{name: "return-ask", view: paid(), panel: "return"},
		{name: "returning", view: returning(false)},
		{name: "returning-void", view: returning(true)},
		{name: "join", view: filled(empty(), 1), panel: "join"},
		{name: "day", view: dayOf(false), panel: "day"},
		{name: "day-closed", view: dayOf(true), panel: "day"},
		{name: "menu", view: empty(), panel: "menu"},
		{name: "adjust", view: online(), panel: "adjust"},
		{name: "step-up", view: returning(true), panel: "step-up"},
		{name: "family", view: rich(), panel: "family"},
		{name: "care", view: rich(), panel: "care"},
		{name: "attend", view: rich(), panel: "attend"},
		{name: "claiming", view: claiming()},
		{name: "exchange", view: exchange()},
		{name: "play", view: playing(), panel: "play", customer: true},
		{name: "play-wheel", view: drawn(true, 1), panel: "play", customer: true},
		{name: "play-card", view: drawn(false, 2), customer: true},
		{name: "play-back", view: drawn(true, -1), customer: true},
		{name: "survey", view: surveyed(), panel: "attend", customer: true},
		{name: "winners", view: winners(), customer: true},
	}
}

func claiming() till.View {
	v := empty()
	v.Claim = &view.Claim{Ref: "claim-01", Sale: "t2/8d1f04c277aa91e0/118", Points: true}
	return said(v, till.Attention, "claim-up")
}

func exchange() till.View {
	v := filled(returning(false), 2)
	v.Return.Swap = &view.Swap{Pay: v.Quote.ToPay - v.Return.Plan.Refund}
	return v
}

var (
	wheel = view.Game{ID: "wheel", Name: text("绿色生活大转盘", "Green living wheel"), Wheel: true, Open: true, Cost: 50, Asset: text("消费积分", "Consumption points")}
	card  = view.Game{ID: "card", Name: text("周年庆刮刮乐", "Anniversary scratch card"), Open: true, Tickets: 2, From: 20_000}
	table = []view.Row{
		{Name: text("节日大礼包", "Festival gift pack"), Share: 20_000}, {Name: text("茗茶体验套装", "Tea tasting set"), Share: 80_000},
		{Name: text("100 绿色积分", "100 green points"), Share: 300_000}, {Name: text("谢谢参与", "No prize"), Share: 600_000, Lose: true},
	}
)

func playing() till.View {
	v := rich()
	v.Games = []view.Game{wheel, card, {ID: "past", Name: text("春茶抽奖", "Spring tea draw"), Cost: 10, Asset: wheel.Asset}}
	v.Member.Tickets = []view.Ticket{{Game: "card", Name: card.Name, Count: 2}}
	v.Offer = &view.Offer{Game: wheel, Rows: table}
	return said(v, till.Attention, "play-offered", wheel.Name)
}

func drawn(turns bool, row int) till.View {
	v := playing()
	v.Offer = nil
	d := view.Drawn{ID: "t1/1/9.0", Game: card, Rows: table, Row: row, Won: row >= 0, Level: till.OK, Said: "play-won", What: text("谢谢参与", "No prize")}
	if turns {
		d.Game = wheel
	}
	if row < 0 {
		d.Level, d.Said, d.What = till.Attention, "play-back", d.Game.Name
	} else {
		d.What = table[row].Name
	}
	v.Draws = []view.Drawn{d}
	return said(v, d.Level, d.Said, d.What)
}

func surveyed() till.View {
	v := rich()
	v.Survey = &view.Survey{Name: text("到店服务满意度", "How was the service"), Question: text("您对今天收银员的服务和结账等待的时间满意吗？", "How content are you with the service at the till and the wait to pay?"), Most: 5, N: 2, Of: 3, Gives: 20, Asset: text("绿色积分", "Green points")}
	return said(v, till.Attention, "survey-asked", v.Survey.Name)
}

func winners() till.View {
	v := empty()
	for _, w := range []string{"陈*", "阿卜杜热合曼***", "欧阳**", "李*", "王*"} {
		v.Winners = append(v.Winners, view.Winner{Day: nextDay, Name: w, Phone: "139****1186", Game: wheel.Name, Prize: text("智能电饭煲", "Rice cooker")})
	}
	return v
}

// rich is a member with everything that a member can have.
func rich() till.View {
	v := online()
	v = filled(v, 0)
	v.Member.Tier, v.Member.Birthday = "green-tree", true
	v.Member.Points[0].Pending, v.Member.Points[0].Frozen = 60, 40
	v.Member.Owed = []ledger.Owed{{Asset: consumption, Owed: 30}}
	v.Member.Medals = []view.Mark{{Name: text("春茶勋章", "Spring tea medal"), Count: 1}}
	v.Member.Pool = &view.Pool{On: true, Sharers: []view.Sharer{{ID: 1002, Name: "王*", Here: 400}, {ID: 1009, Name: "陈*", Here: 0, Asking: true}}}
	v.Member.Coupons = []till.VoucherView{
		{Lot: lot.ID{N: 1}, Code: "4K2M7Q", Benefit: text("茶饮满100减10元券", "¥10 off tea from ¥100"), Expires: nextDay},
		{Lot: lot.ID{N: 2}, Code: "9D3F1A", Benefit: text("全场九五折券", "5 % off everything"), Expires: nextDay},
	}
	return priced(v, 0, pricing.LimitPoints)
}

func best(taken bool) till.View {
	v := rich()
	v.Best = &view.Best{Saved: 2280, ToPay: v.Quote.Total - 2280, Points: 1280, Coupons: []programme.Text{v.Member.Coupons[0].Benefit}, Taken: taken}
	if !taken {
		return v
	}
	v.Wish = pricing.DeductMax
	v = priced(v, 1280, pricing.LimitPoints)
	v.Quote.Off, v.Quote.ToPay = 1000, v.Quote.ToPay-1000
	v.Used = []lot.ID{v.Member.Coupons[0].Lot}
	v.Quote.Coupons = []pricing.CouponOff{{CouponUse: pricing.CouponUse{Lot: v.Used[0], Asset: "coupon:tea-ten-off"}, Fen: 1000, Shares: []pricing.FenShare{{Line: 0, Fen: 1000}}}}
	v.Quote.Lines[0].Off = 1000
	return said(v, till.OK, "best-taken", text("22.80", "22.80"))
}

func nearly() till.View {
	v := online()
	v.Best = &view.Best{Missing: 1240, Next: text("茶饮满100减10元券", "¥10 off tea from ¥100")}
	return v
}

func parked() till.View {
	v := filled(empty(), 2)
	v.Parked = []view.Parked{
		{N: 1, At: noon.Add(-20 * time.Minute), By: "li", Lane: 1, First: goods[0].Name, Pieces: 7, Member: 1006},
		{N: 2, At: noon.Add(-4 * time.Minute), By: "wu", Lane: 2, First: goods[3].Name, Pieces: 1},
	}
	return v
}

func returning(void bool) till.View {
	v := empty()
	v.Return = &view.Return{Ref: "back-01", Receipt: 42, Day: nextDay, Member: 1006, CanVoid: true, Void: void, Lines: []view.ReturnLine{
		{Name: goods[0].Name, Sold: 2, Chosen: 1, Net: 9980}, {Name: goods[1].Name, Sold: 3, Returned: 1, Net: 8040}, {Name: goods[3].Name, Sold: 1, Net: 11800},
	}}
	v.Return.Plan = &view.ReturnPlan{Refund: 4990, Back: 128, Claw: 40, Due: 9}
	if void {
		v.Return.Lines[0].Chosen, v.Return.Lines[1].Returned, v.Return.Lines[1].Chosen, v.Return.Lines[2].Chosen = 2, 0, 3, 1
		v.Return.Plan = &view.ReturnPlan{Refund: 29820, Back: 1280, Claw: 298, Coupons: 1, Vouchers: 1}
	}
	return said(v, till.Attention, "return-up")
}

func dayOf(closed bool) till.View {
	v := empty()
	v.Day = view.Day{Day: nextDay, Closed: closed, Figures: ledger.Figures{
		Sales: 214, Returns: 3, Sold: 2846210, Off: 31400, Deducted: 88230, Rounded: 120, Refunded: 12990, Vouchers: 12, HandOuts: 9,
		Tenders: []ledger.TenderSum{{Kind: "card", Taken: 1002460}, {Kind: "cash", Taken: 826300, Given: 12990}, {Kind: "wallet", Taken: 897700}},
		Points:  []ledger.PointsSums{{Asset: consumption, Earned: 27264, Used: 88230, Back: 1408, Clawed: 338}, {Asset: green, Earned: 9120}},
	}}
	return v
}
