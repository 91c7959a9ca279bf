package intake

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/paper"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/signing"
)

// Batch is the taking in of one batch.
type Batch struct {
	*decision.Work
	terms *Terms
	id    ledger.TerminalID
	now   int64
	row   book.Terminal
	state *fold.State
	rows  []book.Entry
	posts map[account]lot.Amount
	order []account
	heard heard
	gone  *office.Decommission // or nil
	late  bool                 // the entry in hand was first heard after that
	named bool                 // HQ has lots of these entries already
	heals []ledger.Heal
}

type account struct {
	lot   lot.ID
	place book.Place
}

// Take takes in a batch, or several that follow on each other, as one.
func (in *Batch) Take(list ...*wire.Batch) (head ledger.Head, resume bool, err error) {
	m := joined(list)
	if in.row, err = in.Tx.Terminal(in.id); err != nil {
		return head, false, err
	}
	if in.row.Trouble != "" {
		return head, false, &exchange.RefusedError{Code: in.row.Trouble}
	}
	var kept bool
	if in.state, kept, err = in.terms.warm.take(in.row, in.Tx.State(in.id)); err != nil {
		return head, false, err
	}
	if barred, err := in.Desk.Barred(in.id, m.Incarnation); err != nil || barred {
		return head, false, errors.Join(err, &exchange.RefusedError{Code: "denied-clone"})
	}
	if in.gone, err = in.Desk.Gone(in.id); err != nil {
		return head, false, err
	}
	in.state.Without(in.terms.Unguarded)
	have, err := in.have(m.Incarnation)
	if err != nil {
		return head, false, err
	}
	gap := m.First > have.Seq+1 && !in.terms.Unguarded.ContiguousUp
	if m.First == 0 || len(m.Entries) == 0 || gap || (have.Seq == 0 && m.First != 1) {
		return in.state.Head(), true, nil
	}
	if early, err := in.early(m, have); err != nil || early {
		return in.state.Head(), true, err
	}
	fresh, err := in.compare(m, have)
	if err != nil {
		return head, false, err
	}
	if newest := in.state.Head().Incarnation; len(fresh) > 0 && have.Seq > 0 && m.Incarnation != newest {
		return head, false, fmt.Errorf("incarnation %s goes on after %s was begun: %w", m.Incarnation, newest, ErrFork)
	}
	if !kept || have.Seq == 0 { // of a life that goes on and whose state was kept, no receipt is booked: it may come by itself
		if err := in.known(m.Incarnation, have.Seq); err != nil {
			return head, false, err
		}
	}
	for n, raw := range fresh {
		in.late = in.gone != nil && in.gone.After(m.Incarnation, have.Seq+1+ledger.Seq(n))
		if err := in.entry(m.Incarnation, raw); err != nil {
			return head, false, err
		}
	}
	if len(fresh) > 0 {
		have = in.state.Head()
		if !signing.Verify(in.row.Key, have.Signed(in.id), m.Signature[:]) {
			return head, false, fmt.Errorf("head %s: %w", have, wire.ErrSignature)
		}
		in.row.DownApplied = m.Down
	}
	if err := in.commit(len(fresh)); err != nil {
		return head, false, err
	}
	if err := in.follow(); err != nil {
		return head, false, err
	}
	return have, false, in.End()
}

// joined makes one batch of those that follow on each other: by the chain, the
// signature of the last head is one of all that comes before it.
func joined(list []*wire.Batch) *wire.Batch {
	m := *list[len(list)-1]
	m.First, m.Before, m.BeforeLast, m.Epoch, m.Entries = list[0].First, list[0].Before, list[0].BeforeLast, list[0].Epoch, nil
	for _, b := range list {
		m.Entries = append(m.Entries, b.Entries...)
	}
	return &m
}

// have is the newest entry here of an incarnation.
func (in *Batch) have(i ledger.Incarnation) (ledger.Head, error) {
	streams, err := in.Tx.Streams(in.id)
	if err != nil {
		return ledger.Head{}, err
	}
	for _, s := range streams {
		if s.Incarnation == i {
			return s, nil
		}
	}
	return ledger.Head{Incarnation: i}, nil
}

// early reports whether an incarnation begins before HQ has all of its parent, or
// of the one that the terminal has before it: the messages in between were lost, or
// HQ's book went back, and they come again. Of what has begun the fold goes on.
// What the terminal said of the one before may be old as well: it may have got more of
// it back since. That is said anew to an HQ that has begun another epoch since.
func (in *Batch) early(m *wire.Batch, have ledger.Head) (bool, error) {
	if have.Seq > 0 {
		return false, nil
	}
	if m.Epoch != 0 && m.Epoch != in.Epoch() {
		return true, nil
	}
	if before, err := in.have(m.Before); err != nil || before.Seq < m.BeforeLast {
		return true, err
	}
	e, err := ledger.Decode(m.Entries[0])
	open, ok := e.Body.(*ledger.Open)
	if err != nil || !ok || open.Parent.Incarnation == 0 {
		return false, nil // the fold says what is wrong
	}
	parent, err := in.have(open.Parent.Incarnation)
	return parent.Seq < open.Parent.Seq, err
}

