package intake

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// ErrReread says that what HQ did not know cannot be read by itself now.
var ErrReread = errors.New("the kept state is not what the journal gives without what was parked")

const rereadRows = 500 // read at a time

// Reread takes in what of a terminal's journal was of kinds that HQ did not know, once
// it is of a build that knows all of them; until then it does nothing. The journal is
// folded twice: as it was taken in, without what was parked, and as its terminal has
// it. By what differs the accounts are mended, in one transaction, and what was parked
// is followed up. It is done once: from then on those entries are as any other.
//
// What of later entries was followed up on the old reading stays so. A terminal that
// was decommissioned is left alone: nothing more is given to it.
func (in *Batch) Reread() (done bool, err error) {
	if in.row, err = in.Tx.Terminal(in.id); err != nil || in.row.Parked == 0 {
		return false, err
	}
	if gone, err := in.Gone(in.id); err != nil || gone {
		return false, err
	}
	r := reading{Batch: in}
	if known, err := r.known(); err != nil || !known {
		return false, err
	}
	if r.was, err = fold.Load(in.id, fold.Memory{}); err != nil {
		return false, err
	}
	if in.state, err = fold.Load(in.id, fold.Memory{}); err != nil {
		return false, err
	}
	if err := r.each(r.entry); err != nil {
		return false, err
	}
	if err := r.keep(); err != nil {
		return false, err
	}
	return true, in.follow()
}

// reading is the two folds of one journal.
type reading struct {
	*Batch
	was    *fold.State // as it was taken in
	unread decision.Unread
}

// each calls fn for all entries, in the order in which they were taken in.
func (r *reading) each(fn func(ledger.Incarnation, book.Entry) error) error {
	streams, err := r.Tx.Streams(r.id)
	if err != nil {
		return err
	}
	if r.unread, err = decision.UnreadOf(r.Tx, r.id); err != nil {
		return err
	}
	for _, s := range streams {
		for seq := ledger.Seq(0); seq < s.Seq; {
			rows, err := r.Tx.Entries(r.id, s.Incarnation, seq, rereadRows)
			if err == nil && len(rows) == 0 {
				err = book.ErrNotFound
			}
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := fn(s.Incarnation, row); err != nil {
					return fmt.Errorf("entry %s/%d: %w", s.Incarnation, row.Head.Seq, err)
				}
				seq = row.Head.Seq
			}
		}
	}
	return nil
}

// known reports whether this build knows all that was parked.
func (r *reading) known() (known bool, err error) {
	known = true
	err = r.each(func(_ ledger.Incarnation, row book.Entry) error {
		if !r.unread.Next(row) || !known {
			return nil
		}
		_, err := ledger.Decode(row.Raw)
		if errors.Is(err, ledger.ErrUnknownKind) {
			known, err = false, nil
		}
		return err
	})
	return known, err
}

// entry folds an entry both ways.
func (r *reading) entry(i ledger.Incarnation, row book.Entry) error {
	e, err := ledger.Decode(row.Raw)
	if err != nil {
		return err
	}
	if err := r.downs(e.Mark); err != nil {
		return err
	}
	parked, before := r.unread.Next(row), e
	if parked {
		before = decision.Blank(e)
	}
	was, err := r.was.ApplyRead(i, row.Raw, before, parked)
	if err != nil {
		return err
	}
	now, err := r.state.ApplyRead(i, row.Raw, e, false)
	if err != nil {
		return err
	}
	if err := r.differ(was, now, parked); err != nil || !parked {
		return err
	}
	for _, l := range now.Issued {
		if err := r.Tx.PutLot(l); err != nil {
			return err
		}
	}
	r.heard.add(now)
	return r.Alarmed(r.id, now)
}

func (r *reading) downs(mark ledger.DownSeq) error {
	for r.state.Mark() < mark {
		raws, err := r.Tx.Down(r.id, r.state.Mark(), wire.DownEntriesMax)
		if err != nil {
			return err
		}
		if len(raws) == 0 {
			return book.ErrNotFound
		}
		for _, raw := range raws[:min(uint64(len(raws)), uint64(mark-r.state.Mark()))] {
			d, err := ledger.OpenDown(raw, nil)
			if err != nil {
				return err
			}
			was, err := r.was.ApplyDown(d)
			if err != nil {
				return err
			}
			now, err := r.state.ApplyDown(d)
			if err != nil {
				return err
			}
			if err := r.differ(was, now, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// differ adds what an entry posts more than it did. What it took of lots that HQ had
// never seen stands under names that the book has; an entry that was parked has none yet.
func (r *reading) differ(was, now fold.Effects, parked bool) error {
	named := func(_, instead lot.ID) (bool, error) {
		_, err := r.Tx.Lot(instead)
		if errors.Is(err, book.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	}
	if _, err := place.Overclaimed(&was, named); err != nil {
		return err
	}
	for _, p := range place.Posts(r.id, was) {
		r.add(p.Lot, p.Place, -p.Amount)
	}
	if parked {
		named = func(of, _ lot.ID) (bool, error) {
			_, err := r.Tx.Lot(of)
			if errors.Is(err, book.ErrNotFound) {
				return true, nil
			}
			return false, err
		}
	}
	lots, err := place.Overclaimed(&now, named)
	if err != nil {
		return err
	}
	for _, l := range lots {
		if err := r.Tx.PutLot(l); err != nil {
			return err
		}
	}
	for _, p := range place.Posts(r.id, now) {
		r.add(p.Lot, p.Place, p.Amount)
	}
	return nil
}

// keep writes the new reading in place of the old one, if that is what the book has.
func (r *reading) keep() error {
	was, now := fold.Memory{}, fold.Memory{}
	if err := errors.Join(r.was.Flush(was.Put), r.state.Flush(now.Put)); err != nil {
		return err
	}
	keys, values, err := r.Tx.StateRows(r.id)
	if err != nil {
		return err
	}
	kept := fold.Memory{}
	for n, key := range keys {
		if kept[string(key)] = values[n]; !bytes.Equal(was[string(key)], values[n]) {
			return ErrReread
		}
		if _, ok := now[string(key)]; !ok {
			now[string(key)] = nil // as good as none
		}
	}
	for key := range was {
		if _, ok := kept[key]; !ok {
			return ErrReread
		}
	}
	for key, value := range now {
		if old, ok := kept[key]; ok && bytes.Equal(old, value) {
			continue
		}
		if err := r.Tx.PutState(r.id, []byte(key), value); err != nil {
			return err
		}
	}
	var posts []book.Post
	for _, a := range r.order {
		if n := r.posts[a]; n != 0 {
			posts = append(posts, book.Post{Lot: a.lot, Place: a.place, Amount: n})
		}
	}
	r.row.Parked = 0
	return errors.Join(r.Post(posts), r.Tx.PutTerminal(r.row), r.unread.Read(r.Tx, r.id))
}
