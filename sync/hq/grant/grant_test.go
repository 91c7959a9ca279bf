package grant_test

import (
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// A record that could not be read would keep a book that went back from ever starting.
func TestOnlyWhatCanBeReadBecomesARecord(t *testing.T) {
	at := grant.Reached{N: 7}
	raw, next, err := at.Next(grant.Record{Entry: &grant.Entered{Epoch: 1, Seq: 2, Kind: "note", Body: []byte("body"), Lots: make([]lot.Lot, 600)}})
	if r, failed := grant.Open(raw); err != nil || failed != nil || r.N != 8 || len(r.Entry.Lots) != 600 || next.N != 8 || next.Sum != grant.Sum(raw) {
		t.Errorf("Next = %+v, %v; Open = %+v, %v", next, err, r, failed)
	}
	for name, r := range map[string]grant.Record{
		"long-body":  {Entry: &grant.Entered{Body: make([]byte, 300<<10)}},
		"many-lots":  {Entry: &grant.Entered{Lots: make([]lot.Lot, codec.FieldsMax)}},
		"long-entry": {Down: &grant.Sent{Raw: make([]byte, ledger.DownBytesMax+2048)}},
	} {
		if _, next, err := at.Next(r); !errors.Is(err, codec.ErrUnreadable) || next != at {
			t.Errorf("%s: Next = %d, %v, want ErrUnreadable", name, next.N, err)
		}
	}
}
