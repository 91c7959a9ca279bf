package boltstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// layout is the version of what this file says, and frozen; see DESIGN.md.
const layout = 1

// space is a set of records under one kind of key. Its letter stands in the
// checksum of each of them.
type space byte

// The spaces. Logs are cut into segments, shards are spread over buckets of
// the same kind, and the others are one bucket each.
const (
	entries space = 'j' // log: entries, and what belongs to one right after it
	downs   space = 'd' // log: HQ's entries
	papers  space = 'p' // log: print jobs
	rows    space = 'm' // shards: members, and other records of the state
	refs    space = 'r' // shards: references
	hot     space = 'h' // what nearly every commit writes
	notes   space = 'n' // small records that are not hot
	streams space = 's' // incarnations
	owner   space = 'o' // version, terminal
)

var (
	logs   = []space{entries, downs, papers}
	shards = []space{rows, refs}
	plain  = []space{hot, notes, streams, owner}
)

// How many buckets the shards of a space are: with these a path has three
// pages at five million members, and two at a quarter of a million references.
const (
	rowShards = 16
	refShards = 32
)

// The keys of the owner's space.
var (
	versionKey  = []byte("version")
	terminalKey = []byte("terminal")
)

// anchor is an empty bucket in each bucket but the hot one and the owner's.
// With it bbolt never keeps a small bucket inside the list of buckets, which
// stays one page that way.
var anchor = []byte{0}

func (s space) shardCount() int {
	switch s {
	case rows:
		return rowShards
	case refs:
		return refShards
	}
	return 0
}

func (s space) shardName(n int) []byte { return []byte{byte(s), byte(n)} }

// shardOf spreads keys by their last byte: numbers that follow on one another
// go round.
func (s space) shardOf(key []byte) []byte {
	return s.shardName(int(key[len(key)-1]) % s.shardCount())
}

// makeBuckets makes what a new ledger has.
func makeBuckets(tx *bolt.Tx, terminal ledger.TerminalID) error {
	var names [][]byte
	for _, s := range shards {
		for n := range s.shardCount() {
			names = append(names, s.shardName(n))
		}
	}
	for _, s := range logs {
		names = append(names, s.segmentName(0), s.closedName())
	}
	for _, s := range plain {
		names = append(names, []byte{byte(s)})
	}
	for _, name := range names {
		if err := makeBucket(tx, name); err != nil {
			return err
		}
	}
	b := tx.Bucket([]byte{byte(owner)})
	if err := b.Put(versionKey, sealed(owner, versionKey, []byte{ledger.Version, layout})); err != nil {
		return err
	}
	return b.Put(terminalKey, sealed(owner, terminalKey, binary.BigEndian.AppendUint32(nil, uint32(terminal))))
}

func makeBucket(tx *bolt.Tx, name []byte) error {
	b, err := tx.CreateBucket(name)
	if err != nil {
		return fmt.Errorf("make bucket %q: %w", name, err)
	}
	if name[0] == byte(hot) || name[0] == byte(owner) {
		return nil
	}
	_, err = b.CreateBucket(anchor)
	return err
}

// complete reports a bucket that should be there and is not.
func complete(tx *bolt.Tx) error {
	for _, s := range shards {
		for n := range s.shardCount() {
			if tx.Bucket(s.shardName(n)) == nil {
				return fmt.Errorf("no bucket %q: %w", s.shardName(n), ErrDamaged)
			}
		}
	}
	for _, s := range logs {
		if tx.Bucket(s.closedName()) == nil || s.open(tx) == nil {
			return fmt.Errorf("no bucket %q: %w", s, ErrDamaged)
		}
	}
	for _, s := range plain {
		if tx.Bucket([]byte{byte(s)}) == nil {
			return fmt.Errorf("no bucket %q: %w", s, ErrDamaged)
		}
	}
	return nil
}

// entryKey is where an entry stands: the number of its incarnation in this
// file, 3 bytes, and its sequence number, 5 bytes.
func entryKey(ordinal uint32, seq ledger.Seq) []byte {
	return number(uint64(ordinal)<<seqBits | uint64(seq))
}

const (
	seqBits     = 40
	seqMax      = 1<<seqBits - 1
	ordinalMax  = 1<<24 - 1
	entryBytes  = 8
	originBytes = 20 // terminal 4, incarnation 8, sequence number 8
)

func splitKey(key []byte) (ordinal uint32, seq ledger.Seq) {
	n := binary.BigEndian.Uint64(key)
	return uint32(n >> seqBits), ledger.Seq(n & seqMax)
}

// refKey stands for a reference: as long as a hash must be so that nobody
// finds two that meet.
func refKey(ref string) []byte {
	sum := sha256.Sum256([]byte(ref))
	return sum[:16]
}

// place says where a record of the state stands: one that names an entry of
// this terminal right after the entry, what nearly every entry changes with the
// hot ones, any other in a shard.
func (t *tx) place(key []byte) (space, []byte, error) {
	switch {
	case len(key) == 0:
		return 0, nil, fmt.Errorf("record without a key: %w", fold.ErrState)
	case fold.Hot(key):
		return hot, append([]byte{byte(rows)}, key...), nil
	case len(key) <= originBytes || binary.BigEndian.Uint32(key[1:]) != uint32(t.s.terminal):
		return rows, key, nil
	}
	n, ok, err := t.ordinal(ledger.Incarnation(binary.BigEndian.Uint64(key[5:])))
	seq := binary.BigEndian.Uint64(key[13:])
	if err != nil || !ok || seq > seqMax {
		return rows, key, err
	}
	return entries, bytes.Join([][]byte{entryKey(n, ledger.Seq(seq)), key[:1], key[1+originBytes:]}, nil), nil
}

// beside is the opposite: the key that the state gives a record that stands
// after an entry.
func (t *tx) beside(key []byte, i ledger.Incarnation) []byte {
	_, seq := splitKey(key)
	b := binary.BigEndian.AppendUint32([]byte{key[entryBytes]}, uint32(t.s.terminal))
	b = binary.BigEndian.AppendUint64(b, uint64(i))
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	return append(b, key[entryBytes+1:]...)
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func (s space) isLog() bool { return s == entries || s == downs || s == papers }

// String is the letter, for errors.
func (s space) String() string { return string(rune(s)) }
