// Package fair looks for terms in a programme document that the law does not
// let stand, or that would take from members what they have (cap F1). Each
// finding names the clause, the rule, where it comes from and how to mend it.
// Errors keep a document from being published; some of them nobody can
// override. It judges documents, not shops: what it does not find may still be
// wrong, and a lawyer has the last word.
package fair

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Severity says what a finding keeps from happening.
type Severity uint8

// The severities.
const (
	Warning Severity = iota // told, and published
	Error                   // not published, unless a named person overrides it with a reason
	Never                   // not published
)

// Finding is one term that is not fair.
type Finding struct {
	Rule     string // id, such as banned-words
	Severity Severity
	Clause   string // path in the document
	document.Position
	Source string // where the rule comes from
	What   programme.Text
	Mend   programme.Text
}

// severities are the words for what a finding keeps from happening.
var severities = [...]string{"提示 warning", "错误 error", "错误，不得放行 error that nobody overrides"}

// Say tells all of a finding, in both languages: where, which rule, what is wrong, how to
// mend it, and where the rule comes from.
func (f *Finding) Say() string {
	return fmt.Sprintf("%d:%d: %s %s (%s)\n    %s %s\n    %s %s\n    %s",
		f.Line, f.Column, severities[f.Severity], f.Rule, f.Clause, f.What.ZH, f.Mend.ZH, f.What.EN, f.Mend.EN, f.Source)
}

// rule is what a finding says whatever the clause.
type rule struct {
	severity   Severity
	source     string
	what, mend programme.Text
}

// Bounds of what is fair.
const (
	ExpiryMonthsMin = 12        // that points last at least
	NoticeDaysMin   = 30        // before they lapse
	TopPrizeMax     = 5_000_000 // fen
	SettledDaysMin  = 7         // that goods can come back, before a purchase counts
	VoicesMonthMax  = 31        // rewarded of one member: one a day
)

// banned are words that no term, notice or receipt may hold (law L03).
var banned = []string{
	"最终解释权", "解释权归", "概不退", "一律不退", "不予退换", "不退不换", "过期不补", "过期作废概不", "兑换后不退", "概不负责", "不承担任何责任", "本店有权随时",
	"final interpretation", "no refunds", "non-refundable", "no returns",
}

// forSale are words by which points are sold or paid out (law L24, law L26).
var forSale = []string{"积分充值", "购买积分", "积分提现", "积分兑换现金", "积分变现", "回购积分", "buy points", "points for cash", "cash out points"}

// praised are words by which favourable reviews alone are rewarded, and taken words by
// which what members wrote is used without asking them (law L09, law L17).
var (
	praised = []string{"好评返", "好评送", "好评有礼", "好评奖励", "五星好评", "满分好评", "for a good review", "for five-star", "five-star reviews earn", "for positive reviews"}
	taken   = []string{"评价内容归", "评价归本店", "可随意使用您的评价", "有权公开您的评价", "有权使用您的评价", "无需另行征得", "we may publish your words", "reviews become our property"}
)

// lint is a document that is being looked through.
type lint struct {
	p     *programme.Programme
	marks document.Marks
	found []Finding
}

// Lint looks through a document. Marks, which may be nil, say where its clauses
// stand.
func Lint(p *programme.Programme, marks document.Marks) []Finding {
	l := &lint{p: p, marks: marks}
	l.texts()
	l.points()
	l.benefits()
	l.games()
	l.care()
	l.terms()
	return l.sorted()
}

func (l *lint) sorted() []Finding {
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule))
	})
	return l.found
}

// Publishable reports whether nothing but warnings was found.
func Publishable(found []Finding) bool {
	return !slices.ContainsFunc(found, func(f Finding) bool { return f.Severity > Warning })
}

func (l *lint) find(id, clause string, args ...any) {
	r := rules[id]
	at := clause
	for l.marks != nil && at != "" {
		if _, known := l.marks[at]; known {
			break
		}
		at = at[:max(strings.LastIndexByte(at, '/'), 0)]
	}
	l.found = append(l.found, Finding{
		Rule: id, Severity: r.severity, Clause: clause, Position: l.marks[at], Source: r.source, What: r.what.Fill(args...), Mend: r.mend,
	})
}

// points looks at how long points last.
func (l *lint) points() {
	for _, k := range l.p.Points {
		clause := "points/" + string(k.Asset) + "/expires"
		e := k.Expires
		short := false
		switch e.Basis {
		case lot.ForMonths, lot.ToMonthEnd, lot.ToQuarter, lot.ToYearEnd:
			short = e.N < ExpiryMonthsMin
		case lot.ForDays, lot.WhileActive:
			short = e.N < 365
		case lot.OnDate:
			short = e.On < l.begins().AddMonths(ExpiryMonthsMin)
		}
		if short {
			l.find("short-expiry", clause, k.Name.ZH)
		}
	}
}

