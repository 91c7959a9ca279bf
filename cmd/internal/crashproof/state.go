package crashproof

import (
	"hash/maphash"
	"math/rand/v2"
	"slices"

	"github.com/jifen-pos/jifen/terminal/ledger"
)

// State is a file that a crash could have left, and what must be true of it.
type State struct {
	Image
	// The ledger must hold just what commit Confirmed left, or what commit
	// Begun left, which is the same or the one in flight.
	Confirmed, Begun int
	Told             ledger.Head // the newest entry that a cashier saw as done
}

// Image is a file; what lies after Data up to Size is zero.
type Image struct {
	Data []byte
	Size int64
}

// Walk lists the states of a trace.
type Walk struct {
	Trace   Trace
	From    int // states begin after this operation
	Subsets int // random subsets of what is not flushed, at each flush
	Fate    int // of what a failed flush covered: 0 nothing of it is on the disk, 1 all, else a random part
	Random  *rand.Rand

	flushed Image
	pending []Op
	state   State
	seen    map[key]bool
	at      int
	emit    func(State) bool
	stop    bool
}

type key struct {
	image            uint64
	size             int64
	told             uint64
	confirmed, begun int
}

var imageSeed = maphash.MakeSeed()

// Each hands out every distinct state once, until emit returns false.
func (w *Walk) Each(emit func(State) bool) {
	w.flushed, w.pending, w.seen, w.emit, w.stop = Image{}, nil, map[key]bool{}, emit, false
	w.state = State{}
	for at, op := range w.Trace.Ops {
		w.at = at
		w.step(op)
		if w.stop {
			return
		}
	}
	w.subsets()
}

func (w *Walk) step(op Op) {
	switch op.Kind {
	case OpWrite:
		w.tears(op)
		w.pending = append(w.pending, op)
		w.prefix()
	case OpTruncate:
		w.pending = append(w.pending, op)
		w.prefix()
	case OpFlush:
		w.subsets()
		w.flushed, w.pending = w.whole(), nil
	case OpUnflushed:
		w.subsets()
	case OpLost:
		w.subsets()
		w.lose()
	case OpBegin:
		w.state.Begun = op.N
	case OpConfirm:
		w.state.Confirmed, w.state.Begun = op.N, op.N
		w.prefix()
	case OpTold:
		w.state.Told = op.Head
		w.prefix()
	}
}

// whole is the file with all that was written.
func (w *Walk) whole() Image {
	i := w.flushed.clone()
	for _, op := range w.pending {
		i.apply(op, nil)
	}
	return i
}

func (i Image) clone() Image { return Image{slices.Clone(i.Data), i.Size} }

// apply does one operation to a file; of a write only the sectors that keep
// says, or all of them.
func (i *Image) apply(op Op, keep func(sector int) bool) {
	if op.Kind == OpTruncate {
		i.Size = op.Off
		i.Data = i.Data[:min(int64(len(i.Data)), i.Size)]
		return
	}
	for at := 0; at < len(op.Data); at += SectorBytes {
		if keep != nil && !keep(at/SectorBytes) {
			continue
		}
		end := min(at+SectorBytes, len(op.Data))
		need := op.Off + int64(end)
		if short := need - int64(len(i.Data)); short > 0 {
			i.Data = append(i.Data, make([]byte, short)...)
		}
		i.Size = max(i.Size, need)
		copy(i.Data[op.Off+int64(at):], op.Data[at:end])
	}
}

// prefix is the state with all writes so far and none of those to come.
func (w *Walk) prefix() { w.offer(w.whole()) }

// tears are the states in which the write in flight is torn: a part from its
// beginning, or a part to its end, has reached the disk (fault S3).
func (w *Walk) tears(op Op) {
	if w.at <= w.From {
		return
	}
	whole := w.whole()
	sectors := (len(op.Data) + SectorBytes - 1) / SectorBytes
	for cut := 1; cut < sectors; cut++ {
		head, tail := whole.clone(), whole.clone()
		head.apply(op, func(s int) bool { return s < cut })
		tail.apply(op, func(s int) bool { return s >= cut })
		w.offer(head)
		w.offer(tail)
	}
}

// subsets are states in which any of what is not flushed has reached the disk,
// in any order, whole or in parts (fault S4).
func (w *Walk) subsets() {
	if w.at <= w.From || len(w.pending) == 0 {
		return
	}
	for range w.Subsets {
		w.offer(w.part())
	}
}

// part is the file with a random part of what is not flushed.
func (w *Walk) part() Image {
	i := w.flushed.clone()
	for _, op := range w.pending {
		switch w.Random.IntN(4) {
		case 0: // not there
		case 1, 2:
			i.apply(op, nil)
		case 3:
			if op.Kind == OpWrite {
				i.apply(op, func(int) bool { return w.Random.IntN(2) == 0 })
			}
		}
	}
	return i
}

// lose decides what has become of the writes that a failed flush covered:
// nothing will write the others again.
func (w *Walk) lose() {
	switch w.Fate {
	case 0:
	case 1:
		w.flushed = w.whole()
	default:
		w.flushed = w.part()
	}
	w.pending = nil
}

// offer hands out a state, unless it was handed out before with no less to hold.
func (w *Walk) offer(image Image) {
	if w.stop || w.at <= w.From {
		return
	}
	s := w.state
	s.Image = image
	k := key{maphash.Bytes(imageSeed, image.Data), image.Size, maphash.Comparable(imageSeed, s.Told), s.Confirmed, s.Begun}
	if w.seen[k] {
		return
	}
	w.seen[k] = true
	w.stop = !w.emit(s)
}
