package scenario_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
)

// askers are members with points at HQ of whom the till has nothing yet.
var askers = []string{
	"HM10001001V", "HM10001138Y", "HM10001275G", "HM10001412U", "HM10001549V", "HM10001686F", lei, "HM10001960B",
	"HM100020974", "HM10002371Z", "HM10002508X", "HM10002645H", "HM100027820", "HM10002919Y", "HM100030566",
}

// BenchmarkAsk measures how long a terminal waits at its line for the answer to
// an ask, with its note, between the built programs over TLS. The bar is three
// times the round trip on that line plus one commit at HQ. The same run has both:
// a message by a bare broker behind TLS to a client in its program and back, and
// a transaction of one row, each after as long a rest as an ask. On loopback HQ's
// work shows, on a line how many times the ask goes to and fro.
func BenchmarkAsk(b *testing.B) {
	b.Run("on-loopback", func(b *testing.B) { benchAsk(b, 0) })
	b.Run("on-a-line-of-10-ms", func(b *testing.B) { benchAsk(b, 5*time.Millisecond) })
}

func benchAsk(b *testing.B, far time.Duration) {
	for b.Loop() {
		w, x := newTolled(b, far)
		var asks []time.Duration
		for _, card := range askers {
			x.quiet(b)
			asked := make(chan time.Duration)
			go func() { asked <- x.answered(time.Now()) }()
			w.scan(card)
			if took := <-asked; took > 0 {
				asks = append(asks, took)
			}
		}
		if len(asks) < len(askers)/2 {
			b.Fatalf("%d of %d members were asked for", len(asks), len(askers))
		}
		w.closeAll()
		ask, trip, commit := median(asks), median(roundTrips(b, far)), median(commits(b, w.path("floor.db")))
		b.ReportMetric(float64(ask.Microseconds())/1000, "ms-ask")
		b.ReportMetric(float64(trip.Microseconds())/1000, "ms-round-trip")
		b.ReportMetric(float64(commit.Microseconds())/1000, "ms-commit")
		b.ReportMetric(float64(ask)/float64(3*trip+commit), "of-the-bar")
	}
}

// answered is how long after the first segment up the first one down came, both
// after a time; 0 when none came.
func (x *toll) answered(after time.Time) time.Duration {
	var asked time.Time
	for end := after.Add(startLimit); time.Now().Before(end); time.Sleep(20 * time.Microsecond) {
		if up := x.up.Load(); asked.IsZero() && up != nil && up.After(after) {
			asked = *up
		}
		if down := x.down.Load(); !asked.IsZero() && down != nil && down.After(asked) {
			return down.Sub(asked)
		}
	}
	return 0
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// commits times durable transactions of one row in a book of HQ's, each after the
// rest that an ask has had: a disk and a processor that rest wake up slowly.
func commits(b *testing.B, path string) (took []time.Duration) {
	b.Helper()
	kept, err := sqlbook.OpenSQLite(path)
	if err != nil {
		b.Fatal(err)
	}
	defer kept.Close()
	for n := range askers {
		time.Sleep(time.Second)
		began := time.Now()
		err := kept.Update(func(tx book.Tx) error { return tx.PutMeta("floor", fmt.Sprint(n)) })
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	return took
}
