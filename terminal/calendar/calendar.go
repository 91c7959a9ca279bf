// Package calendar says when something is open: windows by date, weekday,
// hour, day of the month and lunar festival, all on the clock of the
// programme's one zone (rule S10). It reads no clock; the festivals that move
// stand in a table up to 2050.
package calendar

import (
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// FestivalDaysMax bounds how far a window reaches before and after a festival.
const FestivalDaysMax = 60

// minutesOfDay is how many minutes a day has.
const minutesOfDay = 24 * 60

// Window is when something is open. Everything that it names must agree; the
// zero Window is always open.
type Window struct {
	From, Until lot.Day // first and last day, both whole; 0 is open
	Hours       []Hours
	Weekdays    []time.Weekday
	MonthDays   []int // days of the month; 29 to 31 fall out of shorter months
	Festival    Festival
	Before      int  // days before the festival
	After       int  // days after it
	Business    bool // its days are business days: a sale at two in the night is the day before's
}

// Hours is a part of the day in minutes since midnight: from the first on, up
// to but without the second (rule S10). One that ends before it begins goes on
// past midnight, and its night belongs to the day on which it began.
type Hours struct{ From, Until int }

// Moment is a point of time as windows see it, in the programme's zone.
type Moment struct {
	Day      lot.Day
	Business lot.Day
	Minute   int // since midnight
}

// Always reports whether the window never closes.
func (w *Window) Always() bool {
	return w.From == 0 && w.Until == 0 && w.Hours == nil && w.Weekdays == nil && w.MonthDays == nil && w.Festival == ""
}

// Open reports whether the window is open at a moment.
func (w *Window) Open(m Moment) bool {
	day := m.Day
	if w.Business {
		day = m.Business
	}
	if w.Hours == nil {
		return w.on(day)
	}
	for _, h := range w.Hours {
		switch {
		case h.From <= h.Until:
			if m.Minute >= h.From && m.Minute < h.Until && w.on(day) {
				return true
			}
		case m.Minute >= h.From:
			if w.on(day) {
				return true
			}
		case m.Minute < h.Until:
			began := m.Day - 1
			if w.Business {
				began = min(m.Business, began)
			}
			if w.on(began) {
				return true
			}
		}
	}
	return false
}

// on reports whether a day is one of the window's.
func (w *Window) on(day lot.Day) bool {
	if w.From != 0 && day < w.From || w.Until != 0 && day > w.Until {
		return false
	}
	if w.Weekdays != nil && !slices.Contains(w.Weekdays, weekday(day)) {
		return false
	}
	if w.MonthDays != nil {
		if _, _, d := day.Date(); !slices.Contains(w.MonthDays, d) {
			return false
		}
	}
	return w.Festival == "" || w.near(day)
}

func (w *Window) near(day lot.Day) bool {
	return slices.ContainsFunc(w.Festival.Days(), func(f lot.Day) bool {
		return day >= f-lot.Day(w.Before) && day <= f+lot.Day(w.After)
	})
}

func weekday(d lot.Day) time.Weekday { return time.Weekday((int64(d) + 4) % 7) } // 1970-01-01 was a Thursday

// Never reports whether no day at all is one of the window's: what stands
// under it can never happen. It looks at every day that festivals are known
// for, or at the window's own.
func (w *Window) Never() bool {
	for _, h := range w.Hours {
		if h.From == h.Until {
			return true
		}
	}
	if w.Always() {
		return false
	}
	first, last := festivalsFirst, festivalsLast
	if w.From != 0 {
		first = w.From
	}
	if w.Until != 0 {
		last = w.Until
	} else if w.Festival == "" {
		last = first + 366*8 // the 29th of February comes back within eight years
	}
	for day := first; day <= last; day++ {
		if w.on(day) {
			return false
		}
	}
	return true
}

var (
	festivalsFirst = lot.DayOf(time.Date(FestivalsFrom, 1, 1, 0, 0, 0, 0, time.UTC))
	festivalsLast  = lot.DayOf(time.Date(FestivalsTo, 12, 31, 0, 0, 0, 0, time.UTC))
)

// Within reports whether every moment of a window is one of another's too, as
// far as dates, weekdays and hours tell; where it cannot tell, it says no.
func (w *Window) Within(other *Window) bool {
	if other.Always() {
		return true
	}
	if other.Festival != "" && (w.Festival != other.Festival || w.Before > other.Before || w.After > other.After) {
		return false
	}
	if other.From != 0 && (w.From == 0 || w.From < other.From) || other.Until != 0 && (w.Until == 0 || w.Until > other.Until) {
		return false
	}
	return subset(w.Weekdays, other.Weekdays) && subset(w.MonthDays, other.MonthDays) &&
		(other.Hours == nil || slices.Equal(w.Hours, other.Hours)) && w.Business == other.Business
}

// subset reports whether a list of what is allowed, none meaning all, allows
// nothing that the other does not.
func subset[T comparable](a, b []T) bool {
	if b == nil {
		return true
	}
	return a != nil && !slices.ContainsFunc(a, func(x T) bool { return !slices.Contains(b, x) })
}
