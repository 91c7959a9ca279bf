package settle

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Statement is what one merchant gave, owes and is owed in a month.
type Statement struct {
	Merchant Party
	Name     programme.Text
	Month    Month
	Issued   []IssuedRow
	Owes     []Row // its points that paid at others and at itself
	Owed     []Row // points of others and its own that paid at it
	Net      lot.Fen

	ConcededFen lot.Fen // what its points cost, less what was taken back
	CeilingFen  lot.Fen // 0 is none
	Over        bool
	Strict      bool
}

// IssuedRow is what a merchant funded of one asset.
type IssuedRow struct {
	Asset lot.Asset
	Issued
}

// Row is what passed between a merchant and another.
type Row struct {
	Other Party
	Cell
}

// Months lists the months in which anything happened, oldest first.
func (b *Book) Months() []Month {
	var all []Month
	for k := range b.cells {
		all = append(all, k.month)
	}
	for k := range b.issued {
		all = append(all, k.month)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Parties lists who has a statement in a month, in order of ids.
func (b *Book) Parties(m Month) []Party {
	var all []Party
	for k := range b.cells {
		if k.month == m {
			all = append(all, k.funder, k.taker)
		}
	}
	for k := range b.issued {
		if k.month == m {
			all = append(all, k.funder)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Statement adds up a merchant's month. The programme may be nil; it gives names
// and ceilings.
func (b *Book) Statement(merchant Party, m Month, p *programme.Programme) Statement {
	s := Statement{Merchant: merchant, Month: m}
	for k, c := range b.cells {
		if k.month != m {
			continue
		}
		if k.funder == merchant {
			s.Owes, s.Net = append(s.Owes, Row{k.taker, *c}), s.Net-c.Net()
		}
		if k.taker == merchant {
			s.Owed, s.Net = append(s.Owed, Row{k.funder, *c}), s.Net+c.Net()
		}
	}
	var milli int64
	for k, i := range b.issued {
		if k.month == m && k.funder == merchant {
			s.Issued, milli = append(s.Issued, IssuedRow{k.asset, *i}), milli+i.CostMilli-i.BackMilli
		}
	}
	byOther := func(a, b Row) int { return cmp.Compare(a.Other, b.Other) }
	slices.SortFunc(s.Owes, byOther)
	slices.SortFunc(s.Owed, byOther)
	slices.SortFunc(s.Issued, func(a, b IssuedRow) int { return cmp.Compare(a.Asset, b.Asset) })
	s.ConcededFen = lot.Fen(ceil(milli))
	if p == nil {
		return s
	}
	if x, ok := p.Merchant(merchant); ok {
		s.Name, s.CeilingFen, s.Strict = x.Name, x.CeilingFen, x.Strict
		s.Over = x.CeilingFen > 0 && s.ConcededFen > x.CeilingFen
	}
	return s
}

// ceil is whole fen, rounded up: what merchants concede is never told too low.
func ceil(milli int64) int64 {
	if milli <= 0 {
		return milli / 1000
	}
	return (milli + 999) / 1000
}

// Text writes a statement for people, in both languages.
func (s *Statement) Text(out io.Writer) error {
	w := printer{out: out}
	name := s.Merchant
	if name == "" {
		name = "（积分计划本身 the programme itself）"
	}
	year, month, _ := s.Month.Date()
	w.line("商户结算单 Statement of %s %s %s   %04d-%02d", name, s.Name.ZH, s.Name.EN, year, int(month))
	w.line("本月出资的积分 Points funded")
	for _, i := range s.Issued {
		w.line("  %-22s 发放 given %8d  收回 taken back %8d  待扣回 due %6d", i.Asset, i.Points, i.Clawed, i.Due)
	}
	w.line("  让利成本 their cost ¥%s", s.ConcededFen)
	if s.CeilingFen > 0 {
		w.line("  让利上限 ceiling ¥%s%s", s.CeilingFen, overWord(s.Over, s.Strict))
	}
	w.rows("应付（本商户的积分在以下商户抵用） Owes, where its points paid", s.Owes)
	w.rows("应收（以下商户的积分在本商户抵用） Is owed, whose points paid here", s.Owed)
	switch {
	case s.Net > 0:
		w.line("净应收 To be received ¥%s", s.Net)
	case s.Net < 0:
		w.line("净应付 To be paid ¥%s", -s.Net)
	default:
		w.line("两清 Nothing to be paid ¥0.00")
	}
	return w.err
}

func overWord(over, strict bool) string {
	switch {
	case over && strict:
		return "，已超过，不再出资 exceeded: nothing more is funded"
	case over:
		return "，已超过，请留意 exceeded: a warning"
	}
	return ""
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

func (w *printer) rows(title string, rows []Row) {
	w.line("%s", title)
	for _, r := range rows {
		other := r.Other
		if other == "" {
			other = "—"
		}
		w.line("  %-10s 积分 points %8d  ¥%12s   退回 back %8d  ¥%12s   净 net ¥%12s", other, r.Points, r.Fen, r.BackPoints, r.BackFen, r.Net())
	}
}

// CSV writes statements as one table.
func CSV(out io.Writer, list []Statement) error {
	w := csv.NewWriter(out)
	rows := [][]string{{"month", "merchant", "row", "other", "asset", "points", "fen", "back_points", "back_fen", "net_fen"}}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, s := range list {
		year, month, _ := s.Month.Date()
		when := fmt.Sprintf("%04d-%02d", year, int(month))
		for _, i := range s.Issued {
			cost, back := ceil(i.CostMilli), i.BackMilli/1000
			rows = append(rows, []string{when, s.Merchant, "funded", "", string(i.Asset), number(int64(i.Points)), number(cost), number(int64(i.Clawed)), number(back), number(cost - back)})
		}
		for _, of := range []struct {
			word string
			list []Row
		}{{"owes", s.Owes}, {"owed", s.Owed}} {
			for _, r := range of.list {
				rows = append(rows, []string{when, s.Merchant, of.word, r.Other, "", number(int64(r.Points)), number(int64(r.Fen)), number(int64(r.BackPoints)), number(int64(r.BackFen)), number(int64(r.Net()))})
			}
		}
		rows = append(rows, []string{when, s.Merchant, "net", "", "", "", "", "", "", number(int64(s.Net))})
	}
	return w.WriteAll(rows)
}

// Outstanding is what has been given and not been used yet, of one funder and
// asset, by the month in which it lapses.
type Outstanding struct {
	Funder  Party
	Asset   lot.Asset
	Expires lot.Day // the last day of the month; 0 is never
	Amount  lot.Amount
	Milli   int64 // what it costs its funder, in thousandths of a fen
}

// Liability adds up what is held of points and vouchers (cap H4).
func Liability(holdings []lot.Holding) []Outstanding {
	type key struct {
		funder  Party
		asset   lot.Asset
		expires lot.Day
	}
	sums := map[key]*Outstanding{}
	for _, h := range holdings {
		if h.Amount <= 0 || !h.Lot.Asset.Points() && h.Lot.Asset.Benefit() == "" && h.Lot.Asset.Coupon() == "" {
			continue
		}
		k := key{h.Lot.Funder, h.Lot.Asset, 0}
		if h.Lot.Expires != 0 {
			k.expires = h.Lot.Expires.MonthEnd()
		}
		if sums[k] == nil {
			sums[k] = &Outstanding{Funder: k.funder, Asset: k.asset, Expires: k.expires}
		}
		sums[k].Amount += h.Amount
		sums[k].Milli += int64(h.Amount) * int64(h.Lot.UnitCost)
	}
	list := make([]Outstanding, 0, len(sums))
	for _, o := range sums {
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b Outstanding) int {
		return cmp.Or(cmp.Compare(a.Funder, b.Funder), cmp.Compare(a.Asset, b.Asset), cmp.Compare(a.Expires, b.Expires))
	})
	return list
}
