// Package gifts works out at HQ to whom something is to be given beside any sale:
// packs for birthdays (cap M5), what tasks, sets of medals (caps G2 and G3) and
// one-to-one schemes (cap M9) lead to. It follows the journals of all terminals at
// its own pace, behind what takes them in. A till is told the reason alone, no day of
// birth and no sum (law L18), and gives it, once, by a quota. It gives nothing itself.
package gifts

import (
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// anything reports whether a programme gives anything of the kind.
func anything(p *programme.Programme) bool {
	return p.Birthday != nil || len(p.Tasks)+len(p.Schemes) > 0 || len(game.Sets(p, nil)) > 0
}

// Goal is something to reach, and how far a member is.
type Goal struct {
	Reason string
	Name   programme.Text
	Fen    bool // counted in fen
	Open   bool // its window is, today
	game.Progress
}

// person is all that is kept of a member, under all their ids.
type person struct {
	ids []member.ID
	record
}

func load(w *decision.Work, who member.ID) (x person, err error) {
	if x.ids, err = w.Desk.Persons(who); err != nil {
		return x, err
	}
	for _, id := range x.ids {
		var r record
		if err := read(w, key(memberRow, uint64(id)), &r); err != nil {
			return x, err
		}
		if x.Own == 0 {
			x.Own = r.Own
		}
		x.Children = append(x.Children, r.Children...)
		x.Given = append(x.Given, r.Given...)
		x.Seen = append(x.Seen, r.Seen...)
	}
	return x, nil
}

// Goals tells how far a member is with every task and every scheme of theirs.
func Goals(w *decision.Work, who member.ID) ([]Goal, error) {
	x, err := load(w, who)
	if err != nil {
		return nil, err
	}
	return goals(w, &x, func(string) bool { return true })
}

// goals are those of a member whose reasons are wanted.
func goals(w *decision.Work, x *person, wanted func(reason string) bool) (list []Goal, err error) {
	p, today := w.Programme(), noon(w.Today().Day)
	var tasks []*programme.Task
	add := func(reason string, name programme.Text, t *programme.Task) {
		if wanted(reason) {
			tasks = append(tasks, t)
			list = append(list, Goal{Reason: reason, Name: name, Fen: t.Metric == programme.CountFen, Open: t.Window.Open(today)})
		}
	}
	for i := range p.Tasks {
		add(gift.Task+p.Tasks[i].ID, p.Tasks[i].Name, &p.Tasks[i])
	}
	for _, s := range p.Schemes {
		if !slices.ContainsFunc(x.ids, func(id member.ID) bool { return slices.Contains(s.Members, id) }) {
			continue
		}
		add(gift.Scheme+s.ID, s.Name, &programme.Task{ID: s.ID, Window: s.Window, Metric: programme.CountFen, Target: int64(s.SpendFen)})
	}
	may := func(s seen) bool {
		return slices.ContainsFunc(tasks, func(t *programme.Task) bool { return s.mayCount(t) })
	}
	all, err := entries(w, slices.DeleteFunc(slices.Clone(x.Seen), func(s seen) bool { return !may(s) }))
	if err != nil {
		return nil, err
	}
	for n, t := range tasks {
		list[n].Progress = game.Count(p, t, all)
	}
	return list, nil
}

// entries reads what may count.
func entries(w *decision.Work, list []seen) (out []game.Seen, err error) {
	stores := map[uint32]string{}
	for _, s := range list {
		if s.Of.Terminal == 0 {
			heard, err := voiced(w, s)
			if err != nil {
				return nil, err
			}
			out = append(out, heard)
			continue
		}
		id := ledger.TerminalID(s.Of.Terminal)
		row, err := w.Tx.Entry(id, ledger.Incarnation(s.Of.Incarnation), ledger.Seq(s.Of.Seq))
		if err != nil {
			return nil, err
		}
		e, err := ledger.Decode(row.Raw)
		if err != nil {
			return nil, err
		}
		if _, ok := stores[s.Of.Terminal]; !ok {
			t, err := w.Tx.Terminal(id)
			if err != nil {
				return nil, err
			}
			stores[s.Of.Terminal] = t.Store
		}
		out = append(out, game.Seen{Origin: s.Of, Store: stores[s.Of.Terminal], At: w.Programme().Moment(time.UnixMilli(e.Wall)), Body: e.Body})
	}
	return out, nil
}

// Refresh works out what is to be given to a member today, and lets the terminals know
// that have to do with them.
func Refresh(w *decision.Work, who member.ID) error {
	x, err := load(w, who)
	if err != nil {
		return err
	}
	reasons, err := reached(w, &x)
	if err != nil {
		return err
	}
	kept, err := w.Desk.Person(x.ids[0])
	if err != nil || slices.Equal(kept.Gifts, reasons) {
		return err
	}
	w.Touch(x.ids[0])
	return w.Desk.Give(x.ids[0], reasons)
}

func reached(w *decision.Work, x *person) (reasons []string, err error) {
	p, today := w.Programme(), w.Today().Day
	due := func(reason string) {
		if _, ok := gift.Of(p, reason, noon(today)); ok && !x.had(reason, today) && !slices.Contains(reasons, reason) && len(reasons) < ledger.GiftsMax {
			reasons = append(reasons, reason)
		}
	}
	if p.Birthday != nil {
		x.birthdays(w, today, due)
	}
	list, err := goals(w, x, func(reason string) bool { return !x.had(reason, today) })
	if err != nil {
		return nil, err
	}
	for _, g := range list {
		if g.Done() {
			due(g.Reason)
		}
	}
	held, err := medals(w, x.ids[0])
	for _, s := range game.Sets(p, held) {
		if s.Whole() && s.Reward != "" {
			due(gift.Set + s.ID)
		}
	}
	return reasons, err
}

// had reports whether something was given already for a reason, in the period of a day.
func (x *person) had(reason string, today lot.Day) bool {
	now := quota.Reason(reason, today)
	return slices.ContainsFunc(x.Given, func(g given) bool { return g.Reason == reason && quota.Reason(reason, g.Day) == now })
}

// noon is a moment of a day of which nothing more is known.
func noon(day lot.Day) calendar.Moment {
	return calendar.Moment{Day: day, Business: day, Minute: 12 * 60}
}

// medals are what a member has, wherever it lies, where sets of medals are of interest.
func medals(w *decision.Work, who member.ID) (held []lot.Holding, err error) {
	if len(game.Sets(w.Programme(), nil)) == 0 {
		return nil, nil
	}
	list, err := w.Held(who)
	for _, a := range list {
		held = append(held, lot.Holding{Lot: a.Lot, Amount: a.Amount})
	}
	return held, err
}
