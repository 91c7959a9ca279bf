package simhq

import (
	"errors"
	"maps"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/shelf"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What becomes of HQ's book: backups are made of it, and put back.

const (
	backupsKept = 4
	backupEvery = 6 * time.Hour
)

func (h *HQ) backup() {
	h.After(backupEvery, h.backup)
	if len(h.backups) == backupsKept {
		h.backups = h.backups[1:]
	}
	h.backups = append(h.backups, h.Shelf.Image())
}

// Restore has HQ's machine break, and a person put a backup of the book back. The
// grant log is still there, where there is one, unless it is lost as well.
func (h *HQ) Restore(withLog bool) {
	if len(h.backups) == 0 || !h.On {
		return
	}
	h.Mark("hq-restored")
	h.On = false
	h.past = append(h.past, h.Shelf.Image())
	n := h.Random.IntN(len(h.backups))
	h.Shelf.Restore(h.backups[n])
	h.backups = h.backups[:n+1]
	switch {
	case h.grants == nil:
		h.Mark("hq-restored-without-log")
		h.restored = true
	case !withLog:
		h.Mark("hq-restored-log-lost")
		h.newLog()
		h.restored = true
	default:
		h.Mark("hq-restored-with-log")
	}
	h.forgets()
	if h.restored { // else the log brings it back
		h.view(func(tx book.Tx) error {
			known, err := swaps(tx)
			h.o.Forgot(known)
			return err
		})
	}
	h.After(h.Between(10*time.Minute, 6*time.Hour), h.process)
}

// newLog begins a grant log that knows nothing of what was said before.
func (h *HQ) newLog() { h.grants, h.logged = &shelf.Grants{Fault: h.fault}, logged{} }

// emptyLog notes what the book has when HQ starts on a log that has nothing. It
// begins behind that, by its numbers, also where an earlier start died before it
// wrote the first of them: an older book is told from that as one with a gap.
func (h *HQ) emptyLog() {
	if h.grants == nil {
		return
	}
	first, _, err := h.grants.Span()
	h.Must("look at the grant log", err)
	if first != 0 {
		return
	}
	h.logged.before = map[ledger.TerminalID]ledger.DownSeq{}
	for _, b := range h.o.Boards {
		h.logged.before[b.ID] = h.Shelf.Image().Down(b.ID)
	}
}

// forgets looks again at what is written again.
func (h *HQ) forgets() {
	h.view(func(tx book.Tx) error { // what was told to nobody it writes again under the same numbers
		list, err := tx.Office(0, 0, 1<<30)
		h.read = [2]uint64{}
		if n := len(list); n > 0 {
			h.read = [2]uint64{list[n-1].Epoch, list[n-1].Seq}
		}
		return err
	})
	img := h.Shelf.Image()
	for id := range maps.Keys(h.looked) {
		h.looked[id] = min(h.looked[id], img.Down(id))
	}
	for key := range h.asked {
		delete(h.asked, key)
	}
	for _, b := range h.o.Boards {
		for seq := ledger.DownSeq(1); seq <= h.looked[b.ID]; seq++ {
			d, err := ledger.OpenDown(img.DownRaw(b.ID, seq), nil)
			h.Must("open an entry of HQ", err)
			if d.Note != nil {
				h.asked[askOf{b.ID, d.Note.Incarnation, d.Note.Ask}] = d.Note.ID
			}
		}
	}
}

// Second is another HQ that a person sets up from a backup, since this one seems
// to be gone, which it is not.
func (h *HQ) Second() *HQ {
	if len(h.backups) == 0 || !h.On {
		return nil
	}
	h.Mark("hq-second")
	other := &HQ{
		Engine: h.Engine, o: h.o, keys: h.keys, chances: h.chances, people: h.people, Shelf: shelf.New(), BrokerOff: h.BrokerOff, restored: true,
		joined: h.joined, phones: h.phones, merged: h.merged, blocked: h.blocked, read: h.read, looked: maps.Clone(h.looked), asked: map[askOf]lot.Origin{}, repeated: h.repeated,
		past: append([]*shelf.Image{h.Shelf.Image()}, h.past...),
	}
	other.Shelf.Restore(h.backups[h.Random.IntN(len(h.backups))])
	if h.grants != nil {
		other.newLog()
	}
	other.wire()
	other.forgets()
	other.process()
	other.After(19*time.Hour, other.nightly)
	other.After(time.Minute, other.Tick)
	other.After(time.Hour, other.backup)
	return other
}

// Decommission has a person end a terminal whose board is gone. It says what its
// store may lose by that, by asset: what it held, as far as HQ knows, and what was on
// its way to it. HQ's book may have heard of its use before it went back; and what it
// had told the terminal and forgot is lost as well.
func (h *HQ) Decommission(id ledger.TerminalID) (exposed map[lot.Asset]lot.Amount, done bool) {
	h.decides("decommissioned", func() error {
		err := h.HQ.Decommission(id, byPerson)
		if errors.Is(err, decision.ErrGone) { // an earlier try, whose result was unknown, had done it
			err = nil
		}
		done = err == nil
		return err
	})
	exposed = map[lot.Asset]lot.Amount{}
	if !done {
		return exposed, false
	}
	for _, n := range h.forgotten(id) {
		for _, held := range n.Holdings {
			exposed[held.Lot.Asset] += held.Amount
		}
	}
	h.view(func(tx book.Tx) error {
		list, err := tx.Office(0, 0, 1<<30)
		add := func(id lot.ID, n lot.Amount) {
			l, bad := tx.Lot(id)
			err = errors.Join(err, bad)
			exposed[l.Asset] += n
		}
		for _, e := range list {
			body, bad := office.Decode(e.Kind, e.Body)
			err = errors.Join(err, bad)
			if end, ok := body.(*office.Decommission); ok && end.Terminal == id {
				for _, x := range end.Held {
					add(x.Lot, x.Amount)
				}
				for _, d := range end.Flight {
					add(d.Lot, d.Amount)
				}
			}
		}
		return err
	})
	return exposed, true
}

// Misses reports whether HQ is at work and does not know, or knows no more, that a
// terminal was decommissioned.
func (h *HQ) Misses(id ledger.TerminalID) (misses bool) {
	if !h.On || h.HQ.Fenced() {
		return false
	}
	h.Must("look at a terminal", h.HQ.Look(func(w *decision.Work) error {
		gone, err := w.Gone(id)
		misses = !gone
		return err
	}))
	return misses
}

// forgotten are the notes for a terminal that HQ's book had before it went back.
func (h *HQ) forgotten(id ledger.TerminalID) map[lot.Origin]*lot.Note {
	out := map[lot.Origin]*lot.Note{}
	known := h.Shelf.Image().Down(id)
	for _, img := range h.past {
		for seq := known + 1; seq <= img.Down(id); seq++ {
			d, err := ledger.OpenDown(img.DownRaw(id, seq), nil)
			h.Must("open an entry of HQ", err)
			if d.Note != nil {
				out[d.Note.ID] = d.Note
			}
		}
	}
	return out
}

// late has a person look at what boards awarded that were gone by then.
func (h *HQ) late() {
	list, err := h.HQ.Late()
	h.Must("list what came late", err)
	if len(list) > 0 {
		h.decides("late-decided", func() error { return h.HQ.DecideLate(list[0].Of, h.Hit(5000), byPerson) })
	}
}
