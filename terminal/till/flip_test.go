package till_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// thousand is the demo's plain programme with 1,000 campaigns and 200 benefits
// more; no two numbers give the same document.
func thousand(number int) []byte {
	var campaigns, benefits strings.Builder
	for i := range 200 {
		fmt.Fprintf(&benefits, "  - {id: b%d, name: {zh: 一, en: X}, cost: {asset: points:consumption, points: %d}, valid_days: 9, merchant: m1, worth_fen: 1, terms: {zh: 一, en: X}}\n", i, 100+i)
	}
	for i := range 1000 {
		effect := [...]string{"line_off: {off_bp: 500}", "bill_off: {steps: [{from_fen: 1000, off_fen: 10}]}", "multiply: {rule: base, multiplier_bp: 12000}"}[i%3]
		fmt.Fprintf(&campaigns, "  - {id: k%d, name: {zh: 一, en: X}, window: {from: 2026-11-01, until: 2027-12-31}, scope: {categories: [c%d]}, %s}\n", i, i/10, effect)
	}
	text := demo.Without(append(demo.Seasons, "limits", "make_good", "campaigns")...)
	text = bytes.Replace(text, []byte("\nbenefits:\n"), []byte("\nbenefits:\n"+benefits.String()), 1)
	return fmt.Appendf(text, "\ncampaigns:\n%s# %d\n", &campaigns, number)
}

// BenchmarkFlip is a new document of 1,000 campaigns and 200 benefits: compiled
// aside, and put in force at a till on a disk. The flip is all that lanes wait for,
// in which nothing is written; afterwards the journal says what is in force. Before
// it, once for each document, its text is kept for returns.
func BenchmarkFlip(b *testing.B) {
	b.Run("compile-aside", func(b *testing.B) {
		text := thousand(0)
		for b.Loop() {
			if _, err := programme.Parse(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	docs := []till.Documents{published(b, 0), published(b, 0), published(b, 1)}
	b.Run("flip", func(b *testing.B) { benchmarkUse(b, func(n int) till.Documents { return docs[n%2] }) })
	b.Run("flip-and-say-so", func(b *testing.B) { benchmarkUse(b, func(n int) till.Documents { return docs[1+n%2] }) })
	b.Run("keep-the-text-flip-and-say-so", func(b *testing.B) {
		benchmarkUse(b, func(n int) till.Documents {
			b.StopTimer()
			defer b.StartTimer()
			return published(b, n)
		})
	})
}

// published is what HQ may have published.
func published(b *testing.B, number int) (d till.Documents) {
	b.Helper()
	var err error
	d.RulesText = thousand(number)
	if d.Programme, err = programme.Parse(d.RulesText); err != nil {
		b.Fatal(err)
	}
	if d.Products, err = programme.ParseProducts(demo.Products); err != nil {
		b.Fatal(err)
	}
	if d.Members, err = roll.Parse(demo.Members, make([]byte, 32)); err != nil {
		b.Fatal(err)
	}
	return d
}

func benchmarkUse(b *testing.B, next func(n int) till.Documents) {
	store, err := boltstore.Open(filepath.Join(b.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	t := tilltest.New(b, store).Till
	for n := range 2 {
		if err := t.Use(next(n)); err != nil {
			b.Fatal(err)
		}
	}
	for n := 2; b.Loop(); n++ {
		if err := t.Use(next(n)); err != nil {
			b.Fatal(err)
		}
	}
}
