package programme

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/condition"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/goods"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What is read, and what can be wrong with it, has the words of
// terminal/document.
type (
	Text   = document.Text
	Fault  = document.Fault
	Faults = document.Faults
)

// The goods that it is about are a document of their own, terminal/goods.
type (
	Product  = goods.Product
	Products = goods.Products
)

// PriceMax bounds the price of a piece.
const PriceMax = goods.PriceMax

// ParseProducts reads the list of goods.
func ParseProducts(csv []byte) (*Products, error) { return goods.Parse(csv) }

// FaultsMax bounds how many faults of a document are listed.
const FaultsMax = document.FaultsMax

// ErrFaulty matches every error about what a document says.
var ErrFaulty = document.ErrFaulty

// Where a programme says nothing of it, and the most that it may say.
const allotStores, allotStoresMax, allotDays, allotDaysMax = 2, 16, 90, 3650

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
	assets, rules, earn, benefits, merchants, coupons, tiers, grades names
	stores, regions, groups, games, tasks, medals                    names
	at                                                               map[string]document.Position   // of benefits and campaigns
	byID                                                             map[string]int                 // campaigns
	conditions                                                       map[string]condition.Condition // by their texts
}

type names map[string]bool

func (n names) has(name string) bool { return n[name] }

func newDraft() *draft {
	d := &draft{at: map[string]document.Position{}}
	for _, n := range []*names{
		&d.assets, &d.rules, &d.earn, &d.benefits, &d.merchants, &d.coupons, &d.tiers, &d.grades,
		&d.stores, &d.regions, &d.groups, &d.games, &d.tasks, &d.medals,
	} {
		*n = names{}
	}
	return d
}

// Parse reads and checks a programme document. Everything wrong in it is
// reported at once: the error is a list of Faults.
func Parse(yaml []byte) (*Programme, error) {
	p, _, err := parse(yaml, nil)
	return p, err
}

// ParseMarked is Parse, and says where in the document everything stands.
func ParseMarked(yaml []byte) (*Programme, document.Marks, error) {
	return parse(yaml, document.Marks{})
}

func parse(yaml []byte, marks document.Marks) (*Programme, document.Marks, error) {
	var faults Faults
	d := newDraft()
	root := document.Read(yaml, DocumentBytesMax, &faults, marks)
	d.read(root)
	root.Done()
	d.findShadowed(&faults)
	d.findCycles(&faults)
	if err := faults.Err(); err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(yaml)
	d.version = fmt.Sprintf("%d-%x", d.Number, sum[:4])
	d.Reindex()
	return &d.Programme, marks, nil
}

// Shape is what a programme document looks like.
func Shape() *document.Shape { return document.Describe(newDraft().read) }

// read reads what others refer to before what refers to it.
func (d *draft) read(root document.Object) {
	d.readHead(root)
	d.readBasics(root)
	d.Deduction = d.readDeduction(root.Object("deduct"))
	root.EachOptional("coupons", CouponsMax, func(o document.Object) { d.Coupons = append(d.Coupons, d.readCoupon(o)) })
	d.Rounding = readRounding(root.Optional("rounding"))
	d.Excluded = readExcluded(root.Optional("excluded"))
	d.MaxMultiplierBP = root.IntegerOr("max_multiplier_bp", document.Share, maxMultiplierBP, basisPoints, multiplierMax)
	root.Each("benefits", BenefitsMax, func(o document.Object) { d.Benefits = append(d.Benefits, d.readBenefit(o)) })
	root.EachOptional("campaigns", CampaignsMax, d.readCampaign)
	root.EachOptional("groups", GroupsMax, d.readGroup)
	allotment := root.Object("allotment")
	d.Allotment.KeepFen = lot.Fen(allotment.Integer("keep_fen", document.Fen, 0, sumMax))
	d.Allotment.AskFen = lot.Fen(allotment.Integer("ask_fen", document.Fen, 0, sumMax))
	d.Allotment.Stores = int(allotment.IntegerOr("stores", document.Number, allotStores, 0, allotStoresMax))
	d.Allotment.Days = lot.Day(allotment.IntegerOr("days", document.Days, allotDays, 0, allotDaysMax))
	allotment.Done()
	d.Carry = readCarry(root.Optional("carry"))
	d.readTerms(root)
	d.readGames(root)
	d.readCare(root)
}

