package simworld

import (
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// Scenes: worlds in which nothing goes wrong but what the scene is about, led step
// by step, with everything checked at the end as in any other. Each further one is a
// file of its own, with what it plays and what it wants: scene builds its world.

// scene builds a quiet world and lets it trade for some days.
func scene(o Options, days int, play func(w *World)) Result {
	o.Calm = true
	return lead(o, func(w *World) {
		w.build()
		w.until(time.Duration(days) * day)
		play(w)
	})
}

// offline cuts a board's line, until online.
func (b *board) offline() {
	b.line.noUp, b.line.noDown = true, true
	b.hangUp()
}

func (b *board) online() {
	b.line.noUp, b.line.noDown, b.line.tries = false, false, 0
	b.connectSoon(time.Second)
}

// Nights is a week in which stores are offline and switched off every night, with
// the slip of the day's close scanned each morning or not. It says how many
// redemptions were possible at the tills before the first night, and how many are
// after the last.
func Nights(o Options, nights int, scan bool) (before, after int, r Result) {
	o.Strict = true
	r = scene(o, 4, func(w *World) {
		w.shut = true
		for _, b := range w.boards {
			b.offline()
			b.nightly, b.scans = false, scan
			before += b.possible()
		}
		for range nights {
			w.until(w.Now + 13*time.Hour)
			for _, b := range w.boards {
				b.close(true)
			}
			w.until(w.Now + 11*time.Hour)
			for _, b := range w.boards {
				b.powerOn()
			}
		}
		for _, b := range w.boards {
			after += b.possible()
			b.online()
		}
	})
	return before, after, r
}

// possible counts what could be redeemed here with what may be used here: for each
// member each benefit that is not limited, one at a time.
func (b *board) possible() (n int) {
	b.w.Must("count what is possible", b.disk.View(func(tx journal.Tx) error {
		state, err := fold.Load(b.id, tx)
		if err != nil {
			return err
		}
		p := b.w.rules.Programme
		today := p.Day(b.w.Wall())
		for _, c := range b.w.people {
			held, err := state.Usable(c.id)
			if err != nil {
				return err
			}
			for _, benefit := range p.Benefits {
				if !benefit.Limited && lot.Available(held, benefit.Cost.Asset, lot.Today{Day: today}) >= benefit.Cost.Amount {
					n++
				}
			}
		}
		return nil
	}))
	return n
}

// FivePosters has one member scan the same activity's poster in every store while
// all are offline. It says how often they got its points.
func FivePosters(o Options) (granted int, r Result) { return onceInAllStores(o, "spring", 50) }

// TwoBirthdays has one member tell a till their birthday, and then ask for what it
// gives at every store while all are offline. It says how often they got it, and how
// many stores knew that it was due.
func TwoBirthdays(o Options) (granted, asked int, r Result) {
	r = scene(o, 1, func(w *World) {
		who := w.people[0]
		w.shut = true
		for !who.told {
			w.boards[0].tellBirthday(1, who)
		}
		w.until(w.Now + 2*day) // at night HQ looks whose birthday is near
		for _, b := range w.boards {
			b.reasonsOf(1, who) // they walk by, and each till hears of them
		}
		w.until(w.Now + time.Hour)
		for _, b := range w.boards {
			b.offline()
			if b.hand(1, who) {
				asked++
			}
		}
		w.until(w.Now + day)
		for _, b := range w.boards {
			b.online()
		}
		w.settle()
		granted = w.granted(who.id, quota.Reason(gift.Birthday, w.rules.Programme.Day(w.Wall())).Asset)
	})
	return granted, asked, r
}

// onceInAllStores has one member claim what is given once in every store while all
// are offline, and counts how often they got it.
func onceInAllStores(o Options, activity string, points lot.Amount) (granted int, r Result) {
	r = scene(o, 1, func(w *World) {
		who := w.people[0]
		w.shut = true
		for _, b := range w.boards {
			b.offline()
			b.attend(1, who, activity, points)
		}
		w.until(w.Now + day)
		for _, b := range w.boards {
			b.online()
		}
		w.settle()
		granted = w.granted(who.id, quota.Activity(activity).Asset)
	})
	return granted, r
}

// TwoReturns has the goods of one receipt brought back at two tills that did not
// sell them, both offline, and at the one that did. It says for how many pieces
// HQ settled points, of the one that was sold.
func TwoReturns(o Options) (settled int64, r Result) {
	r = scene(o, 2, func(w *World) {
		w.shut = true
		who, of := w.anyReceipt()
		for _, b := range w.boards {
			b.offline()
			if uint32(b.id) != of.Terminal {
				b.returnElsewhere(1, who, of)
			}
		}
		w.until(w.Now + day)
		for _, b := range w.boards {
			b.online()
		}
		w.settle()
		settled = w.settledOf(of)
	})
	return settled, r
}

// anyReceipt is a receipt of one piece in its first line, and whose it is.
func (w *World) anyReceipt() (*customer, lot.Origin) {
	for _, c := range w.people {
		for _, of := range c.receipts {
			e := w.office.Shelf.Image().Entry(ledger.TerminalID(of.Terminal), ledger.Incarnation(of.Incarnation), ledger.Seq(of.Seq))
			if e == nil {
				continue
			}
			read, err := ledger.Decode(e.Raw)
			w.Must("read a sale", err)
			if sale, ok := read.Body.(*ledger.Sale); ok && len(sale.Awards) > 0 && sale.Lines[0].Qty == 1 && sale.Deduction == nil {
				return c, of
			}
		}
	}
	w.Fail("scene", "nobody has a receipt")
	return nil, lot.Origin{}
}

// settledOf counts the pieces of a sale's first line that claims took back.
func (w *World) settledOf(of lot.Origin) (n int64) {
	w.view(func(tx book.Tx) error {
		sold, err := office.NewDesk(tx.Desk()).Sold(of)
		for _, l := range sold.Lines {
			if l.Line == 0 {
				n += l.Qty
			}
		}
		return err
	})
	return n
}

// granted counts how often a member used up a quota.
func (w *World) granted(who member.ID, quota lot.Asset) (n int) {
	w.view(func(tx book.Tx) error {
		list, err := tx.Owned(who)
		for _, a := range list {
			if a.Lot.Asset == quota && a.Place.Kind == book.Spent {
				n += int(a.Amount)
			}
		}
		return err
	})
	return n
}

// NotePassedOver has a board offline take in a member's points by hand and give something
// for them; then an old copy of its card is put back, which knows nothing of that. HQ
// hears that the new life passes the points over; the member goes on to the other store.
func NotePassedOver(o Options) Result {
	o.Strict = true
	return scene(o, 1, func(w *World) {
		w.shut = true
		who, first, other := w.people[0], w.boards[0], w.boards[1]
		first.copyCard()
		first.offline()
		w.office.Gives(who.id, ledger.Issue{Asset: points, Amount: 1200, Expires: w.rules.Programme.Day(w.Wall()) + 40})
		first.identify(1, who)
		w.Must("ask for a challenge", first.till.Challenge(first.by(1)))
		v, err := first.till.View(1)
		w.Must("look at the lane", err)
		w.office.Carry(who.id, v.Challenge, nil, func(code string) bool { return first.ok(first.till.Scan(first.by(1), "", code)) })
		first.redeems(1, "tea-set")
		first.goBack()
		w.until(w.Now + 8*time.Hour)
		first.online()
		w.until(w.Now + time.Hour)
		for range 3 {
			other.identify(1, who)
			w.until(w.Now + time.Minute)
			other.redeems(1, "tea-set")
		}
	})
}

// redeems has whoever is at the lane redeem something, as often as their points do.
func (b *board) redeems(lane uint32, benefit string) {
	for range 40 {
		v, err := b.till.View(lane)
		b.w.Must("look at the lane", err)
		done := false
		b.act(v.Ref, func() (clerk.Done, error) { return b.till.Redeem(b.by(lane), v.Ref, benefit) }, func(clerk.Done) { done = true })
		if !done {
			break
		}
		b.w.Mark("redeemed")
	}
	b.try(b.till.Clear(b.by(lane)))
}
