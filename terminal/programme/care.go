package programme

import (
	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Limits of what is given to members one by one.
const (
	MedalsMax     = 200
	TasksMax      = 200
	SchemesMax    = 1000
	ActivitiesMax = 500
	SurveysMax    = 200
	QuestionsMax  = 30
	AnswersMax    = 10
	stars         = 5

	birthdayDaysMax = 60
)

// Medal honours a member (cap G3). One of a set counts towards what the whole
// set redeems.
type Medal struct {
	ID     string
	Name   Text
	Set    string // "" is none
	Reward string // benefit that the whole set redeems, told at one of its medals
}

// Metric that a task counts.
const (
	CountVisits   = "visits"     // business days with a sale
	CountFen      = "spend"      // fen paid
	CountPieces   = "pieces"     // of goods in the scope
	CountEco      = "eco-points" // green points earned
	CountActivity = "activities" // attended
	CountSurveys  = "surveys"    // answered
	CountVoices   = "voices"     // reviews and experiences that HQ approved
)

var taskMetrics = []string{CountVisits, CountFen, CountPieces, CountEco, CountActivity, CountSurveys, CountVoices}

// Task is something to reach, counted over entries and taken back by returns
// (cap G2).
type Task struct {
	ID     string
	Name   Text
	Window calendar.Window
	Scope  Scope // of the goods and sales that count
	Metric string
	Target int64
	Gives
}

// Gives is what a member gets once.
type Gives struct {
	Asset   lot.Asset
	Points  lot.Amount
	Benefit string
	Coupon  string
	Medal   string
}

// Scheme is a personal scheme for named members (cap M9), by criteria that
// anybody can read (law L21).
type Scheme struct {
	ID       string
	Name     Text
	Adviser  Text
	Criteria Text
	SpendFen lot.Fen // within the window
	Window   calendar.Window
	Priority int // days for which its members buy new goods before others
	Members  []member.ID
	Gives
}

// Birthday is what members get around their day (cap M5). To whom it
// is due HQ works out, which alone knows the days: a till is told only that it is.
type Birthday struct {
	Benefit      string
	ChildBenefit string
	Consent      bool // a guardian's, for a child's birthday (law L18)
	WindowDays   int  // before the day and after it, within its year
}

// Referral rewards a member who brings another (cap M6).
type Referral struct {
	Depth                int64 // 1, and nothing else is lawful (law L25)
	Asset                lot.Asset
	Referrer, Newcomer   lot.Amount
	PerMonth             int64
	FirstPurchaseFromFen lot.Fen
	Settled              int // days for which a purchase must have stood: what comes back before was none
}

// Activity is a lecture or service that is attended (cap M7).
type Activity struct {
	ID     string
	Name   Text
	Window calendar.Window
	Gives
}

// Survey is a set of questions, answered once a version (cap M8).
type Survey struct {
	ID        string
	Version   int64
	Name      Text
	About     string // benefit, or ""
	Questions []Question
	Gives
}

// Asked reports whether a receipt asks the survey: each one does, or that on which the
// benefit was redeemed which it is about.
func (s *Survey) Asked(redeemed func(benefit string) bool) bool {
	return s.About == "" || redeemed(s.About)
}

// Voice rewards what members write of bought goods, or of living green: each approved
// at HQ, once, and so often a month at most (cap M6).
type Voice struct {
	PerMonth int64
	Within   int // days from the receipt on
	Gives
}

// Question is one of a survey, with what can be answered; without answers of its
// own it is answered by 1 to 5.
type Question struct {
	Text    Text
	Answers []Text
}

// Most is how many answers there are to choose from.
func (q *Question) Most() int {
	if len(q.Answers) > 0 {
		return len(q.Answers)
	}
	return stars
}

// Survey looks up a survey.
func (p *Programme) Survey(id string) (Survey, bool) {
	return lookUp(p.Surveys, func(s Survey) bool { return s.ID == id })
}

// notMetric lists what tasks count.
var notMetric = Text{
	ZH: "%q 必须是 visits、spend、pieces、eco-points、activities、surveys 或 voices",
	EN: "%q must be visits, spend, pieces, eco-points, activities, surveys or voices",
}

func (d *draft) readMedal(o document.Object) Medal {
	m := Medal{ID: d.newID(o, "id", d.medals), Name: o.Text("name", NameBytesMax)}
	set, f := o.OptionalWord("set", IDBytesMax)
	if set != "" && !validName(set) {
		o.Fault(f, badID, "set", IDBytesMax)
	}
	m.Set, m.Reward = set, d.knownOr(o, "reward", benefitWord, d.benefits)
	return m
}

func (d *draft) readCare(root document.Object) {
	root.EachOptional("tasks", TasksMax, func(o document.Object) { d.Tasks = append(d.Tasks, d.readTask(o)) })
	taken := names{}
	root.EachOptional("launches", LaunchesMax, func(o document.Object) { d.Launches = append(d.Launches, d.readLaunch(o, taken)) })
	root.EachOptional("schemes", SchemesMax, func(o document.Object) {
		d.Schemes = append(d.Schemes, Scheme{
			ID: d.newID(o, "id", taken), Name: o.Text("name", NameBytesMax), Adviser: o.Text("adviser", NameBytesMax),
			Criteria: o.OptionalText("criteria", TermsBytesMax), SpendFen: lot.Fen(o.Integer("spend_fen", document.Fen, 0, sumMax)),
			Window: calendar.Read(o, "window"), Priority: int(o.IntegerOr("priority_days", document.Days, 0, 1, ValidDaysMax)),
			Members: readMembers(o), Gives: d.readGives(o),
		})
	})
	d.readBirthday(root.Optional("birthday"))
	d.readReferral(root.Optional("referral"))
	root.EachOptional("activities", ActivitiesMax, func(o document.Object) {
		d.Activities = append(d.Activities, Activity{
			ID: d.newID(o, "id", taken), Name: o.Text("name", NameBytesMax), Window: calendar.Read(o, "window"), Gives: d.readGives(o),
		})
	})
	root.EachOptional("surveys", SurveysMax, func(o document.Object) {
		s := Survey{
			ID: d.newID(o, "id", taken), Version: o.Integer("version", document.Number, 1, versionMax), Name: o.Text("name", NameBytesMax),
			About: d.knownOr(o, "about", benefitWord, d.benefits), Gives: d.readGives(o),
		}
		o.Each("questions", QuestionsMax, func(q document.Object) { s.Questions = append(s.Questions, readQuestion(q)) })
		d.Surveys = append(d.Surveys, s)
	})
	d.Reviews, d.Experiences = d.readVoice(root.Optional("reviews")), d.readVoice(root.Optional("experiences"))
}

func (d *draft) readVoice(o document.Object) *Voice {
	if !o.Given() {
		return nil
	}
	v := &Voice{
		PerMonth: o.Integer("per_month", document.Times, 1, perMemberMax), Within: int(o.Integer("within_days", document.Days, 1, ValidDaysMax)), Gives: d.readGives(o),
	}
	o.Done()
	return v
}

func readQuestion(o document.Object) Question {
	q := Question{Text: o.Text("text", TermsBytesMax)}
	o.EachOptional("answers", AnswersMax, func(a document.Object) {
		zh, _ := a.Word("zh", NameBytesMax)
		en, _ := a.Word("en", NameBytesMax)
		q.Answers = append(q.Answers, Text{ZH: zh, EN: en})
	})
	return q
}

func (d *draft) readTask(o document.Object) Task {
	t := Task{ID: d.newID(o, "id", d.tasks), Name: o.Text("name", NameBytesMax), Window: calendar.Read(o, "window"), Scope: d.readScope(o.Optional("scope"))}
	which, _ := o.Choice("metric", true, notMetric, taskMetrics...)
	t.Metric = taskMetrics[which]
	t.Target = o.Integer("target", document.Number, 1, sumMax)
	t.Gives = d.readGives(o)
	return t
}

func (d *draft) readGives(outer document.Object) (g Gives) {
	o := outer.Object("gives")
	o.OneOf(
		document.Case{Key: "benefit", Read: func() { g.Benefit = d.known(o, "benefit", benefitWord, d.benefits) }},
		document.Case{Key: "coupon", Read: func() { g.Coupon = d.known(o, "coupon", couponWord, d.coupons) }},
		document.Case{Key: "medal", Read: func() { g.Medal = d.known(o, "medal", medalWord, d.medals) }},
		document.Case{Key: "points", Read: func() {
			g.Asset = lot.Asset(d.known(o, "asset", pointsWord, d.assets))
			g.Points = lot.Amount(o.Integer("points", document.Points, 1, costMax))
		}},
	)
	o.Done()
	return g
}

func (d *draft) readBirthday(o document.Object) {
	if !o.Given() {
		return
	}
	d.Birthday = &Birthday{
		Benefit:      d.known(o, "benefit", benefitWord, d.benefits),
		ChildBenefit: d.knownOr(o, "child_benefit", benefitWord, d.benefits),
		Consent:      o.Flag("guardian_consent"),
		WindowDays:   int(o.IntegerOr("window_days", document.Days, 7, 0, birthdayDaysMax)),
	}
	o.Done()
}

func (d *draft) readReferral(o document.Object) {
	if !o.Given() {
		return
	}
	d.Referral = &Referral{
		Depth:                o.IntegerOr("depth", document.Number, 1, 1, 10),
		Asset:                lot.Asset(d.known(o, "asset", pointsWord, d.assets)),
		Referrer:             lot.Amount(o.Integer("referrer_points", document.Points, 0, costMax)),
		Newcomer:             lot.Amount(o.Integer("newcomer_points", document.Points, 0, costMax)),
		PerMonth:             o.IntegerOr("per_month", document.Times, 0, 1, perMemberMax),
		FirstPurchaseFromFen: lot.Fen(o.IntegerOr("first_purchase_from_fen", document.Fen, 0, 0, sumMax)),
		Settled:              int(o.IntegerOr("settled_after_days", document.Days, 7, 0, ValidDaysMax)),
	}
	o.Done()
}