func (d *draft) readHead(root document.Object) {
	d.ID = d.newID(root, "programme", names{})
	d.Number = root.Integer("version", document.Number, 1, versionMax)
	d.Name = root.Text("name", NameBytesMax)
	d.location = zone(root, "zone")
	d.cut = clock(root, "business_day_cut")
	d.Effective = calendar.Day(root, "effective", false)
}

// readBasics reads what there is: points, places, merchants, tiers, rules.
func (d *draft) readBasics(root document.Object) {
	root.Each("points", PointsMax, func(o document.Object) { d.Points = append(d.Points, d.readPoints(o)) })
	root.EachOptional("stores", StoresMax, func(o document.Object) { d.Stores = append(d.Stores, d.readStore(o)) })
	root.Each("merchants", MerchantsMax, func(o document.Object) { d.Merchants = append(d.Merchants, d.readMerchant(o)) })
	d.Tiers = d.readTiers(root.Optional("tiers"))
	d.Grades = d.readGrades(root.Optional("grades"))
	root.Each("earn", RulesMax, func(o document.Object) { d.Rules = append(d.Rules, d.readRule(o)) })
}

func (d *draft) readPoints(o document.Object) Points {
	return Points{
		Asset:   d.newAsset(o, "asset", d.assets),
		Name:    o.Text("name", NameBytesMax),
		Worth:   ratio(o, "worth"),
		Expires: readPolicy(o.Object("expires"), o.IntegerOr("pending_days", document.Days, 0, 0, lot.PendingDaysMax)),
	}
}

func (d *draft) readStore(o document.Object) Store {
	s := Store{ID: newName(o, "id", d.stores), Name: o.Text("name", NameBytesMax)}
	if region, f := o.OptionalWord("region", IDBytesMax); region != "" {
		if !validName(region) {
			o.Fault(f, badID, "region", IDBytesMax)
		}
		s.Region = region
		d.regions[region] = true
	}
	return s
}

func (d *draft) readDeduction(o document.Object) Deduction {
	deduction := Deduction{
		Asset:      lot.Asset(d.known(o, "asset", pointsWord, d.assets)),
		StepFen:    lot.Fen(o.Integer("step_fen", document.Fen, 1, sumMax)),
		MaxShareBP: o.Integer("max_share_bp", document.Share, 0, basisPoints),
		MinPoints:  lot.Amount(o.Integer("min_points", document.Points, 0, costMax)),
		MaxFen:     lot.Fen(o.Integer("max_fen", document.Fen, 0, sumMax)),
	}
	o.Done()
	return deduction
}

func (d *draft) readCost(o document.Object) Cost {
	cost := Cost{
		Asset:  lot.Asset(d.known(o, "asset", pointsWord, d.assets)),
		Amount: lot.Amount(o.Integer("points", document.Points, 1, costMax)),
	}
	o.Done()
	return cost
}

// ratio takes so many points for so many fen.
func ratio(o document.Object, key string) lot.Ratio {
	inner := o.Object(key)
	r := lot.Ratio{Num: inner.Integer("points", document.Points, 1, ratioMax), Den: inner.Integer("fen", document.Fen, 1, ratioMax)}
	inner.Done()
	return r
}

