package decision

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/ruled"
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What a book takes in again: from the grant log, and from terminals.

// Replay does again what a record of the grant log says, in a book that went
// back to before it.
func (w *Work) Replay(g *grant.Record) error {
	switch {
	case g.Entry != nil:
		return w.again(g.Entry)
	case g.Down != nil:
		return w.sentAgain(g.Down)
	case g.Board != nil:
		return w.boardAgain(g.Board)
	}
	return nil
}

func (w *Work) again(e *grant.Entered) error {
	b, err := office.Decode(e.Kind, e.Body)
	if err != nil {
		return fmt.Errorf("entry %d of HQ's journal: %w", e.Seq, err)
	}
	seq, err := w.Tx.AppendOffice(e.Epoch, e.Wall, e.Kind, e.Body)
	if err == nil && seq != e.Seq {
		err = fmt.Errorf("entry %d of HQ's journal where %d is next: %w", e.Seq, seq, errMeta)
	}
	if err != nil {
		return err
	}
	at := lot.Origin{Incarnation: e.Epoch, Seq: e.Seq}
	m := b.Moves(at)
	for _, l := range append(slices.Clone(e.Lots), m.Lots...) {
		if err := w.Tx.PutLot(l); err != nil {
			return err
		}
	}
	if err := w.Post(m.Posts); err != nil {
		return err
	}
	switch b := b.(type) {
	case *office.Opening:
		if len(b.Lots) > 0 {
			err = w.Tx.PutMeta(OpenedMeta(b.Lots[0].Owner), at.String())
		}
	case *office.Restored:
		err = w.restoredAgain(b)
	case *office.Decommission:
		err = w.acceptGone(b.Terminal)
	case *office.Judge:
		if b.Document != nil {
			err = w.o.Judged(w, b)
		}
	}
	if err != nil {
		return err
	}
	return w.Desk.Enter(at, b)
}

// restoredAgain waits again for the terminals that HQ waited for, unless the log
// goes on with what they were told then.
func (w *Work) restoredAgain(b *office.Restored) error {
	if err := w.Lose(b.Unheard...); err != nil {
		return err
	}
	if b.Accepted != 0 {
		return w.accept(b.Accepted)
	}
	return nil
}

func (w *Work) sentAgain(d *grant.Sent) error {
	t, err := w.Tx.Terminal(d.Terminal)
	if err != nil && !errors.Is(err, book.ErrNotFound) {
		return err
	}
	t.ID, t.DownSeq = d.Terminal, d.Seq
	down, err := ledger.OpenDown(d.Raw, nil)
	if err != nil {
		return err
	}
	if down.Epoch == w.o.Epoch { // HQ had heard it by then
		if err := w.heardAgain(d.Terminal); err != nil {
			return err
		}
	}
	if err := w.remember(d.Terminal, down.Note); err != nil {
		return err
	}
	if err := errors.Join(w.Tx.AppendDown(d.Terminal, d.Seq, d.Raw), w.o.Keys.Regained(w.Tx, down, d.Raw), w.o.Told(w.Tx, down)); err != nil {
		return err
	}
	return w.Tx.PutTerminal(t)
}

func (w *Work) heardAgain(id ledger.TerminalID) error {
	if lost, err := w.Lost(id); err != nil || !lost {
		return err
	}
	if err := w.Tx.PutMeta(lostMeta+id.String(), ""); err != nil {
		return err
	}
	return w.waitsNow()
}

// Regain takes in entries of a terminal's down journal that HQ has forgotten,
// sent back under HQ's own signature, those that follow on what HQ has.
func (w *Work) Regain(id ledger.TerminalID, raws [][]byte, entries []ledger.Down) error {
	for n, d := range entries {
		t, err := w.Tx.Terminal(id)
		if err != nil {
			return err
		}
		if d.Terminal != id || d.Seq != t.DownSeq+1 {
			continue
		}
		t.DownSeq++
		if err := errors.Join(w.Tx.AppendDown(id, d.Seq, raws[n]), w.o.Keys.Regained(w.Tx, d, raws[n]), w.o.Told(w.Tx, d)); err != nil {
			return err
		}
		if err := w.Tx.PutTerminal(t); err != nil {
			return err
		}
		if w.o.Logged {
			if err := w.grant(grant.Record{Down: &grant.Sent{Terminal: id, Seq: d.Seq, Raw: raws[n]}}); err != nil {
				return err
			}
		}
		if had, err := w.tookByHand(d); err != nil || had {
			if err != nil {
				return err
			}
			continue
		}
		if err := w.regain(d); err != nil {
			return err
		}
	}
	return nil
}

// tookByHand reports whether a note that HQ has forgotten was shown before by its
// terminal, which had it by hand: it is on its way once.
func (w *Work) tookByHand(d ledger.Down) (bool, error) {
	if d.Note == nil {
		return false, nil
	}
	state, err := w.state(d.Terminal)
	if err != nil {
		return false, err
	}
	return state.Took(d.Note.ID)
}

// ByHand sees to it that a note which a terminal took in by hand is HQ's own, under
// its signature: one that HQ has forgotten is on its way once more.
func (w *Work) ByHand(id ledger.TerminalID, b *ledger.NoteByHand) error {
	d, err := w.o.Keys.Open(b.Signed)
	if err != nil {
		return fmt.Errorf("note by hand: %w: %w", wire.ErrSignature, err)
	}
	if d.Terminal != id || d.Note == nil { // the fold says what is wrong
		return nil
	}
	raws, err := w.Tx.Down(id, d.Seq-1, 1)
	if err != nil || len(raws) == 1 && bytes.Equal(raws[0], b.Signed) {
		return err
	}
	if err := w.Early(); err != nil {
		return err
	}
	err = w.regain(d)
	w.early = false
	return err
}

