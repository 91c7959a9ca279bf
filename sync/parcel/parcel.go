// Package parcel packs documents for the way from HQ to terminals: whole, or
// told from one that the other side has already, cut into parts that can be
// asked for one by one. A document is known by the hash of its bytes, which HQ
// signs in its journal; how it is packed proves nothing. It stores and sends
// nothing.
package parcel

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// packedBytesMax bounds a packed form: what does not compress grows a little.
const packedBytesMax = ledger.DocumentBytesMax + 64<<10

// window is what both sides need memory for; a dictionary comes on top.
const window = 1 << 20

// ErrDamaged says that parts do not make the document that they should.
var ErrDamaged = errors.New("document is damaged")

// Root is what a document is known by.
func Root(document []byte) ledger.Hash { return sha256.Sum256(document) }

// whole packs documents that are told from none. It takes its 5 MB when it is used
// first, and is used again: most documents are some KB.
var whole = newWhole()

func newWhole() *zstd.Encoder {
	e, err := newEncoder()
	if err != nil {
		panic(err) // the options are constants
	}
	return e
}

func newEncoder(more ...zstd.EOption) (*zstd.Encoder, error) {
	options := []zstd.EOption{zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window), zstd.WithEncoderLevel(zstd.SpeedBetterCompression)}
	return zstd.NewWriter(nil, append(options, more...)...)
}

// Pack is the packed form of a document, told from a base if there is one. It is always
// the same, so that a part of it can be gone on with.
func Pack(document, base []byte) ([]byte, error) {
	if len(base) == 0 {
		return whole.EncodeAll(document, nil), nil
	}
	e, err := newEncoder(zstd.WithEncoderDictRaw(1, base))
	if err != nil {
		return nil, fmt.Errorf("pack document: %w", err)
	}
	return e.EncodeAll(document, nil), nil
}

// Unpack is the document of a packed form, which must be the one with the root.
func Unpack(packed, base []byte, root ledger.Hash) ([]byte, error) {
	options := []zstd.DOption{
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(ledger.DocumentBytesMax), zstd.WithDecoderMaxWindow(2 * window),
	}
	if len(base) > 0 {
		options = append(options, zstd.WithDecoderDictRaw(1, base))
	}
	d, err := zstd.NewReader(nil, options...)
	if err != nil {
		return nil, fmt.Errorf("unpack document: %w", err)
	}
	defer d.Close()
	document, err := d.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack document: %w: %w", ErrDamaged, err)
	}
	if Root(document) != root {
		return nil, fmt.Errorf("unpack document %x: %w", root[:4], ErrDamaged)
	}
	return document, nil
}

// Cut answers a question for a part of a packed form: the part, or the first
// one where another form was begun.
func Cut(packed []byte, m *wire.Fetch, base ledger.Hash) *wire.Chunk {
	c := &wire.Chunk{Root: m.Root, Base: base, Sum: sha256.Sum256(packed), Size: uint64(len(packed))}
	if m.Sum == c.Sum && m.Offset <= c.Size {
		c.Offset = m.Offset
	}
	c.Bytes = packed[c.Offset:min(c.Offset+wire.ChunkBytesMax, c.Size)]
	return c
}

// Part is what there is of a packed form.
type Part struct {
	Root, Base, Sum ledger.Hash
	Size            uint64
	Bytes           []byte
}

// Next is what to ask for after a part of a document.
func (p *Part) Next() *wire.Fetch {
	return &wire.Fetch{Root: p.Root, Base: p.Base, Offset: uint64(len(p.Bytes)), Sum: p.Sum}
}

// From reports whether a part can be unpacked where a document is here: it was begun
// from that one or from none.
func (p *Part) From(here ledger.Hash) bool { return from(p.Base, here) }

func from(base, here ledger.Hash) bool { return base == ledger.Hash{} || base == here }

// Whole reports whether nothing is missing.
func (p *Part) Whole() bool { return p.Size > 0 && uint64(len(p.Bytes)) == p.Size }

// Add takes in a chunk; false means that it does not follow, or is told from another
// document than the one that is here, and was left out.
func (p *Part) Add(c *wire.Chunk, here ledger.Hash) bool {
	if c.Root != p.Root || c.Size == 0 || c.Size > packedBytesMax || !from(c.Base, here) {
		return false
	}
	if c.Sum != p.Sum || c.Base != p.Base { // the first part of another form
		if c.Offset != 0 {
			return false
		}
		p.Sum, p.Base, p.Size, p.Bytes = c.Sum, c.Base, c.Size, nil
	}
	end := c.Offset + uint64(len(c.Bytes))
	if c.Offset != uint64(len(p.Bytes)) || len(c.Bytes) == 0 || end > p.Size || c.Size != p.Size {
		return false
	}
	p.Bytes = append(p.Bytes, c.Bytes...)
	return true
}
