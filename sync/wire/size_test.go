package wire_test

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// shop is a real till whose sales are weighed.
type shop struct {
	*testing.T
	*tilltest.Bench
	chance          *rand.Rand
	products, cards []string
}

var cashier = clerk.By{Lane: 1, Actor: "c1"}

func openShop(t *testing.T) *shop {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { store.Close() })
	s := &shop{
		T: t, Bench: tilltest.New(t, store), chance: rand.New(rand.NewPCG(1, 2)),
		products: column(t, demo.Products, 0), cards: column(t, demo.Members, 2),
	}
	s.UseRules(t, demo.Without(demo.Seasons...)) // all goods are sold, and earn
	s.ok(s.Till.SignIn(cashier))
	return s
}

// column is one column of a table with a heading.
func column(t *testing.T, table []byte, n int) (list []string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(table))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		list = append(list, row[n])
	}
	return list
}

func (s *shop) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// sell sells goods by chance to a member by chance, some time after the sale
// before, and returns the entry's bytes.
func (s *shop) sell(lines int, deduct bool) []byte {
	s.Helper()
	s.Clock.Advance(time.Duration(20_000+s.chance.IntN(60_000)) * time.Millisecond)
	s.ok(s.Till.Scan(cashier, "", s.cards[s.chance.IntN(len(s.cards))]))
	for _, n := range s.chance.Perm(len(s.products))[:lines] {
		s.ok(s.Till.Scan(cashier, "", s.products[n]))
	}
	v, err := s.Till.View(1)
	s.ok(err)
	if deduct {
		s.ok(s.Till.Deduct(cashier, lot.Fen(100+s.chance.IntN(100))))
		v, err = s.Till.View(1)
		s.ok(err)
	}
	paid := v.Quote.ToPay + lot.Fen(s.chance.IntN(3))*1000
	done, err := s.Till.Pay(cashier, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: paid}}})
	s.ok(err)
	if sale := done.Entry.Body.(*ledger.Sale); deduct != (sale.Deduction != nil) || len(sale.Awards) == 0 {
		s.Fatalf("sale %+v is not the one that was to be weighed", sale)
	}
	var raw []byte
	s.ok(s.Journal.View(func(tx journal.Tx) error {
		r, err := tx.Record(done.Head.Incarnation, done.Head.Seq)
		raw = r.Raw
		return err
	}))
	return raw
}

// rich gives every member points to spend, each in one lot.
func (s *shop) rich() {
	for n := range s.cards {
		s.Give(s.T, lot.Lot{Owner: member.ID(1001 + n), Asset: "points:consumption", Amount: 100_000})
	}
}

// perEntry is the size of a full batch by its entries, as it leaves for MQTT:
// topic, packet, TLS record and the segments of TCP over IPv4.
func perEntry(entries [][]byte) float64 {
	b := wire.Seal(tilltest.Terminal, 0, &wire.Batch{Incarnation: 1 << 62, First: 1_000_000, Entries: entries, Signature: [64]byte{1}}, boardKey)
	return float64(framed(len(b))) / float64(len(entries))
}

// framed is a payload on the wire: MQTT PUBLISH at QoS 1, TLS 1.3, TCP and IP
// (40 bytes).
func framed(payload int) int {
	publish := 1 + 3 + 2 + len(wire.UpTopic(tilltest.Terminal)) + 2 + payload
	record := publish + (publish/16384+1)*22
	return record + (record/1460+1)*40
}

// TestEntriesInBatchesAreSmall holds batches of 256 real sales with their
// framing to what a store on a metered line may be asked to pay.
func TestEntriesInBatchesAreSmall(t *testing.T) {
	for _, c := range []struct {
		name   string
		lines  int
		deduct bool
		most   float64
	}{
		{"one-line-award", 1, false, 50},
		{"three-lines", 3, false, 80},
		{"deduction", 3, true, 130},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			if c.deduct {
				s.rich()
			}
			entries, raw := make([][]byte, 0, wire.BatchEntriesMax), 0
			for range wire.BatchEntriesMax {
				entries = append(entries, s.sell(c.lines, c.deduct))
				raw += len(entries[len(entries)-1])
			}
			got := perEntry(entries)
			t.Logf("%s: %.1f bytes an entry on the wire, %d as stored", c.name, got, raw/len(entries))
			if got > c.most {
				t.Errorf("%.1f bytes an entry on the wire, want at most %.0f", got, c.most)
			}
		})
	}
}

// What is part of a message by value is written where it is empty too: PROTOCOL.md says so.
func TestEmptyPartIsWrittenAllTheSame(t *testing.T) {
	for _, m := range []codec.Message{&wire.Report{}, &wire.Ack{}} {
		if got := codec.Marshal(m); !bytes.Equal(got, []byte{0x0a, 0}) {
			t.Errorf("%T{} = %x, want 0a00", m, got)
		}
	}
}
