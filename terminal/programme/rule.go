package programme

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Excluded lists products, by GTIN of 14 digits, that points have no part in:
// gift cards, deposits, bags, and what the law keeps out (rule S03).
type Excluded struct {
	Earn   map[string]bool // earn nothing
	Deduct map[string]bool // are not paid with points

	Discount map[string]bool // no campaign or coupon takes anything off (ask R20)
}

// Rounding says how the bill is rounded in the end (rule S30).
type Rounding struct {
	ToFen lot.Fen // down to a multiple of it; 0 is not at all
}

// RoundingMax is the coarsest rounding: to whole yuan.
const RoundingMax = 100

// Multiplier is what a rule multiplies by, in 1/10,000, on a sum of its lines.
func (r Rule) Multiplier(base lot.Fen) int64 {
	if r.MultiplierBP == 0 || base < r.ThresholdFen {
		return basisPoints
	}
	return r.MultiplierBP
}

// What can be wrong with a rule.
var (
	thresholdAlone = Text{ZH: `有 "threshold_fen" 就要有 "multiplier_bp"`, EN: `"threshold_fen" needs a "multiplier_bp"`}
	notBreak       = Text{ZH: "%q 必须是 rerate 或 proportional", EN: "%q must be rerate or proportional"}
	notDown        = Text{ZH: "%q 必须是 down：抹零不能让账单变大", EN: "%q must be down: rounding never makes a bill larger"}
	noneConcede    = Text{ZH: "没有商户写了让利比例（concessions）", EN: "no merchant has concessions"}
)

func (d *draft) readRule(o document.Object) Rule {
	multiplier := o.IntegerOr("multiplier_bp", document.Share, 0, basisPoints, multiplierMax)
	concession := o.Field("concession")
	r := Rule{
		ID:           d.newID(o, "id", d.rules),
		Asset:        lot.Asset(d.known(o, "asset", pointsWord, d.assets)),
		Rate:         ratio(o, "rate"),
		EcoOnly:      o.Flag("eco_only"),
		MultiplierBP: multiplier,
		ThresholdFen: readThreshold(o, multiplier),
		Proportional: readBreak(o),
		Cap:          readCap(o.Optional("cap")),
		Scope:        d.readScope(o.Optional("scope")),
		Window:       calendar.Read(o, "window"),
		When:         d.readWhen(o),
		Concession:   o.Flag("concession"),
	}
	if r.Concession && !slices.ContainsFunc(d.Merchants, func(m Merchant) bool { return m.Concessions != nil }) {
		o.Fault(concession, noneConcede)
	}
	d.earn[r.ID] = true
	return r
}

// readThreshold wants a multiplier beside a threshold: without one it would do
// nothing.
func readThreshold(o document.Object, multiplier int64) lot.Fen {
	f := o.Field("threshold_fen")
	n := o.IntegerOr("threshold_fen", document.Fen, 0, 1, sumMax)
	if n > 0 && multiplier == 0 {
		o.Fault(f, thresholdAlone)
	}
	return lot.Fen(n)
}

func readBreak(o document.Object) bool {
	which, _ := o.Choice("threshold_break", false, notBreak, "rerate", "proportional")
	return which == 1
}

func readCap(o document.Object) Cap {
	if !o.Given() {
		return Cap{}
	}
	c := Cap{
		PerReceipt:   lot.Amount(o.IntegerOr("per_receipt", document.Points, 0, 1, costMax)),
		PerMemberDay: lot.Amount(o.IntegerOr("per_member_day", document.Points, 0, 1, costMax)),
	}
	o.Done()
	return c
}

func readRounding(o document.Object) Rounding {
	if !o.Given() {
		return Rounding{}
	}
	r := Rounding{ToFen: lot.Fen(o.Integer("to_fen", document.Fen, 1, RoundingMax))}
	o.Choice("mode", true, notDown, "down")
	o.Done()
	return r
}

func readExcluded(o document.Object) Excluded {
	if !o.Given() {
		return Excluded{}
	}
	e := Excluded{Earn: products(o, "earn"), Deduct: products(o, "deduct"), Discount: products(o, "discount")}
	o.Done()
	return e
}

// products takes a list of GTINs of 13 digits; a missing one is nil.
func products(o document.Object, key string) map[string]bool {
	listed := items(o, key)
	if listed == nil {
		return nil
	}
	set := make(map[string]bool, len(listed))
	for _, gtin := range listed {
		set[gtin] = true
	}
	return set
}
