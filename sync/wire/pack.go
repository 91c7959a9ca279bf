package wire

import (
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// packFrom is the size from which compression pays.
const packFrom = 1 << 10

// run is the uncompressed form of a batch's entries.
type run struct{ entries [][]byte }

func (r *run) Fields(c *codec.Coder) {
	codec.ByteStrings(c, 1, &r.entries, BatchEntriesMax, ledger.EntryBytesMax)
}

// The coders do their work in the caller's call and keep little memory.
var (
	encoder = newEncoder()
	decoder = newDecoder()
)

func newEncoder() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(64<<10), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // the options are constants
	}
	return e
}

func newDecoder() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(2*BatchBytesMax), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return d
}

// pack compresses entries, or returns nil where that does not pay.
func pack(entries [][]byte) []byte {
	plain := codec.Marshal(&run{entries})
	if len(plain) < packFrom {
		return nil
	}
	packed := encoder.EncodeAll(plain, nil)
	if len(packed) >= len(plain) || len(packed) > BatchBytesMax {
		return nil
	}
	return packed
}

func unpack(packed []byte) ([][]byte, error) {
	plain, err := decoder.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("compressed entries: %w", err)
	}
	var r run
	if err := codec.Unmarshal(plain, &r); err != nil {
		return nil, err
	}
	return r.entries, nil
}
