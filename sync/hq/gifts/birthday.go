package gifts

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Whose birthday is when, HQ's book has not in clear either: a day of the year is kept
// under a name that HQ's key alone makes (law L18). So the days of a window can be
// looked up, and nobody reads a birthday out of a backup.

// leap is a birthday that is kept on the day before where a year has none such.
const leap = "02-29"

// hidden are the names of a day.
func hidden(w *decision.Work, day lot.Day) (names []uint64) {
	text := day.String()[len("2006-"):]
	names = append(names, w.Hide(text))
	if text == "02-28" && (day + 1).String()[len("2006-"):] != leap {
		names = append(names, w.Hide(leap))
	}
	return names
}

// birthdays tells for which birthdays a pack is due: so many days before and after,
// within the year of the day, so that a day at a year's end is given for once.
func (x *person) birthdays(w *decision.Work, today lot.Day, due func(reason string)) {
	window := lot.Day(w.Programme().Birthday.WindowDays)
	near := map[uint64]bool{}
	for day := today - window; day <= today+window; day++ {
		if day.YearEnd() == today.YearEnd() {
			for _, name := range hidden(w, day) {
				near[name] = true
			}
		}
	}
	if near[x.Own] {
		due(gift.Birthday)
	}
	for n, name := range x.Children {
		if near[name] {
			due(fmt.Sprintf("%s-c%d", gift.Birthday, n+1))
		}
	}
}

// told keeps that a birthday is on a day of the year, such as 05-31.
func told(w *decision.Work, who member.ID, day string, keep func(r *record, name uint64)) error {
	name := w.Hide(day)
	if err := edit(w, who, func(r *record) { keep(r, name) }); err != nil {
		return err
	}
	return w.Tx.PutDesk(key(dayRow, name, uint64(who)), []byte{1})
}

// Night looks at everybody for whom a birthday's window begins or ends, and follows
// the journals, a little at a time.
func Night(w *decision.Work) error {
	if !anything(w.Programme()) {
		return nil
	}
	terminals, err := w.Tx.Terminals()
	f, left := follower{Work: w}, nightGoes
	for _, t := range terminals { // each report goes on anyway
		f.id = t.ID
		more, failed := f.follow()
		for ; more && failed == nil && left > 0; left-- {
			more, failed = f.follow()
		}
		err = errors.Join(err, failed)
	}
	err = errors.Join(err, f.refresh())
	if err != nil || w.Programme().Birthday == nil {
		return err
	}
	var last night
	if err := read(w, key(nightRow), &last); err != nil {
		return err
	}
	now := night{w.Today().Day, lot.Day(w.Programme().Birthday.WindowDays)}
	if now == last {
		return nil
	}
	if err := lookAt(w, last, now); err != nil {
		return err
	}
	return write(w, key(nightRow), &now)
}

// nightGoes bounds how much of all journals one night's transaction follows, beyond
// one go for each terminal: nobody is answered while it lasts.
const nightGoes = 10

// lookAt looks at whoever is in a window now and was in none, or the other way round.
func lookAt(w *decision.Work, last, now night) error {
	looked := map[member.ID]bool{}
	within := func(n night, day lot.Day) bool {
		return n.Day != 0 && day >= n.Day-n.Window && day <= n.Day+n.Window && day.YearEnd() == n.Day.YearEnd()
	}
	from := now.Day - now.Window
	if last.Day != 0 {
		from = max(min(from, last.Day-last.Window), now.Day-366)
	}
	for day := from; day <= now.Day+now.Window; day++ {
		if within(last, day) == within(now, day) {
			continue
		}
		for _, name := range hidden(w, day) {
			keys, _, err := w.Tx.DeskRows(key(dayRow, name))
			if err != nil {
				return err
			}
			for _, k := range keys {
				who := member.ID(binary.BigEndian.Uint64(k[len(k)-8:]))
				if looked[who] {
					continue
				}
				looked[who] = true
				if err := Refresh(w, who); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
