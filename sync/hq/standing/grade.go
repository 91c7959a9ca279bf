package standing

import (
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// greenMonths is what members earned of green points, month by month, less what was
// taken back of it. Spent, lapsed and given away, it still counts; what came from
// another member never does (cap P2). All are read at once.
func greenMonths(w *decision.Work, ids []member.ID) (func(*decision.Work, member.ID) ([]fold.Month, error), error) {
	var all []member.ID
	for _, id := range ids {
		persons, err := w.Desk.Persons(id)
		if err != nil {
			return nil, err
		}
		all = append(all, persons...)
	}
	list, err := w.Tx.Earned(lot.Green, all)
	if err != nil {
		return nil, err
	}
	months := map[member.ID][]fold.Month{}
	for _, e := range list {
		months[e.Owner] = count.AddMonth(months[e.Owner], fold.Month{End: e.Day.MonthEnd(), Points: e.Amount})
	}
	return func(w *decision.Work, id member.ID) (sum []fold.Month, err error) {
		persons, err := w.Desk.Persons(id)
		for _, p := range persons {
			for _, m := range months[p] {
				sum = count.AddMonth(sum, m)
			}
		}
		return sum, err
	}, nil
}
