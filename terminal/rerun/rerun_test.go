package rerun_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/rerun"
)

var noon = time.Date(2027, 3, 10, 4, 0, 0, 0, time.UTC)

// draft is the demo's programme with a campaign more.
func draft(t testing.TB, campaigns string) *programme.Programme {
	t.Helper()
	text, _, _ := strings.Cut(string(demo.Programme), "\ncampaigns:")
	if campaigns != "" {
		text += "\ncampaigns:\n" + campaigns
	}
	p, err := programme.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse:\n%v", err)
	}
	return p
}

// sold is a sale as the till writes it under a programme.
func sold(t testing.TB, p *programme.Programme, who member.ID, tier string, lines ...pricing.Line) *ledger.Sale {
	t.Helper()
	r := pricing.Request{
		Programme: p, Member: who, Proof: member.ByCard, Tier: tier, Store: "s1", At: p.Moment(noon), Today: lot.Today{Day: p.Day(noon), Trusted: true}, Lines: lines,
		Holdings: []lot.Holding{{Lot: lot.Lot{Owner: who, Asset: lot.Consumption, Amount: 5000}, Amount: 5000}}, DeductFen: 500,
	}
	q, err := pricing.Price(r)
	if err != nil {
		t.Fatal(err)
	}
	s, err := bill.Make(r, q, bill.Payers{Own: r.Holdings})
	if err != nil {
		t.Fatal(err)
	}
	s.Day, s.Tenders = p.Day(noon), []ledger.Tender{{Kind: "cash", Fen: q.ToPay}}
	return s
}

var (
	rice = pricing.Line{Qty: 3, Product: programme.Product{GTIN: "06900001000334", Fen: 1880, Merchant: "m1"}}
	tea  = pricing.Line{Qty: 1, Product: programme.Product{GTIN: "06910002000110", Fen: 16800, Merchant: "m2"}}
)

// What is in force gives what it gave: was and would are the same to the point
// and the fen, whatever the table.
func TestSameProgrammeGivesTheSame(t *testing.T) {
	p := draft(t, "")
	r := rerun.New(p)
	for n := range 20 {
		r.Sale(sold(t, p, member.ID(1001+n), []string{"", "green-tree"}[n%2], rice, tea), []string{"s1", "s2"}[n%2], noon)
	}
	if r.Sales != 20 || r.Lines != 40 || r.Left != 0 || r.Was != r.Would {
		t.Errorf("replay of what is in force: %d sales, %d lines, %d left; was %+v, would %+v", r.Sales, r.Lines, r.Left, r.Was, r.Would)
	}
	for _, by := range []rerun.By{rerun.ByRule, rerun.ByStore, rerun.ByMerchant, rerun.ByTier} {
		for _, row := range r.Table(by) {
			if row.Was != row.Would || row.Was == (rerun.Sum{}) {
				t.Errorf("%s %s: was %+v, would %+v; want the same, and something", by, row.Name, row.Was, row.Would)
			}
		}
	}
}

func TestDraftIsSetBesideWhatHappened(t *testing.T) {
	was := draft(t, "")
	p := draft(t, `  - {id: rice-double, name: {zh: 米双倍, en: Double on rice}, scope: {items: ["6900001000334"]}, funder: m1, multiply: {rule: base, multiplier_bp: 20000}}
  - {id: ten-off, name: {zh: 满100减10, en: ¥10 off}, bill_off: {steps: [{from_fen: 10000, off_fen: 1000}]}}
`)
	r := rerun.New(p)
	r.Sale(sold(t, was, 1001, "", rice, tea), "s1", noon)
	r.Sale(&ledger.Sale{Member: 1001, Day: was.Day(noon), Lines: []ledger.Line{{Product: "1", Qty: 1, Fen: 100, Merchant: "nobody"}}}, "s1", noon)
	if r.Left != 1 || r.Would.Off != 1000 || r.Would.Points <= r.Was.Points {
		t.Errorf("got %d left, would %+v, was %+v; want one left, ¥10.00 off and more points", r.Left, r.Would, r.Was)
	}
	var names []string
	for _, row := range r.Table(rerun.ByRule) {
		names = append(names, row.Name)
	}
	if diff := cmp.Diff([]string{"base", "rice-double", "ten-off"}, names); diff != "" {
		t.Errorf("rows by rule: -want +got\n%s", diff)
	}
	var out strings.Builder
	if err := r.Text(&out); err != nil || !strings.Contains(out.String(), "rice-double") || !strings.Contains(out.String(), "按门店") {
		t.Errorf("Text: %v\n%s", err, out.String())
	}
}

// BenchmarkRerun: lines a second are what the bound of a million a minute is
// about.
func BenchmarkRerun(b *testing.B) {
	p := draft(b, "")
	s := sold(b, p, 1001, "green-tree", rice, tea, rice, tea, rice)
	r := rerun.New(p)
	b.ReportAllocs()
	for b.Loop() {
		r.Sale(s, "s1", noon)
	}
	b.ReportMetric(float64(r.Lines)/b.Elapsed().Seconds(), "lines/s")
}
