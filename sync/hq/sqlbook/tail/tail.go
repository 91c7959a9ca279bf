// Package tail is the newest entries of a journal, kept in memory.
package tail

import "slices"

// Max is how many of a journal's newest entries are kept in memory.
const Max = 64

// Tail is the newest entries of a journal, from a number on; 0 is that nothing is
// known of it.
type Tail struct {
	First uint64
	List  [][]byte
}

// And is a tail with what follows on it; with anything else, that alone.
func (t Tail) And(more Tail) Tail {
	if more.First == 0 {
		return t
	}
	if t.First == 0 || t.First+uint64(len(t.List)) != more.First {
		return more
	}
	t.List = slices.Concat(t.List, more.List)
	if over := len(t.List) - Max; over > 0 {
		t.First, t.List = t.First+uint64(over), t.List[over:]
	}
	return t
}

// Cut is a tail without what comes up to a number.
func (t Tail) Cut(n uint64) Tail {
	if t.First == 0 || n < t.First {
		return t
	}
	gone := min(n+1-t.First, uint64(len(t.List)))
	return Tail{t.First + gone, t.List[gone:]}
}

// After is what comes after a number, as many as wanted; false where the tail does
// not reach back so far.
func (t Tail) After(n uint64, limit int) ([][]byte, bool) {
	if t.First == 0 || n+1 < t.First {
		return nil, false
	}
	list := t.List[min(n+1-t.First, uint64(len(t.List))):]
	return slices.Clone(list[:min(len(list), max(limit, 0))]), true
}