// The words for what a document names.
var (
	pointsWord   = Text{ZH: "积分种类", EN: "kind of points"}
	merchantWord = Text{ZH: "商户", EN: "merchant"}
	couponWord   = Text{ZH: "优惠券", EN: "coupon"}
	benefitWord  = Text{ZH: "权益", EN: "benefit"}
	ruleWord     = Text{ZH: "积分规则", EN: "earn rule"}
	medalWord    = Text{ZH: "勋章", EN: "medal"}

	badID     = Text{ZH: "%q 最多 %d 个小写字母、数字或连字符，以字母开头", EN: "%q must be at most %d lower-case letters, digits and hyphens, starting with a letter"}
	badStore  = Text{ZH: "%q 只能含字母、数字和连字符", EN: "%q must be letters, digits and hyphens"}
	badAsset  = Text{ZH: `%q 必须是 "points:" 加小写字母、数字和连字符组成的名字`, EN: `%q must be "points:" and a name of lower-case letters, digits and hyphens`}
	twiceText = Text{ZH: "%q 在这里出现了两次", EN: "%q stands here twice"}
	notKnown  = Text{ZH: "本计划没有名为 %q 的%s", EN: "%q is not a %s of this programme"}
	notZone   = Text{ZH: "%q 不是 Asia/Shanghai 这样的时区", EN: "%q is not a time zone such as Asia/Shanghai"}
	notCut    = Text{ZH: `%q 必须是 "00:00" 到 "12:00" 之间的时间`, EN: `%q must be a time from "00:00" to "12:00"`}
)

// validName reports whether a text is a name such as tea-set.
func validName(s string) bool { return lot.ValidName(s) }

// newID takes an id that no other of its kind has.
func (d *draft) newID(o document.Object, key string, taken names) string {
	id, f := o.Word(key, IDBytesMax)
	if id != "" && !validName(id) {
		o.Fault(f, badID, key, IDBytesMax)
	}
	enter(o, f, id, taken)
	return id
}

// newName is newID for a store, whose id the settings of terminals write.
func newName(o document.Object, key string, taken names) string {
	id, f := o.Word(key, IDBytesMax)
	if strings.ContainsFunc(id, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		o.Fault(f, badStore, key)
	}
	enter(o, f, id, taken)
	return id
}

func (d *draft) newAsset(o document.Object, key string, taken names) lot.Asset {
	asset, f := o.Word(key, lot.AssetBytesMax)
	if asset != "" && (!lot.Asset(asset).Points() || !validName(strings.TrimPrefix(asset, "points:"))) {
		o.Fault(f, badAsset, key)
	}
	enter(o, f, asset, taken)
	return lot.Asset(asset)
}

func enter(o document.Object, f document.Field, name string, taken names) {
	if name != "" && taken[name] {
		o.Fault(f, twiceText, name)
	}
	taken[name] = true
}

// known takes the name of something that the document defines.
func (d *draft) known(o document.Object, key string, what Text, defined names) string {
	name, f := o.Word(key, lot.AssetBytesMax)
	o.Refer(key, what.EN)
	if name != "" && !defined[name] {
		o.Fault(f, Text{ZH: notKnown.Fill(name, what.ZH).ZH, EN: notKnown.Fill(name, what.EN).EN})
	}
	return name
}

// knownOr is known for a name that may be missing.
func (d *draft) knownOr(o document.Object, key string, what Text, defined names) string {
	if !o.Has(key) && o.Reading() {
		return ""
	}
	name := d.known(o, key, what, defined)
	o.Loosen(key)
	return name
}

func zone(o document.Object, key string) *time.Location {
	name, f := o.Word(key, lot.TextBytesMax)
	if name == "" {
		return time.UTC
	}
	location, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		o.Fault(f, notZone, name)
	}
	return location
}

// clock takes a time of day from 00:00 to 12:00.
func clock(o document.Object, key string) time.Duration {
	text, f := o.Word(key, IDBytesMax)
	if text == "" {
		return 0
	}
	t, err := time.Parse("15:04", text)
	since := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	if err != nil || len(text) != len("15:04") || since > 12*time.Hour {
		o.Fault(f, notCut, key)
	}
	return since
}
