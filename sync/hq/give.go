package hq

import (
	"fmt"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// The kinds of entry in HQ's own journal.
const (
	officeOpening = "opening"
	officeNote    = "note"
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
	err := h.o.Book.Update(func(tx Tx) error {
		answer.Given = given
		if !again {
			before, err := tx.Terminal(id)
			if err != nil {
				return err
			}
			if err := h.give(tx, id, m); err != nil {
				return err
			}
			after, err := tx.Terminal(id)
			if err != nil {
				return err
			}
			answer.Given = after.DownSeq > before.DownSeq
		}
		var err error
		answer.Left, err = h.balances(tx, id, m.Member)
		return err
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

// give commits a note for what is asked and held.
func (h *HQ) give(tx Tx, id ledger.TerminalID, m *wire.Ask) error {
	t, err := tx.Terminal(id)
	if err != nil {
		return err
	}
	if over, err := h.over(tx, id, m.Incarnation); err != nil || over || t.Trouble != "" {
		return err
	}
	if parked, err := tx.Meta(criticalMeta(id)); err != nil || parked != "" {
		return err
	}
	free, err := tx.Free(m.Member)
	if err != nil {
		return err
	}
	holdings, err := h.choose(free, m.Wants)
	if err != nil || len(holdings) == 0 {
		return err
	}
	t.DownSeq++
	note := &lot.Note{Terminal: uint32(id), Incarnation: uint64(m.Incarnation), Ask: m.ID, Holdings: holdings}
	if note.ID, err = h.office(tx, officeNote, note); err != nil {
		return err
	}
	raw := ledger.SignDown(ledger.Down{Terminal: id, Epoch: h.epoch, Seq: t.DownSeq, Wall: h.o.Now().UnixMilli(), Note: note}, h.o.Key)
	if err := tx.AppendDown(id, t.DownSeq, raw); err != nil {
		return err
	}
	var posts []Post
	for _, held := range holdings {
		posts = append(posts,
			Post{held.Lot.ID, Place{Kind: AtHQ}, -held.Amount},
			Post{held.Lot.ID, Place{Kind: InFlight}, held.Amount})
	}
	if err := tx.Post(posts); err != nil {
		return err
	}
	return tx.PutTerminal(t)
}

// over reports whether an incarnation is known and is not the newest.
func (h *HQ) over(tx Tx, id ledger.TerminalID, i ledger.Incarnation) (bool, error) {
	streams, err := tx.Streams(id)
	if err != nil {
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
func (h *HQ) balances(tx Tx, at ledger.TerminalID, owner member.ID) ([]wire.Balance, error) {
	free, err := tx.Free(owner)
	if err != nil {
		return nil, err
	}
	elsewhere, err := tx.Elsewhere(owner)
	if err != nil {
		return nil, err
	}
	there, err := h.there(tx, at, owner)
	if err != nil {
		return nil, err
	}
	var out []wire.Balance
	for _, kind := range h.o.Programme.Points {
		out = append(out, wire.Balance{
			Asset: kind.Asset, HQ: lot.Available(free, kind.Asset, h.today()),
			Elsewhere: max(elsewhere[kind.Asset]-there[kind.Asset], 0),
		})
	}
	return out, nil
}

// there adds up what a terminal holds of a member's lots as far as HQ has
// heard, and the notes that it has not said it took in.
func (h *HQ) there(tx Tx, id ledger.TerminalID, owner member.ID) (map[lot.Asset]lot.Amount, error) {
	state, err := fold.Load(id, tx.State(id))
	if err != nil {
		return nil, err
	}
	held, err := state.Usable(owner)
	if err != nil {
		return nil, err
	}
	frozen, err := state.Frozen(owner)
	if err != nil {
		return nil, err
	}
	raws, err := tx.Down(id, state.Mark(), wire.DownEntriesMax)
	if err != nil {
		return nil, err
	}
	held = append(held, frozen...)
	for _, raw := range raws {
		d, err := ledger.OpenDown(raw, nil)
		if err != nil {
			return nil, err
		}
		if d.Note != nil {
			held = append(held, d.Note.Holdings...)
		}
	}
	sum := map[lot.Asset]lot.Amount{}
	for _, x := range held {
		if x.Lot.Owner == owner {
			sum[x.Lot.Asset] += x.Amount
		}
	}
	return sum, nil
}

// office writes an entry of HQ's own journal and returns its name.
func (h *HQ) office(tx Tx, kind string, body codec.Message) (lot.Origin, error) {
	seq, err := tx.AppendOffice(h.epoch, h.o.Now().UnixMilli(), kind, codec.Marshal(body))
	return lot.Origin{Incarnation: h.epoch, Seq: seq}, err
}

// Down lists the journal for a terminal after a sequence number.
func (h *HQ) Down(id ledger.TerminalID, after ledger.DownSeq) (raws [][]byte, err error) {
	err = h.o.Book.View(func(tx Tx) error {
		raws, err = tx.Down(id, after, wire.DownEntriesMax)
		return err
	})
	return raws, err
}

// opening is the entry that brings a member's earlier points into the book.
type opening struct{ Lots []lot.Lot }

// Fields lists the message's fields.
func (o *opening) Fields(c *codec.Coder) { codec.List(c, 1, &o.Lots, lot.HoldingsMax) }

// OpenMember issues the points that a member brings along, once.
func (h *HQ) OpenMember(p programme.Person) error {
	done := "opened-" + p.ID.String()
	return h.o.Book.Update(func(tx Tx) error {
		if at, err := tx.Meta(done); err != nil || at != "" {
			return err
		}
		day := h.o.Programme.Day(h.o.Now())
		var o opening
		for _, c := range p.Opening {
			if c.Amount > 0 {
				o.Lots = append(o.Lots, lot.Lot{
					Owner: p.ID, Asset: c.Asset, Amount: c.Amount, Earned: day,
					Expires: h.o.Programme.ExpiryOf(c.Asset, day), Terms: h.o.Programme.Version(),
				})
			}
		}
		origin, err := h.office(tx, officeOpening, &o)
		if err != nil {
			return err
		}
		var posts []Post
		for n, l := range o.Lots {
			l.ID = lot.ID{Origin: origin, N: uint32(n)}
			if err := tx.PutLot(l); err != nil {
				return err
			}
			posts = append(posts, Post{l.ID, Place{Kind: Issued}, -l.Amount}, Post{l.ID, Place{Kind: AtHQ}, l.Amount})
		}
		if err := tx.Post(posts); err != nil {
			return err
		}
		return tx.PutMeta(done, origin.String())
	})
}
