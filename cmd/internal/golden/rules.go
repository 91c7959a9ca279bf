package golden

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/programme/fair"
	"github.com/jifen-pos/jifen/terminal/quota"
	"github.com/jifen-pos/jifen/terminal/tier"
)

// lint tells what is not fair in the document.
func (s *Scenario) lint(_ *facts, out *strings.Builder) error {
	found(out, fair.Lint(s.rules, nil))
	return nil
}

func found(out *strings.Builder, list []fair.Finding) {
	if len(list) == 0 {
		out.WriteString("没有发现问题 / nothing found\n")
	}
	for _, f := range list {
		fmt.Fprintf(out, "%s (%s, %s)\n- %s %s\n  %s %s\n", f.Rule, f.Clause, f.Source, f.What.ZH, f.Mend.ZH, f.What.EN, f.Mend.EN)
	}
}

// changed tells what a new version takes away from members.
func (s *Scenario) changed(f *facts, out *strings.Builder) error {
	text, _ := s.section("before.yaml")
	old, err := programme.Parse(merged(s.base, text))
	if err != nil {
		return err
	}
	found(out, fair.Changed(old, s.rules, nil, f.Today.Day))
	return nil
}

// play plays tickets of the document's first game.
func (s *Scenario) play(f *facts, out *strings.Builder) error {
	g := &s.rules.Games[0]
	b := game.NewBatch(s.rules, g, "b1", 1)
	b.Programme = "" // so that the seal does not hang on every word of the document
	seed := game.Seed(sha256.Sum256([]byte(f.seed)))
	seal := b.Seal(seed)
	fmt.Fprintf(out, "封条 seal %x…\n", seal[:8])
	d, err := game.Open(b, seal, seed)
	if err != nil {
		return err
	}
	left := func(a lot.Asset) bool {
		return !slices.ContainsFunc(f.gone, func(p string) bool { return a == lot.BudgetAsset(g.ID, p) })
	}
	by := game.ByStake
	if g.Stake.Amount == 0 {
		by = game.ByPurchase
	}
	for _, n := range f.ticket {
		o, err := d.Play(s.rules, n, by, f.Today.Day, left)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "第 %d 张 ticket: 抽到 drawn %s, 得到 given %s", n, o.Drawn, o.Given)
		if o.Back {
			fmt.Fprintf(out, ", 退还投入 %d stake not taken", g.Stake.Amount)
		}
		issued(out, o.Issues)
	}
	return nil
}

func issued(out *strings.Builder, issues []ledger.Issue) {
	for _, i := range issues {
		fmt.Fprintf(out, "; %d %s", i.Amount, i.Asset)
		if i.Funder != "" {
			fmt.Fprintf(out, " by %s", i.Funder)
		}
		if i.Asset.Points() {
			fmt.Fprintf(out, " at %s a thousand", i.UnitCost)
		}
		if i.Expires != 0 {
			fmt.Fprintf(out, " until %s", i.Expires)
		}
	}
	out.WriteString("\n")
}

// tasks tells how far the member is with tasks and sets, and what is due.
func (s *Scenario) tasks(f *facts, out *strings.Builder) error {
	seen, err := s.past(f)
	if err != nil {
		return err
	}
	for i := range s.rules.Tasks {
		t := &s.rules.Tasks[i]
		p := game.Count(s.rules, t, seen)
		fmt.Fprintf(out, "%s: %d / %d, 还差 %d\n", t.Name.ZH, p.Have, p.Target, p.Missing())
	}
	for _, set := range game.Sets(s.rules, f.Holdings) {
		fmt.Fprintf(out, "套 %s: 有 %s, 缺 %s\n", set.ID, strings.Join(set.Have, " "), strings.Join(set.Missing, " "))
	}
	for _, d := range game.Reached(s.rules, seen, f.Holdings, f.Today.Day) {
		fmt.Fprintf(out, "应给 due %s (%s)", d.Reason, quota.Reason(d.Reason, f.Today.Day).Asset)
		issued(out, d.Issues)
	}
	return nil
}

// past makes entries of what the member did before: "2027-03-01 buy 2 GTIN",
// "2027-03-02 return 1 of 1", "2027-03-02 attend ID", "2027-03-02 answer ID".
func (s *Scenario) past(f *facts) (seen []game.Seen, err error) {
	for n, line := range f.seen {
		words := strings.Fields(line)
		at, err := time.ParseInLocation(time.DateOnly+" 15", words[0]+" 12", s.rules.Location())
		if err != nil || len(words) < 3 {
			return nil, fmt.Errorf("before %s: %w", line, errGiven)
		}
		x := game.Seen{Origin: lot.Origin{Terminal: 1, Seq: uint64(n) + 1}, Store: f.Store, At: s.rules.Moment(at)}
		switch words[1] {
		case "buy":
			x.Body, err = s.bought(f, at, words[2:])
		case "return":
			qty, _ := strconv.ParseInt(words[2], 10, 64)
			of, _ := strconv.ParseUint(words[len(words)-1], 10, 64)
			x.Body = &ledger.Return{Of: lot.Origin{Terminal: 1, Seq: of}, Member: f.Member, Lines: []ledger.ReturnLine{{Line: 0, Qty: qty}}}
		case "attend":
			x.Body = &ledger.CheckIn{Member: f.Member, Activity: words[2]}
		case "answer":
			x.Body = &ledger.Answer{Member: f.Member, Survey: words[2]}
		}
		if err != nil {
			return nil, err
		}
		seen = append(seen, x)
	}
	return seen, nil
}

