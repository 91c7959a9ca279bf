package parcel_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// members is a directory of n members, the k-th of whom has moved.
func members(n, k int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	for i := range n {
		phone := r.Uint64N(1e11)
		if i == k {
			phone++
		}
		fmt.Fprintf(&b, "M%d,%x,HM%08d,%011d\n", 1001+i, r.Uint32(), r.Uint32(), phone)
	}
	return []byte(b.String())
}

func pack(t *testing.T, document, base []byte) []byte {
	t.Helper()
	packed, err := parcel.Pack(document, base)
	if err != nil {
		t.Fatalf("Pack() = %v", err)
	}
	return packed
}

// Who asked for a part goes on with it though HQ has packed others since, or anew.
func TestADocumentIsPackedAlwaysTheSame(t *testing.T) {
	document := members(5000, 7)
	first := pack(t, document, nil)
	for n := range 40 {
		pack(t, members(100*n, n), nil)
		if again := pack(t, document, nil); !bytes.Equal(again, first) {
			t.Fatalf("after %d others a document is packed to %d other bytes than to the %d at first", n+1, len(again), len(first))
		}
	}
}

func TestDocumentsComeBack(t *testing.T) {
	old, next := members(5000, -1), members(5000, 2500)
	for name, c := range map[string]struct{ document, base []byte }{
		"alone": {next, nil}, "told-from-another": {next, old}, "empty": {nil, nil}, "empty-from-another": {nil, old}, "the-same": {old, old},
	} {
		packed := pack(t, c.document, c.base)
		got, err := parcel.Unpack(packed, c.base, parcel.Root(c.document))
		if err != nil || !bytes.Equal(got, c.document) {
			t.Errorf("%s: Unpack() = %d bytes, %v, want the %d that were packed", name, len(got), err, len(c.document))
		}
	}
	if whole, told := len(pack(t, next, nil)), len(pack(t, next, old)); told > whole/20 {
		t.Errorf("one member of 5,000 moved: %d bytes told from the directory before, %d alone", told, whole)
	}
}

func TestOnlyTheDocumentThatWasSignedIsTaken(t *testing.T) {
	old, next := members(100, -1), members(100, 50)
	packed := pack(t, next, old)
	for name, c := range map[string]struct {
		packed, base []byte
		root         ledger.Hash
	}{
		"another-document": {packed, old, parcel.Root(old)},
		"another-base":     {packed, members(100, 1), parcel.Root(next)},
		"cut-short":        {packed[:len(packed)-1], old, parcel.Root(next)},
		"garbage":          {[]byte("no document at all"), nil, parcel.Root(next)},
		"bomb":             {pack(t, make([]byte, 2*ledger.DocumentBytesMax), nil), nil, parcel.Root(next)},
	} {
		if _, err := parcel.Unpack(c.packed, c.base, c.root); !errors.Is(err, parcel.ErrDamaged) {
			t.Errorf("%s: Unpack() = %v, want ErrDamaged", name, err)
		}
	}
}

// fetch asks for parts until the document is whole, and counts them. answer is
// what HQ sends for a question.
func fetch(t *testing.T, p *parcel.Part, answer func(*wire.Fetch) *wire.Chunk) (parts int) {
	t.Helper()
	for !p.Whole() {
		if parts++; parts > 1000 {
			t.Fatalf("%d of %d bytes after %d parts", len(p.Bytes), p.Size, parts)
		}
		p.Add(answer(p.Next()), p.Base)
	}
	return parts
}

func TestFetchingGoesOnWhereItStopped(t *testing.T) {
	document := members(20_000, -1)
	packed := pack(t, document, nil)
	answer := func(m *wire.Fetch) *wire.Chunk { return parcel.Cut(packed, m, ledger.Hash{}) }
	whole := parcel.Part{Root: parcel.Root(document)}
	parts := fetch(t, &whole, answer)
	if want := (len(packed) + wire.ChunkBytesMax - 1) / wire.ChunkBytesMax; parts != want || parts < 10 {
		t.Errorf("%d parts, want %d, and enough to show something", parts, want)
	}
	half := parcel.Part{Root: whole.Root, Sum: whole.Sum, Size: whole.Size, Bytes: bytes.Clone(whole.Bytes[:4*wire.ChunkBytesMax])}
	if again := fetch(t, &half, answer); again != parts-4 || !bytes.Equal(half.Bytes, packed) {
		t.Errorf("%d parts after a stop behind the fourth, want %d", again, parts-4)
	}
	other := parcel.Part{Root: whole.Root, Sum: ledger.Hash{9}, Size: 77, Bytes: []byte("of a form that HQ packs no more")}
	if again := fetch(t, &other, answer); again != parts || !bytes.Equal(other.Bytes, packed) {
		t.Errorf("%d parts after HQ packed it anew, want %d", again, parts)
	}
}

func TestWhatDoesNotFollowIsLeftOut(t *testing.T) {
	document := members(5000, -1)
	packed := pack(t, document, nil)
	good := parcel.Cut(packed, &wire.Fetch{Root: parcel.Root(document)}, ledger.Hash{})
	for name, edit := range map[string]func(*wire.Chunk){
		"of-another-document": func(c *wire.Chunk) { c.Root[0]++ },
		"behind-a-gap":        func(c *wire.Chunk) { c.Offset++ },
		"of-nothing":          func(c *wire.Chunk) { c.Bytes = nil },
		"beyond-the-end":      func(c *wire.Chunk) { c.Size = 1 },
		"too-large":           func(c *wire.Chunk) { c.Size = 1 << 40 },
		"not-there":           func(c *wire.Chunk) { c.Size, c.Bytes = 0, nil },
		"told-from-another":   func(c *wire.Chunk) { c.Base = ledger.Hash{7} }, // asked for before another came into force
	} {
		c := *good
		edit(&c)
		p := parcel.Part{Root: parcel.Root(document)}
		if p.Add(&c, ledger.Hash{8}) || len(p.Bytes) != 0 {
			t.Errorf("%s: Add() took it in", name)
		}
	}
}

// What was begun from a document that is in force no more is begun anew.
func TestPartOfWhatWasHereBefore(t *testing.T) {
	for _, c := range []struct {
		base, here ledger.Hash
		want       bool
	}{{ledger.Hash{}, ledger.Hash{8}, true}, {ledger.Hash{8}, ledger.Hash{8}, true}, {ledger.Hash{7}, ledger.Hash{8}, false}} {
		if p := (parcel.Part{Base: c.base}); p.From(c.here) != c.want {
			t.Errorf("From() of a part told from %x where %x is = %v, want %v", c.base[:1], c.here[:1], !c.want, c.want)
		}
	}
}
