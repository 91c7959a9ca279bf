// Package ailment is what terminals say is wrong with their board or their ledger: it
// is remembered, told to whoever looks, and what is new raises an alarm. It decides
// nothing about it.
package ailment

import (
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// metaOf has what a terminal last said is wrong with its board or its
// ledger: codes, a line each.
func metaOf(id ledger.TerminalID) string { return "faults-" + id.String() }

// Of are the codes of what a terminal says is wrong with it.
func Of(w *decision.Work, id ledger.TerminalID) ([]string, error) {
	s, err := w.Tx.Meta(metaOf(id))
	return strings.Fields(s), err
}

// Note remembers what a terminal says is wrong with it, and raises an
// alarm for what is new.
func Note(w *decision.Work, id ledger.TerminalID, said []wire.Fault) error {
	before, err := Of(w, id)
	if err != nil {
		return err
	}
	var codes []string
	for _, f := range said {
		if !strings.HasPrefix(f.Code, "fault-") || slices.Contains(codes, f.Code) {
			continue
		}
		if codes = append(codes, f.Code); slices.Contains(before, f.Code) {
			continue
		}
		if err := w.Alarm(id, f.Code, f.Detail); err != nil {
			return err
		}
	}
	if slices.Equal(before, codes) {
		return nil
	}
	return w.Tx.PutMeta(metaOf(id), strings.Join(codes, " "))
}