func (s *Scenario) bought(f *facts, at time.Time, args []string) (*ledger.Sale, error) {
	one := facts{Request: f.Request}
	one.Lines, one.Holdings, one.Coupons, one.DeductFen = nil, nil, nil, 0
	one.setTime(at)
	if err := s.buy(&one, args); err != nil {
		return nil, err
	}
	q, err := pricing.Price(one.Request)
	if err != nil {
		return nil, err
	}
	sale, err := bill.Make(one.Request, q, bill.Payers{})
	if err == nil {
		sale.Day = one.At.Business
	}
	return sale, err
}

// gives tells what something gives once, and which quota it uses up.
func (s *Scenario) gives(f *facts, out *strings.Builder) error {
	for _, line := range f.reasons {
		kind, id, _ := strings.Cut(line, " ")
		quota, gives, ok := s.once(f, kind, id)
		if !ok {
			return fmt.Errorf("reason %s: %w", line, errGiven)
		}
		fmt.Fprintf(out, "%s: 用掉 uses up %s", line, quota.Asset)
		if quota.Expires != 0 {
			fmt.Fprintf(out, " (到 until %s)", quota.Expires)
		}
		issued(out, game.Given(s.rules, &gives, f.Today.Day))
	}
	return nil
}

func (s *Scenario) once(f *facts, kind, id string) (q quota.Quota, g programme.Gives, ok bool) {
	p, day := s.rules, f.Today.Day
	switch kind {
	case "referrer":
		return quota.Reason("referral-"+id, day), programme.Gives{Asset: p.Referral.Asset, Points: p.Referral.Referrer}, true
	case "newcomer":
		return quota.Reason("welcome", day), programme.Gives{Asset: p.Referral.Asset, Points: p.Referral.Newcomer}, true
	case "activity":
		for _, a := range p.Activities {
			if a.ID == id {
				return quota.Activity(id), a.Gives, a.Window.Open(f.At)
			}
		}
	case "survey":
		for _, v := range p.Surveys {
			if v.ID == id {
				return quota.Survey(id, uint32(v.Version)), v.Gives, true
			}
		}
	}
	return q, g, false
}

// choices tells what the holder of a voucher may have for it.
func (s *Scenario) choices(f *facts, out *strings.Builder) error {
	for _, id := range f.reasons {
		fmt.Fprintf(out, "%s:", id)
		for _, b := range s.rules.Choices(id, f.Today.Day) {
			fmt.Fprintf(out, " %s(%s)", b.Name.ZH, b.WorthFen)
		}
		out.WriteString(" 或退回积分 / or the points back\n")
	}
	return nil
}

// prices tells what benefits cost now.
func (s *Scenario) prices(f *facts, out *strings.Builder) error {
	for _, o := range pricing.Offers(f.Request, pricing.Deduction{}) {
		b, _ := s.rules.Benefit(o.Benefit)
		fmt.Fprintf(out, "%s: %d %s", b.Name.ZH, o.Cost, s.rules.PointsName(o.Asset).ZH)
		if o.Cost != o.Was {
			fmt.Fprintf(out, " (原 %d, %s)", o.Was, strings.Join(o.By, " "))
		}
		if o.Missing > 0 {
			fmt.Fprintf(out, ", 还差 %d", o.Missing)
		}
		out.WriteString("\n")
	}
	return nil
}

// tier tells what today makes of the member's tier.
func (s *Scenario) tier(f *facts, out *strings.Builder) error {
	o := tier.Evaluate(s.rules.Tiers, f.standing, f.months, f.Today.Day)
	fmt.Fprintf(out, "12 个月 %s → %s", lot.Fen(tier.Reached(s.rules.Tiers, f.months, f.Today.Day)), o.Tier)
	for _, is := range []struct {
		so   bool
		word string
	}{{o.Up, "升级 up"}, {o.Down, "降级 down"}, {o.Tell, "先通知 to be told"}} {
		if is.so {
			fmt.Fprintf(out, ", %s", is.word)
		}
	}
	if o.Until != 0 {
		fmt.Fprintf(out, ", 保级到 until %s", o.Until)
	}
	out.WriteString("\n")
	return nil
}
