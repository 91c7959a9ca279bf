package till_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// BenchmarkSale is one sale of a member with its award, from the cashier's
// confirmation to the disk. It stands beside what it cannot beat: the flush of
// a page that is on the disk already, and a bare Update of as many puts.
func BenchmarkSale(b *testing.B) {
	b.Run("flush", benchmarkFlush)
	b.Run("bare-update", benchmarkBareUpdate)
	b.Run("sale", benchmarkSale)
}

func benchmarkFlush(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "page"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for b.Loop() {
		page[0]++
		if _, err := f.WriteAt(page, 0); err != nil {
			b.Fatal(err)
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkBareUpdate(b *testing.B) {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bolt.Options{PageSize: 4096, FreelistType: bolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	buckets := []string{"journal", "state", "refs", "jobs", "notes"}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	n := uint64(0)
	for b.Loop() {
		n++
		key := binary.BigEndian.AppendUint64(nil, n)
		err := db.Update(func(tx *bolt.Tx) error {
			for bucket, sizes := range map[string][]int{"journal": {450}, "state": {60, 150, 120}, "refs": {16}, "jobs": {900}, "notes": {60}} {
				for i, size := range sizes {
					k := append([]byte{byte(i)}, key...)
					if bucket == "notes" || i == 1 {
						k = k[:1] // written anew each time
					}
					if err := tx.Bucket([]byte(bucket)).Put(k, make([]byte, size)); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkSale(b *testing.B) {
	store, err := boltstore.Open(filepath.Join(b.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	bench := tilltest.New(b, store)
	if err := bench.Till.SignIn(by); err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		b.StopTimer()
		// Another member now and then: nobody buys thousands of times a day.
		cards := []string{"HM10001001V", "HM10001138Y", "HM10001275G", "HM10001412U"}
		for _, code := range []string{cards[n%len(cards)], rice, millet} {
			if err := bench.Till.Scan(by, "", code); err != nil {
				b.Fatal(err)
			}
		}
		v, err := bench.Till.View(1)
		if err != nil {
			b.Fatal(err)
		}
		n++
		b.StartTimer()
		if _, err := bench.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}}); err != nil {
			b.Fatal(fmt.Errorf("sale %d: %w", n, err))
		}
	}
}
