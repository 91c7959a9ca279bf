package programme

import "github.com/jifen-pos/jifen/terminal/lot"

// Excluded lists products, by GTIN of 14 digits, that points have no part in:
// gift cards, deposits, bags, and what the law keeps out (rule S03).
type Excluded struct {
	Earn   map[string]bool // earn nothing
	Deduct map[string]bool // are not paid with points
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

func (d *draft) readRule(o object) Rule {
	multiplier := o.integerOr("multiplier_bp", 0, basisPoints, multiplierMax)
	return Rule{
		ID:           o.newID("id", d.rules),
		Asset:        lot.Asset(o.known("asset", "kind of points", d.assets)),
		Rate:         o.ratio("rate"),
		EcoOnly:      o.flag("eco_only"),
		MultiplierBP: multiplier,
		ThresholdFen: readThreshold(o, multiplier),
		Proportional: readBreak(o),
		Cap:          readCap(o.optional("cap")),
	}
}

// readThreshold wants a multiplier beside a threshold: without one it would do
// nothing.
func readThreshold(o object, multiplier int64) lot.Fen {
	f := o.fields["threshold_fen"]
	n := o.integerOr("threshold_fen", 0, 1, sumMax)
	if n > 0 && multiplier == 0 {
		o.fault(f, `"threshold_fen" needs a "multiplier_bp"`)
	}
	return lot.Fen(n)
}

func readBreak(o object) bool {
	if !o.has("threshold_break") {
		return false
	}
	text, f := o.word("threshold_break", IDBytesMax)
	if text != "" && text != "rerate" && text != "proportional" {
		o.fault(f, `"threshold_break" must be rerate or proportional`)
	}
	return text == "proportional"
}

func readCap(o object) Cap {
	c := Cap{
		PerReceipt:   lot.Amount(o.integerOr("per_receipt", 0, 1, costMax)),
		PerMemberDay: lot.Amount(o.integerOr("per_member_day", 0, 1, costMax)),
	}
	o.done()
	return c
}

func readRounding(o object) Rounding {
	if !o.given() {
		return Rounding{}
	}
	r := Rounding{ToFen: lot.Fen(o.integer("to_fen", 1, RoundingMax))}
	if mode, f := o.word("mode", IDBytesMax); mode != "" && mode != "down" {
		o.fault(f, `"mode" must be down: rounding never makes a bill larger`)
	}
	o.done()
	return r
}

func readExcluded(o object) Excluded {
	e := Excluded{Earn: o.products("earn"), Deduct: o.products("deduct")}
	o.done()
	return e
}

// products takes a list of GTINs of 13 digits; a missing one is nil.
func (o object) products(key string) map[string]bool {
	listed := o.texts(key, ListedMax, validGTIN13, "products by quoted GTINs of 13 digits")
	if listed == nil {
		return nil
	}
	long := make(map[string]bool, len(listed))
	for gtin := range listed {
		long["0"+gtin] = true
	}
	return long
}

func validGTIN13(s string) bool {
	return len(s) == 13 && numeric(s) && s[12] == checkDigit(s[:12])
}
