package golden

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/quota"
	"github.com/jifen-pos/jifen/terminal/rerun"
	"github.com/jifen-pos/jifen/terminal/tier"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// due tells what the till hands over of what HQ says is due.
func (s *Scenario) due(f *facts, out *strings.Builder) error {
	list := gift.Due(s.rules, f.due, f.At)
	for _, reason := range f.due {
		if !slices.ContainsFunc(list, func(g gift.Gift) bool { return g.Reason == reason }) {
			fmt.Fprintf(out, "%s: 本计划没有这份礼 / not a gift of this programme\n", reason)
		}
	}
	for _, g := range list {
		q := quota.Reason(g.Reason, f.Today.Day)
		fmt.Fprintf(out, "%s → %s: 用掉 uses up %s", g.Reason, g.Name.ZH, q.Asset)
		if q.Expires != 0 {
			fmt.Fprintf(out, " (到 until %s)", q.Expires)
		}
		issued(out, g.Issues(s.rules, f.Today.Day))
	}
	return nil
}

// known tells what the cashier sees of the member's schemes.
func (s *Scenario) known(f *facts, out *strings.Builder) error {
	for _, x := range view.SchemesOf(s.rules, f.Member, f.At) {
		fmt.Fprintf(out, "%s: 顾问 adviser %s", x.Name.ZH, x.Adviser.ZH)
		if x.Until != 0 {
			fmt.Fprintf(out, ", 到 until %s", x.Until)
		}
		out.WriteString("\n")
	}
	if out.Len() == 0 {
		out.WriteString("没有一对一方案 / no scheme\n")
	}
	return nil
}

// handed tells what becomes of a voucher at the counter: its paper, or why not.
func (s *Scenario) handed(f *facts, out *strings.Builder) error {
	if len(f.choice) == 0 {
		return fmt.Errorf("voucher: %w", errGiven)
	}
	of, instead := f.choice[0], strings.Join(f.choice[1:], "")
	l := lot.Lot{ID: lot.ID{Origin: lot.Origin{Terminal: 1, Incarnation: 1, Seq: 9}}, Asset: lot.BenefitAsset(of), Amount: 1}
	for _, c := range view.ChoicesOf(s.rules, l, f.Today.Day) {
		fmt.Fprintf(out, "可选 choose: %s %s\n", c.Name.ZH, c.Worth)
	}
	if refused := view.MayHandOut(s.rules, l, instead, f.Today.Day); refused != "" {
		fmt.Fprintf(out, "不能兑付 refused: %s\n", refused)
		return nil
	}
	shop, err := s.shop()
	if err != nil {
		return err
	}
	u := &ledger.VoucherUse{Member: f.Member, Voucher: l.ID, Benefit: of, Instead: instead, Day: f.At.Business}
	printed(out, shop.Handout(moment(f), 1, "anna", u))
	return nil
}

// transfer tells what goes to another of the family, and on which terms.
func (s *Scenario) transfer(f *facts, out *strings.Builder) error {
	g := lot.Giver{Holdings: f.Holdings, DayMax: s.rules.Limits.TransferPoints}
	draws, err := lot.PlanTransfer(g, s.rules.Deduction.Asset, f.give, f.Today)
	if err != nil {
		return err
	}
	for _, d := range draws {
		h := f.Holdings[slices.IndexFunc(f.Holdings, func(h lot.Holding) bool { return h.Lot.ID == d.Lot })]
		fmt.Fprintf(out, "转出 goes: 批次 lot %d 的 %d 分, 有效期不变 still until %s, 仍由 paid by %s\n", d.Lot.Seq, d.Amount, h.Lot.Expires, h.Lot.Funder)
	}
	return nil
}

// redeem tells what a benefit takes: points, stock, the member's turns in the month.
func (s *Scenario) redeem(f *facts, out *strings.Builder) error {
	b, ok := s.rules.Benefit(f.redeem)
	if !ok {
		return fmt.Errorf("redeem %s: %w", f.redeem, errGiven)
	}
	cost, offered := pricing.CostOf(f.Request, b)
	if !offered {
		out.WriteString("现在不提供 / not on offer\n")
		return nil
	}
	for n := 1; ; n++ {
		draws, err := lot.Plan(f.Holdings, b.Cost.Asset, cost, f.Today)
		var stock, times []lot.Draw
		if err == nil && b.Limited {
			stock, err = lot.Plan(f.stock, lot.StockAsset(b.ID), 1, f.Today)
		}
		if err == nil && b.PerMember > 0 {
			times, err = lot.Plan(f.quota, quota.Benefit(b.ID, f.Today.Day).Asset, 1, f.Today)
		}
		if short := (*lot.ShortError)(nil); errors.As(err, &short) {
			fmt.Fprintf(out, "第 %d 次 time: 不够 short of %s, 有 has %d\n", n, short.Asset, short.Has)
			return nil
		} else if err != nil {
			return err
		}
		f.Holdings, f.stock, f.quota = lot.Without(f.Holdings, draws), lot.Without(f.stock, stock), lot.Without(f.quota, times)
		fmt.Fprintf(out, "第 %d 次 time: %s, 用 %d 分", n, b.Name.ZH, lot.Sum(draws))
		if b.Limited {
			fmt.Fprintf(out, ", 库存还剩 stock left %d", lot.Available(f.stock, lot.StockAsset(b.ID), f.Today))
		}
		issued(out, []ledger.Issue{bill.Promise(s.rules, b, f.Today.Day)})
	}
}

// grade tells what today makes of the member's green grade.
func (s *Scenario) grade(f *facts, out *strings.Builder) error {
	o := tier.Evaluate(s.rules.Grades, f.rank, f.green, f.Today.Day)
	g, _ := s.rules.Grade(o.Tier)
	fmt.Fprintf(out, "绿色积分 green points %d → %s %s", tier.Reached(s.rules.Grades, f.green, f.Today.Day), o.Tier, g.Name.ZH)
	if o.Until != 0 {
		fmt.Fprintf(out, ", 到 until %s", o.Until)
	}
	out.WriteString("\n")
	return nil
}

// onSale tells whether the goods may be sold to the member today.
func (s *Scenario) onSale(f *facts, out *strings.Builder) error {
	if n, from := pricing.TooEarly(f.Request); n >= 0 {
		fmt.Fprintf(out, "%s: %s 起才能买 / not before then\n", f.Lines[n].Product.Name.ZH, from)
		return nil
	}
	out.WriteString("可以卖 / may be sold\n")
	return nil
}

// replay runs the document as a draft over what was sold before under the base.
func (s *Scenario) replay(f *facts, out *strings.Builder) error {
	old, err := programme.Parse(s.base)
	if err != nil {
		return err
	}
	draft := rerun.New(s.rules)
	for _, line := range f.seen {
		words := strings.Fields(line)
		at, err := time.ParseInLocation(time.DateOnly+" 15", words[0]+" 12", old.Location())
		if err != nil || len(words) < 4 {
			return fmt.Errorf("before %s: %w", line, errGiven)
		}
		was := *f
		was.Programme = old
		sale, err := s.bought(&was, at, words[2:])
		if err != nil {
			return err
		}
		draft.Sale(sale, cmp.Or(f.Store, "s1"), at)
	}
	return draft.Text(out)
}

func printed(out *strings.Builder, d *receipt.Document) {
	for _, line := range strings.Split(strings.TrimRight(receipt.PlainText(*d, 32), "\n"), "\n") {
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}
