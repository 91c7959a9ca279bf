package hq_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

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
