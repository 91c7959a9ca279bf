package hq

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// claims takes in what entries claim and settles every open claim that the
// batch may have cleared: of a member it is about, or of a sale made there.
func (in *intake) claims(about []member.ID) error {
	for _, c := range in.heard.claims {
		if err := in.desk.OpenClaim(c.of, c.owner, c.sale); err != nil {
			return err
		}
	}
	persons, err := in.persons(about...)
	if err != nil {
		return err
	}
	return in.retry(func(k *office.Claim) bool {
		return slices.Contains(persons, k.Owner) || k.Sale != (lot.Origin{}) && k.Sale.Terminal == uint32(in.id)
	})
}

// persons are all ids of some members.
func (w *work) persons(about ...member.ID) (out []member.ID, err error) {
	for _, id := range about {
		ids, err := w.desk.Persons(id)
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
	}
	return out, nil
}

// retry settles those of some open claims that can be settled now.
func (w *work) retry(some func(*office.Claim) bool) error {
	open, err := w.desk.Waiting()
	if err != nil {
		return err
	}
	for _, of := range open {
		k, err := w.desk.Claim(of)
		if err != nil {
			return err
		}
		if some(k) {
			if err := w.settleClaim(of); err != nil {
				return err
			}
		}
	}
	return nil
}

// retryOf settles the open claims of some members that can be settled now.
func (w *work) retryOf(about ...member.ID) error {
	persons, err := w.persons(about...)
	if err != nil {
		return err
	}
	return w.retry(func(k *office.Claim) bool { return slices.Contains(persons, k.Owner) })
}

// settleClaim settles an open claim if it can be settled now.
func (w *work) settleClaim(of lot.Origin) error {
	e, err := w.entryOf(of)
	if err != nil {
		return err
	}
	if back, ok := e.Body.(*ledger.ReturnClaim); ok {
		return w.settleReturn(of, back)
	}
	asked, ok := office.AskedBy(e.Body)
	if !ok || asked.Owner == 0 || len(asked.Issues) == 0 {
		return w.park(of, "claim-names-nothing")
	}
	return w.settleAward(of, asked, e.Programme)
}

// entryOf reads an entry of a terminal by its name.
func (w *work) entryOf(of lot.Origin) (ledger.Entry, error) {
	row, err := w.tx.Entry(ledger.TerminalID(of.Terminal), ledger.Incarnation(of.Incarnation), ledger.Seq(of.Seq))
	if err != nil {
		return ledger.Entry{}, err
	}
	e, err := ledger.Decode(row.Raw)
	if errors.Is(err, ledger.ErrUnknownKind) {
		err = nil
	}
	return e, err
}

// park leaves a claim to a person.
func (w *work) park(of lot.Origin, why string) error {
	if err := w.desk.ParkClaim(of, why); err != nil {
		return err
	}
	return w.alarm(ledger.TerminalID(of.Terminal), "alarm-claim", of.String()+": "+why)
}

// answer enters what was decided of a claim and tells the terminal that made it.
func (w *work) answer(body *office.SettleClaim) (lot.Origin, error) {
	at, err := w.enter(body)
	if err != nil {
		return at, err
	}
	settled := &ledger.Settled{Of: body.Of, Granted: body.Granted, Reason: body.Reason}
	_, err = w.send(ledger.TerminalID(body.Of.Terminal), ledger.Down{Settled: settled})
	return at, err
}

func (w *work) refuse(of lot.Origin, owner member.ID, why string) error {
	_, err := w.answer(&office.SettleClaim{Of: of, Owner: owner, Reason: why, By: w.by(byPolicy("claim"))})
	return err
}

// settleAward grants an award that may be given once, against the quota that
// allows it. What is not at HQ is called back first, and the claim waits.
func (w *work) settleAward(of lot.Origin, asked office.Asked, terms string) error {
	provisional, err := w.provisional(of, asked.Owner)
	if err != nil || provisional {
		return err
	}
	persons, err := w.desk.Persons(asked.Owner)
	if err != nil {
		return err
	}
	draw, ok, err := w.quota(persons[0], asked)
	if err != nil {
		return err
	}
	if !ok {
		return nil
	}
	if draw == (lot.Draw{}) {
		return w.refuse(of, persons[0], "claim-used")
	}
	body := &office.SettleClaim{Of: of, Owner: persons[0], Granted: true, Quota: []lot.Draw{draw}, By: w.by(byPolicy("claim"))}
	body.Lots = w.lots(persons[0], asked.Issues, asked.Day, terms)
	at, err := w.answer(body)
	if err != nil {
		return err
	}
	return w.net(persons[0], body.Moves(at).Lots)
}

