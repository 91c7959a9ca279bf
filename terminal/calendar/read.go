package calendar

import (
	"time"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What can be wrong with a window.
var (
	notDay      = document.Text{ZH: `%q 必须是 "2027-12-31" 这样的日期`, EN: `%q must be a day such as "2027-12-31"`}
	notTime     = document.Text{ZH: `%q 必须是 "00:00" 到 "24:00" 之间的时间`, EN: `%q must be a time from "00:00" to "24:00"`}
	endsBefore  = document.Text{ZH: "结束日期早于开始日期", EN: "it ends before it begins"}
	notWeekday  = document.Text{ZH: "星期：mon、tue、wed、thu、fri、sat、sun", EN: "weekdays: mon, tue, wed, thu, fri, sat, sun"}
	notFestival = document.Text{
		ZH: "%q 必须是 double-ninth、dragon-boat、laba、lantern、mid-autumn、new-year-eve、qingming、qixi 或 spring",
		EN: "%q must be double-ninth, dragon-boat, laba, lantern, mid-autumn, new-year-eve, qingming, qixi or spring",
	}
	notBasis  = document.Text{ZH: "%q 必须是 wall 或 business", EN: "%q must be wall or business"}
	neverOpen = document.Text{ZH: "这个时间窗口永远不会开放", EN: "this window is never open"}
)

// hoursMax bounds how many parts of the day a window names.
const hoursMax = 8

var weekdayWords = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Read takes the window of a key, if there is one.
func Read(o document.Object, key string) Window {
	at := o.Field(key)
	inner := o.Optional(key)
	if !inner.Given() {
		return Window{}
	}
	w := Window{From: Day(inner, "from", false), Until: Day(inner, "until", false)}
	inner.EachOptional("hours", hoursMax, func(h document.Object) {
		w.Hours = append(w.Hours, Hours{clock(h, "from"), clock(h, "until")})
	})
	for _, word := range inner.Texts("weekdays", 7, document.Words{OK: known(weekdayWords), Must: notWeekday, Ref: "weekday"}) {
		for i, day := range weekdayWords {
			if day == word {
				w.Weekdays = append(w.Weekdays, time.Weekday(i))
			}
		}
	}
	for _, n := range inner.Integers("month_days", document.DayOfMo, 1, 31) {
		w.MonthDays = append(w.MonthDays, int(n))
	}
	w.readFestival(inner.Optional("festival"))
	which, _ := inner.Choice("basis", false, notBasis, "wall", "business")
	w.Business = which == 1
	inner.Done()
	switch {
	case w.From != 0 && w.Until != 0 && w.Until < w.From:
		o.Fault(at, endsBefore)
	case w.Never():
		o.Fault(at, neverOpen)
	}
	return w
}

func (w *Window) readFestival(o document.Object) {
	if !o.Given() {
		return
	}
	names := Festivals()
	which, _ := o.Choice("name", true, notFestival, names...)
	w.Festival = Festival(names[which])
	w.Before = int(o.IntegerOr("days_before", document.Days, 0, 0, FestivalDaysMax))
	w.After = int(o.IntegerOr("days_after", document.Days, 0, 0, FestivalDaysMax))
	o.Done()
}

func known(words []string) func(string) bool {
	return func(s string) bool {
		for _, w := range words {
			if w == s {
				return true
			}
		}
		return false
	}
}

// Day takes a day; one that may be missing is then 0.
func Day(o document.Object, key string, required bool) lot.Day {
	var text string
	var f document.Field
	if required {
		text, f = o.Word(key, len(time.DateOnly)+1)
	} else {
		text, f = o.OptionalWord(key, len(time.DateOnly)+1)
	}
	if text == "" {
		return 0
	}
	day, err := lot.ParseDay(text)
	if err != nil {
		o.Fault(f, notDay, key)
	}
	return day
}

// clock takes a time of day in minutes; 24:00 is the end of the day.
func clock(o document.Object, key string) int {
	text, f := o.Word(key, 8)
	if text == "" {
		return 0
	}
	if text == "24:00" {
		return minutesOfDay
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		o.Fault(f, notTime, key)
		return 0
	}
	return 60*t.Hour() + t.Minute()
}
