// Package audit looks through HQ's whole book and says whether it is what its
// journals give. It repairs nothing.
package audit

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// ErrAudit matches what Check finds wrong.
var ErrAudit = errors.New("book does not verify")

// Check looks through the whole book: every lot's accounts add up to zero,
// every terminal's state is what its journals fold to, and accounts, dues, what
// is owed, aliases and claims are what all journals together give, HQ's own
// among them.
func Check(b book.Book) error {
	return b.View(func(tx book.Tx) error {
		off, err := tx.Unbalanced(10)
		if err != nil {
			return err
		}
		if len(off) > 0 {
			return fmt.Errorf("accounts of %d lots or more do not add up, the first is %s: %w", len(off), off[0], ErrAudit)
		}
		terminals, err := tx.Terminals()
		if err != nil {
			return err
		}
		tally := NewTally()
		if err := replay(tx, func(_ lot.Origin, b office.Body) {
			if g, ok := b.(*office.Decommission); ok {
				tally.Gone(g)
			}
		}); err != nil {
			return fmt.Errorf("HQ's journal: %w", err)
		}
		for _, t := range terminals {
			a := &auditor{tx: tx, id: t.ID, table: fold.Memory{}, tally: tally}
			if err := a.run(); err != nil {
				return fmt.Errorf("journals of %s: %w", t.ID, err)
			}
		}
		if err := replay(tx, tally.Decided); err != nil {
			return fmt.Errorf("HQ's journal: %w", err)
		}
		if err := compareAll(tx, tally); errors.Is(err, ErrTally) {
			return fmt.Errorf("%w: %w", ErrAudit, err)
		} else if err != nil {
			return err
		}
		return nil
	})
}

// replay shows HQ's own journal.
func replay(tx book.Tx, show func(lot.Origin, office.Body)) error {
	var at lot.Origin
	for {
		rows, err := tx.Office(at.Incarnation, at.Seq, auditRows)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			before := at
			at = lot.Origin{Incarnation: r.Epoch, Seq: r.Seq}
			if at.Incarnation == before.Incarnation && at.Seq != before.Seq+1 {
				return fmt.Errorf("entry %d is missing: %w", before.Seq+1, ErrAudit)
			}
			b, err := office.Decode(r.Kind, r.Body)
			if err != nil {
				return fmt.Errorf("entry %s: %w", at, err)
			}
			show(at, b)
		}
	}
}

// compareAll holds every account and every record of the desk against what the
// journals give.
func compareAll(tx book.Tx, tally *Tally) error {
	var last lot.ID
	for {
		list, err := tx.Ledger(last, auditRows)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		last = list[len(list)-1].Lot.ID
		for _, a := range together(list) {
			if a.Amount == 0 {
				continue
			}
			if err := tally.Account(a.Lot, a.Place, a.Amount); err != nil {
				return err
			}
		}
	}
	keys, values, err := tx.DeskRows(nil)
	if err != nil {
		return err
	}
	for n, key := range keys {
		if err := tally.Row(key, values[n]); err != nil {
			return err
		}
	}
	return tally.Rest()
}

// auditRows is how many entries are read at a time.
const auditRows = 500

// auditor folds one terminal's journals anew.
type auditor struct {
	tx    book.Tx
	id    ledger.TerminalID
	table fold.Memory
	state *fold.State
	tally *Tally

	unread decision.Unread
}

func (a *auditor) run() error {
	var err error
	if a.state, err = fold.Load(a.id, a.table); err != nil {
		return err
	}
	streams, err := a.tx.Streams(a.id)
	if err != nil {
		return err
	}
	if a.unread, err = decision.UnreadOf(a.tx, a.id); err != nil {
		return err
	}
	for _, s := range streams {
		if err := a.stream(s); err != nil {
			return fmt.Errorf("incarnation %s: %w", s.Incarnation, err)
		}
	}
	return a.compare()
}

func (a *auditor) stream(s ledger.Head) error {
	for seq := ledger.Seq(0); seq < s.Seq; {
		rows, err := a.tx.Entries(a.id, s.Incarnation, seq, auditRows)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fmt.Errorf("entry %d is missing: %w", seq+1, ErrAudit)
		}
		for _, e := range rows {
			if err := a.entry(s.Incarnation, e); err != nil {
				return fmt.Errorf("entry %d: %w", e.Head.Seq, err)
			}
			seq = e.Head.Seq
		}
		if err := a.state.Flush(a.table.Put); err != nil {
			return err
		}
	}
	return nil
}

func (a *auditor) entry(i ledger.Incarnation, row book.Entry) error {
	e, err := ledger.Decode(row.Raw)
	if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
		return err
	}
	for a.state.Mark() < e.Mark {
		raws, err := a.tx.Down(a.id, a.state.Mark(), wire.DownEntriesMax)
		if err != nil {
			return err
		}
		if len(raws) == 0 {
			return fmt.Errorf("down entry %d is missing: %w", a.state.Mark()+1, ErrAudit)
		}
		for _, raw := range raws[:min(uint64(len(raws)), uint64(e.Mark-a.state.Mark()))] {
			d, err := ledger.OpenDown(raw, nil)
			if err != nil {
				return err
			}
			effects, err := a.state.ApplyDown(d)
			if err != nil {
				return err
			}
			a.tally.Heard(a.id, row.Head, effects, nil)
		}
	}
	unread := a.unread.Next(row)
	if unread {
		e = decision.Blank(e)
	}
	effects, err := a.state.ApplyRead(i, row.Raw, e, unread)
	if err != nil {
		return err
	}
	if err := a.heard(effects); err != nil {
		return err
	}
	if got := a.state.Head(); got != row.Head {
		return fmt.Errorf("chain gives head %s, %s is kept: %w", got, row.Head, ErrAudit)
	}
	return nil
}

// heard adds an entry to the tally. Which lots HQ did not know when it came, the
// book tells by the names that they got.
func (a *auditor) heard(e fold.Effects) error {
	named, err := place.Overclaimed(&e, func(_, instead lot.ID) (bool, error) {
		_, err := a.tx.Lot(instead)
		if errors.Is(err, book.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil {
		a.tally.Heard(a.id, a.state.Head(), e, named)
	}
	return err
}

// compare holds every kept record against the folded one.
func (a *auditor) compare() error {
	keys, values, err := a.tx.StateRows(a.id)
	if err != nil {
		return err
	}
	none := 0
	for n, key := range keys {
		folded, ok := a.table[string(key)]
		if !ok && len(values[n]) == 0 { // there was something before the journal was read again
			none++
			continue
		}
		if !ok || !bytes.Equal(folded, values[n]) {
			return fmt.Errorf("record %x is not what the journal gives: %w", key, ErrAudit)
		}
	}
	if len(keys)-none != len(a.table) {
		return fmt.Errorf("%d records are kept, the journal gives %d: %w", len(keys)-none, len(a.table), ErrAudit)
	}
	return nil
}

// together adds what is awaited at a place to what is there.
func together(list []book.Account) []book.Account {
	var out []book.Account
	for _, a := range list {
		a.Place.Kind = a.Place.Kind.Base()
		at := len(out) - 1
		for at >= 0 && out[at].Lot.ID == a.Lot.ID && out[at].Place != a.Place {
			at--
		}
		if at < 0 || out[at].Lot.ID != a.Lot.ID {
			out = append(out, a)
			continue
		}
		out[at].Amount += a.Amount
	}
	return out
}
