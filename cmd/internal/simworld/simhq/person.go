package simhq

import (
	"errors"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/market"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/shelf"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/supply"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Person is somebody at HQ doing something.
func (h *HQ) Person() {
	if !h.On {
		return
	}
	if h.Marks["board-turned-up"] > 0 {
		h.late()
	}
	who := engine.Pick(h.Engine, h.people)
	switch h.Random.IntN(18) {
	case 17:
		h.incident()
	case 15, 16:
		h.settles()
	case 14:
		h.stock()
	case 0:
		h.merge(who, engine.Pick(h.Engine, h.people))
	case 1:
		h.unmerge()
	case 2:
		h.blocked = append(h.blocked, who)
		h.decides("blocked", func() error { return h.HQ.SetStanding(who, "", true, byPerson) })
	case 3:
		for _, id := range h.blocked {
			h.decides("unblocked", func() error { return h.HQ.SetStanding(id, "", false, byPerson) })
		}
		h.blocked = nil
	case 4:
		h.decides("recalled", func() error { return h.HQ.RecallMember(who, points, byPerson) })
	case 5, 6:
		h.decides("noticed", func() error {
			return h.HQ.Notice(who, h.o.Programme.Day(h.Wall())+30, "page", byPerson)
		})
	case 7:
		h.goodwill(who)
	case 8:
		h.decides("forgiven", func() error { return h.HQ.Forgive(who, byPerson) })
	case 10, 11:
		h.twins()
	case 12, 13:
		h.publish()
	case 9:
		h.family([]member.ID{engine.Pick(h.Engine, h.people), engine.Pick(h.Engine, h.people)})
	}
}

// SayAgain has HQ write a note that it gave a second time, under another number: as
// somebody does who mends its book by hand.
func (h *HQ) SayAgain() {
	if !h.On {
		return
	}
	to := engine.Pick(h.Engine, h.o.Boards).ID
	img := h.Shelf.Image()
	newest := img.Down(to)
	if newest == 0 {
		return
	}
	d, err := ledger.OpenDown(img.DownRaw(to, 1+ledger.DownSeq(h.Random.IntN(int(newest)))), nil)
	h.Must("open an entry of HQ", err)
	if d.Note == nil {
		return
	}
	h.repeated[d.Note.ID] = true
	h.decides("note-said-again", func() error {
		return h.HQ.Decide(func(w *decision.Work) error {
			_, err := w.Send(to, ledger.Down{Note: d.Note})
			return err
		})
	})
}

// NameSurvivors has a person look at terminals of which two lives go on, and say which
// one may: the one that HQ knows.
func (h *HQ) NameSurvivors() {
	if !h.On || !h.forked() { // else the whole book would be looked through every hour
		return
	}
	list, err := h.HQ.Conflicts()
	h.Must("list what waits for a person", err)
	for _, c := range list {
		if c.Code != "trouble-fork" {
			continue
		}
		h.Mark("two-lives")
		choice := hq.ChooseResume
		if slices.Contains(c.Choices, hq.ChooseKeepFirst) {
			choice = hq.ChooseKeepFirst
		}
		h.decides("survivor-named", func() error { return h.HQ.Choose(c, choice, byPerson) })
	}
}

// TakesOver has a person, who knows that no other HQ is at work, let this one go on where
// a terminal keeps to one that is gone.
func (h *HQ) TakesOver() {
	if !h.On {
		return
	}
	list, err := h.HQ.Conflicts()
	h.Must("list what waits for a person", err)
	for _, c := range list {
		if c.Code == "conflict-later-epoch" {
			h.decides("taken-over", func() error { return h.HQ.Choose(c, hq.ChooseTakeOver, byPerson) })
			return
		}
	}
}

// forked reports whether of some terminal two lives go on.
func (h *HQ) forked() (yes bool) {
	h.view(func(tx book.Tx) error {
		list, err := tx.Terminals()
		yes = slices.ContainsFunc(list, func(t book.Terminal) bool { return t.Trouble == "trouble-fork" })
		return err
	})
	return yes
}

// decides has HQ do what a person wants, and notes that it did.
func (h *HQ) decides(what string, fn func() error) {
	h.Do(what, func() error {
		err := fn()
		if err == nil {
			h.Mark(what)
		}
		return refusedByHQ(err)
	})
}

func (h *HQ) merge(who, other member.ID) {
	h.decides("merged", func() error {
		_, err := h.HQ.Merge(who, other, byPerson)
		if err == nil {
			h.merged = append(h.merged, [2]member.ID{who, other})
			h.o.Tell(tale.Line{Member: who, Event: tale.Merged})
			h.o.Tell(tale.Line{Member: other, Event: tale.Merged})
		}
		return err
	})
}

func (h *HQ) unmerge() {
	if len(h.merged) == 0 {
		return
	}
	for _, id := range engine.Pick(h.Engine, h.merged) {
		h.decides("unmerged", func() error { return h.HQ.Unmerge(id, byPerson) })
	}
}

// Joined hears of somebody whom a till enrolled.
func (h *HQ) Joined(phone string, id member.ID) {
	if len(h.joined[phone]) == 0 {
		h.phones = append(h.phones, phone)
	}
	h.joined[phone] = append(h.joined[phone], id)
	h.people = append(h.people, id)
}

// twins matches whom tills enrolled, and makes one person of those who are one.
func (h *HQ) twins() {
	if len(h.phones) == 0 {
		return
	}
	list := h.joined[engine.Pick(h.Engine, h.phones)]
	for _, id := range list {
		h.decides("matched", func() error { return h.HQ.Match(id, byPerson) })
	}
	if len(list) > 1 {
		h.Mark("enrolled-twice")
		h.merge(list[0], list[len(list)-1])
	}
}

// MatchAll has a person look at everybody whom tills enrolled, also while another HQ
// was at work.
func (h *HQ) MatchAll() {
	for _, phone := range slices.Sorted(maps.Keys(h.joined)) {
		for _, id := range h.joined[phone] {
			h.decides("matched", func() error { return h.HQ.Match(id, byPerson) })
		}
	}
}

// stock is pieces of the limited benefit that come in.
func (h *HQ) stock() {
	if _, ok := h.o.Programme.Benefit(market.Small); !ok {
		return
	}
	h.decides("stocked", func() error {
		return h.HQ.Decide(func(w *decision.Work) error {
			return supply.Stock(w, market.Small, lot.Amount(1+h.Random.IntN(12)), byPerson)
		})
	})
}

// incident is some days in which members of a store could not use what ended in them, and
// then it turns out that it were more.
func (h *HQ) incident() {
	last := h.o.Programme.Day(h.Wall()) + lot.Day(h.Random.IntN(2))
	first, store := last-lot.Day(h.Random.IntN(10)), engine.Pick(h.Engine, h.o.Boards).Store
	for range 2 {
		h.decides("incident", func() error {
			err := h.HQ.Decide(func(w *decision.Work) error {
				_, err := makegood.AtStore(w, "line down", store, first, last, byPerson)
				return err
			})
			if errors.Is(err, makegood.ErrFree) || errors.Is(err, makegood.ErrWaits) {
				h.Mark("incident-without-more")
				return nil
			}
			return err
		})
		first -= lot.Day(1 + h.Random.IntN(20))
	}
}

func (h *HQ) goodwill(who member.ID) {
	today := h.o.Programme.Day(h.Wall())
	issue := ledger.Issue{Asset: points, Amount: lot.Amount(1 + h.Random.IntN(300)), Expires: today + lot.Day(h.Random.IntN(40))}
	if h.Hit(2500) {
		issue.Asset, issue.Amount = lot.CouponAsset("five-per-cent"), 1
	}
	h.Gives(who, issue)
}

// Gives has a person make something good to a member.
func (h *HQ) Gives(who member.ID, issue ledger.Issue) {
	h.decides("goodwill", func() error {
		err := h.HQ.MakeGood(who, []ledger.Issue{issue}, "sim", nil, byPerson)
		if err == nil {
			l := tale.Line{Member: who, Event: tale.MadeGood}
			if issue.Asset == points {
				l.Earned = issue.Amount
			}
			h.o.Tell(l)
		}
		return err
	})
}

// familySize is how many belong together when a world begins; one half of all
// have a family.
const familySize = 3

// PoolMost is the most of one's points that anybody lets the family use in a
// month.
const PoolMost = 400

// family says who belongs together, and what each lets the others spend.
func (h *HQ) family(people []member.ID) {
	var list []ledger.Relative
	for _, id := range people {
		list = append(list, ledger.Relative{Member: id, Pool: lot.Amount(h.Random.IntN(PoolMost + 1))})
	}
	h.decides("household", func() error { return h.HQ.SetHousehold(list, byPerson) })
}

// refusedByHQ lets pass what HQ refuses with a reason.
func refusedByHQ(err error) error {
	if err == nil || errors.Is(err, shelf.ErrCrash) || errors.Is(err, office.ErrAlias) {
		return nil
	}
	return err
}

// acceptEmpty has a person say of the terminals that HQ wants to hear where no board
// ever stood.
func (h *HQ) acceptEmpty() {
	if !h.On || h.HQ.Fenced() {
		return
	}
	unheard, err := h.HQ.Unheard()
	h.Must("list the unheard", err)
	for _, id := range unheard {
		if !h.o.Stands(id) {
			h.decides("empty-accepted", func() error { return h.HQ.AcceptUnheard(id, byPerson) })
		}
	}
}
