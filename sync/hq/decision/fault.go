package decision

import (
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// faultsMeta has what a terminal last said is wrong with its board or its
// ledger: codes, a line each.
func faultsMeta(id ledger.TerminalID) string { return "faults-" + id.String() }

// Faults are the codes of what a terminal says is wrong with it.
func (w *Work) Faults(id ledger.TerminalID) ([]string, error) {
	s, err := w.Tx.Meta(faultsMeta(id))
	return strings.Fields(s), err
}

// NoteFaults remembers what a terminal says is wrong with it, and raises an
// alarm for what is new.
func (w *Work) NoteFaults(id ledger.TerminalID, said []wire.Fault) error {
	before, err := w.Faults(id)
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
