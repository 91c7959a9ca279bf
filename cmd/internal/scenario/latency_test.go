package scenario_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	at "github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

var (
	drainBacklog = flag.Int("drain.backlog", 100_000, "sales that wait for HQ in BenchmarkSaleWhileDraining")
	drainBars    = flag.Bool("drain.bars", false, "BenchmarkSaleWhileDraining fails above its bars: on a machine that does nothing else")
)

// Of each phase so many sales are timed.
const (
	timedLeast = 100
	timedMost  = 3000
)

// BenchmarkSaleWhileDraining measures a sale at the local API while the terminal
// brings HQ the sales of weeks, and when all of them are there. HQ and its broker
// have a core of their own. The bars are 1.5 times the quiet terminal's median, and
// twice its 95th percentile.
func BenchmarkSaleWhileDraining(b *testing.B) {
	for b.Loop() {
		d := newDrain(b)
		began := time.Now()
		draining, left := d.sell(func(backlog float64) bool { return backlog > 500 })
		b.ReportMetric((float64(*drainBacklog)-left)/time.Since(began).Seconds(), "entries/s")
		d.quiet()
		quiet, _ := d.sell(func(float64) bool { return true })
		b.Logf("%d sales while draining, %d quiet", len(draining), len(quiet))
		if *drainBars && len(draining) < timedLeast {
			b.Errorf("only %d sales were timed while draining, want %d at least: more have to wait", len(draining), timedLeast)
		}
		for name, of := range map[string]struct {
			at  int
			bar float64
		}{"median": {50, 1.5}, "p95": {95, 2}} {
			busy, calm := draining[len(draining)*of.at/100], quiet[len(quiet)*of.at/100]
			if ratio := float64(busy) / float64(calm); *drainBars && ratio > of.bar {
				b.Errorf("a sale's %s while draining is %.2f times the quiet one, want %.1f at most", name, ratio, of.bar)
			}
			b.ReportMetric(float64(busy.Microseconds())/1000, "ms-"+name+"-draining")
			b.ReportMetric(float64(calm.Microseconds())/1000, "ms-"+name+"-quiet")
			b.ReportMetric(float64(busy)/float64(calm), name+"-ratio")
		}
		d.closeAll()
	}
}

// drain is a terminal with a backlog, and somebody who sells at it.
type drain struct {
	*world
	by *clerk
}

// newDrain has a terminal enrol, gives its ledger the sales of weeks while it is
// off, and starts it and HQ on a core each.
func newDrain(b *testing.B) *drain {
	b.Helper()
	w := newWorld(b)
	api := freeAddress(b)
	w.set.scanners, w.set.printer, w.set.people = "", "kind = \"none\"\n", apiPeople
	w.set.api = fmt.Sprintf("[api]\nlisten = %q\n", api)
	w.mkdir(w.path("till"))
	w.write("till/terminal.key", []byte(hex.EncodeToString(make([]byte, 32))+"\n")) // which tilltest has too
	w.hq = start(b, w.hqCommand())
	w.hq.ready()
	w.join("-approved")
	w.till = start(b, w.tillCommand())
	w.till.ready()
	d := &drain{w, newClerk("http://"+api, strings.TrimSpace(string(w.read("till/api.token"))), 1, 1)}
	d.quiet()
	d.closeAll()
	d.fill(b)
	w.hq = start(b, onCore("1", w.hqCommand()))
	w.hq.ready()
	w.till = start(b, onCore("0", w.tillCommand()))
	w.till.ready()
	for !d.by.signIn(context.Background()) {
		time.Sleep(50 * time.Millisecond)
	}
	return d
}

// onCore holds a program to one core.
func onCore(core string, c *exec.Cmd) *exec.Cmd {
	held := exec.Command("taskset", append([]string{"-c", core}, c.Args...)...)
	held.Dir, held.Env = c.Dir, c.Env
	return held
}

// fill sells what waits for HQ, where writing is quick.
func (d *drain) fill(b *testing.B) {
	b.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "jifen-drain-")
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ledger.db")
	if err := os.WriteFile(path, d.read("till/ledger.db"), 0o600); err != nil {
		b.Fatal(err)
	}
	passing := &passing{TB: b}
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		b.Fatal(err)
	}
	passing.Cleanup(func() { _ = store.Close() })
	t := tilltest.NewUnenrolled(passing, store)
	t.UseMembers(b, customers())
	t.Clock.Advance(time.Since(t.Clock.Now().Wall))
	by := at.By{Lane: 1, Actor: "k1"}
	if err := t.Till.SignIn(by); err != nil {
		b.Fatal(err)
	}
	for n := range *drainBacklog {
		order := till.Order{Lines: []till.OrderLine{{Code: rice, Qty: 1}, {Code: red, Qty: 1}}}
		if n%3 == 0 {
			order.Member = customer(n / 3 % customersMost)
		}
		paid := till.Payment{Ref: fmt.Sprintf("drain-%08d", n), Tenders: []ledger.Tender{{Kind: "cash", Fen: 6870}}}
		if _, err := t.Till.Sell(by, order, paid); err != nil {
			b.Fatalf("sale %d: %v", n, err)
		}
	}
	passing.end()
	raw, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	d.write("till/ledger.db", raw)
}

// customersMost is of how many members a drain's sales are: with a few, each would have
// more lots at one till than weeks bring.
const customersMost = 2000

// customers is the demo's list of members with those of a drain behind it.
func customers() []byte {
	list := bytes.NewBuffer(slices.Clone(demo.Members))
	for n := range customersMost {
		fmt.Fprintf(list, "M%d,,,%s,0,0,\n", 50_000+n, customer(n))
	}
	return list.Bytes()
}

func customer(n int) string { return fmt.Sprintf("137%08d", n) }

// passing is a test that ends before the benchmark does.
type passing struct {
	testing.TB
	ends []func()
}

func (p *passing) Cleanup(end func()) { p.ends = append(p.ends, end) }

func (p *passing) end() {
	for _, end := range slices.Backward(p.ends) {
		end()
	}
}

// quiet waits until HQ has everything.
func (d *drain) quiet() {
	d.t.Helper()
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		h := d.by.health(context.Background())
		if h["online"] == true && fmt.Sprint(h["backlog"]) == "0" {
			return
		}
		if time.Now().After(end) {
			d.t.Fatalf("the backlog is not drained: %v", h)
		}
	}
}

// sell sells and times each sale, as long as the backlog is as it should be, and
// returns how long they took in order, and what the backlog was in the end.
func (d *drain) sell(while func(backlog float64) bool) (took []time.Duration, left float64) {
	d.t.Helper()
	for len(took) < timedMost {
		if len(took)%20 == 0 {
			left, _ = d.by.health(context.Background())["backlog"].(float64)
			if !while(left) {
				break
			}
		}
		d.by.made++
		body := anything{
			"ref": fmt.Sprintf("timed-%06d", d.by.made), "tenders": []anything{{"kind": "cash", "fen": 20_000}},
			"order": anything{"lines": []anything{{"code": rice, "quantity": 1}, {"code": red, "quantity": 1}, {"code": oil, "quantity": 1}}},
		}
		began := time.Now()
		status, answer := d.by.post(context.Background(), "/lanes/1/sales", body)
		if status != 200 {
			d.t.Fatalf("sale = %d, %v", status, answer)
		}
		took = append(took, time.Since(began))
		time.Sleep(5 * time.Millisecond)
	}
	slices.Sort(took)
	return took, left
}
