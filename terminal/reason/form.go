package reason

import (
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// What came off the bill.
var (
	priceForms = map[programme.EffectKind]document.Text{
		programme.MemberPrice: {ZH: "%s：会员价省 %s", EN: "%s: the member price saves %s"},
		programme.LineOff:     {ZH: "%s：减 %s", EN: "%s: %s off"},
		programme.BillOff:     {ZH: "%s：满减 %s", EN: "%s: %s off the bill"},
	}
	couponOff = document.Text{ZH: "优惠券“%s”：减 %s", EN: "coupon “%s”: %s off"}
	couponWhy = map[pricing.CouponWhy]document.Text{
		pricing.CouponNoMember:  {ZH: "优惠券“%s”：请先识别会员", EN: "coupon “%s”: identify the member first"},
		pricing.CouponProof:     {ZH: "优惠券“%s”：手机号只能积分，请出示会员卡或会员码", EN: "coupon “%s”: a phone number only earns; show the card or the pass"},
		pricing.CouponUnknown:   {ZH: "优惠券“%s”：本计划没有这种券", EN: "coupon “%s”: this programme has no such coupon"},
		pricing.CouponNotHeld:   {ZH: "优惠券“%s”：不在本机、已用过、未生效或已到期", EN: "coupon “%s”: not here, used, not valid yet or lapsed"},
		pricing.CouponExclusive: {ZH: "优惠券“%s”：不能与其他券同用", EN: "coupon “%s”: it cannot be used beside another one"},
		pricing.CouponScope:     {ZH: "优惠券“%s”：本单没有适用的商品，或不适用于本店或该会员", EN: "coupon “%s”: nothing in the basket is what it is for, or not this store or member"},
		pricing.CouponMinimum:   {ZH: "优惠券“%s”：适用商品未满 %s", EN: "coupon “%s”: its goods come to less than %s"},
		pricing.CouponNothing:   {ZH: "优惠券“%s”：减不到 1 分钱", EN: "coupon “%s”: it would take off less than a fen"},
	}
)

// What points pay, and small change.
var (
	deducted      = document.Text{ZH: "用 %d %s抵 %s", EN: "%d %s pay %s"}
	rounded       = document.Text{ZH: "抹零 %s", EN: "small change of %s left out"}
	limitShare    = document.Text{ZH: "积分最多抵本单的 %s，即 %s", EN: "points pay at most %s of a bill, here %s"}
	limitMax      = document.Text{ZH: "每单最多抵 %s", EN: "a bill deducts %s at most"}
	limitExcluded = document.Text{ZH: "有商品不参加积分抵扣，最多抵 %s", EN: "some goods cannot be paid with points; at most %s"}
	limitPoints   = document.Text{ZH: "可用积分 %d，最多抵 %s", EN: "the %d points at hand pay at most %s"}
	limitMinimum  = document.Text{ZH: "每次至少用 %d 积分，不足不能抵", EN: "a deduction uses at least %d points"}
	limitProof    = document.Text{ZH: "手机号只能积分，出示会员卡或会员码才能抵扣", EN: "a phone number only earns; show the card or the pass to pay with points"}
)

// What is earned.
var (
	earnedPlain   = document.Text{ZH: "实付 %s，每 %s 得 %d，共得 %d %s", EN: "%s paid, for every %s %d: %d %s"}
	earnedGreen   = document.Text{ZH: "环保商品实付 %s，每 %s 得 %d，共得 %d %s", EN: "%s paid for eco-friendly goods, for every %s %d: %d %s"}
	concededPlain = document.Text{ZH: "实付 %s，按商家让利每 %s 得 %d，共得 %d %s", EN: "%s paid; of what the merchants concede, for every %s %d: %d %s"}
	concededGreen = document.Text{ZH: "环保商品实付 %s，按商家让利每 %s 得 %d，共得 %d %s", EN: "%s paid for eco-friendly goods; of what the merchants concede, for every %s %d: %d %s"}
	multiplied    = document.Text{ZH: "按等级和规则 %s 倍，其中加赠 %d %s", EN: "times %s by tier and rule, %d %s of it on top"}
	earnedMore    = document.Text{ZH: "%s：%s %s 倍，多得 %d %s", EN: "%s: %s times %s, %d %s more"}
	earnedBonus   = document.Text{ZH: "%s：满 %s，加赠 %d %s", EN: "%s: for %s, %d %s on top"}
	capCeiling    = document.Text{ZH: "%s：商户本月让利额度已用完，少得 %d %s", EN: "%s: the merchant has conceded what it may this month, %d %s less"}
	capReceipt    = document.Text{ZH: "%s：到单笔上限，少得 %d %s", EN: "%s: the most of one receipt is reached, %d %s less"}
	capDay        = document.Text{ZH: "%s：到会员当日上限，少得 %d %s", EN: "%s: the member's most of the day is reached, %d %s less"}
	waits         = document.Text{ZH: "%s：收银机时间确认后补给", EN: "%s: to be confirmed once the till's clock can be trusted"}
)

// What is nearest.
var (
	shortOf   = document.Text{ZH: "再有 %d %s可换“%s”", EN: "%d %s more redeem “%s”"}
	gap       = document.Text{ZH: "再买 %s 可享“%s”", EN: "%s more of its goods reach “%s”"}
	bestSaves = document.Text{ZH: "本单最多可省 %s，只付 %s", EN: "at most %s can be saved on this bill, leaving %s to pay"}
	bestBuys  = document.Text{ZH: "先用积分换“%s”", EN: "first redeem “%s”"}
	bestUses  = document.Text{ZH: "用优惠券“%s”", EN: "use the coupon “%s”"}
	bestFound = document.Text{ZH: "组合很多，以上是已找到的最好办法", EN: "there are many combinations; this is the best one found"}
)
