package simworld

import (
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// person is somebody at HQ doing something.
func (h *headquarters) person() {
	if !h.on {
		return
	}
	who := pick(h.w, h.w.people).id
	switch h.w.random.IntN(10) {
	case 0:
		h.merge(who, pick(h.w, h.w.people).id)
	case 1:
		h.unmerge()
	case 2:
		h.blocked = append(h.blocked, who)
		h.decides("blocked", func() error { return h.hq.SetStanding(who, "", true, byPerson) })
	case 3:
		for _, id := range h.blocked {
			h.decides("unblocked", func() error { return h.hq.SetStanding(id, "", false, byPerson) })
		}
		h.blocked = nil
	case 4:
		h.decides("recalled", func() error { return h.hq.RecallMember(who, points, byPerson) })
	case 5, 6:
		h.decides("noticed", func() error {
			return h.hq.Notice(who, h.w.rules.programme.Day(h.w.wall())+30, "page", byPerson)
		})
	case 7:
		h.goodwill(who)
	case 8:
		h.decides("forgiven", func() error { return h.hq.Forgive(who, byPerson) })
	case 9:
		h.family([]*customer{pick(h.w, h.w.people), pick(h.w, h.w.people)})
	}
}

// decides has HQ do what a person wants, and notes that it did.
func (h *headquarters) decides(what string, fn func() error) {
	h.do(what, func() error {
		err := fn()
		if err == nil {
			h.w.mark(what)
		}
		return refusedByHQ(err)
	})
}

func (h *headquarters) merge(who, other member.ID) {
	h.decides("merged", func() error {
		_, err := h.hq.Merge(who, other, byPerson)
		if err == nil {
			h.merged = append(h.merged, [2]member.ID{who, other})
			h.w.truth.add(tale.Line{Member: who, Event: tale.Merged})
			h.w.truth.add(tale.Line{Member: other, Event: tale.Merged})
		}
		return err
	})
}

func (h *headquarters) unmerge() {
	if len(h.merged) == 0 {
		return
	}
	for _, id := range pick(h.w, h.merged) {
		h.decides("unmerged", func() error { return h.hq.Unmerge(id, byPerson) })
	}
}

func (h *headquarters) goodwill(who member.ID) {
	today := h.w.rules.programme.Day(h.w.wall())
	issue := ledger.Issue{Asset: points, Amount: lot.Amount(1 + h.w.random.IntN(300)), Expires: today + lot.Day(h.w.random.IntN(40))}
	h.decides("goodwill", func() error {
		err := h.hq.MakeGood(who, []ledger.Issue{issue}, "sim", nil, byPerson)
		if err == nil {
			h.w.truth.add(tale.Line{Member: who, Event: tale.MadeGood, Earned: issue.Amount})
		}
		return err
	})
}

// familySize is how many belong together when a world begins; one half of all
// have a family.
const familySize = 3

// poolMost is the most of one's points that anybody lets the family use in a
// month.
const poolMost = 400

// family says who belongs together, and what each lets the others spend.
func (h *headquarters) family(people []*customer) {
	var list []ledger.Relative
	for _, c := range people {
		list = append(list, ledger.Relative{Member: c.id, Pool: lot.Amount(h.w.random.IntN(poolMost + 1))})
	}
	h.decides("household", func() error { return h.hq.SetHousehold(list, byPerson) })
}
