package programme

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/condition"
	"github.com/jifen-pos/jifen/terminal/document"
)

// Scope says to what something applies. Each list that is there must name the
// sale or the goods; the zero Scope applies to everything.
type Scope struct {
	Stores, Regions, Tiers, Grades []string // of the sale and its member
	Tenders                        []string
	Merchants, Categories, Brands  []string // of goods
	Items                          []string // GTINs of 14 digits
	NotItems                       []string
	Eco                            bool // only goods marked eco-friendly
}

// Occasion is what is known of a sale beside its goods.
type Occasion struct {
	At       calendar.Moment
	Trusted  bool // the clock: without it nothing that is limited in time applies (rule S11)
	Store    string
	Region   string
	Tier     string
	Grade    string // the green one
	Tender   string // the one kind that pays, "" where none or several do
	Member   bool
	Birthday bool
}

// Covers reports whether goods are in the scope.
func (s *Scope) Covers(p *Product) bool {
	return in(s.Merchants, p.Merchant) && in(s.Categories, p.Category) && in(s.Brands, p.Brand) && in(s.Items, p.GTIN) &&
		!slices.Contains(s.NotItems, p.GTIN) && (p.Eco || !s.Eco)
}

// Here reports whether a sale is in the scope, whatever is sold.
func (s *Scope) Here(o *Occasion) bool {
	return in(s.Stores, o.Store) && in(s.Regions, o.Region) && in(s.Tiers, o.Tier) && in(s.Grades, o.Grade) && in(s.Tenders, o.Tender)
}

// AllGoods reports whether no goods are left out.
func (s *Scope) AllGoods() bool {
	return s.Merchants == nil && s.Categories == nil && s.Brands == nil && s.Items == nil && s.NotItems == nil && !s.Eco
}

// Within reports whether everything in the scope is in another's too.
func (s *Scope) Within(o *Scope) bool {
	return narrower(s.Stores, o.Stores) && narrower(s.Regions, o.Regions) && narrower(s.Tiers, o.Tiers) && narrower(s.Grades, o.Grades) &&
		narrower(s.Tenders, o.Tenders) &&
		narrower(s.Merchants, o.Merchants) && narrower(s.Categories, o.Categories) && narrower(s.Brands, o.Brands) && narrower(s.Items, o.Items) &&
		(o.NotItems == nil || slices.Equal(s.NotItems, o.NotItems)) && (s.Eco || !o.Eco)
}

func in(list []string, x string) bool { return list == nil || slices.Contains(list, x) }

func narrower(a, b []string) bool {
	return b == nil || a != nil && !slices.ContainsFunc(a, func(x string) bool { return !slices.Contains(b, x) })
}

// What can be wrong with a scope.
var (
	mustStores     = document.Text{ZH: "本计划的门店", EN: "stores of this programme"}
	mustRegions    = document.Text{ZH: "本计划门店所在的区域", EN: "regions of this programme's stores"}
	mustTiers      = document.Text{ZH: "本计划的会员等级", EN: "tiers of this programme"}
	mustGrades     = document.Text{ZH: "本计划的绿色等级", EN: "green grades of this programme"}
	mustTenders    = document.Text{ZH: "支付方式：cash、card 或 wallet", EN: "tenders: cash, card or wallet"}
	mustMerchants  = document.Text{ZH: "本计划的商户", EN: "merchants of this programme"}
	mustCategories = document.Text{ZH: "品类：小写字母、数字和连字符", EN: "categories in lower-case letters, digits and hyphens"}
	mustBrands     = document.Text{ZH: "品牌：小写字母、数字和连字符", EN: "brands in lower-case letters, digits and hyphens"}
	mustProducts   = document.Text{ZH: "加引号的13位商品条码", EN: "products by quoted GTINs of 13 digits"}
)

var tenderWords = []string{"cash", "card", "wallet"}

func (d *draft) readScope(o document.Object) Scope {
	if !o.Given() {
		return Scope{}
	}
	s := Scope{
		Stores:     o.Texts("stores", ListedMax, document.Words{OK: d.stores.has, Must: mustStores, Ref: "store"}),
		Regions:    o.Texts("regions", ListedMax, document.Words{OK: d.regions.has, Must: mustRegions, Ref: "region"}),
		Tiers:      o.Texts("tiers", TiersMax, document.Words{OK: d.tiers.has, Must: mustTiers, Ref: "tier"}),
		Grades:     o.Texts("grades", TiersMax, document.Words{OK: d.grades.has, Must: mustGrades, Ref: "grade"}),
		Tenders:    o.Texts("tenders", len(tenderWords), document.Words{OK: isTender, Must: mustTenders, Ref: "tender"}),
		Merchants:  o.Texts("merchants", ListedMax, document.Words{OK: d.merchants.has, Must: mustMerchants, Ref: "merchant"}),
		Categories: o.Texts("categories", ListedMax, document.Words{OK: validName, Must: mustCategories, Ref: "category"}),
		Brands:     o.Texts("brands", ListedMax, document.Words{OK: validName, Must: mustBrands, Ref: "brand"}),
		Items:      items(o, "items"),
		NotItems:   items(o, "not_items"),
		Eco:        o.Flag("eco"),
	}
	o.Done()
	return s
}

func isTender(s string) bool { return slices.Contains(tenderWords, s) }

// items takes a list of GTINs of 13 digits, and makes them 14.
func items(o document.Object, key string) []string {
	listed := o.Texts(key, ListedMax, document.Words{OK: document.ValidGTIN13, Must: mustProducts, Ref: "product"})
	for i := range listed {
		listed[i] = "0" + listed[i]
	}
	return listed
}

// readWhen takes a condition, which is checked here and now.
func (d *draft) readWhen(o document.Object) condition.Condition {
	text, f := o.OptionalWord("when", condition.BytesMax)
	if text == "" {
		return condition.Condition{}
	}
	if c, known := d.conditions[text]; known {
		return c
	}
	c, err := condition.Compile(text)
	if wrong := (*condition.Error)(nil); errors.As(err, &wrong) {
		o.Fault(f, notCondition(wrong.Say()))
		return condition.Condition{}
	}
	if d.conditions == nil {
		d.conditions = map[string]condition.Condition{}
	}
	d.conditions[text] = c
	return c
}

func notCondition(why document.Text) document.Text {
	return document.Text{ZH: "条件有误：" + why.ZH, EN: "condition: " + why.EN}
}
