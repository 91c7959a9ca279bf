package hq

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ErrAudit matches what Check finds wrong.
var ErrAudit = errors.New("book does not verify")

// Check looks through the whole book: every lot's accounts add up to zero, and
// every terminal's state is what its journals fold to.
func (h *HQ) Check() error {
	return h.o.Book.View(func(tx Tx) error {
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
		for _, t := range terminals {
			a := &auditor{tx: tx, id: t.ID, table: fold.Memory{}}
			if err := a.run(); err != nil {
				return fmt.Errorf("journals of %s: %w", t.ID, err)
			}
		}
		return nil
	})
}

// auditRows is how many entries are read at a time.
const auditRows = 500

// auditor folds one terminal's journals anew.
type auditor struct {
	tx    Tx
	id    ledger.TerminalID
	table fold.Memory
	state *fold.State
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

func (a *auditor) entry(i ledger.Incarnation, row Entry) error {
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
			if _, err := a.state.ApplyDown(d); err != nil {
				return err
			}
		}
	}
	if _, err := a.state.Apply(i, row.Raw); err != nil {
		return err
	}
	if got := a.state.Head(); got != row.Head {
		return fmt.Errorf("chain gives head %s, %s is kept: %w", got, row.Head, ErrAudit)
	}
	return nil
}

// compare holds every kept record against the folded one.
func (a *auditor) compare() error {
	keys, values, err := a.tx.StateRows(a.id)
	if err != nil {
		return err
	}
	for n, key := range keys {
		if folded, ok := a.table[string(key)]; !ok || !bytes.Equal(folded, values[n]) {
			return fmt.Errorf("record %x is not what the journal gives: %w", key, ErrAudit)
		}
	}
	if len(keys) != len(a.table) {
		return fmt.Errorf("%d records are kept, the journal gives %d: %w", len(keys), len(a.table), ErrAudit)
	}
	return nil
}
