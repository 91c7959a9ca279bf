package simworld

import (
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/market"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
)

// celebrate is somebody around their birthday. Who has told nobody of it tells this
// till, for HQ alone; what is due is asked for here, and within hours at another store
// too, whatever was said here.
func (b *board) celebrate(lane uint32, c *customer) {
	if b.reasonsOf(lane, c) == nil && !c.told {
		b.tellBirthday(lane, c)
		return
	}
	if b.hand(lane, c) && len(b.w.boards) > 1 {
		b.w.After(b.w.Between(time.Minute, 6*time.Hour), func() {
			other := pick(b.w, b.w.boards)
			if other == b || !other.on || b.w.Calm || other.serving[lane] {
				return
			}
			b.w.Mark("birthday-elsewhere")
			other.hand(lane, c)
		})
	}
}

// reasonsOf is what the till says that is due to somebody.
func (b *board) reasonsOf(lane uint32, c *customer) (reasons []string) {
	if !b.identify(lane, c) {
		return nil
	}
	v, err := b.till.View(lane)
	b.w.Must("look at the lane", err)
	if v.Member != nil {
		for _, g := range v.Member.Gifts {
			reasons = append(reasons, g.Reason)
		}
	}
	b.try(b.till.Clear(b.by(lane)))
	return reasons
}

// hand gives what is due to somebody, and reports whether anything was.
func (b *board) hand(lane uint32, c *customer) bool {
	reasons := b.reasonsOf(lane, c)
	for _, reason := range reasons {
		b.w.Mark(map[bool]string{true: "birthday-due-as-told", false: "birthday-due"}[c.told])
		p, now := b.till.Programme(), b.reading().Wall
		g, ok := gift.Of(p, reason, p.Moment(now))
		if !ok || !b.on {
			continue
		}
		given := till.Gift{Ref: b.ref(), Member: c.id, Reason: reason, Issues: g.Issues(p, lot.Today{Day: p.BusinessDay(now), Trusted: true}.Day)}
		b.act(given.Ref, func() (clerk.Done, error) { return b.till.Hand(b.by(lane), given) }, func(done clerk.Done) {
			b.w.Mark(map[bool]string{true: "birthday-claimed", false: "birthday-given"}[done.Entry.Body.(*ledger.Grant).Claim])
		})
	}
	return len(reasons) > 0
}

// tellBirthday writes down that somebody agreed that their birthday is kept, which is
// within days; some take that back.
func (b *board) tellBirthday(lane uint32, c *customer) {
	key := b.till.HQKey()
	if !b.on || key == nil {
		return
	}
	said := ledger.Consent{Member: c.id, Purpose: ledger.ForBirthday, Text: []byte("birthday text")}
	if b.w.Hit(500) {
		said.Withdrawn = true
	} else {
		said.Sealed = market.Birthday(b.w.Engine, key, b.w.Wall())
	}
	ref := b.ref()
	b.act(ref, func() (clerk.Done, error) { return b.till.Agree(b.by(lane), ref, said) }, func(clerk.Done) {
		b.w.Mark("birthday-told")
		c.told = !said.Withdrawn
	})
}
