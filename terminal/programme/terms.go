package programme

import (
	"strings"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// ClausesMax bounds the clauses of the terms.
const ClausesMax = 100

// Terms is what members agree to (law L01).
type Terms struct {
	Number     int64
	Effective  lot.Day
	Organiser  Text // who runs the programme
	Contact    Text
	Conversion Text // how points turn into money off, as shops must show it (law L15)
	NoticeDays int  // how long before points lapse their owner is told (rule S22)
	Clauses    []Clause
}

// Clause is one of the terms.
type Clause struct {
	ID   string
	Text Text
}

// Limits bounds what members and terminals do in a day.
type Limits struct {
	TransferPoints lot.Amount     // a member gives away in a day (rule S13)
	Household      int64          // members of one
	Redemptions    int64          // of a member in a day at a terminal
	Claw           lot.ClawPolicy // how far a return goes for what it does not find (rule S08)
}

// MakeGood is what is given where points or vouchers could not be used through no fault of
// the member (cap F3, rule S22).
type MakeGood struct {
	OutageDays   int // beyond the outage itself, for lots that lapse in it
	WithdrawDays int // for points saved for a benefit that is withdrawn, and for its vouchers
	Grace        int // after a notice that did not arrive
	Goodwill     []Goodwill
}

// Goodwill gives points to members whom an outage kept from using theirs.
type Goodwill struct {
	Hours  int64 // of outage at least
	Asset  lot.Asset
	Points lot.Amount
}

// Receipt is what papers say beside their figures.
type Receipt struct {
	Header, Footer Text
	Points         Text   // about the points, such as where to see them
	Page           string // address of HQ's page, where surveys are answered; "" is none
}

var notClaw = Text{ZH: "%q 必须是 debt、within_balance 或 pending_only", EN: "%q must be debt, within_balance or pending_only"}

func (d *draft) readTerms(root document.Object) {
	if o := root.Optional("terms"); o.Given() {
		d.Terms = &Terms{
			Number:     o.Integer("number", document.Number, 1, versionMax),
			Effective:  calendar.Day(o, "effective", true),
			Organiser:  o.Text("organiser", NameBytesMax),
			Contact:    o.Text("contact", TermsBytesMax),
			Conversion: o.OptionalText("conversion", TermsBytesMax),
			NoticeDays: int(o.IntegerOr("notice_days", document.Days, 0, 0, lot.PendingDaysMax)),
		}
		taken := names{}
		o.Each("clauses", ClausesMax, func(c document.Object) {
			d.Terms.Clauses = append(d.Terms.Clauses, Clause{ID: d.newID(c, "id", taken), Text: c.Text("text", TermsBytesMax)})
		})
		o.Done()
	}
	if o := root.Optional("limits"); o.Given() {
		d.Limits = Limits{
			TransferPoints: lot.Amount(o.IntegerOr("transfer_points_day", document.Points, 0, 1, costMax)),
			Household:      o.IntegerOr("household_members", document.Persons, 0, 2, householdMax),
			Redemptions:    o.IntegerOr("redemptions_day", document.Times, 0, 1, perMemberMax),
		}
		which, _ := o.Choice("clawback", false, notClaw, "debt", "within_balance", "pending_only")
		d.Limits.Claw = lot.ClawPolicy(which)
		o.Done()
	}
	d.readMakeGood(root.Optional("make_good"))
	if o := root.Optional("receipt"); o.Given() {
		d.Receipt = Receipt{o.OptionalText("header", NameBytesMax), o.OptionalText("footer", TermsBytesMax), o.OptionalText("points", TermsBytesMax), readPage(o)}
		o.Done()
	}
}

// PageBytesMax bounds an address that is printed as a code.
const PageBytesMax = 80

var notPage = Text{ZH: "%q 必须是 https:// 开头的网址，不带 ? 和 #", EN: "%q must be an address that begins with https://, without ? and #"}

func readPage(o document.Object) string {
	page, f := o.OptionalWord("page", PageBytesMax)
	safe := strings.HasPrefix(page, "https://") || strings.HasPrefix(page, "http://127.0.0.1:") // the demonstration's own
	if page != "" && (!safe || strings.ContainsAny(page, "?# ")) {
		o.Fault(f, notPage, "page")
	}
	return page
}

// householdMax is the largest household (rule S13).
const householdMax = 6

// Making is the programme's policy, or what is right where it says nothing (rule S22).
func (p *Programme) Making() MakeGood {
	if p.MakeGood != nil {
		return *p.MakeGood
	}
	return MakeGood{OutageDays: lot.IncidentDays, Grace: lot.UnnoticedFor}
}

func (d *draft) readMakeGood(o document.Object) {
	if !o.Given() {
		return
	}
	days := func(field string) int { return int(o.Integer(field, document.Days, 0, lot.PendingDaysMax)) }
	m := &MakeGood{OutageDays: days("outage_days"), WithdrawDays: days("withdraw_days"), Grace: days("grace_days")}
	o.EachOptional("goodwill", StepsMax, func(g document.Object) {
		m.Goodwill = append(m.Goodwill, Goodwill{
			Hours:  g.Integer("from_hours", document.Number, 1, 24*366),
			Asset:  lot.Asset(d.known(g, "asset", pointsWord, d.assets)),
			Points: lot.Amount(g.Integer("points", document.Points, 1, costMax)),
		})
	})
	o.Done()
	d.MakeGood = m
}
