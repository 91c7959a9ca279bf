package lot

// Bounds of what a policy counts.
const (
	PolicyDaysMax   = 3660 // ten years
	PolicyMonthsMax = 120
	PendingDaysMax  = 366
)

// Basis says how a policy finds the last day of a lot.
type Basis uint8

// The bases.
const (
	Never       Basis = iota // it does not expire
	ForDays                  // N days after it became active
	ForMonths                // the same day N months later, clamped (rule S10)
	ToMonthEnd               // the end of the month, N months later
	ToQuarter                // the end of the quarter, N months later
	ToYearEnd                // the end of the year, N months later
	OnDate                   // a fixed day
	WhileActive              // N days after the member last did anything
)

// Policy says when lots of an asset become usable and when they expire.
type Policy struct {
	Basis       Basis
	N           int // days or months, by the basis
	On          Day // of OnDate
	PendingDays int // usable from 00:00 of so many days after it was earned (rule S07)
}

// Terms returns the first and the last day of a lot earned on a day; 0 is at
// once and never. Expiry counts from activation (rule S07), and no lot lapses
// before the day on which it becomes usable.
func (p Policy) Terms(earned Day) (active, expires Day) {
	from := earned + Day(p.PendingDays)
	if p.PendingDays > 0 {
		active = from
	}
	last := p.last(from)
	if last != 0 && last < from {
		last = from
	}
	return active, last
}

func (p Policy) last(from Day) Day {
	switch p.Basis {
	case ForDays, WhileActive:
		return from + Day(p.N)
	case ForMonths:
		return from.AddMonths(p.N)
	case ToMonthEnd:
		return from.AddMonths(p.N).MonthEnd()
	case ToQuarter:
		return from.AddMonths(p.N).QuarterEnd()
	case ToYearEnd:
		return from.AddMonths(p.N).YearEnd()
	case OnDate:
		return p.On
	default:
		return 0
	}
}

// Extended returns the last day of a lot once its member has done something on
// a day: of a policy that counts from activity the later of both, of any other
// what it was. Only HQ extends, and only what it holds.
func (p Policy) Extended(expires, activity Day) Day {
	if p.Basis != WhileActive || expires == 0 {
		return expires
	}
	return max(expires, activity+Day(p.N))
}
