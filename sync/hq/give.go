package hq

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Ask gives a terminal what it asks for, as far as HQ itself holds it: one
// commit of the note, then the answer. An ask that comes twice is answered
// once.
func (h *HQ) Ask(id ledger.TerminalID, m *wire.Ask) (*wire.Answer, error) {
	key := askOf{id, m.ID}
	h.mu.Lock()
	given, again := h.answered[key]
	h.mu.Unlock()
	answer := &wire.Answer{Ask: m.ID, Member: m.Member}
	err := h.o.Book.Update(func(tx book.Tx) (err error) {
		w := h.begin(tx)
		if answer.Given = given; !again || h.o.Unguarded.AskOnce {
			if answer.Given, err = w.give(id, m); err != nil {
				return err
			}
		}
		if answer.Left, err = w.balances(id, m.Member); err != nil {
			return err
		}
		return w.end()
	})
	if err != nil {
		return nil, fmt.Errorf("answer ask of %s: %w", id, err)
	}
	h.mu.Lock()
	if len(h.answered) >= asksKept {
		clear(h.answered)
	}
	h.answered[key] = answer.Given
	h.mu.Unlock()
	h.changed()
	return answer, nil
}

// give commits a note for what is asked and held. Whoever is blocked earns,
// and spends nothing.
func (w *work) give(id ledger.TerminalID, m *wire.Ask) (given bool, err error) {
	t, err := w.tx.Terminal(id)
	if err != nil {
		return false, err
	}
	if over, err := w.over(w.tx, id, m.Incarnation); err != nil || over || t.Trouble != "" {
		return false, err
	}
	if parked, err := w.tx.Meta(criticalMeta(id)); err != nil || parked != "" {
		return false, err
	}
	if err := w.meet(m.Member, id); err != nil {
		return false, err
	}
	if ruling, err := w.desk.Ruling(m.Member); err != nil || ruling.Blocked {
		return false, err
	}
	free, err := w.free(m.Member)
	if err != nil {
		return false, err
	}
	holdings, err := w.choose(free, m.Wants)
	if err != nil || len(holdings) == 0 {
		return false, err
	}
	return true, w.note(id, lot.Note{Incarnation: uint64(m.Incarnation), Ask: m.ID, Holdings: holdings}, By{Reason: "ask"})
}

// note gives holdings to a terminal. A member's home goes with what was minted
// for periods that are still open.
func (w *work) note(id ledger.TerminalID, n lot.Note, by By) error {
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
	at, err := w.enter(&office.Note{Note: n, By: w.by(by)})
	if err != nil {
		return err
	}
	n.ID = at
	_, err = w.send(id, ledger.Down{Note: &n})
	return err
}

// minted are the quotas of a member that were made and have not lapsed.
func (w *work) minted(id member.ID) ([]lot.Minted, error) {
	owned, err := w.owned(id)
	if err != nil {
		return nil, err
	}
	var out []lot.Minted
	for _, a := range owned {
		if a.Place.Kind == book.Issued && a.Lot.Asset.Quota() && w.today().Usable(a.Lot.Expires) {
			out = append(out, lot.Minted{Owner: a.Lot.Owner, Quota: a.Lot.Asset, Expires: a.Lot.Expires})
		}
	}
	return out[:min(len(out), lot.HoldingsMax)], nil
}

// over reports whether an incarnation is known and is not the newest.
func (h *HQ) over(tx book.Tx, id ledger.TerminalID, i ledger.Incarnation) (bool, error) {
	streams, err := tx.Streams(id)
	if err != nil || h.o.Unguarded.OverFirst {
		return false, err
	}
	for n, s := range streams {
		if s.Incarnation == i {
			return n != len(streams)-1, nil
		}
	}
	return false, nil
}

// choose takes what is wanted out of what is free, soonest expiry first.
func (h *HQ) choose(free []lot.Holding, wants []wire.Want) ([]lot.Holding, error) {
	byID := map[lot.ID]lot.Lot{}
	for _, f := range free {
		byID[f.Lot.ID] = f.Lot
	}
	var out []lot.Holding
	asked := map[lot.Asset]bool{}
	for _, w := range wants {
		if asked[w.Asset] { // the same lots would be drawn on twice
			continue
		}
		asked[w.Asset] = true
		n := min(w.Amount, lot.Available(free, w.Asset, h.today()))
		draws, err := lot.Plan(free, w.Asset, n, h.today())
		if err != nil {
			return nil, err
		}
		for _, d := range draws {
			if len(out) < noteLotsMax {
				out = append(out, lot.Holding{Lot: byID[d.Lot], Amount: d.Amount})
			}
		}
	}
	return out, nil
}

