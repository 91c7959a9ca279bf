package boltstore

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	bolt "go.etcd.io/bbolt"
)

// contents is a hash of all that a file holds, wherever it stands in it.
func contents(tx *bolt.Tx) (sum [sha256.Size]byte) {
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
