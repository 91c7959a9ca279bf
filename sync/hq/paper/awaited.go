package paper

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// mayCome reports whether an entry that HQ has not heard of may still be told by its
// terminal: it is one that HQ knows and that is not decommissioned, HQ has not heard
// how that life ended, and a life of which HQ has heard nothing is not lost.
func mayCome(w *decision.Work, of lot.Origin, about member.ID) (bool, error) {
	id, i := ledger.TerminalID(of.Terminal), ledger.Incarnation(of.Incarnation)
	if gone, err := w.Gone(id); err != nil || gone {
		return false, err
	}
	if _, err := w.Tx.Terminal(id); errors.Is(err, book.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	streams, err := w.Tx.Streams(id)
	for n, s := range streams {
		if s.Incarnation == i {
			return n == len(streams)-1, err
		}
	}
	if err != nil {
		return false, err
	}
	lost, err := lost(w, id, i, about)
	return !lost, err
}

// lost reports whether a life of a living terminal, of which somebody has shown HQ
// something, is in its journal no more. HQ asks the terminal a question, by an empty
// recall: whatever it writes once it has that, comes after the life, and HQ takes in
// no life before it has those that the terminal has before it. So if HQ has what was
// written then, and not the life, the life is lost with its disk.
func lost(w *decision.Work, id ledger.TerminalID, i ledger.Incarnation, about member.ID) (bool, error) {
	key := fmt.Sprintf("life-asked-%s-%s", id, i)
	s, err := w.Tx.Meta(key)
	if err != nil {
		return false, err
	}
	if s == "" {
		if _, err := w.Enter(&office.Recall{Terminal: id, Member: about, By: w.By(decision.ByPolicy("paper"))}); err != nil {
			return false, err
		}
		seq, err := w.Send(id, ledger.Down{Recall: &ledger.Recall{Member: about}})
		if err != nil || seq == 0 {
			return false, err
		}
		return false, w.Tx.PutMeta(key, strconv.FormatUint(uint64(seq), 10))
	}
	seq, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return false, err
	}
	state, err := fold.Load(id, w.Tx.State(id))
	return err == nil && state.Mark() >= ledger.DownSeq(seq), err
}
