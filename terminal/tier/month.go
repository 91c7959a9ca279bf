package tier

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Month is a month of the calendar, counted from the year 0.
type Month int32

// MonthOf returns the month of a day.
func MonthOf(d lot.Day) Month {
	y, m, _ := d.Date()
	return Month(12*y + int(m) - 1)
}

// String writes the month as 2026-11.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

// january returns the first month of the month's year.
func (m Month) january() Month { return m - m%12 }

// MonthsMax bounds how many months are counted: the two longest windows that a
// step down may look at, and the month in hand.
const MonthsMax = 25

// Counted is what counts of one month: what was paid and earned by the sales
// of that month, less what came back of them, whenever it did.
type Counted struct {
	Month  Month
	Fen    lot.Fen    // paid, net of coupons, points and rounding
	Points lot.Amount // earned, without what was multiplied
}

// Counters are a member's months in order of time.
type Counters []Counted

// Add counts a sale, or with negative numbers a return, in the month in which
// the sale was made (rule S12). It returns new counters and drops the oldest
// months beyond MonthsMax; a return of a month dropped already changes nothing.
func (c Counters) Add(sold lot.Day, fen lot.Fen, points lot.Amount) Counters {
	m := MonthOf(sold)
	out := slices.Clone(c)
	i, found := slices.BinarySearchFunc(out, m, func(x Counted, m Month) int { return int(x.Month - m) })
	if !found {
		out = slices.Insert(out, i, Counted{Month: m})
	}
	out[i].Fen += fen
	out[i].Points += points
	if len(out) > MonthsMax {
		out = slices.Delete(out, 0, 1)
	}
	return out
}

// Reached is what counts on a day: the sum over the window that ends with the
// day's month.
func (c Counters) Reached(rules programme.Tiers, on lot.Day) int64 {
	last := MonthOf(on)
	first := last - 11
	if rules.Window == programme.CalendarYear {
		first = last.january()
	}
	var sum int64
	for _, x := range c {
		switch {
		case x.Month < first || x.Month > last:
		case rules.Metric == programme.BasePoints:
			sum += int64(x.Points)
		default:
			sum += int64(x.Fen)
		}
	}
	return sum
}
