package hq_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// TestEachFetchesADocumentFromWhatItHas: terminals with another version, or with none,
// ask for parts in turns, and each gets the document, from what it has.
func TestEachFetchesADocumentFromWhatItHas(t *testing.T) {
	b := newBench(t)
	document := func(version int) []byte {
		var out []byte
		for n := range 20_000 {
			out = fmt.Appendf(out, "%x,", n*n*7919%104_729*max(version, 1)%99_991)
		}
		return fmt.Appendf(out, "version %d", version)
	}
	newest := document(1)
	b.ok("Publish", b.Publish("products", "0", document(0), time.Time{}))
	b.ok("Publish", b.Publish("products", "1", newest, time.Time{}))
	bases := map[string][]byte{"nothing": nil, "earlier": document(0), "unknown-to-hq": document(2)}
	parts := map[string]*parcel.Part{}
	for name, base := range bases {
		parts[name] = &parcel.Part{Root: parcel.Root(newest)}
		if base != nil {
			parts[name].Base = parcel.Root(base)
		}
	}
	for range 20 {
		for name, p := range parts {
			if p.Whole() {
				continue
			}
			c, err := b.Fetch(b.terminals[0].id, p.Next())
			b.ok("Fetch", err)
			p.Add(c, parcel.Root(bases[name]))
		}
	}
	for name, p := range parts {
		var from []byte
		if p.Base != (ledger.Hash{}) {
			from = bases[name]
		}
		if got, err := parcel.Unpack(p.Bytes, from, p.Root); err != nil || !bytes.Equal(got, newest) {
			t.Errorf("with %s: %d bytes of %d make %d of the document, %v", name, len(p.Bytes), p.Size, len(got), err)
		}
	}
	if all, few := parts["nothing"].Size, parts["earlier"].Size; all <= wire.ChunkBytesMax || few >= all/4 {
		t.Errorf("whole in %d bytes, from the earlier one in %d, want several parts and much less", all, few)
	}
}
