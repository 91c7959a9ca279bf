package programme

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Bounds of numbers in the document.
const (
	versionMax = 1_000_000_000
	ratioMax   = 1_000_000
	costMax    = 1_000_000_000     // points for one benefit
	sumMax     = int64(lot.FenMax) // fen

	multiplierMax   = 100_000 // ×10
	maxMultiplierBP = 50_000  // ×5, where the document says nothing (rule S26)
)

// draft is a programme that is being read, with the names met so far.
type draft struct {
	Programme
	assets, rules, benefits, merchants, coupons, tiers names
}

type names map[string]bool

// Parse reads and checks a programme document. Everything wrong in it is
// reported at once: the error is a list of Faults.
func Parse(yaml []byte) (*Programme, error) {
	var faults Faults
	d := draft{assets: names{}, rules: names{}, benefits: names{}, merchants: names{}, coupons: names{}, tiers: names{}}
	root := readRoot(yaml, &faults)
	d.readHead(root)
	d.readTerms(root)
	root.done()
	if err := faults.err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(yaml)
	d.version = fmt.Sprintf("%d-%x", d.Number, sum[:4])
	return &d.Programme, nil
}

func (d *draft) readHead(root object) {
	d.ID = root.newID("programme", names{})
	d.Number = root.integer("version", 1, versionMax)
	d.Name = root.text("name", NameBytesMax)
	d.location = root.zone("zone")
	d.cut = root.clock("business_day_cut")
}

// readTerms reads what others refer to before what refers to it.
func (d *draft) readTerms(root object) {
	root.each("points", PointsMax, func(o object) { d.Points = append(d.Points, d.readPoints(o)) })
	root.each("merchants", MerchantsMax, func(o object) { d.Merchants = append(d.Merchants, d.readMerchant(o)) })
	root.each("earn", RulesMax, func(o object) { d.Rules = append(d.Rules, d.readRule(o)) })
	d.Deduction = d.readDeduction(root.object("deduct"))
	root.eachOptional("coupons", CouponsMax, func(o object) { d.Coupons = append(d.Coupons, d.readCoupon(o)) })
	d.Rounding = readRounding(root.optional("rounding"))
	d.Tiers = d.readTiers(root.optional("tiers"))
	d.Excluded = readExcluded(root.optional("excluded"))
	d.MaxMultiplierBP = root.integerOr("max_multiplier_bp", maxMultiplierBP, basisPoints, multiplierMax)
	root.each("benefits", BenefitsMax, func(o object) { d.Benefits = append(d.Benefits, d.readBenefit(o)) })
	allotment := root.object("allotment")
	d.Allotment.KeepFen = lot.Fen(allotment.integer("keep_fen", 0, sumMax))
	d.Allotment.AskFen = lot.Fen(allotment.integer("ask_fen", 0, sumMax))
	allotment.done()
	d.Carry = readCarry(root.optional("carry"))
}

func (d *draft) readPoints(o object) Points {
	return Points{
		Asset:   o.newAsset("asset", d.assets),
		Name:    o.text("name", NameBytesMax),
		Worth:   o.ratio("worth"),
		Expires: readPolicy(o.object("expires"), o.integerOr("pending_days", 0, 0, lot.PendingDaysMax)),
	}
}

func (d *draft) readMerchant(o object) Merchant {
	return Merchant{
		ID:       o.newID("id", d.merchants),
		Name:     o.text("name", NameBytesMax),
		UnitCost: lot.Fen(o.integer("unit_cost", 0, sumMax)),
	}
}

func (d *draft) readDeduction(o object) Deduction {
	deduction := Deduction{
		Asset:      lot.Asset(o.known("asset", "kind of points", d.assets)),
		StepFen:    lot.Fen(o.integer("step_fen", 1, sumMax)),
		MaxShareBP: o.integer("max_share_bp", 0, basisPoints),
		MinPoints:  lot.Amount(o.integer("min_points", 0, costMax)),
		MaxFen:     lot.Fen(o.integer("max_fen", 0, sumMax)),
	}
	o.done()
	return deduction
}

func (d *draft) readBenefit(o object) Benefit {
	b := Benefit{
		ID:        o.newID("id", d.benefits),
		Name:      o.text("name", NameBytesMax),
		Cost:      d.readCost(o.object("cost")),
		ValidDays: int(o.integer("valid_days", 0, ValidDaysMax)),
		Merchant:  o.known("merchant", "merchant", d.merchants),
		WorthFen:  lot.Fen(o.integer("worth_fen", 0, sumMax)),
		Terms:     o.text("terms", TermsBytesMax),
		Limited:   o.flag("limited"),
		PerMember: int(o.integerOr("per_member_month", 0, 1, perMemberMax)),
	}
	if o.has("coupon") {
		b.Coupon = o.known("coupon", "coupon", d.coupons)
	}
	return b
}

// perMemberMax bounds how often a month allows a benefit.
const perMemberMax = 100

func (d *draft) readCost(o object) Cost {
	cost := Cost{
		Asset:  lot.Asset(o.known("asset", "kind of points", d.assets)),
		Amount: lot.Amount(o.integer("points", 1, costMax)),
	}
	o.done()
	return cost
}

// ratio takes so many points for so many fen.
func (o object) ratio(key string) lot.Ratio {
	inner := o.object(key)
	r := lot.Ratio{Num: inner.integer("points", 1, ratioMax), Den: inner.integer("fen", 1, ratioMax)}
	inner.done()
	return r
}

// newID takes an id that no other of its kind has.
func (o object) newID(key string, taken names) string {
	id, f := o.word(key, IDBytesMax)
	if id != "" && !lot.ValidName(id) {
		o.fault(f, "%q must be at most %d lower-case letters, digits and hyphens, starting with a letter", key, IDBytesMax)
	}
	o.enter(f, id, taken)
	return id
}

func (o object) newAsset(key string, taken names) lot.Asset {
	asset, f := o.word(key, lot.AssetBytesMax)
	if asset != "" && (!lot.Asset(asset).Points() || !lot.ValidName(strings.TrimPrefix(asset, "points:"))) {
		o.fault(f, `%q must be "points:" and a name of lower-case letters, digits and hyphens`, key)
	}
	o.enter(f, asset, taken)
	return lot.Asset(asset)
}

func (o object) enter(f field, name string, taken names) {
	if name != "" && taken[name] {
		o.fault(f, "%q stands here twice", name)
	}
	taken[name] = true
}

// known takes the name of something that the document defines.
func (o object) known(key, what string, defined names) string {
	name, f := o.word(key, lot.AssetBytesMax)
	if name != "" && !defined[name] {
		o.fault(f, "%q is not a %s of this programme", name, what)
	}
	return name
}

func (o object) zone(key string) *time.Location {
	name, f := o.word(key, lot.TextBytesMax)
	if name == "" {
		return time.UTC
	}
	location, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		o.fault(f, "%q is not a time zone such as Asia/Shanghai", name)
	}
	return location
}

// clock takes a time of day from 00:00 to 12:00.
func (o object) clock(key string) time.Duration {
	text, f := o.word(key, IDBytesMax)
	if text == "" {
		return 0
	}
	t, err := time.Parse("15:04", text)
	since := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	if err != nil || len(text) != len("15:04") || since > 12*time.Hour {
		o.fault(f, `%q must be a time from "00:00" to "12:00"`, key)
	}
	return since
}
