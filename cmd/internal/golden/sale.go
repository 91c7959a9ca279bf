package golden

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/bestuse"
	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/reason"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/slip"
)

// quote tells what the basket comes to and why.
func (s *Scenario) quote(f *facts, out *strings.Builder) error {
	q, err := pricing.Price(f.Request)
	if err != nil {
		return err
	}
	for i, l := range q.Lines {
		fmt.Fprintf(out, "%d. %s × %d  %s", i+1, f.Lines[i].Product.Name.ZH, f.Lines[i].Qty, l.Fen)
		for _, part := range []struct {
			word string
			fen  lot.Fen
		}{{"减", l.Off}, {"积分抵", l.Deducted}, {"抹零", l.Rounded}} {
			if part.fen > 0 {
				fmt.Fprintf(out, "  %s %s", part.word, part.fen)
			}
		}
		fmt.Fprintf(out, "  实付 %s\n", l.Net)
	}
	fmt.Fprintf(out, "合计 %s  应付 %s\n", q.Total, q.ToPay)
	tell(out, reason.Of(s.rules, &q))
	return nil
}

func tell(out *strings.Builder, why []reason.Sentence) {
	for _, w := range why {
		fmt.Fprintf(out, "- %s\n  %s\n", w.ZH, w.EN)
	}
}

// best tells what the member's points and coupons save at most.
func (s *Scenario) best(f *facts, out *strings.Builder) error {
	plan, err := bestuse.Best(f.Request)
	if err == nil {
		tell(out, reason.Best(s.rules, &plan))
	}
	return err
}

func (s *Scenario) sale(f *facts) (*ledger.Sale, error) {
	q, err := pricing.Price(f.Request)
	if err != nil {
		return nil, err
	}
	sale, err := bill.Make(f.Request, q, bill.Payers{Own: f.own(), Sharers: f.sharers})
	if err != nil {
		return nil, err
	}
	sale.Receipt, sale.Day = 17, f.At.Business
	tender := "cash"
	if f.Tender != "" {
		tender = f.Tender
	}
	sale.Tenders = []ledger.Tender{{Kind: tender, Fen: q.ToPay}}
	return sale, nil
}

// entry tells what goes into the journal.
func (s *Scenario) entry(f *facts, out *strings.Builder) error {
	sale, err := s.sale(f)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "sale on %s", sale.Day)
	if sale.Member != 0 {
		fmt.Fprintf(out, " to %s", sale.Member)
	}
	if sale.Tier != "" {
		fmt.Fprintf(out, " as %s", sale.Tier)
	}
	out.WriteString("\n")
	for _, p := range sale.Promotions {
		fmt.Fprintf(out, "promotion %s: %s\n", p.Campaign, p.Fen)
	}
	for _, c := range sale.Coupons {
		fmt.Fprintf(out, "coupon %s: %s\n", c.Asset.Coupon(), c.Fen)
	}
	if d := sale.Deduction; d != nil {
		fmt.Fprintf(out, "points pay %s:", d.Fen)
		for _, draw := range d.Draws {
			fmt.Fprintf(out, " %d %s of lot %d", draw.Amount, d.Asset, draw.Lot.Seq)
		}
		for _, part := range d.Pool {
			fmt.Fprintf(out, "; 家庭 household %s: %d, 本月还可用 left this month %d", part.Owner, lot.Sum(part.Draws), f.allowed(part.Owner)-lot.Sum(part.Allowance))
		}
		out.WriteString("\n")
	}
	for _, a := range sale.Awards {
		fmt.Fprintf(out, "award by %s: %d %s", a.Rule, a.Amount, a.Asset)
		if a.Base != a.Amount {
			fmt.Fprintf(out, " (%d of it count for a tier)", a.Base)
		}
		fmt.Fprintf(out, ", paid by %s at %s a thousand", a.Funder, a.UnitCost)
		if a.Active != 0 {
			fmt.Fprintf(out, ", from %s", a.Active)
		}
		if a.Expires != 0 {
			fmt.Fprintf(out, ", until %s", a.Expires)
		}
		out.WriteString("; lines")
		for _, sh := range a.Shares {
			fmt.Fprintf(out, " %d:%d", sh.Line+1, sh.Amount)
		}
		out.WriteString("\n")
	}
	return nil
}

