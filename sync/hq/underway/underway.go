// Package underway is what HQ has told a terminal, or asked it for, and has not heard
// of since. It reads the book and decides nothing.
package underway

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// There adds up what a terminal holds of members' lots as far as HQ has heard, and the
// notes that it has not said it took in.
func There(tx book.Tx, id ledger.TerminalID, persons []member.ID) (map[lot.Asset]lot.Amount, error) {
	state, err := fold.Load(id, tx.State(id))
	if err != nil {
		return nil, err
	}
	return sum(tx, state, persons, func(*lot.Note) bool { return true }, state.Usable, state.Frozen)
}

// Usable adds up what a terminal may use of the programme's own, as far as HQ has heard,
// in the life that is alive there, and what is on its way to that life. What lies in
// former lives counts where they are proven.
func Usable(tx book.Tx, id ledger.TerminalID) (map[lot.Asset]lot.Amount, error) {
	state, err := fold.Load(id, tx.State(id))
	if err != nil {
		return nil, err
	}
	return sum(tx, state, programmes, living(state), state.Usable)
}

// Expected is Usable, and while a former life waits for a witness also what lies frozen.
// Once nothing waits, that is of no use to anybody there, whatever becomes of it.
func Expected(tx book.Tx, id ledger.TerminalID) (map[lot.Asset]lot.Amount, error) {
	state, err := fold.Load(id, tx.State(id))
	if err != nil {
		return nil, err
	}
	lists := []holdings{state.Usable}
	if slices.ContainsFunc(state.Waiting(), func(w lineage.Waiting) bool { return !w.Lost }) {
		lists = append(lists, state.Frozen)
	}
	return sum(tx, state, programmes, living(state), lists...)
}

// programmes are the owners of what is the programme's own.
var programmes = []member.ID{0}

// living reports whether a note is to the life that is alive.
func living(s *fold.State) func(*lot.Note) bool {
	return func(n *lot.Note) bool { return n.Incarnation == uint64(s.Head().Incarnation) }
}

type holdings = func(member.ID) ([]lot.Holding, error)

// sum adds up what lists have of some owners' lots, and what of theirs is in those notes
// on their way that count.
func sum(tx book.Tx, s *fold.State, owners []member.ID, counts func(*lot.Note) bool, lists ...holdings) (map[lot.Asset]lot.Amount, error) {
	out := map[lot.Asset]lot.Amount{}
	add := func(held []lot.Holding, of ...member.ID) {
		for _, x := range held {
			if slices.Contains(of, x.Lot.Owner) {
				out[x.Lot.Asset] += x.Amount
			}
		}
	}
	for _, who := range owners {
		for _, list := range lists {
			held, err := list(who)
			if err != nil {
				return nil, err
			}
			add(held, who) // an alias is listed under the older id as well
		}
	}
	return out, Notes(tx, s, func(n *lot.Note) {
		if counts(n) {
			add(n.Holdings, owners...)
		}
	})
}

// Notes calls fn for the notes that HQ has sent a terminal and of which it has
// not heard that they came, by whichever way, each once however often it was said.
func Notes(tx book.Tx, s *fold.State, fn func(*lot.Note)) (err error) {
	said := map[lot.Origin]bool{}
	failed := Unheard(tx, s.Terminal(), s.Mark(), func(d ledger.Down) {
		if d.Note == nil || said[d.Note.ID] {
			return
		}
		said[d.Note.ID] = true
		taken, unread := s.Took(d.Note.ID)
		if err = errors.Join(err, unread); !taken {
			fn(d.Note)
		}
	})
	return errors.Join(err, failed)
}

// To lists what is in notes to a terminal that it has not taken in, as far as HQ has
// heard: those that it has not met yet, and those that it passed over.
func To(tx book.Tx, id ledger.TerminalID) (out []lot.Draw, err error) {
	state, err := fold.Load(id, tx.State(id))
	if err != nil {
		return nil, err
	}
	add := func(n *lot.Note) {
		for _, h := range n.Holdings {
			out = append(out, lot.Draw{Lot: h.Lot.ID, Amount: h.Amount})
		}
	}
	over, waiting, err := office.NewDesk(tx.Desk()).Passed(id)
	if err != nil {
		return nil, err
	}
	for _, n := range slices.Concat(over, waiting) {
		add(&n)
	}
	return out, Notes(tx, state, add)
}

// Unheard calls fn for what HQ has sent a terminal and has not heard of since.
func Unheard(tx book.Tx, id ledger.TerminalID, after ledger.DownSeq, fn func(ledger.Down)) error {
	t, err := tx.Terminal(id)
	for err == nil && after < t.DownSeq {
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
	return err
}

// Asked is what a terminal has been asked for and has not answered, as far as
// HQ has heard.
func Asked(tx book.Tx, id ledger.TerminalID) (map[lot.ID]lot.Amount, error) {
	state, err := fold.Load(id, tx.State(id))
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
	return out, Unheard(tx, id, state.Mark(), func(d ledger.Down) {
		if d.Recall != nil {
			count(d.Recall.Draws)
		}
	})
}

// AliasOf is who a member is to a terminal, another one or nobody, once it has heard
// all that it was told.
func AliasOf(tx book.Tx, id ledger.TerminalID, from member.ID) (to member.ID, err error) {
	state, err := fold.Load(id, tx.State(id))
	if err != nil {
		return 0, err
	}
	about, err := state.About(from)
	if err != nil {
		return 0, err
	}
	if about.Member != from {
		to = about.Member
	}
	return to, Unheard(tx, id, state.Mark(), func(d ledger.Down) {
		if a := d.Alias; a != nil && a.From == from {
			if to = a.To; a.Undo {
				to = 0
			}
		}
	})
}
