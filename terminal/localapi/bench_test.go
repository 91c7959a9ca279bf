package localapi_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
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
const callers = 16

// BenchmarkSales is sales of sixteen callers at once, at a lane each and all at
// two lanes: through the interface, and through a till itself. The two take turns,
// so that both meet the same machine. p50 and p99 are of one sale, and the ratio
// is that of the p99. 10,000 sales: -benchtime 10000x.
func BenchmarkSales(b *testing.B) {
	for _, lanes := range []int{callers, 2} {
		b.Run(fmt.Sprintf("lanes-%d", lanes), func(b *testing.B) { benchmarkSales(b, lanes) })
	}
}

// turn is how many sales are made before the other one's turn.
const turn = 160

func benchmarkSales(b *testing.B, lanes int) {
	itself, through := sellItself(b, lanes), sellThrough(b)
	var own, api []time.Duration
	b.ResetTimer()
	for from := 1; from <= b.N; from += turn {
		to := min(from+turn-1, b.N)
		own = append(own, sellFrom(b, lanes, from, to, itself)...)
		api = append(api, sellFrom(b, lanes, from, to, func(lane, n int) error { return through(lane, n, false) })...)
	}
	b.StopTimer()
	sellFrom(b, lanes, 1, b.N, func(lane, n int) error { return through(lane, n, true) }) // the same answer again
	b.ReportMetric(at(own, 50), "p50-µs-till")
	b.ReportMetric(at(own, 99), "p99-µs-till")
	b.ReportMetric(at(api, 50), "p50-µs-api")
	b.ReportMetric(at(api, 99), "p99-µs-api")
	b.ReportMetric(at(api, 99)/at(own, 99), "p99-api/till")
}

func at(took []time.Duration, percent int) float64 {
	slices.Sort(took)
	return float64(took[len(took)*percent/100].Microseconds())
}

// sellItself sells through a till.
func sellItself(b *testing.B, lanes int) func(lane, n int) error {
	bench := openBench(b)
	for lane := range lanes {
		if err := bench.Till.SignIn(clerk.By{Lane: uint32(lane + 1), Actor: "anna"}); err != nil {
			b.Fatal(err)
		}
	}
	return func(lane, n int) error {
		by := clerk.By{Lane: uint32(lane), Actor: "anna"}
		order := till.Order{Member: buyer(n), Lines: []till.OrderLine{{Code: rice, Qty: 1}}}
		_, err := bench.Till.Sell(by, order, till.Payment{
			Ref: fmt.Sprintf("sale-%08d", n), Tenders: []ledger.Tender{{Kind: "cash", Fen: lot.Fen(4990)}},
		})
		return err
	}
}

// sellThrough sells through the interface, and compares the answers of each
// reference.
func sellThrough(b *testing.B) func(lane, n int, again bool) error {
	bench := openBench(b)
	api := localapi.New(localapi.Options{
		Till: bench.Till, Lanes: callers, Zone: bench.Programme.Location(), Changes: webui.NewHub(), Log: slog.New(slog.DiscardHandler),
		People: people(b, bench), Now: time.Now, Rand: rand.Reader,
	})
	server := httptest.NewServer(api.Local())
	b.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	var entries sync.Map
	in := signIn(b, client, server.URL)
	return func(lane, n int, again bool) error {
		body, err := json.Marshal(sale(fmt.Sprintf("sale-%08d", n), order(buyer(n), rice), 4990))
		if err != nil {
			return err
		}
		ask, err := http.NewRequest("POST", fmt.Sprintf("%s%s/lanes/%d/sales", server.URL, localapi.Base, lane), bytes.NewReader(body))
		if err != nil {
			return err
		}
		ask.Header.Set("Content-Type", "application/json")
		ask.Header.Set("Jifen-Session", in)
		r, err := client.Do(ask)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		raw, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d: %s (%w)", r.StatusCode, raw, err)
		}
		var got struct {
			Entry string
			Again bool
		}
		if err := json.Unmarshal(raw, &got); err != nil {
			return err
		}
		first, known := entries.LoadOrStore(n, got.Entry)
		if got.Again != again || known != again || first != got.Entry {
			return fmt.Errorf("sale %d: %s; want again %v and entry %v", n, raw, again, first)
		}
		return nil
	}
}

// signIn has anna sign in.
func signIn(b *testing.B, client *http.Client, url string) string {
	r, err := client.Post(url+localapi.Base+"/sessions", "application/json", strings.NewReader(`{"person":"anna","pin":"`+pin+`"}`))
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	var got struct{ Session string }
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil || got.Session == "" {
		b.Fatalf("sign in: %d, %v", r.StatusCode, err)
	}
	return got.Session
}

func openBench(b *testing.B) *tilltest.Bench {
	store, err := boltstore.Open(filepath.Join(b.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	bench := tilltest.New(b, store)
	csv := []byte("id,name,card,phone,opening_consumption,opening_green\n")
	for n := range buyers {
		csv = fmt.Appendf(csv, "M%d,,,%s,0,0\n", 5000+n, buyer(n))
	}
	bench.UseMembers(b, csv)
	return bench
}

// buyers is how many members buy by turns: the record of one who bought ten
// thousand times would be all that is measured.
const buyers = 2000

// buyer is the phone number of who buys for the nth time.
func buyer(n int) string { return fmt.Sprintf("139%08d", n%buyers) }

// sellFrom makes the sales of these numbers from all callers together.
func sellFrom(b *testing.B, lanes, from, to int, sell func(lane, n int) error) []time.Duration {
	var next atomic.Int64
	next.Store(int64(from) - 1)
	var all sync.WaitGroup
	took := make([][]time.Duration, callers)
	for caller := range callers {
		all.Go(func() {
			for n := next.Add(1); n <= int64(to); n = next.Add(1) {
				began := time.Now()
				if err := sell(1+caller%lanes, int(n)); err != nil {
					b.Error(err)
					return
				}
				took[caller] = append(took[caller], time.Since(began))
			}
		})
	}
	all.Wait()
	return slices.Concat(took...)
}
