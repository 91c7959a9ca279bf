package bench

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	bolt "go.etcd.io/bbolt"
)

// bare is a copy of a ledger's file with nothing of ours around it: the same
// buckets, and the same puts by hand.
type bare struct{ db *bolt.DB }

func openBare(path string, unsynced bool) (*bare, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout: time.Second, PageSize: 4096, FreelistType: bolt.FreelistMapType, InitialMmapSize: 256 << 20, NoFreelistSync: unsynced,
	})
	return &bare{db}, err
}

// update makes one transaction with the puts of another one.
func (b *bare) update(puts []put) error {
	return b.db.Update(func(tx *bolt.Tx) error {
		var entry []byte
		for _, p := range puts {
			if p.kind == 'e' {
				entry = p.key
			}
			bucket, key := where(tx, p, entry)
			room := 4 // for the checksum
			if p.kind == 'e' {
				room = 96 // for the link and the signature
			}
			value := append(make([]byte, 0, len(p.value)+room), p.value...)
			value = append(value, make([]byte, room)...)
			if err := bucket.Put(key, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// where is the place that terminal/boltstore/DESIGN.md gives a record.
func where(tx *bolt.Tx, p put, entry []byte) (*bolt.Bucket, []byte) {
	newest := func(letter byte) *bolt.Bucket {
		name, _ := tx.Cursor().Seek([]byte{letter, 0, 0, 0, 0})
		b := tx.Bucket(name)
		b.FillPercent = 1
		return b
	}
	switch {
	case p.kind == 'e':
		return newest('j'), p.key
	case p.kind == 'p':
		return newest('p'), p.key
	case p.kind == 'r':
		sum := sha256.Sum256(p.key)
		return tx.Bucket([]byte{'r', sum[15] % 32}), sum[:16]
	case p.kind == 'n':
		return tx.Bucket([]byte("h")), append([]byte("n"), p.key...)
	case len(p.key) == 1:
		return tx.Bucket([]byte("h")), append([]byte("m"), p.key...)
	case p.key[0] == 's' || p.key[0] == 'v':
		seq := binary.BigEndian.AppendUint64(nil, binary.BigEndian.Uint64(p.key[13:]))
		return newest('j'), append(append(seq, p.key[0]), p.key[21:]...)
	}
	return tx.Bucket([]byte{'m', p.key[len(p.key)-1] % 16}), p.key
}
