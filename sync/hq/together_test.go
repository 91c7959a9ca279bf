package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/wire"
)

func TestBatchesAreTakenInTogether(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	for range 9 {
		one.sell(10)
	}
	for _, c := range []struct {
		name   string
		list   []*wire.Batch
		head   int
		resume bool
	}{
		{"first-three", []*wire.Batch{one.batch(1, 2), one.batch(3, 3), one.batch(4, 6)}, 6, false},
		{"the-same-again", []*wire.Batch{one.batch(1, 2), one.batch(3, 3), one.batch(4, 6)}, 6, false},
		{"gap-before-them", []*wire.Batch{one.batch(8, 8), one.batch(9, 10)}, 6, true},
		{"overlap", []*wire.Batch{one.batch(5, 7), one.batch(8, 10)}, 10, false},
	} {
		head, resume, err := b.Ingest(1, c.list...)
		if int(head.Seq) != c.head || resume != c.resume || err != nil {
			t.Errorf("%s: Ingest() = %v, %v, %v, want %d, %v, nil", c.name, head, resume, err, c.head, c.resume)
		}
	}
	b.sums("in the end", hq.TotalView{Issued: 90, Terminals: 90})
	if v := b.overview().Terminals[0]; v.Entries != 10 || v.Has != 10 || len(b.alarms()) != 0 {
		t.Errorf("entries %d, has %d, alarms %v, want 10, 10, none", v.Entries, v.Has, b.alarms())
	}
}

// Together nothing of them is taken in and the terminal is not stopped: who sent
// them tries each by itself.
func TestOfBatchesTakenInTogetherTheWrongOneAloneIsBlamed(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	for range 4 {
		one.sell(10)
	}
	good, bad := one.batch(1, 3), one.batch(4, 5)
	bad.Signature[0] ^= 1
	if _, resume, err := b.Ingest(1, good, bad); err == nil || resume {
		t.Errorf("Ingest(with a wrong signature) = resume %v, %v, want an error", resume, err)
	}
	if v := b.overview().Terminals[0]; v.Entries != 0 || v.Trouble != "" || len(b.alarms()) != 0 {
		t.Errorf("after both: entries %d, trouble %q, alarms %v, want nothing at all", v.Entries, v.Trouble, b.alarms())
	}
	if head, _, err := b.Ingest(1, good); head.Seq != 3 || err != nil {
		t.Errorf("Ingest(the good one) = %v, %v, want it taken in", head, err)
	}
	if _, _, err := b.Ingest(1, bad); err == nil {
		t.Errorf("Ingest(the wrong one) = nil, want an error")
	}
	if v := b.overview().Terminals[0]; v.Entries != 3 || v.Trouble != "trouble-signature" {
		t.Errorf("in the end: entries %d, trouble %q, want 3 and trouble-signature", v.Entries, v.Trouble)
	}
}
