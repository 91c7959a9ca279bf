// Package programme holds the documents that say what is sold to whom and on
// which terms: the programme with its kinds of points, rules, benefits and
// merchants, the list of products and the list of members. It reads them
// strictly, checks them and answers questions about them. It never changes a
// document after reading it, holds no balances and reads no file or clock.
package programme

import (
	"slices"
	"time"
	_ "time/tzdata" // a bare board has no zone files of its own

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/condition"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Limits of the programme document.
const (
	DocumentBytesMax = 4 << 20
	IDBytesMax       = 32  // ids of programmes, rules, benefits and merchants
	NameBytesMax     = 96  // a name in one language: 32 Chinese characters
	TermsBytesMax    = 960 // the terms of a benefit in one language
	PointsMax        = 16  // kinds of points
	RulesMax         = 300
	BenefitsMax      = 1000
	MerchantsMax     = 1000
	ValidDaysMax     = 1096 // how long a voucher can be claimed, a coupon used
	CouponsMax       = 300
	TiersMax         = 10
	ListedMax        = 1000 // products that one list names
	basisPoints      = 10_000
)

// Programme is one version of the rules, as read by Parse. Everyone shares it:
// nobody may change it.
type Programme struct {
	ID        string
	Number    int64 // the document's own version number, from 1
	Name      Text
	Points    []Points
	Rules     []Rule
	Deduction Deduction
	Coupons   []Coupon
	Rounding  Rounding
	Tiers     Tiers
	Grades    Tiers // of green points, whose benefits their scopes name (cap P2)
	Excluded  Excluded
	Benefits  []Benefit
	Merchants []Merchant
	Allotment Allotment
	Carry     Carry
	Campaigns []Campaign

	Effective            lot.Day // the first day on which it is in force; 0 is at once
	Stores               []Store
	Terms                *Terms // nil where the document says nothing
	Limits               Limits
	MakeGood             *MakeGood
	Receipt              Receipt
	Games                []Game
	Medals               []Medal
	Tasks                []Task
	Schemes              []Scheme
	Birthday             *Birthday
	Referral             *Referral
	Activities           []Activity
	Surveys              []Survey
	Reviews, Experiences *Voice
	Launches             []Launch

	MaxMultiplierBP int64 // the most that tier and rule together multiply by (rule S26)

	version  string
	location *time.Location
	cut      time.Duration // how long after midnight the business day begins
	index    *Index
}

// Points is a kind of points.
type Points struct {
	Asset   lot.Asset
	Name    Text
	Worth   lot.Ratio // points per fen when they pay
	Expires lot.Policy
}

// Rule awards points for a receipt (rule S01): its rate is applied once to
// the sum of the lines it is about, and rounded down once.
type Rule struct {
	ID           string
	Asset        lot.Asset
	Rate         lot.Ratio // points per fen
	EcoOnly      bool      // only lines with products marked eco-friendly (cap P2)
	MultiplierBP int64     // in 1/10,000; 0 is once
	ThresholdFen lot.Fen   // from this sum of its lines on it multiplies; 0 is always
	Proportional bool      // a return never breaks the threshold (rule S06)
	Cap          Cap

	Scope      Scope
	Window     calendar.Window
	When       condition.Condition
	Concession bool // its rate is of what the merchants concede, not of what is paid (cap P9)
}

// Cap bounds what a rule gives; 0 is no bound (rule S28).
type Cap struct {
	PerReceipt   lot.Amount
	PerMemberDay lot.Amount // a member in a business day, as far as the terminal knows
}

// Deduction says how points pay part of a bill (cap P3).
type Deduction struct {
	Asset      lot.Asset
	StepFen    lot.Fen    // what is deducted is a multiple of it
	MaxShareBP int64      // the most of a bill that points pay, in 1/10,000
	MinPoints  lot.Amount // the least one deduction uses, 0 for no minimum
	MaxFen     lot.Fen    // the most one bill deducts
}

// Cost is a price in points.
type Cost struct {
	Asset  lot.Asset
	Amount lot.Amount
}

// Allotment says how much of a member's points a terminal keeps at hand and
// how much it asks HQ for, in worth, and to whom HQ gives some beforehand: to
// so many stores at most where the member was seen within so many days.
type Allotment struct {
	KeepFen, AskFen lot.Fen
	Stores          int
	Days            lot.Day
}

// Version names the document for ever: its number and the start of its hash,
// such as "3-1a2b3c4d". Lots carry it as the terms they were issued under.
func (p *Programme) Version() string { return p.version }

// Location is the programme's one time zone (rule S10).
func (p *Programme) Location() *time.Location { return p.location }

// Day is the calendar day in the programme's zone; expiry counts in it.
func (p *Programme) Day(t time.Time) lot.Day { return lot.DayOf(t.In(p.location)) }

// Moment is a point of time as windows see it.
func (p *Programme) Moment(t time.Time) calendar.Moment {
	local := t.In(p.location)
	return calendar.Moment{Day: lot.DayOf(local), Business: p.BusinessDay(t), Minute: 60*local.Hour() + local.Minute()}
}

// BusinessDay is the day to which a sale is booked: before the cut, on the
// clock of the programme's zone, it is still the day before (rule S10).
func (p *Programme) BusinessDay(t time.Time) lot.Day {
	local := t.In(p.location)
	h, m, s := local.Clock()
	since := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	if since < p.cut {
		return lot.DayOf(local) - 1
	}
	return lot.DayOf(local)
}

// TermsOf is the first and the last day on which points earned on a day can be
// used; 0 is at once and never. What the programme does not know has neither.
func (p *Programme) TermsOf(asset lot.Asset, earned lot.Day) (active, expires lot.Day) {
	kind, _ := p.kind(asset)
	return kind.Expires.Terms(earned)
}

// ExpiryOf is the last day of TermsOf.
func (p *Programme) ExpiryOf(asset lot.Asset, earned lot.Day) lot.Day {
	_, expires := p.TermsOf(asset, earned)
	return expires
}

// Worth is how many points of the asset pay how many fen. What the programme
// does not know is worth nothing: the zero Ratio, with which arithmetic fails.
func (p *Programme) Worth(asset lot.Asset) lot.Ratio {
	kind, _ := p.kind(asset)
	return kind.Worth
}

// PointsName is the name of a kind of points, or its asset if the programme
// does not know it.
func (p *Programme) PointsName(asset lot.Asset) Text {
	if kind, ok := p.kind(asset); ok {
		return kind.Name
	}
	return Text{ZH: string(asset), EN: string(asset)}
}

// Benefit looks up a catalogue entry.
func (p *Programme) Benefit(id string) (Benefit, bool) {
	return lookUp(p.Benefits, func(b Benefit) bool { return b.ID == id })
}

// Campaign looks up a campaign.
func (p *Programme) Campaign(id string) (Campaign, bool) {
	return lookUp(p.Campaigns, func(c Campaign) bool { return c.ID == id })
}

// Coupon looks up a coupon.
func (p *Programme) Coupon(id string) (Coupon, bool) {
	return lookUp(p.Coupons, func(c Coupon) bool { return c.ID == id })
}

// Merchant looks up a merchant.
func (p *Programme) Merchant(id string) (Merchant, bool) {
	return lookUp(p.Merchants, func(m Merchant) bool { return m.ID == id })
}

// Sells reports whether a merchant sells under the programme.
func (p *Programme) Sells(merchant string) bool {
	_, ok := p.Merchant(merchant)
	return ok
}

// Named is the programme's id.
func (p *Programme) Named() string { return p.ID }

func (p *Programme) kind(asset lot.Asset) (Points, bool) {
	return lookUp(p.Points, func(k Points) bool { return k.Asset == asset })
}

func lookUp[T any](list []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}
