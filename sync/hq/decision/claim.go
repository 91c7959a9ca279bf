package decision

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/away"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// Persons are all ids of some members.
func (w *Work) Persons(about ...member.ID) (out []member.ID, err error) {
	for _, id := range about {
		ids, err := w.Desk.Persons(id)
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
	}
	return out, nil
}

// AllClaims is every open claim.
func AllClaims(office.Open) bool { return true }

// Retry settles those of some open claims that can be settled now. One that does not
// say what may clear it is tried each time.
func (w *Work) Retry(some func(office.Open) bool) error {
	open, err := w.Desk.Waiting()
	if err != nil {
		return err
	}
	for _, o := range open {
		if some(o) || o == (office.Open{Of: o.Of}) {
			if err := w.settleClaim(o.Of); err != nil {
				return err
			}
		}
	}
	return nil
}

// RetryOf settles the open claims of some members that can be settled now.
func (w *Work) RetryOf(about ...member.ID) error {
	persons, err := w.Persons(about...)
	if err != nil {
		return err
	}
	return w.Retry(func(o office.Open) bool { return slices.Contains(persons, o.Owner) })
}

// settleClaim settles an open claim if it can be settled now.
func (w *Work) settleClaim(of lot.Origin) error {
	if waits, err := w.Waits(); err != nil || waits {
		return err
	}
	if of.Terminal == 0 {
		heard, err := w.HeardOf(of)
		if err != nil {
			return err
		}
		return w.settleAward(of, askedOf(heard), w.o.Programme.Version())
	}
	e, err := w.EntryOf(of)
	if err != nil {
		return err
	}
	if done, err := w.o.Papers(w, of, e.Body); done || err != nil {
		return err
	}
	asked, ok := AskedBy(e.Body, w.Today().Day)
	if !ok || asked.Owner == 0 || len(asked.Issues) == 0 {
		return w.Park(of, "claim-names-nothing")
	}
	return w.settleAward(of, asked, e.Programme)
}

// HeardOf reads by its name what a member told HQ.
func (w *Work) HeardOf(of lot.Origin) (*office.Heard, error) {
	rows, err := w.Tx.Office(of.Incarnation, of.Seq-1, 1)
	if err != nil {
		return nil, err
	}
	if len(rows) == 1 && rows[0].Epoch == of.Incarnation && rows[0].Seq == of.Seq {
		b, err := office.Decode(rows[0].Kind, rows[0].Body)
		if heard, ok := b.(*office.Heard); ok || err != nil {
			return heard, err
		}
	}
	return nil, fmt.Errorf("%s: %w", of, office.ErrClaim)
}

// EntryOf reads an entry of a terminal by its name.
func (w *Work) EntryOf(of lot.Origin) (ledger.Entry, error) {
	row, err := w.Tx.Entry(ledger.TerminalID(of.Terminal), ledger.Incarnation(of.Incarnation), ledger.Seq(of.Seq))
	if err != nil {
		return ledger.Entry{}, err
	}
	e, err := ledger.Decode(row.Raw)
	if errors.Is(err, ledger.ErrUnknownKind) {
		err = nil
	}
	return e, err
}

// Park leaves a claim to a person.
func (w *Work) Park(of lot.Origin, why string) error {
	return w.leave(of, why, false)
}

func (w *Work) leave(of lot.Origin, why string, tried bool) error {
	return errors.Join(w.Desk.ParkClaim(of, why, tried), w.Alarm(ledger.TerminalID(of.Terminal), "alarm-claim", of.String()+": "+why))
}

// Answer enters what was decided of a claim and tells the terminal that made it.
func (w *Work) Answer(body *office.SettleClaim) (lot.Origin, error) {
	at, err := w.Enter(body)
	if err != nil || body.Of.Terminal == 0 {
		return at, err
	}
	settled := &ledger.Settled{Of: body.Of, Granted: body.Granted, Reason: body.Reason}
	_, err = w.Send(ledger.TerminalID(body.Of.Terminal), ledger.Down{Settled: settled})
	return at, err
}

// Refuse settles a claim with nothing, and says why.
func (w *Work) Refuse(of lot.Origin, owner member.ID, why string) error {
	_, err := w.Answer(&office.SettleClaim{Of: of, Owner: owner, Reason: why, By: w.By(ByPolicy("claim"))})
	return err
}

// settleAward grants an award that may be given once, against the quota that
// allows it. What is not at HQ is called back first, and the claim waits.
func (w *Work) settleAward(of lot.Origin, asked Asked, terms string) error {
	if known, err := w.Known(asked.Owner); err != nil || !known {
		return err
	}
	persons, err := w.Desk.Persons(asked.Owner)
	if err != nil {
		return err
	}
	draw, ok, err := w.Quota(persons[0], asked)
	if err != nil {
		return err
	}
	if !ok {
		return w.showIfAway(of, persons[0], asked.Quota.Asset)
	}
	if draw == (lot.Draw{}) {
		return w.Refuse(of, persons[0], "claim-used")
	}
	body := &office.SettleClaim{Of: of, Owner: persons[0], Granted: true, Quota: []lot.Draw{draw}, By: w.By(ByPolicy("claim"))}
	body.Lots = w.Lots(persons[0], asked.Issues, asked.Day, terms)
	at, err := w.Answer(body)
	if err != nil {
		return err
	}
	return w.Net(persons[0], body.Moves(at).Lots)
}

