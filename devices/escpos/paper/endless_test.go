package paper_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/jifen-pos/jifen/devices/escpos/paper"
)

// What never ends takes no more memory than a paper and a line may.
func TestEndlessInputTakesNoMemory(t *testing.T) {
	patterns := map[string]string{
		"zeros":            "\x00",
		"noise":            "\x1b\x1d\x10\xff\x81\x00\x7f\x1c",
		"line-without-end": "x\x1b$\x00\x00",
		"strips":           "\x1b*\x21\x08\x00" + "\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\x1b$\x00\x00",
		"long-blocks":      "\x1d8L\xff\xff\xff\xff",
		"pictures":         "\x1dv0\x00\x01\x00\xff\xff\xff",
		"codes":            "\x1d(k\x04\x001P0A\x1d(k\x03\x001Q0",
		"stored":           "\x1d(L\x0c\x00\x30\x70\x30\x01\x01\x31\x08\x00\x02\x00\xff\x81",
		"feeds":            "A\x1bd\xff",
		"bare-cuts":        "\x1dV\x01",
	}
	for name, pattern := range patterns {
		t.Run(name, func(t *testing.T) {
			piece := bytes.Repeat([]byte(pattern), 4096/len(pattern)+1)
			roll, err := paper.NewRoll(384, func(paper.Event) {})
			if err != nil {
				t.Fatal(err)
			}
			before := heap()
			most := uint64(0)
			for i := range 280 { // more than one paper
				roll.Feed(piece)
				if i%100 == 99 {
					most = max(most, heap())
				}
			}
			if most > before+12<<20 {
				t.Errorf("the heap grew by %d KiB, want at most 12 MiB", (most-before)>>10)
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
