package simhq

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/shelf"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/claims"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/paper"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// settles has a person look at what waits for one, and settle something of it in a way
// that HQ offers. Which board is to go, and which HQ, others see to.
func (h *HQ) settles() {
	list, err := h.HQ.Conflicts()
	h.Must("list what waits for a person", err)
	list = slices.DeleteFunc(list, func(c hq.Conflict) bool {
		return c.Code == "trouble-fork" || !slices.ContainsFunc(c.Choices, anyDay)
	})
	if len(list) == 0 {
		return
	}
	c := engine.Pick(h.Engine, list)
	h.choose(c, engine.Pick(h.Engine, slices.DeleteFunc(slices.Clone(c.Choices), func(o hq.Choice) bool { return !anyDay(o) })))
}

// SettlesAll has a person settle all that can be settled once nothing goes wrong any
// more, and says whether there was anything; waits is what else is for a person.
func (h *HQ) SettlesAll() (some bool, waits string) {
	list, err := h.HQ.Conflicts()
	h.Must("list what waits for a person", err)
	for _, c := range list {
		at := slices.IndexFunc(c.Choices, func(o hq.Choice) bool { return anyDay(o) || o == hq.ChooseLifeOver })
		if at < 0 {
			waits += fmt.Sprintf("; %s of %s", c.Code, c.Terminal)
			continue
		}
		some = true
		h.choose(c, c.Choices[at])
		if c.Choices[at] != hq.ChooseRefuse {
			continue
		}
		h.decides(string(hq.ChooseRefuse), func() error { // unless it was granted
			if err := h.HQ.Choose(c, hq.ChooseRefuse, byPerson); !errors.Is(err, hq.ErrChoice) {
				return err
			}
			return nil
		})
	}
	return some, waits
}

// choose has a person settle something so, or grant of a claim what they think right.
func (h *HQ) choose(c hq.Conflict, choice hq.Choice) {
	if c.Code == "claim-regained" {
		h.Mark("regained-settled")
	}
	if choice == hq.ChooseRefuse && h.Hit(5000) {
		h.grantsClaim(c)
		return
	}
	var held map[lot.Asset]lot.Amount
	if choice == hq.ChooseFree {
		held = h.waiting(c)
	}
	h.decides(string(choice), func() error {
		err := h.HQ.Choose(c, choice, byPerson)
		if err == nil || errors.Is(err, shelf.ErrCrash) { // it may be there all the same
			h.o.Freed(c.Terminal, held)
		}
		return err
	})
}

// anyDay reports whether a person settles something so without knowing more than HQ.
func anyDay(c hq.Choice) bool {
	return slices.Contains([]hq.Choice{hq.ChooseResume, hq.ChooseGrant, hq.ChooseWriteOff, hq.ChooseRefuse, hq.ChooseFree}, c)
}

// grantsClaim has a person grant something of a claim, to somebody whom they know to be
// the one.
func (h *HQ) grantsClaim(c hq.Conflict) {
	issue := ledger.Issue{Asset: points, Amount: lot.Amount(1 + h.Random.IntN(100)), Expires: h.o.Programme.Day(h.Wall()) + 30}
	h.decides("claim-granted", func() error {
		list, err := h.HQ.Claims()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(k hq.ClaimView) bool { return k.Of == c.Of })
		if at < 0 {
			return nil
		}
		var whose member.ID
		if list[at].Owner == 0 {
			whose = engine.Pick(h.Engine, h.people)
		}
		err = h.HQ.DecideClaimFor(c.Of, whose, []ledger.Issue{issue}, byPerson)
		for _, no := range []error{people.ErrUnknown, claims.ErrAway, claims.ErrUsed, paper.ErrReturned, paper.ErrBooked} {
			if errors.Is(err, no) {
				h.Mark("claim-not-granted")
				return nil
			}
		}
		return err
	})
}

// settled tells what came of a claim.
func (h *HQ) settled(s *office.SettleClaim) {
	if s.Back != nil {
		h.Mark("return-settled")
		h.o.GaveBack(s.Of, s.Back.Back)
	}
	for _, l := range s.Lots {
		if l.ID.Terminal != 0 {
			h.Mark("receipt-brought")
			h.o.Brought(l)
		}
	}
}

// waiting is what a line of a terminal's lives holds and a person's word frees, by asset.
func (h *HQ) waiting(c hq.Conflict) map[lot.Asset]lot.Amount {
	held := map[lot.Asset]lot.Amount{}
	h.view(func(tx book.Tx) error {
		state, err := fold.Load(c.Terminal, tx.State(c.Terminal))
		if err != nil {
			return err
		}
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		for _, a := range rows {
			there := a.Place.Kind == book.AtTerminal && a.Place.Terminal == c.Terminal && state.SameLine(a.Place.Incarnation, c.Incarnation)
			if there && !a.Lot.Asset.Limits() {
				held[a.Lot.Asset] += a.Amount
			}
		}
		return err
	})
	return held
}
