package hq

import (
	"errors"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/adrift"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/totals"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Overview works out what the dashboard shows.
func (h *HQ) Overview() (Overview, error) {
	o := Overview{Now: h.o.Now()}
	var err error
	if o.Conflicts, err = h.Conflicts(); err != nil {
		return o, err
	}
	o.Conflicts = o.Conflicts[:min(len(o.Conflicts), conflictsShown)]
	err = h.o.Book.View(func(tx book.Tx) error {
		rules, err := h.inForce(tx)
		if err != nil {
			return err
		}
		o.Zone = rules.All.Location()
		terminals, err := tx.Terminals()
		if err != nil {
			return err
		}
		for _, t := range terminals {
			o.Terminals = append(o.Terminals, h.viewTerminal(t, o.Now))
		}
		sums, err := adrift.Accounts(tx)
		if err != nil {
			return err
		}
		o.Totals = totals.Of(sums, rules.All)
		recent, err := tx.Recent(entriesShown)
		if err != nil {
			return err
		}
		for _, e := range recent {
			o.Recent = append(o.Recent, viewEntry(e))
		}
		o.Alarms, err = tx.Alarms(alarmsShown)
		return err
	})
	return o, err
}

func (h *HQ) viewTerminal(t book.Terminal, now time.Time) TerminalView {
	v := TerminalView{
		ID: t.ID, Name: t.Name, Store: t.Store, Heard: t.Heard, Software: t.Software, Incarnation: t.Has.Incarnation,
		Has: t.Has.Seq, Says: t.Said.Seq, Backlog: t.Backlog, Entries: t.Entries, DownSent: t.DownSeq,
		DownApplied: t.DownApplied, Parked: t.Parked, Trouble: t.Trouble, Presence: h.presence(t, now),
	}
	if !t.Oldest.IsZero() && t.Backlog > 0 {
		v.Lag = max(now.Sub(t.Oldest), 0)
	}
	return v
}

func (h *HQ) presence(t book.Terminal, now time.Time) Presence {
	h.mu.Lock()
	connected := h.online[t.ID]
	h.mu.Unlock()
	switch {
	case t.Heard.IsZero():
		return Never
	case !connected:
		return Offline
	case now.Sub(t.Heard) > lateAfter:
		return Late
	}
	return Online
}

func viewEntry(e book.Entry) EntryView {
	v := EntryView{
		Origin: ledger.Origin(e.Terminal, e.Head.Incarnation, e.Head.Seq), Kind: ledger.Kind(0).Word(), Received: time.UnixMilli(e.Received),
	}
	entry, err := ledger.Decode(e.Raw)
	if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
		return v
	}
	v.At = time.UnixMilli(entry.Wall)
	v.Kind = entry.Body.Kind().Word()
	switch b := entry.Body.(type) {
	case *ledger.Sale:
		v.Fen = b.Total()
		for _, a := range b.Awards {
			v.Points += a.Amount
		}
	case *ledger.Redeem:
		v.Points = -lot.Sum(b.Draws)
	case *ledger.NoteGiven:
		v.Points = -lot.Sum(b.Draws)
	}
	return v
}
