package till

import (
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// asking is an ask that has no answer yet.
type asking struct {
	Ask
	lane     uint32
	deadline time.Duration // monotonic
}

// settleBoot opens the incarnation of this boot if that has not been done:
// only then is it known what of the rights here may be used.
func (t *Till) settleBoot() error {
	if t.settled {
		return nil
	}
	if err := t.update(t.open); err != nil {
		return fmt.Errorf("open this boot's incarnation: %w", err)
	}
	t.settled = true
	return nil
}

// ask sends for a member's points as soon as the member is known, so that they
// are here before the cashier needs them. Nobody waits for it.
func (t *Till) ask(by By, id member.ID, proof member.Proof) error {
	if !proof.MaySpend() || !t.o.Asker.Online() {
		return nil
	}
	for _, a := range t.asks {
		if a.Member == id {
			return nil
		}
	}
	wants, err := t.missing(id)
	if err != nil || len(wants) == 0 {
		return err
	}
	if err := t.ensureOpen(); err != nil {
		return err
	}
	n, err := t.random()
	if err != nil {
		return err
	}
	a := &asking{lane: by.Lane, deadline: t.o.Now().Mono + askDeadline, Ask: Ask{
		ID: lot.AskID(max(n>>24, 1)), Incarnation: t.o.Boot.Head.Incarnation, Member: id, Wants: wants, Within: askDeadline,
	}}
	t.asks[a.ID] = a
	t.o.Asker.Ask(a.Ask)
	return nil
}

// missing reads what is worth asking for.
func (t *Till) missing(id member.ID) (wants []Want, err error) {
	err = t.o.Journal.View(func(tx journal.Tx) error {
		held, err := t.usable(tx, id)
		wants = t.wants(held, t.today(t.o.Now()))
		return err
	})
	return wants, err
}

func (t *Till) usable(tx journal.Tx, id member.ID) ([]lot.Holding, error) {
	state, err := t.state(tx)
	if err != nil {
		return nil, err
	}
	return state.Usable(id)
}

// ensureOpen opens an incarnation of this boot where there is none.
func (t *Till) ensureOpen() error {
	open := false
	err := t.o.Journal.View(func(tx journal.Tx) error {
		state, err := t.state(tx)
		if err == nil {
			open = t.o.Boot.Head != nil && *t.o.Boot.Head == state.Head() && !state.Stopped() && state.Head().Seq > 0
		}
		return err
	})
	if err != nil || open {
		return err
	}
	return t.update(t.open)
}

// wants is how much is missing here up to what one bill may use.
func (t *Till) wants(held []lot.Holding, today lot.Today) []Want {
	var wants []Want
	for _, kind := range t.o.Programme.Points {
		most, err := kind.Worth.Floor(int64(t.o.Programme.Allotment.AskFen))
		if missing := lot.Amount(most) - lot.Available(held, kind.Asset, today); err == nil && missing > 0 {
			wants = append(wants, Want{Asset: kind.Asset, Amount: missing})
		}
	}
	return wants
}

// heard is what HQ last said of a member, and when.
type heard struct {
	Answer
	at time.Time
}

// Answered takes in what HQ said beside a note.
func (t *Till) Answered(a Answer) {
	t.mu.Lock()
	if len(t.heard) >= PendingMax {
		clear(t.heard)
	}
	t.heard[a.Member] = heard{a, t.o.Now().Wall}
	if !a.Given {
		delete(t.asks, a.Ask)
	}
	t.mu.Unlock()
	t.changed()
}

// leave notes that a member's points here may go back to HQ, as soon as HQ has
// acked what was done with them. The lock must be held.
func (t *Till) leave(id member.ID) {
	if id == 0 || len(t.pending) >= PendingMax || t.o.Boot.Head == nil {
		return
	}
	t.pending[id] = *t.o.Boot.Head
}

// Tick does what is due: asks past their deadline are given up, in the journal
// first; points that members left behind go back; HQ is told what was applied.
func (t *Till) Tick() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return nil
	}
	now := t.o.Now()
	if err := t.observe(now); err != nil {
		return err
	}
	if err := t.giveUpAsks(now); err != nil {
		return err
	}
	if !t.o.Asker.Online() {
		return nil
	}
	if err := t.giveBack(); err != nil {
		return err
	}
	if err := t.tellMark(now); err != nil {
		return err
	}
	if now.Mono-t.ackedAt < ackedEvery {
		return nil
	}
	t.ackedAt = now.Mono
	return t.keepAcked()
}

