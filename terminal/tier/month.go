package tier

import (
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Reached is what counts of a member's months on a day: the sum over the window
// that ends with the day's month (rule S12). The months are the fold's: what was
// paid and earned by the sales of each, less what came back of them, whenever it
// did.
func Reached(rules programme.Tiers, months []fold.Month, on lot.Day) int64 {
	last := on.MonthEnd()
	first := last.AddMonths(-11).MonthEnd()
	if rules.Window == programme.CalendarYear {
		first = (last.YearEnd().AddMonths(-12) + 1).MonthEnd()
	}
	var sum int64
	for _, m := range months {
		switch {
		case m.End < first || m.End > last:
		case rules.Metric == programme.BasePoints:
			sum += int64(m.Points)
		default:
			sum += int64(m.Spent)
		}
	}
	return sum
}
