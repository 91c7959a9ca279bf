// Package rerun runs a draft of a programme over sales that happened (cap C4):
// what it would have given and taken off, what that would have cost and whom,
// beside what really happened. It changes nothing and knows no balances: points
// and coupons that paid are taken to have been there, as they were.
package rerun

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Sum is what something gave, and what that cost.
type Sum struct {
	Receipts int64
	Points   lot.Amount
	Milli    int64   // what the points cost, in thousandths of a fen
	Off      lot.Fen // taken off bills, by campaigns
}

func (s *Sum) add(o Sum) {
	s.Receipts, s.Points, s.Milli, s.Off = s.Receipts+o.Receipts, s.Points+o.Points, s.Milli+o.Milli, s.Off+o.Off
}

// Cost is what it cost in all, in fen.
func (s Sum) Cost() lot.Fen { return lot.Fen(s.Milli/1000) + s.Off }

// Row is what happened and what would have, of one thing.
type Row struct {
	Name       string
	Was, Would Sum
}

// By says what rows are about.
type By string

// The tables of a report.
const (
	ByRule     By = "rule" // and campaign
	ByStore    By = "store"
	ByMerchant By = "merchant"
	ByTier     By = "tier"
)

// Rerun adds up. Make one with New.
type Rerun struct {
	draft   *programme.Programme
	tables  map[By]map[string]*Row
	counted map[memberDay]map[string]lot.Amount // by rules with a cap a day
	capped  map[string]bool

	Sales, Lines int64
	Left         int64 // sales that the draft cannot price, such as of a merchant it does not have
	Was, Would   Sum
}

type memberDay struct {
	who member.ID
	day lot.Day
}

// New makes a rerun of a draft.
func New(draft *programme.Programme) *Rerun {
	r := &Rerun{draft: draft, tables: map[By]map[string]*Row{}, counted: map[memberDay]map[string]lot.Amount{}, capped: map[string]bool{}}
	for _, b := range []By{ByRule, ByStore, ByMerchant, ByTier} {
		r.tables[b] = map[string]*Row{}
	}
	for i := range draft.Rules {
		if rule := &draft.Rules[i]; rule.Cap.PerMemberDay > 0 {
			r.capped[rule.ID] = true
		}
	}
	return r
}

// Sale runs the draft over one sale, which was made in a store at a time.
func (r *Rerun) Sale(s *ledger.Sale, store string, at time.Time) {
	q, err := pricing.Price(r.request(s, store, at))
	if err != nil {
		r.Left++
		return
	}
	r.Sales, r.Lines = r.Sales+1, r.Lines+int64(len(s.Lines))
	r.was(s, store)
	r.would(s, &q, store)
}

// request is what the draft is asked: the goods as they were sold, at their
// prices then.
func (r *Rerun) request(s *ledger.Sale, store string, at time.Time) pricing.Request {
	q := pricing.Request{
		Programme: r.draft, Member: s.Member, Proof: s.Proof, Tier: s.Tier, Grade: s.Grade, Store: store, At: r.draft.Moment(at),
		Today: lot.Today{Day: r.draft.Day(at), Trusted: true}, Lines: make([]pricing.Line, len(s.Lines)),
	}
	if len(s.Tenders) == 1 {
		q.Tender = s.Tenders[0].Kind
	}
	for i := range s.Lines {
		l := &s.Lines[i]
		qty := l.Qty
		if qty < 1 || int64(l.Fen)%qty != 0 {
			qty = 1 // sold by weight
		}
		q.Lines[i] = pricing.Line{Qty: qty, Product: programme.Product{
			GTIN: l.Product, Fen: l.Fen / lot.Fen(qty), Merchant: l.Merchant, Eco: l.Eco, Category: l.Category, Brand: l.Brand,
		}}
	}
	hold := func(id lot.ID, asset lot.Asset, n lot.Amount) {
		q.Holdings = append(q.Holdings, lot.Holding{Lot: lot.Lot{ID: id, Owner: s.Member, Asset: asset, Amount: n}, Amount: n})
	}
	if d := s.Deduction; d != nil {
		q.DeductFen = d.Fen
		n := lot.Sum(d.Draws)
		for _, p := range d.Pool {
			n += lot.Sum(p.Draws)
		}
		hold(lot.ID{}, d.Asset, n)
	}
	for _, c := range s.Coupons {
		q.Coupons = append(q.Coupons, pricing.CouponUse{Lot: c.Lot, Asset: c.Asset})
		hold(c.Lot, c.Asset, 1)
	}
	if len(r.capped) > 0 && s.Member != 0 {
		q.Counted = r.counted[memberDay{s.Member, s.Day}]
	}
	return q
}

