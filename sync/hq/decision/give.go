package decision

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// NoteLotsMax bounds the lots in one note: one of more might be longer than an entry may be.
const NoteLotsMax = 64

// Given is what an ask has come to.
type Given struct {
	Holdings []lot.Holding  // what the note gives; none: there is no note
	Held     []book.Account // what was held of the member's before it, if it came to that
}

// Give commits a note for what is asked and held. Whoever is blocked earns,
// and spends nothing.
func (w *Work) Give(id ledger.TerminalID, m *wire.Ask) (Given, error) {
	return w.GiveFew(id, m, NoteLotsMax)
}

// GiveFew is Give of so many lots at most.
func (w *Work) GiveFew(id ledger.TerminalID, m *wire.Ask, lots int) (g Given, err error) {
	if may, err := w.MayTake(id, m.Incarnation); err != nil || !may {
		return g, err
	}
	if err := w.Meet(m.Member, id); err != nil {
		return g, err
	}
	ruling, err := w.Desk.Ruling(m.Member)
	if err != nil || ruling.Blocked {
		return g, err
	}
	if err := w.allow(id, m); err != nil {
		return g, err
	}
	if g.Held, err = w.Held(m.Member); err != nil {
		return g, err
	}
	g.Holdings, err = plan.Choose(AtHQ(g.Held), m.Wants, &ruling, w.Today(), lots)
	if err != nil || len(g.Holdings) == 0 {
		return g, err
	}
	return g, w.Note(id, lot.Note{Incarnation: uint64(m.Incarnation), Ask: m.ID, Holdings: g.Holdings}, By{Reason: "ask"})
}

// AtHQ are the holdings among accounts that HQ itself has.
func AtHQ(held []book.Account) (free []lot.Holding) {
	for _, a := range held {
		if a.Place.Kind == book.AtHQ {
			free = append(free, lot.Holding{Lot: a.Lot, Amount: a.Amount})
		}
	}
	return free
}

// MayTake reports whether HQ may give rights to a life of a terminal, of which it
// may not have heard yet.
func (w *Work) MayTake(id ledger.TerminalID, i ledger.Incarnation) (bool, error) {
	t, err := w.Tx.Terminal(id)
	if err != nil {
		return false, err
	}
	if no, err := w.GivesNothing(id); err != nil || no {
		return false, err
	}
	over, err := w.over(id, i)
	return err == nil && !over && t.Trouble == "", err
}

// allow sees to what a terminal asks for that may be had so often in a period only:
// where none was made and the member's home is at HQ, it is made (rule S13). Where
// the home, or what is left of it, lies at another terminal, that is asked for it:
// the next ask finds it. Of several records of one person the oldest's home counts.
func (w *Work) allow(id ledger.TerminalID, m *wire.Ask) error {
	for _, x := range m.Wants {
		if !x.Asset.Quota() {
			continue
		}
		if err := w.allowOne(id, m.Member, x.Asset); err != nil {
			return err
		}
	}
	return nil
}

func (w *Work) allowOne(id ledger.TerminalID, who member.ID, asset lot.Asset) error {
	ruling, err := w.Desk.Ruling(who)
	if err != nil {
		return err
	}
	q, times := w.often(asset, &ruling)
	if times == 0 {
		return nil
	}
	owned, err := w.OwnedOf(who, q.Asset, lot.Home)
	if err != nil {
		return err
	}
	var made, home, homeHere, left bool
	for _, a := range owned {
		held := a.Place.Kind == book.AtHQ && a.Amount > 0
		switch {
		case a.Lot.Asset == q.Asset:
			made, left = true, left || held
		case a.Lot.Asset == lot.Home && a.Lot.Owner == ruling.Member:
			home, homeHere = true, homeHere || held
		}
	}
	if home && !homeHere && !made {
		elsewhere, err := w.mayBeMade(who, q)
		if err != nil {
			return err
		}
		homeHere = !elsewhere
	}
	switch {
	case left:
		return nil
	case made || home && !homeHere:
		_, err := w.RecallAll(who, func(a book.Account) bool {
			wanted := a.Lot.Asset == q.Asset || !made && a.Lot.Asset == lot.Home
			return wanted && a.Place.Terminal != id
		}, ByPolicy("ask"))
		return err
	}
	body := &office.Mint{By: w.By(ByPolicy("ask"))}
	body.Lots = []lot.Lot{{Owner: ruling.Member, Asset: q.Asset, Amount: times, Earned: body.Day, Expires: q.Expires}}
	if !home {
		body.Lots = append(body.Lots, lot.Lot{Owner: ruling.Member, Asset: lot.Home, Amount: 1, Earned: body.Day})
	}
	_, err = w.Enter(body)
	return err
}

