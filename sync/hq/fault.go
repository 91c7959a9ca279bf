package hq

import (
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// faultsMeta has what a terminal last said is wrong with its board or its
// ledger: codes, a line each.
func faultsMeta(id ledger.TerminalID) string { return "faults-" + id.String() }

// faults are the codes of what a terminal says is wrong with it.
func faults(tx book.Tx, id ledger.TerminalID) ([]string, error) {
	s, err := tx.Meta(faultsMeta(id))
	return strings.Fields(s), err
}

// noteFaults remembers what a terminal says is wrong with it, and raises an
// alarm for what is new.
func noteFaults(w *decision.Work, id ledger.TerminalID, said []wire.Fault) error {
	before, err := faults(w.Tx, id)
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
	return w.Tx.PutMeta(faultsMeta(id), strings.Join(codes, " "))
}

// faultsOf are the conflicts that a terminal's faults are.
func faultsOf(tx book.Tx, id ledger.TerminalID) (out []Conflict, err error) {
	codes, err := faults(tx, id)
	for _, code := range codes {
		out = append(out, Conflict{Code: code, Terminal: id, Done: "done-sells-on", Choices: []Choice{ChooseDecommission}})
	}
	return out, err
}
