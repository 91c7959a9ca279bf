package hq

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// History is what HQ has of a terminal's own journal after an entry, as far as
// one message goes, up to the opening of an incarnation: the terminal's disk had
// gone back. Where HQ does not have that entry itself, there is nothing.
func (h *HQ) History(id ledger.TerminalID, m *wire.Forgot) (out *wire.History, err error) {
	if err := h.awake(); err != nil {
		return nil, err
	}
	err = h.o.Book.View(func(tx book.Tx) error {
		t, err := tx.Terminal(id)
		if err != nil {
			return err
		}
		if t.Trouble != "" {
			return &exchange.RefusedError{Code: t.Trouble}
		}
		out, err = history(tx, id, m)
		return err
	})
	return out, err
}

func history(tx book.Tx, id ledger.TerminalID, m *wire.Forgot) (*wire.History, error) {
	out := &wire.History{After: m.After, Before: m.Before}
	streams, err := tx.Streams(id)
	if err != nil {
		return nil, err
	}
	at := 0
	if m.After != (ledger.Head{}) {
		e, err := tx.Entry(id, m.After.Incarnation, m.After.Seq)
		if errors.Is(err, book.ErrNotFound) || err == nil && e.Head != m.After {
			out.Done = true
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		at = slices.IndexFunc(streams, func(s ledger.Head) bool { return s.Incarnation == m.After.Incarnation })
	}
	for after := m.After.Seq; at < len(streams) && streams[at].Incarnation != m.Before; at, after = at+1, 0 {
		list, err := tx.Entries(id, streams[at].Incarnation, after, wire.BatchEntriesMax)
		if err != nil {
			return nil, err
		}
		size := 0
		for _, e := range list {
			if size += len(e.Raw); size > wire.BatchBytesMax/2 && len(out.Entries) > 0 {
				break
			}
			out.Entries = append(out.Entries, e.Raw)
		}
		if len(list) > 0 {
			out.Incarnation = streams[at].Incarnation
			return out, nil
		}
	}
	out.Done = true
	return out, nil
}