// begins is the first day on which points can be earned under the document, as far
// as it says.
func (l *lint) begins() lot.Day {
	if l.p.Effective != 0 || l.p.Terms == nil {
		return l.p.Effective
	}
	return l.p.Terms.Effective
}

// benefits looks for a way back and a way out.
func (l *lint) benefits() {
	for _, b := range l.p.Benefits {
		clause := "benefits/" + b.ID
		if b.Return == programme.ReturnNothing {
			l.find("no-return", clause+"/returns", b.ID)
		}
		switch {
		case b.OutOfStock == programme.ShortageNothing:
			l.find("no-substitute", clause+"/out_of_stock", b.ID)
		case b.OutOfStock == programme.ShortageSubstitute && b.Substitute == nil:
			l.find("no-substitute", clause+"/substitutes", b.ID)
		}
		for _, id := range b.Substitute {
			if s, ok := l.p.Benefit(id); ok && s.WorthFen < b.WorthFen {
				l.find("worse-substitute", clause+"/substitutes", id, b.ID)
			}
		}
	}
}

// games looks at what must be published before a draw begins.
func (l *lint) games() {
	for _, g := range l.p.Games {
		clause := "games/" + g.ID
		n := g.Notice
		if n == nil || g.Window.From == 0 || g.Window.Until == 0 || n.ClaimDays == 0 ||
			slices.Contains([]programme.Text{n.Method, n.Claim, n.Delivery, n.Forfeit, n.Organiser}, programme.Text{}) {
			l.find("no-notice", clause+"/notice", g.ID)
		}
		for _, prize := range g.Prizes {
			at := clause + "/prizes/" + prize.ID
			if worth := l.worth(&prize); worth > TopPrizeMax {
				l.find("top-prize", at+"/worth_fen", prize.ID, worth)
			}
			if !prize.Lose && (prize.WorthFen == 0 || prize.Evidence == (programme.Text{}) && prize.Asset == "") {
				l.find("no-price", at, prize.ID)
			}
		}
	}
}

// worth is what a prize is worth, whatever its row says: points by their conversion,
// a benefit or a coupon by its own figure (law L13).
func (l *lint) worth(prize *programme.Prize) lot.Fen {
	worth := prize.WorthFen
	if b, ok := l.p.Benefit(prize.Benefit); ok {
		worth = max(worth, b.WorthFen)
	}
	if c, ok := l.p.Coupon(prize.Coupon); ok {
		worth = max(worth, c.OffFen)
	}
	if fen, err := l.p.Worth(prize.Asset).Inverse().Floor(int64(prize.Amount)); prize.Asset != "" && err == nil {
		worth = max(worth, lot.Fen(fen))
	}
	return worth
}

// care looks at what is given to members one by one.
func (l *lint) care() {
	if r := l.p.Referral; r != nil {
		if r.Depth > 1 {
			l.find("deep-referral", "referral/depth", r.Depth)
		}
		if r.PerMonth == 0 {
			l.find("endless-referral", "referral")
		}
		if r.Settled < SettledDaysMin {
			l.find("early-referral", "referral/settled_after_days", r.Settled)
		}
	}
	for clause, v := range map[string]*programme.Voice{"reviews": l.p.Reviews, "experiences": l.p.Experiences} {
		if v != nil && v.PerMonth > VoicesMonthMax {
			l.find("endless-voices", clause+"/per_month", v.PerMonth)
		}
	}
	if b := l.p.Birthday; b != nil {
		if b.ChildBenefit != "" && !b.Consent {
			l.find("no-consent", "birthday/child_benefit")
		}
	}
	if m := l.p.MakeGood; m != nil && (m.Grace < lot.UnnoticedFor || m.OutageDays < lot.IncidentDays) {
		l.find("short-grace", "make_good", lot.UnnoticedFor, lot.IncidentDays)
	}
	for _, s := range l.p.Schemes {
		if s.Criteria == (programme.Text{}) {
			l.find("no-criteria", "schemes/"+s.ID, s.ID)
		}
	}
}

// terms looks at what shops must show.
func (l *lint) terms() {
	t := l.p.Terms
	if t == nil {
		l.find("no-terms", "terms")
		return
	}
	if t.Conversion == (programme.Text{}) && l.p.Deduction.MaxShareBP > 0 {
		l.find("no-conversion", "terms")
	}
	if t.NoticeDays < NoticeDaysMin && slices.ContainsFunc(l.p.Points, func(k programme.Points) bool { return k.Expires != (lot.Policy{}) }) {
		l.find("no-expiry-notice", "terms/notice_days", NoticeDaysMin)
	}
}
