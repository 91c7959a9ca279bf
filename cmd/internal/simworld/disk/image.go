package disk

import (
	"slices"

	"github.com/tidwall/btree"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Image is what is on a disk at one moment. It is never changed once it has
// been handed out, costs next to nothing to take, and can be put back any
// number of times.
type Image struct {
	streams []stream // oldest first
	refs    btree.Map[string, ledger.Head]
	rows    btree.Map[string, []byte]
	notes   btree.Map[string, []byte]
	jobs    btree.Map[uint64, []byte]
	down    btree.Map[uint64, []byte]
}

// stream is one incarnation.
type stream struct {
	incarnation ledger.Incarnation
	records     []journal.Record
}

// clone is an image that can be changed without the other one noticing.
func (i *Image) clone() *Image {
	out := &Image{
		streams: slices.Clone(i.streams), refs: *i.refs.Copy(), rows: *i.rows.Copy(), notes: *i.notes.Copy(), jobs: *i.jobs.Copy(),
		down: *i.down.Copy(),
	}
	for n := range out.streams { // what is appended to one is not written into the other
		out.streams[n].records = slices.Clip(out.streams[n].records)
		i.streams[n].records = out.streams[n].records
	}
	return out
}

func (i *Image) stream(of ledger.Incarnation) *stream {
	for n := len(i.streams) - 1; n >= 0; n-- {
		if i.streams[n].incarnation == of {
			return &i.streams[n]
		}
	}
	return nil
}

// Heads lists the newest entry of each incarnation, oldest first.
func (i *Image) Heads() (list []ledger.Head) {
	list = slices.Grow(list, len(i.streams))
	for _, s := range i.streams {
		if len(s.records) == 0 {
			continue
		}
		list = append(list, s.records[len(s.records)-1].Head)
	}
	return list
}

// Record is an entry as stored; ok is false if there is none.
func (i *Image) Record(of ledger.Incarnation, seq ledger.Seq) (r journal.Record, ok bool) {
	s := i.stream(of)
	if s == nil || seq == 0 || uint64(seq) > uint64(len(s.records)) {
		return r, false
	}
	return s.records[seq-1], true
}

// Down is how much of HQ's journal is here.
func (i *Image) Down() int { return i.down.Len() }

// Rows hands out the folded state in order of keys, until fn says stop.
func (i *Image) Rows(fn func(key string, value []byte) bool) { i.rows.Scan(fn) }

// Row is one record of the folded state, or nil.
func (i *Image) Row(key string) []byte {
	v, _ := i.rows.Get(key)
	return v
}
