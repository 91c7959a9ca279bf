package till_test

import (
	"path/filepath"
	"testing"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// counting counts the transactions that a till has its journal write.
type counting struct {
	journal.Journal
	updates int
}

func (c *counting) Update(fn func(journal.Tx) error) error {
	c.updates++
	return c.Journal.Update(fn)
}

// One action is one entry and one transaction, also beside a basket that lies in
// the lane.
func TestOneActionIsOneTransaction(t *testing.T) {
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	must(t, err)
	t.Cleanup(func() { store.Close() })
	j := &counting{Journal: store}
	b := tilltest.New(t, j)
	must(t, b.Till.SignIn(by))
	give(t, b, consumption, 5000)
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, 100))
	must(t, b.Till.Place(by, ref(), till.Order{Lines: []till.OrderLine{{Code: millet, Qty: 2}}, Member: wang}))
	var voucher string
	for name, act := range map[string]func() error{
		"redeem-beside-a-basket": func() error {
			_, err := b.Till.RedeemFor(by, ref(), till.Order{Member: wang}, "tea-set")
			return err
		},
		"redeem-declined-beside-a-basket": func() error {
			_, err := b.Till.RedeemFor(by, ref(), till.Order{Member: wang}, "travel-coupon")
			declined(t, "RedeemFor of more than there is", err, "points-short")
			return nil
		},
	} {
		before := j.updates
		must(t, act())
		if n := j.updates - before; n != 1 {
			t.Errorf("%s: %d transactions, want 1", name, n)
		}
	}
	jobs, err := b.Till.Jobs()
	must(t, err)
	for _, j := range jobs {
		for _, l := range j.Document.Lines {
			if l.Kind == receipt.KindQR {
				voucher = l.QR
			}
		}
	}
	before := j.updates
	if _, err := b.Till.HandOut(by, ref(), voucher, ""); err != nil || j.updates != before+1 {
		t.Errorf("HandOut beside a basket: %v, %d transactions, want 1", err, j.updates-before)
	}
	b.Restart(t) // the basket is on the disk as it was, and no other
	must(t, b.Till.SignIn(by))
	if v := view(t, b); len(v.Lines) != 1 || v.Lines[0].Qty != 2 {
		t.Errorf("the basket has %+v, want it as it was placed", v.Lines)
	}
	before = j.updates
	payAt(t, b, by)
	if n := j.updates - before; n != 1 {
		t.Errorf("Pay: %d transactions, want 1", n)
	}
	if got := written[*ledger.Redeem](t, b); len(got) != 1 {
		t.Errorf("%d redemptions written, want 1", len(got))
	}
}
