package programme

import (
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Benefit is a catalogue entry that points are redeemed for (cap P5).
type Benefit struct {
	ID        string
	Name      Text
	Cost      Cost
	ValidDays int    // days after the day of issue on which a voucher is good
	Merchant  string // who hands it out
	WorthFen  lot.Fen
	Terms     Text
	Coupon    string // the coupon that it gives instead of a voucher, or ""
	Limited   bool   // only while there is stock, which is held like points
	PerMember int    // how often a member can have it in a month; 0 is no bound

	Window     calendar.Window // when it is on offer
	Scope      Scope           // to whom and where: stores, regions, tiers
	Withdrawn  lot.Day         // from this day on it is on offer no more; 0 is not
	Substitute []string        // benefits that a voucher's holder may choose instead (cap C2)
	Return     ReturnPath
	OutOfStock Shortage
}

// ReturnPath says what becomes of the points when a benefit is brought back
// (law L05).
type ReturnPath uint8

// The ways. To give nothing is what some shops write and none may.
const (
	ReturnPoints ReturnPath = iota
	ReturnExchange
	ReturnNothing
)

// Shortage says what a member gets whose benefit is not to be had.
type Shortage uint8

// The answers.
const (
	ShortagePoints Shortage = iota // the points come back
	ShortageSubstitute
	ShortageNothing
)

// SubstitutesMax bounds among how many benefits a voucher's holder chooses.
const SubstitutesMax = 8

var (
	notReturn   = Text{ZH: "%q 必须是 points、exchange 或 none", EN: "%q must be points, exchange or none"}
	notShortage = Text{ZH: "%q 必须是 points、substitute 或 none", EN: "%q must be points, substitute or none"}
	mustNames   = Text{ZH: "权益的编号", EN: "benefits by their ids"}
	inCircle    = Text{ZH: "替代关系绕成了圈：%s", EN: "the substitutes go round in a circle: %s"}
	limitedSub  = Text{ZH: "替代权益 %q 不能是限量的：换领时不扣库存", EN: "a substitute must not be limited, as %q is: no stock is drawn for it"}
	ofGoods     = Text{ZH: "权益的范围只能是门店、区域、会员等级和绿色等级", EN: "the scope of a benefit is stores, regions, tiers and green grades only"}
)

// perMemberMax bounds how often a month allows a benefit.
const perMemberMax = 100

func (d *draft) readBenefit(o document.Object) Benefit {
	at, scope := o.At(), o.Field("scope")
	b := Benefit{
		ID:        d.newID(o, "id", d.benefits),
		Name:      o.Text("name", NameBytesMax),
		Cost:      d.readCost(o.Object("cost")),
		ValidDays: int(o.Integer("valid_days", document.Days, 0, ValidDaysMax)),
		Merchant:  d.known(o, "merchant", merchantWord, d.merchants),
		WorthFen:  lot.Fen(o.Integer("worth_fen", document.Fen, 0, sumMax)),
		Terms:     o.Text("terms", TermsBytesMax),
		Limited:   o.Flag("limited"),
		PerMember: int(o.IntegerOr("per_member_month", document.Times, 0, 1, perMemberMax)),
		Coupon:    d.knownOr(o, "coupon", couponWord, d.coupons),
		Window:    calendar.Read(o, "window"),
		Scope:     d.readScope(o.Optional("scope")),
		Withdrawn: calendar.Day(o, "withdrawn", false),
		Substitute: o.Texts("substitutes", SubstitutesMax, document.Words{
			OK: validName, Must: mustNames, Ref: benefitWord.EN,
		}),
	}
	if !b.Scope.AllGoods() || b.Scope.Tenders != nil {
		o.Fault(scope, ofGoods)
	}
	which, _ := o.Choice("returns", false, notReturn, "points", "exchange", "none")
	b.Return = ReturnPath(which)
	which, _ = o.Choice("out_of_stock", false, notShortage, "points", "substitute", "none")
	b.OutOfStock = Shortage(which)
	d.at[benefitAt+b.ID] = at
	return b
}

// benefitAt tells the places of benefits from those of campaigns.
const benefitAt = "benefit "

// findCycles reports substitutes that are not there, and circles of them.
func (d *draft) findCycles(faults *document.Faults) {
	by, limited := map[string][]string{}, names{}
	for _, b := range d.Benefits {
		by[b.ID], limited[b.ID] = b.Substitute, b.Limited
	}
	told := map[string]bool{}
	for _, b := range d.Benefits {
		for _, s := range b.Substitute {
			if !d.benefits[s] {
				faults.Add(d.at[benefitAt+b.ID], Text{ZH: notKnown.Fill(s, benefitWord.ZH).ZH, EN: notKnown.Fill(s, benefitWord.EN).EN})
			}
			if limited[s] {
				faults.Add(d.at[benefitAt+b.ID], limitedSub, s)
			}
		}
		if circle := circleFrom(by, []string{b.ID}); circle != nil && !told[b.ID] {
			for _, id := range circle {
				told[id] = true
			}
			faults.Add(d.at[benefitAt+b.ID], inCircle, strings.Join(circle, " → "))
		}
	}
}

// circleFrom follows the substitutes of the last of a path until they lead back
// to its first.
func circleFrom(by map[string][]string, path []string) []string {
	for _, next := range by[path[len(path)-1]] {
		if next == path[0] {
			return append(path, next)
		}
		if slices.Contains(path, next) {
			continue
		}
		if circle := circleFrom(by, append(slices.Clone(path), next)); circle != nil {
			return circle
		}
	}
	return nil
}

// ExpiryFrom is the last day on which a voucher issued on a day can be claimed.
func (b Benefit) ExpiryFrom(issued lot.Day) lot.Day { return issued + lot.Day(b.ValidDays) }

// Offered reports whether a benefit can be redeemed on an occasion. What is
// limited in time needs a clock that can be trusted (rule S11).
func (b *Benefit) Offered(o *Occasion) bool {
	if b.Withdrawn != 0 && o.Trusted && o.At.Day >= b.Withdrawn {
		return false
	}
	return b.Scope.Here(o) && (o.Trusted || b.Window.Always()) && b.Window.Open(o.At)
}

// Choices is what the holder of a benefit's voucher may have for it on a day:
// the benefit itself, as long as it is not withdrawn, and what stands in for it
// when it is, or before that when it is out of stock, where it says so. The points come
// back in any case (cap C2, law L05).
func (p *Programme) Choices(benefit string, day lot.Day) []Benefit {
	b, ok := p.Benefit(benefit)
	if !ok {
		return nil
	}
	var out []Benefit
	if b.Withdrawn == 0 || day < b.Withdrawn {
		if out = append(out, b); b.OutOfStock != ShortageSubstitute {
			return out
		}
	}
	for _, id := range b.Substitute {
		if s, ok := p.Benefit(id); ok && (s.Withdrawn == 0 || day < s.Withdrawn) {
			out = append(out, s)
		}
	}
	return out
}
