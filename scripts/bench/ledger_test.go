package bench

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/boltstore"
)

// BenchmarkLedger is one action at a time: ours with the till around it, the
// same calls on the store alone, the same puts on a bare bbolt, and a flush,
// taking turns, so that the disk is the same to each.
func BenchmarkLedger(b *testing.B) {
	members, lots := number(membersVariable, membersDefault), number(lotsVariable, lotsDefault)
	s := newShop(b, members, lots)
	for _, kind := range []string{"award", "sale"} {
		b.Run(fmt.Sprintf("%s/members=%d", kind, members), func(b *testing.B) { s.beside(b, kind) })
	}
}

func (s *shop) beside(b *testing.B, kind string) {
	path := filepath.Join(b.TempDir(), "bare.db")
	must(b, "copy", copyFile(s.path, path))
	other, err := openBare(path, false)
	must(b, "open bare", err)
	b.Cleanup(func() { other.db.Close() })
	alone := filepath.Join(b.TempDir(), "alone.db")
	must(b, "copy", copyFile(s.path, alone))
	store, err := boltstore.Open(alone, terminal)
	must(b, "open alone", err)
	b.Cleanup(func() { store.Close() })
	page := newFloor(b)
	ours, stores, bares, flushes := times{}, times{}, times{}, times{}
	for n := 0; b.Loop(); n++ {
		run := func() error { return s.award() }
		if kind == "sale" {
			p, err := s.basket(n)
			must(b, "basket", err)
			run = func() error {
				_, err := s.till.Pay(by, p)
				return err
			}
		}
		must(b, kind, ours.take(b, run))
		must(b, "store", stores.take(b, func() error { return s.spy.again(store) }))
		must(b, "bare", bares.take(b, func() error { return other.update(s.spy.puts) }))
		must(b, "flush", flushes.take(b, page.flush))
	}
	b.ReportMetric(ours.bytes(), "B/commit")
	b.ReportMetric(bares.bytes(), "bare-B/commit")
	b.ReportMetric(ours.p50(), "p50-us")
	b.ReportMetric(stores.p50(), "store-p50-us")
	b.ReportMetric(bares.p50(), "bare-p50-us")
	b.ReportMetric(flushes.p50(), "flush-p50-us")
	b.ReportMetric(ours.p50()/bares.p50(), "x-bare")
	b.ReportMetric(stores.p50()/bares.p50(), "store-x-bare")
	b.ReportMetric(float64(len(s.spy.puts)), "puts")
}

// times are how long actions took, and what they wrote.
type times struct {
	took  []time.Duration
	wrote int64
}

func (t *times) take(b testing.TB, fn func() error) error {
	before, begin := written(b), time.Now()
	err := fn()
	t.took = append(t.took, time.Since(begin))
	t.wrote += written(b) - before
	return err
}

func (t *times) bytes() float64 { return float64(t.wrote) / float64(len(t.took)) }

func (t *times) p50() float64 {
	slices.Sort(t.took)
	return float64(t.took[len(t.took)/2].Nanoseconds()) / 1e3
}

// callers are how many come at once.
var callers = []int{1, 4, 16, 64}

// BenchmarkCallers is how many awards a second many callers get through.
func BenchmarkCallers(b *testing.B) {
	members := number(membersVariable, membersDefault)
	s := newShop(b, members, 1)
	page := newFloor(b)
	for _, n := range callers {
		b.Run(fmt.Sprintf("award/members=%d/callers=%d", members, n), func(b *testing.B) {
			together(b, n, func() error { return s.awardTo(s.store, s.draw()) })
		})
	}
	b.Run("flush/callers=1", func(b *testing.B) { together(b, 1, page.flush) })
}

// together has callers do something b.N times in all.
func together(b *testing.B, callers int, do func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var group sync.WaitGroup
	begin := time.Now()
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)/time.Since(begin).Seconds(), "actions/s")
}