// balances is what a terminal is told of a member's points that it does not
// have: what it has itself, and what is on its way to it, is not elsewhere.
func (w *work) balances(at ledger.TerminalID, id member.ID) ([]wire.Balance, error) {
	persons, err := w.desk.Persons(id)
	if err != nil {
		return nil, err
	}
	free, err := w.free(id)
	if err != nil {
		return nil, err
	}
	elsewhere := map[lot.Asset]lot.Amount{}
	for _, p := range persons {
		part, err := w.tx.Elsewhere(p)
		if err != nil {
			return nil, err
		}
		for asset, n := range part {
			elsewhere[asset] += n
		}
	}
	there, err := there(w.tx, at, persons)
	if err != nil {
		return nil, err
	}
	var out []wire.Balance
	for _, kind := range w.o.Programme.Points {
		out = append(out, wire.Balance{
			Asset: kind.Asset, HQ: lot.Available(free, kind.Asset, w.today()),
			Elsewhere: max(elsewhere[kind.Asset]-there[kind.Asset], 0),
		})
	}
	return out, nil
}

// there adds up what a terminal holds of a member's lots as far as HQ has
// heard, and the notes that it has not said it took in.
func there(tx book.Tx, id ledger.TerminalID, persons []member.ID) (map[lot.Asset]lot.Amount, error) {
	state, err := fold.Load(id, tx.State(id))
	if err != nil {
		return nil, err
	}
	sum := map[lot.Asset]lot.Amount{}
	count := func(held []lot.Holding, owners ...member.ID) {
		for _, x := range held {
			if slices.Contains(owners, x.Lot.Owner) {
				sum[x.Lot.Asset] += x.Amount
			}
		}
	}
	for _, p := range persons {
		for _, list := range []func(member.ID) ([]lot.Holding, error){state.Usable, state.Frozen} {
			held, err := list(p)
			if err != nil {
				return nil, err
			}
			count(held, p) // an alias is listed under the older id as well
		}
	}
	return sum, unheard(tx, id, state.Mark(), func(d ledger.Down) {
		if d.Note != nil {
			count(d.Note.Holdings, persons...)
		}
	})
}

// Down lists the journal for a terminal after a sequence number.
func (h *HQ) Down(id ledger.TerminalID, after ledger.DownSeq) (raws [][]byte, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		raws, err = tx.Down(id, after, wire.DownEntriesMax)
		return err
	})
	return h.withLoose(id, after, raws), err
}

// OpenMember issues the points that a member brings along, once.
func (h *HQ) OpenMember(p programme.Person) error {
	done := "opened-" + p.ID.String()
	return h.decide(func(w *work) error {
		if at, err := w.tx.Meta(done); err != nil || at != "" {
			return err
		}
		o := office.Opening{By: w.by(byPolicy("opening"))}
		for _, c := range p.Opening {
			if c.Amount > 0 {
				o.Lots = append(o.Lots, lot.Lot{
					Owner: p.ID, Asset: c.Asset, Amount: c.Amount, Earned: o.Day,
					Expires: h.o.Programme.ExpiryOf(c.Asset, o.Day), Terms: h.o.Programme.Version(),
				})
			}
		}
		at, err := w.enter(&o)
		if err != nil {
			return err
		}
		if err := w.net(p.ID, o.Moves(at).Lots); err != nil {
			return err
		}
		return w.tx.PutMeta(done, at.String())
	})
}

// unheard calls fn for what HQ has sent a terminal and has not heard of since.
func unheard(tx book.Tx, id ledger.TerminalID, after ledger.DownSeq, fn func(ledger.Down)) error {
	for {
		raws, err := tx.Down(id, after, wire.DownEntriesMax)
		if err != nil || len(raws) == 0 {
			return err
		}
		for _, raw := range raws {
			d, err := ledger.OpenDown(raw, nil)
			if err != nil {
				return err
			}
			after = d.Seq
			fn(d)
		}
	}
}

// asked is what a terminal has been asked for and has not answered, as far as
// HQ has heard.
func (w *work) asked(id ledger.TerminalID) (map[lot.ID]lot.Amount, error) {
	state, err := fold.Load(id, w.tx.State(id))
	if err != nil {
		return nil, err
	}
	out := map[lot.ID]lot.Amount{}
	count := func(draws []lot.Draw) {
		for _, d := range draws {
			out[d.Lot] += d.Amount
		}
	}
	for _, r := range state.Recalls() {
		count(r.Draws)
	}
	return out, unheard(w.tx, id, state.Mark(), func(d ledger.Down) {
		if d.Recall != nil {
			count(d.Recall.Draws)
		}
	})
}
