package scenario_test

import (
	"bytes"
	"syscall"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
)

// TestNewDocumentsReachARunningTill: HQ publishes other prices and rules. The
// till goes by them without a restart, and also after one without HQ.
func TestNewDocumentsReachARunningTill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	if got := w.scan(rice).Quote.ToPay; got != 4990 {
		t.Fatalf("rice costs %s before, want 49.90", got)
	}
	w.hq.stop(syscall.SIGTERM)
	w.write("documents/products.csv", bytes.Replace(demo.Products, []byte(",4990,"), []byte(",5190,"), 1))
	w.write("documents/programme.yaml", bytes.Replace(demo.Programme, []byte("\nversion: 1\n"), []byte("\nversion: 2\n"), 1))
	w.openHQ()
	w.at.sees("the new price in the open basket", func(v view) bool { return v.Quote.ToPay == 5190 })
	w.at.do("pay", "ref", w.at.view().Ref, "cash", "51.90")
	w.at.sees("HQ to have everything", func(v view) bool { return v.Ledger.Online && v.Ledger.Backlog == 0 })

	w.hq.stop(syscall.SIGTERM)
	w.till.stop(syscall.SIGTERM)
	w.write("documents/products.csv", demo.Products)
	w.write("documents/programme.yaml", demo.Programme)
	w.openTill()
	if got := w.scan(rice).Quote.ToPay; got != 5190 {
		t.Errorf("rice costs %s after a restart without HQ, want 51.90: the last good documents stay", got)
	}
	w.till.stop(syscall.SIGTERM)
	w.verifies()
}
