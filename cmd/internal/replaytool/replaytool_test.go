package replaytool_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/replaytool"
	"github.com/jifen-pos/jifen/cmd/internal/settletool"
	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// kept makes HQ's book with two sales of one terminal: tea earned by points of
// the tea house, which pay ¥10.00 at the appliance shop.
func kept(t *testing.T) string {
	t.Helper()
	bodies := []ledger.Body{
		&ledger.Sale{
			Day: day, Member: 1001, Lines: []ledger.Line{{Product: "06910002000110", Qty: 10, Fen: 168_000, Merchant: "m2"}}, Tenders: []ledger.Tender{{Kind: "cash", Fen: 168_000}},
			Awards: []ledger.Award{{Issue: ledger.Issue{Asset: lot.Consumption, Amount: 1680, Funder: "m2", UnitCost: 1000}, Rule: "base", Base: 1680, Shares: []ledger.Share{{Amount: 1680}}}},
		},
		&ledger.Sale{
			Day: day, Member: 1001, Proof: 2, Lines: []ledger.Line{{Product: "06920003000118", Qty: 1, Fen: 12_900, Merchant: "m3", Deducted: 1000}},
			Deduction: &ledger.Deduction{Asset: lot.Consumption, Fen: 1000, Draws: []lot.Draw{{Lot: lot.ID{Origin: lot.Origin{Terminal: 1, Incarnation: 9, Seq: 1}}, Amount: 1000}}},
			Tenders:   []ledger.Tender{{Kind: "cash", Fen: 11_900}},
		},
	}
	return written(t, len(bodies), func(n int) ledger.Body { return bodies[n] })
}

const day = 20892 // 2027-03-15

// written makes HQ's book with so many entries of one terminal.
func written(t testing.TB, count int, body func(n int) ledger.Body) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.db")
	b, err := sqlbook.OpenSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	const atOnce = 5000
	for from := 0; from < count; from += atOnce {
		if err := b.Update(func(tx book.Tx) error {
			if err := tx.PutTerminal(book.Terminal{ID: 1, Store: "s1"}); err != nil {
				return err
			}
			var entries []book.Entry
			for n := from; n < min(from+atOnce, count); n++ {
				raw, err := ledger.Encode(ledger.Entry{Wall: day * 86_400_000, Body: body(n)})
				if err != nil {
					return err
				}
				hash := ledger.Hash{byte(n + 1), byte(n >> 8), byte(n >> 16)}
				entries = append(entries, book.Entry{Terminal: 1, Head: ledger.Head{Incarnation: 9, Seq: ledger.Seq(n + 1), Hash: hash}, Raw: raw, Received: 1})
			}
			return tx.AppendEntries(1, entries)
		}); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// BenchmarkReplay runs the demonstration's year over a million sale lines in HQ's book:
// wanted is a minute on two cores (cap C4). Making the book is not measured.
func BenchmarkReplay(b *testing.B) {
	const lines, each = 1_000_000, 5
	path := written(b, lines/each, func(n int) ledger.Body {
		s := &ledger.Sale{Day: day, Member: member.ID(1001 + n%5000), Tenders: []ledger.Tender{{Kind: "cash", Fen: 60_000}}}
		for i := range each {
			s.Lines = append(s.Lines, ledger.Line{Product: "06910002000110", Qty: 1, Fen: lot.Fen(10_000 + 1000*i), Merchant: []string{"m1", "m2", "m3"}[(n+i)%3], Eco: i == 0, Category: "tea"})
		}
		s.Awards = []ledger.Award{{Issue: ledger.Issue{Asset: lot.Consumption, Amount: 600, Funder: "m2", UnitCost: 1000}, Rule: "base", Base: 600, Shares: []ledger.Share{{Amount: 600}}}}
		return s
	})
	draft := filepath.Join(b.TempDir(), "draft.yaml")
	if err := os.WriteFile(draft, demo.Programme, 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := replaytool.Replay(draft, path, "", io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(lines*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

// Both tools read the book beside the process that keeps it.
func TestToolsReadTheBook(t *testing.T) {
	path := kept(t)
	var out bytes.Buffer
	if err := settletool.Settle(settletool.Asked{Book: path, Merchant: "m3", Month: "2027-03"}, &out); err != nil {
		t.Fatalf("Settle: %v", err)
	}
	if !strings.Contains(out.String(), "净应收 To be received ¥10.00") {
		t.Errorf("Settle of m3: got\n%s\nwant ¥10.00 to be received", out.String())
	}
	out.Reset()
	if err := settletool.Settle(settletool.Asked{Book: path, Form: settletool.CSV, Month: "2027-03"}, &out); err != nil || !strings.Contains(out.String(), "2027-03,m2,owes,m3,,1000,1000,0,0,1000") {
		t.Errorf("Settle as CSV: got %v\n%s", err, out.String())
	}
	draft := filepath.Join(t.TempDir(), "draft.yaml")
	if err := os.WriteFile(draft, demo.Programme, 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := replaytool.Replay(draft, path, "", &out); err != nil {
		t.Fatalf("Replay: %v", err)
	}
	for _, want := range []string{"重算 2 张小票", "  base ", "  s1 ", "  m2 "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("Replay: %q is missing in\n%s", want, out.String())
		}
	}
}