// provisional reports whether the terminal that claims made the member and HQ
// has not matched them yet: until then nothing is given once.
func (w *work) provisional(of lot.Origin, id member.ID) (bool, error) {
	t := ledger.TerminalID(of.Terminal)
	state, err := fold.Load(t, w.tx.State(t))
	if err != nil {
		return false, err
	}
	about, err := state.About(id)
	if err != nil || !about.Provisional {
		return false, err
	}
	persons, err := w.desk.Persons(id)
	if err != nil {
		return false, err
	}
	said, err := w.desk.Said(persons[0])
	return persons[0] == id && len(said) == 0, err
}

// quota finds what allows an award: the draw that uses it up, or none if it has
// been used up. ok is false if HQ cannot tell yet.
func (w *work) quota(who member.ID, asked office.Asked) (draw lot.Draw, ok bool, err error) {
	about := func(a book.Account) bool { return a.Lot.Asset == asked.Quota || a.Lot.Asset == lot.Home }
	away, err := w.recallAll(who, about, byPolicy("claim"))
	if err != nil || away {
		return draw, false, err
	}
	owned, err := w.owned(who)
	if err != nil {
		return draw, false, err
	}
	var home, minted bool
	var most, used lot.Amount
	for _, a := range owned {
		home = home || a.Lot.Asset == lot.Home
		if a.Lot.Asset != asked.Quota {
			continue
		}
		switch a.Place.Kind {
		case book.Issued:
			minted, most = true, max(most, -a.Amount)
		case book.Spent:
			used += a.Amount
		case book.AtHQ:
			draw = lot.Draw{Lot: a.Lot.ID, Amount: 1}
		}
	}
	switch {
	case !minted:
		draw, err = w.mint(who, asked, home)
		return draw, true, err
	case w.o.Unguarded.ClaimOnce:
		draw, err = w.mint(who, asked, home)
		return draw, true, err
	case used >= most:
		return lot.Draw{}, true, nil
	}
	return draw, true, nil
}

// mint makes a member's quota at HQ, and their home if they have none.
func (w *work) mint(who member.ID, asked office.Asked, home bool) (lot.Draw, error) {
	body := &office.Mint{By: w.by(byPolicy("claim"))}
	body.Lots = []lot.Lot{{Owner: who, Asset: asked.Quota, Amount: 1, Earned: body.Day, Expires: asked.Expires}}
	if !home {
		body.Lots = append(body.Lots, lot.Lot{Owner: who, Asset: lot.Home, Amount: 1, Earned: body.Day})
	}
	at, err := w.enter(body)
	return lot.Draw{Lot: lot.ID{Origin: at}, Amount: 1}, err
}

// Claims lists the claims that wait, with why where a person is to decide.
func (h *HQ) Claims() (out []ClaimView, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		keys, _, err := tx.DeskRows(office.ClaimRows)
		if err != nil {
			return err
		}
		desk := office.NewDesk(tx.Desk())
		for _, key := range keys {
			of := office.ClaimOf(key)
			k, err := desk.Claim(of)
			if err != nil {
				return err
			}
			out = append(out, ClaimView{Of: of, Claim: *k})
		}
		return nil
	})
	return out, err
}

// ClaimView is a claim and the entry that made it.
type ClaimView struct {
	Of lot.Origin
	office.Claim
}

// DecideClaim settles a claim that waits for a person: with what they grant, or
// without anything for a reason.
func (h *HQ) DecideClaim(of lot.Origin, issues []ledger.Issue, by By) error {
	return h.decide(func(w *work) error {
		k, err := w.desk.Claim(of)
		if err != nil {
			return err
		}
		if k.Status != office.ClaimParked {
			return fmt.Errorf("%s: %w", of, office.ErrClaim)
		}
		body := &office.SettleClaim{Of: of, Owner: k.Owner, Granted: len(issues) > 0, By: w.by(by)}
		if body.Lots = w.lots(k.Owner, issues, body.Day, w.o.Programme.Version()); !body.Granted {
			body.Reason = by.Reason
		}
		_, err = w.answer(body)
		return err
	})
}

// Match says that a member whom a till enrolled is who they are: HQ has matched
// the phone. What waits for it is settled.
func (h *HQ) Match(id member.ID, by By) error {
	return h.decide(func(w *work) error {
		ruling, err := w.desk.Ruling(id)
		if err != nil {
			return err
		}
		body := &office.Ruling{Member: ruling.Member, Tier: ruling.Tier, Blocked: ruling.Blocked, By: w.by(by)}
		if _, err := w.enter(body); err != nil {
			return err
		}
		if err := w.say(ruling); err != nil {
			return err
		}
		return w.retryOf(ruling.Member)
	})
}
