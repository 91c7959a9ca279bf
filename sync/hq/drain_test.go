package hq_test

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

// BenchmarkDrain has HQ take in the backlog of a terminal that was away for
// weeks: sales of one to three lines to members, in batches of 256, so many of them
// together. Of one terminal that drains alone one waits and then three, of several
// there are four of each. Garbage is collected as often as in jifenhq.
func BenchmarkDrain(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	for _, together := range []int{1, 2, exchange.Together} {
		b.Run(fmt.Sprint(together), func(b *testing.B) {
			for b.Loop() {
				drain(b, together)
			}
		})
	}
}

func drain(b *testing.B, together int) {
	b.Helper()
	b.StopTimer()
	bench := newBench(b)
	till := bench.terminals[0]
	const batches = 40
	r := rand.New(rand.NewPCG(1, 2))
	for range batches * wire.BatchEntriesMax {
		bench.now = bench.now.Add(time.Duration(20+r.IntN(60)) * time.Second)
		till.do(aSale(r))
	}
	i := till.state.Head().Incarnation
	raws := till.raws[i]
	var list []*wire.Batch
	head := ledger.Head{Incarnation: i}
	for first := 0; first < len(raws); first += wire.BatchEntriesMax {
		last := min(first+wire.BatchEntriesMax, len(raws))
		list = append(list, till.batchFrom(&head, raws[first:last], ledger.Seq(first+1)))
	}
	began := cpu(b)
	b.StartTimer()
	for some := range slices.Chunk(list, together) {
		if _, resume, err := bench.Ingest(till.id, some...); err != nil || resume {
			b.Fatalf("Ingest() = %v, %v", resume, err)
		}
	}
	b.ReportMetric(float64((cpu(b)-began).Microseconds())/float64(len(raws)), "cpu-µs/entry")
}

// BenchmarkAnswer has HQ answer asks for the points of members it has seen
// nowhere yet, each commit included.
func BenchmarkAnswer(b *testing.B) {
	bench := newBench(b)
	till := bench.terminals[0]
	till.do(aSale(rand.New(rand.NewPCG(1, 2))))
	till.sync()
	var cpuUsed, took time.Duration
	for n := range b.N {
		who := member.ID(5000 + n)
		bench.ok("OpenMember", bench.OpenMember(roll.Person{ID: who, Opening: []programme.Cost{{Asset: points, Amount: 100}}}))
		used, began := cpu(b), time.Now()
		if !till.askFor(lot.AskID(n+1), who, points, 100).Given {
			b.Fatal("an ask was not answered by a note")
		}
		took += time.Since(began)
		cpuUsed += cpu(b) - used
		till.hear()
		till.do(&ledger.Mark{})
		till.sync()
	}
	b.ReportMetric(float64(took.Microseconds())/float64(b.N), "µs/ask")
	b.ReportMetric(float64(cpuUsed.Microseconds())/float64(b.N), "cpu-µs/ask")
}

// cpu is what this process has used of the processors: a figure that a busy
// machine leaves alone.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// aSale is a sale by chance, as a till writes it.
func aSale(r *rand.Rand) *ledger.Sale {
	products := []string{"06900001000112", "06900001000228", "06900001000334", "06910002000110"}
	s := &ledger.Sale{Receipt: r.Uint64N(1e6), Member: member.ID(1001 + r.Uint64N(2000)), Proof: member.ByCard, Day: 20779}
	for n := range 1 + r.IntN(3) {
		fen := lot.Fen(100 + r.Int64N(9900))
		s.Lines = append(s.Lines, ledger.Line{Product: products[r.IntN(4)], Qty: 1, Fen: fen, Merchant: "m1"})
		if n == 0 {
			earned := lot.Amount(fen / 100)
			s.Awards = []ledger.Award{{
				Issue: ledger.Issue{Asset: points, Amount: earned, Funder: "m1", UnitCost: 1000, Expires: 21120},
				Rule:  "base", Base: earned, Shares: []ledger.Share{{Amount: earned}},
			}}
		}
	}
	s.Tenders = []ledger.Tender{{Kind: "cash", Fen: s.Net()}}
	return s
}
