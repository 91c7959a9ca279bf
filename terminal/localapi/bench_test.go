package localapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/localapi"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// callers is how many other tills sell at once.
const callers = till.LanesMax

// BenchmarkSales is one sale of each of sixteen lanes at once: through the
// interface, and through the till itself beside it. p50 and p99 are of one sale.
func BenchmarkSales(b *testing.B) {
	b.Run("till", func(b *testing.B) {
		bench := openBench(b)
		order := till.Order{Member: wang, Lines: []till.OrderLine{{Code: rice, Qty: 1}}}
		sellFrom(b, func(lane, n int) error {
			by := clerk.By{Lane: uint32(lane), Actor: "anna"}
			_, err := bench.Till.Sell(by, order, till.Payment{
				Ref: fmt.Sprintf("lane-%02d-%08d", lane, n), Tenders: []ledger.Tender{{Kind: "cash", Fen: lot.Fen(4990)}},
			})
			return err
		}, func(lane int) error { return bench.Till.SignIn(clerk.By{Lane: uint32(lane), Actor: "anna"}) })
	})
	b.Run("api", func(b *testing.B) {
		bench := openBench(b)
		api := localapi.New(localapi.Options{
			Till: bench.Till, Lanes: callers, Zone: bench.Programme.Location(), Changes: webui.NewHub(), Log: slog.New(slog.DiscardHandler),
		})
		server := httptest.NewServer(api.Local())
		defer server.Close()
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
		sellFrom(b, func(lane, n int) error {
			body, err := json.Marshal(sale(fmt.Sprintf("lane-%02d-%08d", lane, n), order(wang, rice), 4990))
			if err != nil {
				return err
			}
			r, err := client.Post(fmt.Sprintf("%s%s/lanes/%d/sales", server.URL, localapi.Base, lane), "application/json", bytes.NewReader(body))
			if err != nil {
				return err
			}
			defer r.Body.Close()
			if answer, err := io.ReadAll(r.Body); err != nil || r.StatusCode != http.StatusOK {
				return fmt.Errorf("status %d: %s (%w)", r.StatusCode, answer, err)
			}
			return nil
		}, func(int) error { return nil })
	})
}

func openBench(b *testing.B) *tilltest.Bench {
	store, err := boltstore.Open(filepath.Join(b.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	return tilltest.New(b, store)
}

// sellFrom sells b.N times from all lanes together.
func sellFrom(b *testing.B, sell func(lane, n int) error, prepare func(lane int) error) {
	for lane := 1; lane <= callers; lane++ {
		if err := prepare(lane); err != nil {
			b.Fatal(err)
		}
	}
	var next atomic.Int64
	var all sync.WaitGroup
	took := make([][]time.Duration, callers)
	b.ResetTimer()
	for lane := 1; lane <= callers; lane++ {
		all.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				began := time.Now()
				if err := sell(lane, int(n)); err != nil {
					b.Error(err)
					return
				}
				took[lane-1] = append(took[lane-1], time.Since(began))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	each := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(each[len(each)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(each[len(each)*99/100].Microseconds()), "p99-µs")
}