// often is how often a member may have today what a quota counts: what the
// household may spend, plays of a game, pieces of a benefit.
func (w *Work) often(asset lot.Asset, ruling *ledger.Ruling) (q quota.Quota, times lot.Amount) {
	today := w.Today().Day
	if q = quota.Pool(today); q.Asset == asset {
		return q, ruling.Pool
	}
	for _, g := range w.o.Programme.Games {
		if q = quota.Play(g.ID, today); q.Asset == asset {
			return q, lot.Amount(g.PerDay)
		}
	}
	for _, b := range w.o.Programme.Benefits {
		if q = quota.Benefit(b.ID, today); q.Asset == asset {
			return q, lot.Amount(b.PerMember)
		}
	}
	return quota.Quota{}, 0
}

// Note gives holdings to a terminal. A member's home goes with what was minted
// for periods that are still open.
func (w *Work) Note(id ledger.TerminalID, n lot.Note, by By) error {
	n.Terminal = uint32(id)
	for _, h := range n.Holdings {
		if h.Lot.Asset != lot.Home {
			continue
		}
		minted, err := w.minted(h.Lot.Owner)
		if err != nil {
			return err
		}
		n.Minted = append(n.Minted, minted...)
	}
	by.Actor = office.Policy
	at, err := w.Enter(&office.Note{Note: n, By: w.By(by)})
	if err != nil {
		return err
	}
	n.ID = at
	if err := w.remember(id, &n); err != nil {
		return err
	}
	_, err = w.Send(id, ledger.Down{Note: &n})
	return err
}

// askMeta names what stands in the book for a question that a note has answered. It
// stays there: a line may bring the question again after any time, and nobody could tell
// that from a new one, since their numbers are drawn by chance.
func askMeta(id ledger.TerminalID, i ledger.Incarnation, ask lot.AskID) string {
	return fmt.Sprintf("asked-%s-%d-%d", id, uint64(i), uint64(ask))
}

// askedMeta names the list of the last ones, in a book of a build that kept but those.
func askedMeta(id ledger.TerminalID) string { return "asked-" + id.String() }

// Answered reports whether a note has answered a question of a terminal.
func (w *Work) Answered(id ledger.TerminalID, i ledger.Incarnation, ask lot.AskID) (bool, error) {
	if s, err := w.Tx.Meta(askMeta(id, i, ask)); err != nil || s != "" {
		return s != "", err
	}
	s, err := w.Tx.Meta(askedMeta(id))
	return slices.Contains(strings.Fields(s), fmt.Sprintf("%s/%d", i, ask)), err
}

// remember keeps in mind which question a note answers: one that is given now, or
// one that HQ had forgotten.
func (w *Work) remember(id ledger.TerminalID, n *lot.Note) error {
	if n == nil || n.Ask == 0 {
		return nil
	}
	return w.Tx.PutMeta(askMeta(id, ledger.Incarnation(n.Incarnation), n.Ask), "1")
}

// minted are the quotas of a member that were made and have not lapsed.
func (w *Work) minted(id member.ID) ([]lot.Minted, error) {
	owned, err := w.OwnedOf(id, lot.Quotas)
	if err != nil {
		return nil, err
	}
	var out []lot.Minted
	for _, a := range owned {
		if a.Place.Kind == book.Issued && w.Today().Usable(a.Lot.Expires) {
			out = append(out, lot.Minted{Owner: a.Lot.Owner, Quota: a.Lot.Asset, Expires: a.Lot.Expires})
		}
	}
	return out[:min(len(out), lot.HoldingsMax)], nil
}

// over reports whether an incarnation is known and is not the newest.
func (w *Work) over(id ledger.TerminalID, i ledger.Incarnation) (bool, error) {
	streams, err := w.Tx.Streams(id)
	if err != nil || w.o.Unguarded.NewestLife {
		return false, err
	}
	for n, s := range streams {
		if s.Incarnation == i {
			return n != len(streams)-1, nil
		}
	}
	return false, nil
}

// CriticalMeta names the entry of a terminal that HQ must understand before it
// gives that terminal more rights.
func CriticalMeta(id ledger.TerminalID) string { return "critical-" + id.String() }

// Unread tells which entries of a terminal were parked: they are folded as entries of
// no known kind, until a build that knows their kinds reads the journal again.
type Unread struct{ last, at int }

func rereadMeta(id ledger.TerminalID) string { return "reread-" + id.String() }

// UnreadOf begins to go through a terminal's entries, in the order in which they came.
func UnreadOf(tx book.Tx, id ledger.TerminalID) (u Unread, err error) {
	s, err := tx.Meta(rereadMeta(id))
	if err == nil && s != "" {
		u.last, err = strconv.Atoi(s)
	}
	return u, err
}

// Next reports whether the next entry is an unread one.
func (u *Unread) Next(row book.Entry) bool {
	u.at++
	return row.Parked && u.at > u.last
}

// Blank is an unread entry as it is folded.
func Blank(e ledger.Entry) ledger.Entry {
	e.Body = &ledger.Unknown{}
	return e
}

// Read notes that all entries that were gone through are read.
func (u Unread) Read(tx book.Tx, id ledger.TerminalID) error {
	return errors.Join(tx.PutMeta(rereadMeta(id), strconv.Itoa(u.at)), tx.PutMeta(CriticalMeta(id), ""))
}
