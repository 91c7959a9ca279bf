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
	}
}

// rich is a member with everything that a member can have.
func rich() till.View {
	v := online()
	v = filled(v, 0)
	v.Member.Tier, v.Member.Birthday = "green-tree", true
	v.Member.Points[0].Pending, v.Member.Points[0].Frozen = 60, 40
	v.Member.Owed = []ledger.Owed{{Asset: consumption, Owed: 30}}
	v.Member.Medals = []view.Mark{{Name: text("春茶勋章", "Spring tea medal"), Count: 1}}
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