func (t *Till) giveUpAsks(now Reading) error {
	for id, a := range t.asks {
		if now.Mono < a.deadline {
			continue
		}
		err := t.update(func(x *txn) error {
			_, err := t.append(x, ledger.Entry{Lane: a.lane, Body: &ledger.AskGivenUp{Ask: id}})
			return err
		})
		if err != nil {
			return fmt.Errorf("give up an ask: %w", err)
		}
		delete(t.asks, id)
	}
	return nil
}

// giveBack gives up to HQ what pending members hold here beyond the allotment,
// a few at a time.
func (t *Till) giveBack() error {
	given := 0
	for id, since := range t.pending {
		if since.Incarnation != t.acked.Incarnation || since.Seq > t.acked.Seq || t.onLane(id) {
			continue
		}
		whole, gave, err := t.giveBackOf(id)
		if err != nil {
			return fmt.Errorf("give points back: %w", err)
		}
		if whole {
			delete(t.pending, id)
		}
		if gave {
			given++
		}
		if given == givesMax {
			break
		}
	}
	return nil
}

func (t *Till) giveBackOf(id member.ID) (whole, gave bool, err error) {
	var draws []lot.Draw
	err = t.o.Journal.View(func(tx journal.Tx) error {
		held, err := t.usable(tx, id)
		draws = t.excess(held, t.today(t.o.Now()))
		return err
	})
	if err != nil || len(draws) == 0 {
		return true, false, err
	}
	whole = len(draws) <= noteLotsMax // else the rest goes with the next one
	note := &ledger.NoteGiven{Member: id, Draws: draws[:min(len(draws), noteLotsMax)]}
	err = t.update(func(x *txn) error {
		_, err := t.append(x, ledger.Entry{Body: note})
		return err
	})
	return whole, true, err
}

func (t *Till) onLane(id member.ID) bool {
	for _, l := range t.lanes {
		if l.Member == id {
			return true
		}
	}
	return false
}

// excess is what goes back: of each kind of points all but the allotment's
// worth, which is kept from the lots that expire first, and all that has
// lapsed, since only HQ expires.
func (t *Till) excess(held []lot.Holding, today lot.Today) []lot.Draw {
	var back []lot.Draw
	for _, h := range held {
		if h.Lot.Asset.Points() && !today.Usable(h.Lot.Expires) {
			back = append(back, lot.Draw{Lot: h.Lot.ID, Amount: h.Amount})
		}
	}
	for _, kind := range t.o.Programme.Points {
		have := lot.Available(held, kind.Asset, today)
		most, err := kind.Worth.Floor(int64(t.o.Programme.Allotment.KeepFen))
		if err != nil {
			continue
		}
		all, err := lot.Plan(held, kind.Asset, have, today)
		if err != nil {
			continue
		}
		keep := lot.Amount(most)
		for _, d := range all {
			stays := min(keep, d.Amount)
			keep -= stays
			if d.Amount -= stays; d.Amount > 0 {
				back = append(back, d)
			}
		}
	}
	return back
}

// tellMark writes an entry that only carries the mark, when nothing else has
// told HQ for a while that its notes arrived.
func (t *Till) tellMark(now Reading) error {
	if now.Mono-t.touched < markAfter {
		return nil
	}
	t.touched = now.Mono
	var mark ledger.DownSeq
	err := t.o.Journal.View(func(tx journal.Tx) error {
		state, err := t.state(tx)
		if err == nil {
			mark = state.Mark()
		}
		return err
	})
	if err != nil || mark == t.marked {
		return err
	}
	return t.update(func(x *txn) error {
		_, err := t.append(x, ledger.Entry{Body: &ledger.Mark{}})
		return err
	})
}