// Known reports whether HQ knows who a member is: a till enrols people whom it may
// have already, and until they are matched nothing is given once.
func (w *Work) Known(who member.ID) (bool, error) {
	persons, err := w.Desk.Persons(who)
	if err != nil {
		return false, err
	}
	oldest := persons[0]
	if said, err := w.Desk.Said(oldest); err != nil || len(said) > 0 {
		return err == nil, err
	}
	terminals, err := w.Desk.SeenBy(oldest)
	for _, t := range terminals {
		state, failed := fold.Load(t, w.Tx.State(t))
		if failed != nil {
			return false, failed
		}
		if about, failed := state.About(oldest); failed != nil || about.Provisional {
			return false, failed
		}
	}
	return err == nil, err
}

// Asked is what a claim for an award asks for; ok is false for any other claim.
func (w *Work) Asked(of lot.Origin, b ledger.Body) (a Asked, ok bool, err error) {
	if of.Terminal != 0 {
		a, ok = AskedBy(b, w.Today().Day)
		return a, ok, nil
	}
	heard, err := w.HeardOf(of)
	if err != nil {
		return a, false, err
	}
	return askedOf(heard), true, nil
}

// Quota finds what allows an award: the draw that uses it up, or none if it has
// been used up. ok is false if HQ cannot tell yet.
func (w *Work) Quota(who member.ID, asked Asked) (draw lot.Draw, ok bool, err error) {
	about := func(a book.Account) bool { return a.Lot.Asset == asked.Quota.Asset || a.Lot.Asset == lot.Home }
	called, err := w.RecallAll(who, about, ByPolicy("claim"))
	if err == nil && called {
		called, err = w.mayBeMade(who, asked.Quota)
	}
	if err != nil || called {
		return draw, false, err
	}
	owned, err := w.OwnedOf(who, asked.Quota.Asset, lot.Home)
	if err != nil {
		return draw, false, err
	}
	var home, minted bool
	var most, used, lapsed lot.Amount
	for _, a := range owned {
		switch kind := a.Place.Kind; {
		case a.Lot.Asset == lot.Home:
			home = true
		case kind == book.Issued:
			minted, most = true, max(most, -a.Amount)
		case kind == book.Spent:
			used += a.Amount
		case kind == book.Expired:
			lapsed += a.Amount
		case kind == book.AtHQ:
			draw = lot.Draw{Lot: a.Lot.ID, Amount: 1}
		}
	}
	switch {
	case !minted, w.o.Unguarded.ClaimOnce:
		draw, err = w.mint(who, asked, home)
		return draw, true, err
	case used >= most:
		return lot.Draw{}, true, nil
	case draw == (lot.Draw{}) && lapsed > 0: // its time is over, and this was asked within it
		asked.Times = 1
		draw, err = w.mint(who, asked, home)
	}
	return draw, true, err
}

// mayBeMade reports whether a member's quota may lie, or have been made, where HQ cannot see it.
func (w *Work) mayBeMade(who member.ID, q quota.Quota) (bool, error) {
	held, err := w.Held(who)
	if err != nil {
		return false, err
	}
	return away.Made(w.Tx, w.Desk, held, q)
}

// showIfAway shows a claim, which is tried all the same, to a person where what it waits for stays away.
func (w *Work) showIfAway(of lot.Origin, who member.ID, q lot.Asset) error {
	k, err := w.Desk.Claim(of)
	if err != nil || k.Status == office.ClaimParked {
		return err
	}
	held, err := w.Held(who)
	if err != nil {
		return err
	}
	if stays, err := away.Stay(w.Tx, held, q, lot.Home); err != nil || !stays {
		return err
	}
	return w.leave(of, "claim-away", true)
}

// mint makes a member's quota at HQ, and their home if they have none.
func (w *Work) mint(who member.ID, asked Asked, home bool) (lot.Draw, error) {
	body := &office.Mint{By: w.By(ByPolicy("claim"))}
	body.Lots = []lot.Lot{{Owner: who, Asset: asked.Quota.Asset, Amount: max(asked.Times, 1), Earned: body.Day, Expires: asked.Quota.Expires}}
	if !home {
		body.Lots = append(body.Lots, lot.Lot{Owner: who, Asset: lot.Home, Amount: 1, Earned: body.Day})
	}
	at, err := w.Enter(body)
	return lot.Draw{Lot: lot.ID{Origin: at}, Amount: 1}, err
}