// receipt is the paper of the sale.
func (s *Scenario) receipt(f *facts, out *strings.Builder) error {
	sale, err := s.sale(f)
	if err != nil {
		return err
	}
	shop, err := s.shop()
	if err != nil {
		return err
	}
	printed(out, shop.Receipt(moment(f), lot.Origin{Terminal: 1, Incarnation: 1, Seq: 17}, sale, shop.AfterSale(sale, f.Holdings, f.Today), nil, "3f0c2a91b7de"))
	return nil
}

func moment(f *facts) slip.Moment { return slip.Moment{Wall: f.wall, Clock: ledger.ClockSynced} }

// shop is where papers are printed.
func (s *Scenario) shop() (slip.Shop, error) {
	members, err := roll.Parse([]byte("id,name,card,phone,opening_consumption,opening_green\nM1001,王小芳,HM10001001V,,0,0\n"), []byte("a key that hides phone numbers"))
	return slip.Shop{
		Terminal: 1, Lang: "zh", Name: programme.Text{ZH: "红米好物 一店", EN: "Hongmi Goods One"}, Programme: s.rules, Products: s.goods, Members: members,
		Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)),
	}, err
}

// comeback tells what a return of some of the goods gives and takes.
func (s *Scenario) comeback(f *facts, out *strings.Builder) error {
	sale, err := s.sale(f)
	if err != nil {
		return err
	}
	sold := pricing.Sold{Rules: s.rules, Tier: sale.Tier}
	for i := range sale.Lines {
		l := &sale.Lines[i]
		sold.Lines = append(sold.Lines, pricing.SoldLine{
			Product: l.Product, Qty: l.Qty, Fen: l.Fen, Off: l.Off, Deducted: l.Deducted, Rounded: l.Rounded, Merchant: l.Merchant, Eco: l.Eco, Category: l.Category, Brand: l.Brand,
		})
	}
	for _, a := range sale.Awards {
		sold.Awards = append(sold.Awards, pricing.SoldAward{Rule: a.Rule, Funder: a.Funder, Amount: a.Amount})
	}
	if sale.Deduction != nil {
		sold.Points = lot.Sum(sale.Deduction.Draws)
	}
	before := sold.NothingReturned()
	for n, step := range [][]int64{f.back, rest(sale, f.back)} {
		after, err := pricing.Return(sold, before, step)
		if err != nil {
			return err
		}
		word := "退回所列 / what is listed comes back"
		if n == 1 {
			word = "其余也退回 / the rest comes back too"
		}
		fmt.Fprintf(out, "%s: 退款 %s, 退还积分 %d, 收回", word, after.Fen-before.Fen, after.Points-before.Points)
		for i, c := range after.Clawed {
			fmt.Fprintf(out, " %s %d", sold.Awards[i].Rule, c-before.Clawed[i])
		}
		if after.Coupons && !before.Coupons && len(sale.Coupons) > 0 {
			out.WriteString(", 退还优惠券")
		}
		out.WriteString("\n")
		before = after
	}
	var left lot.Amount
	for i, a := range sold.Awards {
		left += a.Amount - before.Clawed[i]
	}
	fmt.Fprintf(out, "全部退完后：已付 %s 已退 %s, 所得积分还剩 %d\n", sale.Net(), before.Fen, left)
	return nil
}

func rest(sale *ledger.Sale, back []int64) []int64 {
	left := slices.Clone(back)
	for i := range left {
		left[i] = sale.Lines[i].Qty - left[i]
	}
	return left
}

// own are the member's lots, without those of the household.
func (f *facts) own() []lot.Holding {
	return slices.DeleteFunc(slices.Clone(f.Holdings), func(h lot.Holding) bool { return h.Lot.Owner != f.Member })
}

// allowed is what one of the household lets the others spend in the month.
func (f *facts) allowed(id member.ID) (n lot.Amount) {
	for _, s := range f.sharers {
		if s.Member == id {
			for _, a := range s.Allowance {
				n += a.Amount
			}
		}
	}
	return n
}