// compare checks what HQ has already, byte for byte, and returns the rest.
func (in *Batch) compare(m *wire.Batch, have ledger.Head) ([][]byte, error) {
	known := int(min(uint64(have.Seq+1-m.First), uint64(len(m.Entries))))
	for n, raw := range m.Entries[:known] {
		e, err := in.Tx.Entry(in.id, m.Incarnation, m.First+ledger.Seq(n))
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(e.Raw, raw) && !in.terms.Unguarded.SameBytes {
			return nil, fmt.Errorf("entry %s/%d: %w", m.Incarnation, m.First+ledger.Seq(n), ErrFork)
		}
	}
	return m.Entries[known:], nil
}

// entry folds one entry, with HQ's own journal for the terminal applied up to
// its mark first, as the terminal did.
func (in *Batch) entry(i ledger.Incarnation, raw []byte) error {
	e, err := ledger.Decode(raw)
	unknown := errors.Is(err, ledger.ErrUnknownKind)
	if err != nil && !unknown {
		return fmt.Errorf("%w: %w", ErrEntry, err)
	}
	if err := in.downTo(e.Mark); err != nil {
		return err
	}
	if open, ok := e.Body.(*ledger.Open); ok && i != in.state.Head().Incarnation {
		if err := in.behind(i, open.Parent); err != nil {
			return err
		}
	}
	if b, ok := e.Body.(*ledger.NoteByHand); ok && in.gone == nil {
		if err := in.ByHand(in.id, b); err != nil {
			return err
		}
	}
	effects, err := in.state.ApplyRead(i, raw, e, unknown)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEntry, err)
	}
	in.rows = append(in.rows, book.Entry{Terminal: in.id, Head: in.state.Head(), Raw: raw, Received: in.now, Parked: effects.Parked})
	if effects.Parked {
		in.row.Parked++
		if effects.Entry.Body.Critical() {
			if err := in.Tx.PutMeta(decision.CriticalMeta(in.id), effects.Origin.String()); err != nil {
				return err
			}
		}
		in.terms.Log.Warn("entry of unknown kind parked", "terminal", in.id.String(), "entry", effects.Origin.String())
	}
	if err := in.ends(effects.Entry.Body, effects.Wrong); err != nil {
		return err
	}
	return in.effects(effects)
}

// behind looks whether an incarnation begins after an earlier entry than HQ has:
// then the terminal's disk had gone back, and it is told so. What it names must
// be what HQ has, or another board writes under its name.
func (in *Batch) behind(i ledger.Incarnation, parent ledger.Head) error {
	if parent == in.state.Head() {
		return nil
	}
	if parent.Seq > 0 {
		e, err := in.Tx.Entry(in.id, parent.Incarnation, parent.Seq)
		if errors.Is(err, book.ErrNotFound) {
			return nil // the fold says what is wrong
		}
		if err != nil {
			return err
		}
		if e.Head != parent {
			return fmt.Errorf("parent %s, here is %s: %w", parent, e.Head, ErrFork)
		}
	}
	in.heals = append(in.heals, ledger.Heal{Child: i, Parent: parent})
	return nil
}

// ends notes which incarnation is over by an entry: its successor was proven,
// or it had stopped in order.
func (in *Batch) ends(b ledger.Body, wrong string) error {
	var parent ledger.Head
	switch b := b.(type) {
	case *ledger.Open:
		if parent = b.Parent; parent.Seq == 0 {
			return nil
		}
		if b.Witness == ledger.NoWitness || wrong != "" {
			row, err := in.Tx.Entry(in.id, parent.Incarnation, parent.Seq)
			if err != nil {
				return err
			}
			last, err := ledger.Decode(row.Raw)
			if _, stopped := last.Body.(*ledger.Stop); err != nil || !stopped {
				return nil
			}
		}
	case *ledger.Carry:
		if parent = b.Parent; wrong != "" {
			return nil
		}
	default:
		return nil
	}
	return in.Desk.IsOver(in.id, parent.Incarnation)
}

func (in *Batch) downTo(mark ledger.DownSeq) error {
	for in.state.Mark() < mark {
		raws, err := in.Tx.Down(in.id, in.state.Mark(), wire.DownEntriesMax)
		if err != nil {
			return err
		}
		if len(raws) == 0 { // another HQ told it, or this one and has forgotten it: the terminal can show that
			return &exchange.LacksError{After: in.state.Mark()}
		}
		for _, raw := range raws[:min(uint64(len(raws)), uint64(mark-in.state.Mark()))] {
			d, err := ledger.OpenDown(raw, nil)
			if err != nil {
				return err
			}
			effects, err := in.state.ApplyDown(d)
			if err != nil {
				return err
			}
			if err := in.effects(effects); err != nil {
				return err
			}
		}
	}
	return nil
}