func (w *Work) regain(d ledger.Down) error {
	if d.Ruling != nil {
		if older, err := ruled.Older(w.Tx, d); err != nil || older { // who was told it is told what counts
			w.Touch(d.Ruling.Member)
			return errors.Join(err, w.Desk.Say(d.Ruling.Member, codec.Marshal(d.Ruling)), w.Meet(d.Ruling.Member, d.Terminal))
		}
	}
	if r := d.Release; r != nil && r.Incarnation != 0 { // that it was freed, not any more what it was worth
		_, err := w.Enter(&office.Release{Terminal: d.Terminal, Incarnation: r.Incarnation, By: w.By(ByPolicy("restored"))})
		return err
	}
	b := &office.Regain{
		Terminal: d.Terminal, Seq: d.Seq, Note: d.Note, Alias: d.Alias, Ruling: d.Ruling, Settled: d.Settled, By: w.By(ByPolicy("restored")),
	}
	if err := w.oneAlias(b); err != nil {
		return err
	}
	if b.Note == nil && b.Alias == nil && b.Ruling == nil && b.Settled == nil {
		return nil
	}
	if err := w.remember(d.Terminal, d.Note); err != nil {
		return err
	}
	if d.Note != nil {
		for _, h := range d.Note.Holdings {
			if err := w.madeAgain(b, h.Lot); err != nil {
				return err
			}
		}
	}
	if _, err := w.Enter(b); err != nil {
		return err
	}
	switch {
	case b.Note != nil:
		return w.notForGone(d.Terminal, b.Note)
	case b.Ruling != nil:
		w.Touch(b.Ruling.Member) // others may not have heard of it
	case b.Alias != nil:
		return w.aliasForAll(*b.Alias)
	}
	return nil
}

// aliasForAll tells the terminals that know either member and may not have heard.
func (w *Work) aliasForAll(a ledger.Alias) error {
	from, err := w.Desk.SeenBy(a.From)
	to, failed := w.Desk.SeenBy(a.To)
	err = errors.Join(err, failed)
	for _, t := range append(from, to...) {
		err = errors.Join(err, w.tellAlias(t, a))
	}
	return err
}

// tellAlias tells a terminal that two members are one, or two again, once.
func (w *Work) tellAlias(id ledger.TerminalID, a ledger.Alias) error {
	to, err := underway.AliasOf(w.Tx, id, a.From)
	if err != nil || (to == a.To) != a.Undo {
		return err
	}
	_, err = w.Send(id, ledger.Down{Alias: &a})
	return err
}

// notForGone ends a note to a terminal that is decommissioned, as what was on its way
// to it was ended then.
func (w *Work) notForGone(id ledger.TerminalID, n *lot.Note) error {
	gone, err := w.Desk.Gone(id)
	if err != nil || gone == nil {
		return err
	}
	body := &office.Decommission{Terminal: id, By: w.By(ByPolicy("restored"))}
	for _, h := range n.Holdings {
		body.Flight = append(body.Flight, lot.Draw{Lot: h.Lot.ID, Amount: h.Amount})
	}
	_, err = w.Enter(body)
	return err
}

// oneAlias leaves out that members were made one, or two again, where that does
// not go with what has been decided of them since: the terminal is told what
// counts before anything else, and a person what was decided twice.
func (w *Work) oneAlias(b *office.Regain) error {
	a := b.Alias
	if a == nil {
		return nil
	}
	from, err := w.Desk.Person(a.From)
	if err != nil {
		return err
	}
	to, err := w.Desk.Person(a.To)
	if err != nil || a.Undo && (from.To == a.To || from.To == 0) || !a.Undo && from.To == a.To {
		return err
	}
	if !a.Undo && from.To == 0 && to.To == 0 && len(from.Aliases) == 0 && len(to.Aliases) < office.AliasesMax {
		return nil
	}
	b.Alias = nil
	if err := w.Alarm(b.Terminal, "alarm-merge-twice", fmt.Sprintf("%s %s", a.From, a.To)); err != nil || a.Undo {
		return err
	}
	later, err := w.Desk.Release(b.Terminal)
	if err != nil {
		return err
	}
	for _, d := range append([]ledger.Down{{Alias: &ledger.Alias{From: a.From, To: a.To, Undo: true}}}, later...) {
		if _, err := w.Send(b.Terminal, d); err != nil {
			return err
		}
	}
	return nil
}

// madeAgain adds a lot that HQ made and has forgotten.
func (w *Work) madeAgain(b *office.Regain, l lot.Lot) error {
	_, err := w.Tx.Lot(l.ID)
	if l.ID.Terminal != 0 || !errors.Is(err, book.ErrNotFound) {
		if errors.Is(err, book.ErrNotFound) {
			err = nil
		}
		return err
	}
	if slices.ContainsFunc(b.Made, func(m lot.Lot) bool { return m.ID == l.ID }) {
		return nil
	}
	b.Made = append(b.Made, l)
	accounts, err := w.Tx.AccountsOf(l.From)
	if err != nil {
		return err
	}
	if n := min(At(accounts, book.AtHQ), l.Amount); n > 0 && !l.Asset.Ceiling() { // that names the points that cost it
		b.Ended = append(b.Ended, lot.Draw{Lot: l.From, Amount: n})
	}
	return nil
}