func (r *Rerun) row(by By, name string) *Row {
	t := r.tables[by]
	if t[name] == nil {
		t[name] = &Row{Name: name}
	}
	return t[name]
}

// was adds up what the sale gave.
func (r *Rerun) was(s *ledger.Sale, store string) {
	var all Sum
	for i := range s.Awards {
		a := &s.Awards[i]
		one := Sum{Points: a.Amount, Milli: int64(a.Amount) * int64(a.UnitCost)}
		all.add(one)
		r.row(ByMerchant, a.Funder).Was.add(one)
		one.Receipts = 1
		r.row(ByRule, a.Rule).Was.add(one)
	}
	for _, p := range s.Promotions {
		all.Off += p.Fen
		r.row(ByRule, p.Campaign).Was.add(Sum{Receipts: 1, Off: p.Fen})
	}
	all.Receipts = 1
	r.Was.add(all)
	r.row(ByStore, store).Was.add(all)
	r.row(ByTier, s.Tier).Was.add(all)
}

// would adds up what the draft gives.
func (r *Rerun) would(s *ledger.Sale, q *pricing.Quote, store string) {
	var all Sum
	for i := range q.Awards {
		a := &q.Awards[i]
		one := Sum{Points: a.Amount, Milli: int64(a.Amount) * int64(a.UnitCost)}
		all.add(one)
		r.row(ByMerchant, a.Funder).Would.add(one)
		one.Receipts = 1
		r.row(ByRule, a.Rule).Would.add(one)
		if r.capped[a.Rule] {
			k := memberDay{s.Member, s.Day}
			if r.counted[k] == nil {
				r.counted[k] = map[string]lot.Amount{}
			}
			r.counted[k][a.Rule] += a.Amount
		}
	}
	for i := range q.Promotions {
		p := &q.Promotions[i]
		all.Off += p.Fen
		r.row(ByRule, p.Campaign).Would.add(Sum{Receipts: 1, Off: p.Fen})
	}
	all.Receipts = 1
	r.Would.add(all)
	r.row(ByStore, store).Would.add(all)
	r.row(ByTier, s.Tier).Would.add(all)
}

// Table is one table of the report, in order of names.
func (r *Rerun) Table(by By) []Row {
	rows := make([]Row, 0, len(r.tables[by]))
	for _, row := range r.tables[by] {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Name, b.Name) })
	return rows
}

// tableNames are the titles of the tables.
var tableNames = []struct {
	by     By
	zh, en string
}{
	{ByRule, "按规则和活动", "by rule and campaign"}, {ByStore, "按门店", "by store"}, {ByMerchant, "按出资商户（只计积分）", "by funding merchant (points alone)"}, {ByTier, "按会员等级", "by tier"},
}

// Text writes the report, in both languages.
func (r *Rerun) Text(out io.Writer) error {
	w := printer{out: out}
	w.line("用草案 %s 重算 %d 张小票、%d 行商品 · the draft over %d receipts, %d lines", r.draft.Version(), r.Sales, r.Lines, r.Sales, r.Lines)
	if r.Left > 0 {
		w.line("有 %d 张算不了（例如草案里没有该商户）· %d could not be priced, such as of a merchant that the draft does not have", r.Left, r.Left)
	}
	w.head("合计 in all")
	w.row(Row{Name: "合计 total", Was: r.Was, Would: r.Would})
	for _, t := range tableNames {
		w.head(t.zh + " " + t.en)
		for _, row := range r.Table(t.by) {
			w.row(row)
		}
	}
	return w.err
}

type printer struct {
	out io.Writer
	err error
}

func (w *printer) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format+"\n", args...)
	}
}

func (w *printer) head(title string) {
	w.line("\n%s", title)
	w.line("  %-20s %10s %10s %10s   %12s %12s %12s", "", "实际 was", "草案 would", "差 more", "实际成本 ¥", "草案成本 ¥", "差 ¥")
}

func (w *printer) row(r Row) {
	name := r.Name
	if name == "" {
		name = "—"
	}
	w.line("  %-20s %10d %10d %+10d   %12s %12s %12s", name, r.Was.Points, r.Would.Points, r.Would.Points-r.Was.Points, r.Was.Cost(), r.Would.Cost(), r.Would.Cost()-r.Was.Cost())
}
