// Package spent is on which days how much of a lot was spent that can still be booked
// to an earlier lot. It decides nothing.
package spent

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// DaysMax bounds the days of one lot.
const DaysMax = 64

// On is how much was spent on a day.
type On struct {
	Day    lot.Day
	Amount lot.Amount
}

// Fields lists the message's fields.
func (s *On) Fields(c *codec.Coder) {
	codec.Int(c, 1, &s.Day)
	codec.Int(c, 2, &s.Amount)
}

// Add counts an amount on a day; of too many days the oldest are taken together.
func Add(days []On, day lot.Day, n lot.Amount) []On {
	at, found := slices.BinarySearchFunc(days, day, func(x On, day lot.Day) int { return cmp.Compare(x.Day, day) })
	if !found {
		days = slices.Insert(days, at, On{Day: day})
	}
	days[at].Amount += n
	if len(days) > DaysMax {
		days[1].Amount += days[0].Amount
		days = slices.Delete(days, 0, 1)
	}
	return days
}

// Take takes out of what was spent since a day, the latest first.
func Take(days []On, n lot.Amount, since lot.Day) []On {
	for k := len(days) - 1; k >= 0 && n > 0 && days[k].Day >= since; k-- {
		m := min(n, days[k].Amount)
		days[k].Amount -= m
		n -= m
	}
	return slices.DeleteFunc(days, func(x On) bool { return x.Amount == 0 })
}

// Newest are the newest days, no more than is spent in all: a book that was restored
// may count a day twice.
func Newest(days []On, left lot.Amount) []On {
	out := slices.Clone(days)
	for n := len(out) - 1; n >= 0; n-- {
		out[n].Amount = min(out[n].Amount, left)
		left -= out[n].Amount
	}
	return out
}
