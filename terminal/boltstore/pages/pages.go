// Package pages reads a bbolt file without the store: all that it holds as one
// hash, and what its meta pages say before it is mapped. It writes nothing.
package pages

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/fnv"

	bolt "go.etcd.io/bbolt"
)

// Contents is a hash of all that a file holds, wherever it stands in it.
func Contents(tx *bolt.Tx) (sum [sha256.Size]byte) {
	h := sha256.New()
	c := tx.Cursor()
	for name, _ := c.First(); name != nil; name, _ = c.Next() {
		addBucket(h, name, tx.Bucket(name))
	}
	h.Sum(sum[:0])
	return sum
}

func addBucket(h hash.Hash, name []byte, b *bolt.Bucket) {
	add(h, name)
	c := b.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if v == nil {
			addBucket(h, k, b.Bucket(k))
			continue
		}
		add(h, k)
		add(h, v)
	}
	add(h, nil) // its end
}

func add(h hash.Hash, field []byte) {
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(field))))
	h.Write(field)
}

// Newest returns how many pages the newer of the two meta pages counts, and how
// many of the two are whole.
// After its page header a meta is: magic, version, page size, flags (4 bytes
// each), root, sequence, freelist, pages, transaction, checksum (8 each).
func Newest(head []byte, pageBytes int) (pages uint64, whole int) {
	const header, magic, checked = 16, 0xED0CDAED, 56
	var newest uint64
	for _, page := range [][]byte{head[:pageBytes], head[pageBytes:]} {
		meta := page[header:]
		sum := fnv.New64a()
		sum.Write(meta[:checked])
		if binary.NativeEndian.Uint32(meta) != magic || binary.NativeEndian.Uint64(meta[checked:]) != sum.Sum64() {
			continue
		}
		if n := binary.NativeEndian.Uint64(meta[48:]); whole == 0 || n > newest {
			pages, newest = binary.NativeEndian.Uint64(meta[40:]), n
		}
		whole++
	}
	return pages, whole
}
