package lot

import (
	"errors"
	"fmt"
	"time"
)

// ErrDay says that a text does not name a day.
var ErrDay = errors.New("not a day such as 2026-11-22")

// Day is a calendar day in the programme's time zone, counted from 1970-01-01.
type Day int32

// DayOf returns the day on which t falls in its own location.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// String writes the day as 2026-11-22.
func (d Day) String() string { return d.time().Format(time.DateOnly) }

// AddMonths adds calendar months; a day that the month lacks becomes its last
// (rule S10: 01-31 and one month is 02-28).
func (d Day) AddMonths(months int) Day {
	y, m, day := d.time().Date()
	first := time.Date(y, m+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	return DayOf(first.AddDate(0, 0, min(day, daysIn(first))-1))
}

// MonthBegin returns the first day of the day's month.
func (d Day) MonthBegin() Day {
	y, m, _ := d.time().Date()
	return DayOf(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC))
}

// MonthEnd returns the last day of the day's month.
func (d Day) MonthEnd() Day {
	y, m, _ := d.time().Date()
	return DayOf(time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC))
}

// QuarterEnd returns the last day of the day's quarter of the calendar year.
func (d Day) QuarterEnd() Day {
	_, m, _ := d.time().Date()
	return d.MonthEnd().AddMonths((3 - int(m)%3) % 3).MonthEnd()
}

// YearEnd returns 31 December of the day's year.
func (d Day) YearEnd() Day {
	y, _, _ := d.time().Date()
	return DayOf(time.Date(y, time.December, 31, 0, 0, 0, 0, time.UTC))
}

// YearBegin returns 1 January of the day's year.
func (d Day) YearBegin() Day {
	y, _, _ := d.time().Date()
	return DayOf(time.Date(y, time.January, 1, 0, 0, 0, 0, time.UTC))
}

// Time is the day's first instant, in UTC.
func (d Day) Time() time.Time { return d.time() }

// Date returns the day's year, month and day of the month.
func (d Day) Date() (year int, month time.Month, day int) { return d.time().Date() }

// ParseDay reads the form that String writes, from 1970-01-02 on.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if d := DayOf(t); err == nil && d > 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%q: %w", s, ErrDay)
}

func (d Day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d Day) orNever() Day {
	if d == 0 {
		return neverExpires
	}
	return d
}

func daysIn(first time.Time) int { return first.AddDate(0, 1, -1).Day() }

// AwayDays is how long a till that cannot reach HQ goes on taking a lot after
// its last day: only HQ expires.
const AwayDays = 30

// Today is the day as the till knows it, whether its clock may be trusted, and
// whether it is away from HQ.
type Today struct {
	Day     Day
	Trusted bool
	Away    bool
}

// Usable reports whether something that expires on a day can be used today. A
// clock that is not trusted never costs the member (rule S11), and neither
// does a line that is down.
func (t Today) Usable(expires Day) bool {
	last := expires
	if t.Away {
		last += AwayDays
	}
	return expires == 0 || !t.Trusted || t.Day <= last
}

// Spendable reports whether a lot can be spent today: it has not lapsed, and it
// is pending no more (rule S07).
func (t Today) Spendable(l Lot) bool {
	return t.Usable(l.Expires) && (l.Active == 0 || t.Day >= l.Active)
}
