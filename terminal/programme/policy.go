package programme

import (
	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// The words for where a number of months leads, and what each is.
var (
	endWords = []string{"day", "month-end", "quarter-end", "year-end"}
	ends     = []lot.Basis{lot.ForMonths, lot.ToMonthEnd, lot.ToQuarter, lot.ToYearEnd}
)

// What can be wrong with a policy.
var (
	onlyTrue = Text{ZH: "%q 只能是 true", EN: "%q can only be true"}
	notEnd   = Text{ZH: "%q 必须是 day、month-end、quarter-end 或 year-end", EN: "%q must be day, month-end, quarter-end or year-end"}
	noMonths = Text{ZH: "at: day 时 %q 至少是 1", EN: "%q must be at least 1 with at: day"}
)

// readPolicy reads when lots expire: {months: 12, at: month-end}, {days: 90},
// {on: "2027-12-31"}, {idle_days: 365} or {never: true}.
func readPolicy(o document.Object, pending int64) lot.Policy {
	p := lot.Policy{PendingDays: int(pending)}
	days := func(key string, basis lot.Basis) document.Case {
		return document.Case{Key: key, Read: func() { p.Basis, p.N = basis, int(o.Integer(key, document.Days, 1, lot.PolicyDaysMax)) }}
	}
	o.OneOf(
		days("days", lot.ForDays),
		days("idle_days", lot.WhileActive),
		document.Case{Key: "on", Read: func() { p.Basis, p.On = lot.OnDate, calendar.Day(o, "on", true) }},
		document.Case{Key: "never", Read: func() {
			if f := o.Field("never"); !o.Flag("never") {
				o.Fault(f, onlyTrue, "never")
			}
		}},
		document.Case{Key: "months", Read: func() { p.Basis, p.N = readMonths(o) }},
	)
	o.Done()
	return p
}

func readMonths(o document.Object) (lot.Basis, int) {
	months := o.Field("months")
	n := o.Integer("months", document.Months, 0, lot.PolicyMonthsMax)
	which, f := o.Choice("at", true, notEnd, endWords...)
	if ends[which] == lot.ForMonths && n == 0 && months.Given() && f.Given() {
		o.Fault(months, noMonths, "months")
	}
	return ends[which], int(n)
}
