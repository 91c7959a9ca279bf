package programme

import "github.com/jifen-pos/jifen/terminal/lot"

// ends are the words for where a number of months leads.
var ends = map[string]lot.Basis{"day": lot.ForMonths, "month-end": lot.ToMonthEnd, "quarter-end": lot.ToQuarter, "year-end": lot.ToYearEnd}

// readPolicy reads when lots expire: {months: 12, at: month-end}, {days: 90},
// {on: "2027-12-31"}, {idle_days: 365} or {never: true}.
func readPolicy(o object, pending int64) lot.Policy {
	p := lot.Policy{PendingDays: int(pending)}
	switch {
	case o.has("days"):
		p.Basis, p.N = lot.ForDays, int(o.integer("days", 1, lot.PolicyDaysMax))
	case o.has("idle_days"):
		p.Basis, p.N = lot.WhileActive, int(o.integer("idle_days", 1, lot.PolicyDaysMax))
	case o.has("on"):
		p.Basis, p.On = lot.OnDate, o.day("on")
	case o.has("never"):
		f := o.fields["never"]
		if !o.flag("never") {
			o.fault(f, `"never" can only be true`)
		}
	default:
		p.Basis, p.N = readMonths(o)
	}
	o.done()
	return p
}

func readMonths(o object) (lot.Basis, int) {
	months := o.fields["months"]
	n := o.integer("months", 0, lot.PolicyMonthsMax)
	at, f := o.word("at", IDBytesMax)
	basis, known := ends[at]
	switch {
	case at != "" && !known:
		o.fault(f, `"at" must be day, month-end, quarter-end or year-end`)
	case basis == lot.ForMonths && n == 0 && months.value != nil:
		o.fault(months, `"months" must be at least 1 with at: day`)
	}
	return basis, int(n)
}

func (o object) day(key string) lot.Day {
	text, f := o.word(key, IDBytesMax)
	day, err := lot.ParseDay(text)
	if text != "" && err != nil {
		o.fault(f, "%q must be a day such as \"2027-12-31\"", key)
	}
	return day
}
