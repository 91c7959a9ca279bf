package downlink

import "github.com/jifen-pos/jifen/terminal/ledger"

// Limits of what waits; what has no room comes again.
const (
	batchesMax    = 16      // of one terminal
	bytesMax      = 1 << 20 // and their bytes
	allBatchesMax = 16384
	allBytesMax   = 64 << 20
)

// room counts the batches that wait before anybody has looked who signed them. Each
// terminal has room of its own, so that what somebody sends under one name cannot shut
// out the others.
type room struct {
	of  map[ledger.TerminalID]load
	all load
}

type load struct{ frames, bytes int }

func (l load) plus(frames, bytes int) load { return load{l.frames + frames, l.bytes + bytes} }

// within reports whether it is no more than a limit; a single batch always is.
func (l load) within(frames, bytes int) bool {
	return l.frames <= 1 || l.frames <= frames && l.bytes <= bytes
}

// take makes room for a batch, if there is any.
func (r *room) take(from ledger.TerminalID, frame []byte) bool {
	of, all := r.of[from].plus(1, len(frame)), r.all.plus(1, len(frame))
	if !of.within(batchesMax, bytesMax) || !all.within(allBatchesMax, allBytesMax) {
		return false
	}
	if r.of == nil {
		r.of = map[ledger.TerminalID]load{}
	}
	r.of[from], r.all = of, all
	return true
}

// free gives back the room of a batch that is taken in.
func (r *room) free(from ledger.TerminalID, frame []byte) {
	r.all = r.all.plus(-1, -len(frame))
	if r.of[from] = r.of[from].plus(-1, -len(frame)); r.of[from].frames == 0 {
		delete(r.of, from)
	}
}