// effects books what an entry did. The sale stands, whatever it took.
func (in *Batch) effects(e fold.Effects) error {
	before, err := in.brought(e)
	if err != nil {
		return err
	}
	for _, l := range e.Issued {
		if err := in.Tx.PutLot(l); err != nil {
			return err
		}
	}
	lots, err := place.Overclaimed(&e, func(named, _ lot.ID) (bool, error) {
		_, err := in.Tx.Lot(named)
		if errors.Is(err, book.ErrNotFound) {
			return true, nil
		}
		return false, err
	})
	if err != nil {
		return err
	}
	for _, l := range lots {
		if err := in.Tx.PutLot(l); err != nil {
			return err
		}
	}
	if err := in.Alarmed(in.id, e); err != nil {
		return err
	}
	posts := place.Posts(in.id, e)
	if in.late {
		posts = place.LatePosts(in.id, e, in.gone.After)
	}
	for _, p := range posts {
		in.add(p.Lot, p.Place, p.Amount)
	}
	if e.Left != nil && in.gone == nil {
		if err := in.Desk.Pass(in.id, *e.Left); err != nil {
			return err
		}
	}
	if in.late {
		in.heard.addLate(e, before)
		return nil
	}
	in.heard.add(e)
	if len(before) > 0 {
		in.heard.again = append(in.heard.again, brought{e.Origin, before})
	}
	return nil
}

// known notes whether HQ has lots of entries that it has not heard of.
func (in *Batch) known(i ledger.Incarnation, last ledger.Seq) error {
	of := lot.Origin{Terminal: uint32(in.id), Incarnation: uint64(i), Seq: uint64(last)}
	list, err := in.Tx.Ledger(lot.ID{Origin: of, N: math.MaxUint32}, 1)
	if len(list) > 0 {
		next := list[0].Lot.ID.Origin
		in.named = next.Terminal == of.Terminal && next.Incarnation == of.Incarnation
	}
	return err
}

// brought lists what an entry awarded and receipts brought before.
func (in *Batch) brought(e fold.Effects) (draws []lot.Draw, err error) {
	if !in.late && !in.named {
		return nil, nil
	}
	for _, l := range e.Issued {
		known, err := paper.Brought(in.Work, l.ID)
		if err != nil {
			return nil, err
		}
		if known {
			draws = append(draws, lot.Draw{Lot: l.ID, Amount: l.Amount})
		}
	}
	return draws, nil
}

func (in *Batch) add(id lot.ID, place book.Place, n lot.Amount) {
	a := account{id, place}
	if _, ok := in.posts[a]; !ok {
		in.order = append(in.order, a)
	}
	in.posts[a] += n
}

// commit writes what the batch did, and the terminal's row in any case: an ack
// never rests on a transaction that wrote nothing.
func (in *Batch) commit(fresh int) error {
	if err := in.Tx.AppendEntries(in.id, in.rows); err != nil {
		return err
	}
	if err := in.state.Flush(func(k, v []byte) error { return in.Tx.PutState(in.id, k, v) }); err != nil {
		return err
	}
	posts := make([]book.Post, 0, len(in.order))
	for _, a := range in.order {
		if n := in.posts[a]; n != 0 {
			posts = append(posts, book.Post{Lot: a.lot, Place: a.place, Amount: n})
		}
	}
	if err := in.Post(posts); err != nil {
		return err
	}
	in.row.Has, in.row.Heard = in.state.Head(), time.UnixMilli(in.now)
	in.row.Entries += int64(fresh)
	if in.row.Said.Incarnation == in.row.Has.Incarnation {
		in.row.Said.Seq = max(in.row.Said.Seq, in.row.Has.Seq)
		in.row.Backlog = uint64(in.row.Said.Seq - in.row.Has.Seq)
	}
	if in.row.Backlog == 0 {
		in.row.Oldest = time.Time{}
	}
	return in.Tx.PutTerminal(in.row)
}

// claims takes in what entries claim and settles every open claim that the
// batch may have cleared: of a member it is about, or of a sale.
func (in *Batch) claims(about []member.ID) error {
	for _, c := range in.heard.claims {
		if err := in.Desk.OpenClaim(c.of, c.owner, c.sale); err != nil {
			return err
		}
		k, err := in.Desk.Claim(c.of)
		if err != nil {
			return err
		}
		if in.gone == nil || k.Status != office.ClaimOpen { // settled, says the grant log, before the book went back
			continue
		}
		if err := in.Desk.ParkClaim(c.of, "claim-late", false); err != nil {
			return err
		}
	}
	persons, err := in.Persons(about...)
	if err != nil {
		return err
	}
	of := func(o office.Open) bool { // of a sale made there, or claimed there just now
		return o.Sale.Terminal == uint32(in.id) || slices.ContainsFunc(in.heard.claims, func(c claimed) bool { return c.sale == o.Sale })
	}
	return in.Retry(func(o office.Open) bool {
		return slices.Contains(persons, o.Owner) || o.Sale != (lot.Origin{}) && of(o)
	})
}
