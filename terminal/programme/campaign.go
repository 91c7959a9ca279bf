package programme

import (
	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/condition"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Limits of campaigns.
const (
	CampaignsMax = 10_000
	StepsMax     = 10
	GroupsMax    = 1000
	priorityMax  = 1000
	everyMax     = 100
)

// Campaign changes prices, points or what benefits cost for a while (cap C1).
type Campaign struct {
	ID       string
	Name     Text
	Window   calendar.Window
	Scope    Scope
	When     condition.Condition
	Priority int64  // the higher one goes first
	Group    string // of campaigns of which one applies, or "" (rule S26)
	Funder   string // merchant that bears its points, "" is the goods' own
	Terms    Text
	Effect
}

// EffectKind is the step of rule S03 at which a campaign acts.
type EffectKind uint8

// The effects, in the order of the steps.
const (
	MemberPrice EffectKind = iota + 1 // a price for members
	LineOff                           // off single lines
	BillOff                           // off the bill from a sum on (满减)
	Multiply                          // what a rule gives
	Bonus                             // points on top
	RedeemOff                         // off what benefits cost
)

// Effect is what a campaign does.
type Effect struct {
	Kind EffectKind

	PriceFen lot.Fen // of a piece, or
	OffFen   lot.Fen // off a piece, or
	OffBP    int64   // off a piece or a benefit's cost, in 1/10,000; what comes off is rounded up to the member's good
	Every    int64   // of so many pieces of a line one is reduced; 0 is every piece

	Steps  []Step  // of BillOff, upwards
	Each   bool    // the only step counts as often as the sum holds it (每满)
	MaxFen lot.Fen // the most that comes off the bill; 0 is no bound

	Rule         string // that is multiplied
	MultiplierBP int64
	FromFen      lot.Fen // from this sum of its lines on
	MaxPoints    lot.Amount
	Asset        lot.Asset // of the bonus
	Points       lot.Amount

	Benefits  []string // that are cheaper
	OffPoints lot.Amount
}

// Step takes so much off from a sum on.
type Step struct{ FromFen, OffFen lot.Fen }

// What can be wrong with a campaign.
var (
	stepRising    = document.Text{ZH: "每一档都要比前一档门槛更高、减得更多，否则永远用不到", EN: "a step must begin above the one before it and take off more, else it is never used"}
	stepTooMuch   = document.Text{ZH: "减的不能超过门槛", EN: "a step must not take off more than it begins at"}
	stepEach      = document.Text{ZH: `"each" 只能有一档`, EN: `"each" takes one step only`}
	stepNone      = document.Text{ZH: "至少要有一档", EN: "there must be a step"}
	priceTender   = document.Text{ZH: "价格类活动不能限定支付方式：支付在定价之后", EN: "a price must not depend on the tender, which comes after it"}
	redeemWhen    = document.Text{ZH: "兑换折扣不看购物篮，不能有条件", EN: "what a benefit costs does not depend on a basket: no condition"}
	inTwoGroups   = document.Text{ZH: "%q 同时在互斥组 %q 和 %q 里", EN: "%q is in two groups that exclude each other, %q and %q"}
	notReached    = document.Text{ZH: "永远不会生效：同组里 %q 优先且范围不小于它", EN: "it can never apply: %q of its group goes first and covers all of it"}
	notOneStep    = document.Text{ZH: "%q 与组里其他活动不在同一步，不能互斥", EN: "%q acts at another step than others of its group"}
	mustCampaigns = document.Text{ZH: "本计划的活动", EN: "campaigns of this programme"}
	mustBenefits  = document.Text{ZH: "本计划的权益", EN: "benefits of this programme"}
)

func (d *draft) readCampaign(o document.Object) {
	tender, when, bill := o.Field("scope"), o.Field("when"), o.Field("bill_off")
	c := Campaign{
		ID:       d.newID(o, "id", d.rules), // awards name rules and campaigns alike
		Name:     o.Text("name", NameBytesMax),
		Window:   calendar.Read(o, "window"),
		Scope:    d.readScope(o.Optional("scope")),
		When:     d.readWhen(o),
		Priority: o.IntegerOr("priority", document.Number, 0, 0, priorityMax),
		Funder:   d.knownOr(o, "funder", merchantWord, d.merchants),
		Terms:    o.OptionalText("terms", TermsBytesMax),
	}
	o.OneOf(
		document.Case{Key: "member_price", Read: func() { c.readPiece(o.Object("member_price"), MemberPrice) }},
		document.Case{Key: "line_off", Read: func() { c.readPiece(o.Object("line_off"), LineOff) }},
		document.Case{Key: "multiply", Read: func() { d.readMultiply(o.Object("multiply"), &c.Effect) }},
		document.Case{Key: "bonus", Read: func() { d.readBonus(o.Object("bonus"), &c.Effect) }},
		document.Case{Key: "redeem_off", Read: func() { d.readRedeemOff(o.Object("redeem_off"), &c.Effect) }},
		document.Case{Key: "bill_off", Read: func() { c.readBill(bill, o.Object("bill_off")) }},
	)
	if c.Kind == RedeemOff && c.When.Text() != "" {
		o.Fault(when, redeemWhen)
	}
	if c.Scope.Tenders != nil && (c.Kind <= BillOff || c.Kind == RedeemOff) {
		o.Fault(tender, priceTender)
	}
	d.at[c.ID] = o.At()
	d.Campaigns = append(d.Campaigns, c)
}

func (e *Effect) readPiece(o document.Object, kind EffectKind) {
	e.Kind = kind
	o.OneOf(
		document.Case{Key: "price_fen", Read: func() { e.PriceFen = lot.Fen(o.Integer("price_fen", document.Fen, 1, int64(PriceMax))) }},
		document.Case{Key: "off_bp", Read: func() { e.OffBP = o.Integer("off_bp", document.Share, 1, basisPoints) }},
		document.Case{Key: "off_fen", Read: func() { e.OffFen = lot.Fen(o.Integer("off_fen", document.Fen, 1, int64(PriceMax))) }},
	)
	if kind == LineOff {
		e.Every = o.IntegerOr("every_pieces", document.Pieces, 0, 1, everyMax)
	}
	o.Done()
}

func (e *Effect) readBill(at document.Field, o document.Object) {
	e.Kind = BillOff
	o.Each("steps", StepsMax, func(s document.Object) {
		f := s.Field("from_fen")
		step := Step{lot.Fen(s.Integer("from_fen", document.Fen, 1, sumMax)), lot.Fen(s.Integer("off_fen", document.Fen, 1, sumMax))}
		switch n := len(e.Steps); {
		case step.OffFen > step.FromFen:
			s.Fault(f, stepTooMuch)
		case n > 0 && (step.FromFen <= e.Steps[n-1].FromFen || step.OffFen <= e.Steps[n-1].OffFen):
			s.Fault(f, stepRising)
		}
		e.Steps = append(e.Steps, step)
	})
	e.Each = o.Flag("each")
	e.MaxFen = lot.Fen(o.IntegerOr("max_fen", document.Fen, 0, 1, sumMax))
	if e.Each && len(e.Steps) > 1 {
		o.Fault(at, stepEach)
	}
	if len(e.Steps) == 0 && at.Given() {
		o.Fault(at, stepNone)
	}
	o.Done()
}

func (d *draft) readMultiply(o document.Object, e *Effect) {
	e.Kind = Multiply
	e.Rule = d.known(o, "rule", ruleWord, d.earn)
	e.MultiplierBP = o.Integer("multiplier_bp", document.Share, basisPoints+1, multiplierMax)
	e.FromFen = lot.Fen(o.IntegerOr("from_fen", document.Fen, 0, 1, sumMax))
	e.MaxPoints = lot.Amount(o.IntegerOr("per_receipt", document.Points, 0, 1, costMax))
	o.Done()
}

func (d *draft) readBonus(o document.Object, e *Effect) {
	e.Kind = Bonus
	e.Asset = lot.Asset(d.known(o, "asset", pointsWord, d.assets))
	e.Points = lot.Amount(o.Integer("points", document.Points, 1, costMax))
	e.FromFen = lot.Fen(o.IntegerOr("from_fen", document.Fen, 0, 1, sumMax))
	o.Done()
}

func (d *draft) readRedeemOff(o document.Object, e *Effect) {
	e.Kind = RedeemOff
	e.Benefits = o.Texts("benefits", ListedMax, document.Words{OK: d.benefits.has, Must: mustBenefits, Ref: "benefit"})
	o.OneOf(
		document.Case{Key: "off_bp", Read: func() { e.OffBP = o.Integer("off_bp", document.Share, 1, basisPoints-1) }},
		document.Case{Key: "off_points", Read: func() { e.OffPoints = lot.Amount(o.Integer("off_points", document.Points, 1, costMax)) }},
	)
	o.Done()
}

// readGroup takes campaigns that exclude each other: of those that could apply
// the one with the highest priority does, of equal ones the best for the
// member, of equally good ones the first by id (rule S26).
func (d *draft) readGroup(o document.Object) {
	id := d.newID(o, "id", d.groups)
	at := o.Field("campaigns")
	var kind EffectKind
	for _, name := range o.Texts("campaigns", ListedMax, document.Words{OK: d.isCampaign, Must: mustCampaigns, Ref: "campaign"}) {
		c := d.campaign(name)
		if c.Group != "" {
			o.Fault(at, inTwoGroups, name, c.Group, id)
		}
		if kind != 0 && c.Kind != kind {
			o.Fault(at, notOneStep, name)
		}
		c.Group, kind = id, c.Kind
	}
}

func (d *draft) isCampaign(id string) bool { return d.campaign(id) != nil }

func (d *draft) campaign(id string) *Campaign {
	if d.byID == nil {
		d.byID = make(map[string]int, len(d.Campaigns))
		for i := range d.Campaigns {
			d.byID[d.Campaigns[i].ID] = i
		}
	}
	if i, ok := d.byID[id]; ok && id != "" {
		return &d.Campaigns[i]
	}
	return nil
}

// findShadowed reports campaigns that another of their group always beats.
func (d *draft) findShadowed(faults *document.Faults) {
	groups := map[string][]*Campaign{}
	for i := range d.Campaigns {
		if c := &d.Campaigns[i]; c.Group != "" {
			groups[c.Group] = append(groups[c.Group], c)
		}
	}
	for i := range d.Campaigns {
		c := &d.Campaigns[i]
		for _, other := range groups[c.Group] {
			if other.Priority > c.Priority && other.When.Text() == "" && other.FromFen == 0 && other.Kind != BillOff &&
				c.Window.Within(&other.Window) && c.Scope.Within(&other.Scope) && other.Rule == c.Rule {
				faults.Add(d.at[c.ID], notReached, other.ID)
				break
			}
		}
	}
}
