package golden

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/settletool"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/voice"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/refund"
)

// A story is what happened in the stores and at HQ, a line each with its day:
//
//	2027-03-10 s1 N1 joins by M1001
//	2027-03-10 s1 N1 buys 2 6910002000110           (and: paying 1.20, or all, in points)
//	2027-03-12 s1 N1 returns 1 of sale 1
//	2027-03-12 s1 M1001 tells birthday 05-31        (or: child 06-10)
//	2027-03-12 s1 M1001 takes back birthday         (or: child)
//	2027-03-12 s1 M1001 attends tea-class           (or: answers taste 5 4)
//	2027-03-12 s1 M1001 wants 500                   (points that are not there: declined)
//	2027-03-12 s1 M1001 gets birthday               (what is due is handed over)
//	2027-03-12 s1 M1001 looks                       (what the till is told of them)
//	2027-03-12 s1 offline                           (and: online)
//	2027-03-13 page sale 1 answers taste 5 4        (or: reviews 6910002000110 words, shares words)
//	2027-03-14 hq zhou approves 1                   (or: refuses 1, matches N1, makes good, settles 2027-03)
//
// HQ's nights are between the days.
func (s *Scenario) then(f *facts, out *strings.Builder) error {
	text, _ := s.section("story")
	var h *headquarters
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, words[0], s.rules.Location())
		if err != nil || len(words) < 3 {
			return fmt.Errorf("story, line %d: %q: %w", n+1, line, errGiven)
		}
		if h == nil {
			if h, err = s.headquarters(day.Add(9 * time.Hour)); err != nil {
				return err
			}
		}
		if err := h.until(day, out); err != nil {
			return err
		}
		h.now = h.now.Add(10 * time.Minute)
		out.WriteString(strings.Join(words, " ") + "\n")
		if err := h.step(f, words[1], words[2:], out); err != nil {
			return fmt.Errorf("story, line %d: %q: %w", n+1, line, err)
		}
		if err := h.tell(out); err != nil {
			return err
		}
	}
	if h == nil {
		return fmt.Errorf("story: %w", errGiven)
	}
	if err := h.balances(out); err != nil {
		return err
	}
	return h.Check()
}

// until lets the nights before a day pass.
func (h *headquarters) until(day time.Time, out *strings.Builder) error {
	for next := h.s.rules.Day(h.now) + 1; next <= h.s.rules.Day(day); next++ {
		year, month, d := next.Date()
		h.now = time.Date(year, month, d, 9, 0, 0, 0, h.s.rules.Location())
		if err := h.Nightly(); err != nil {
			return err
		}
		var told strings.Builder
		if err := h.tell(&told); err != nil {
			return err
		}
		if told.Len() > 0 {
			fmt.Fprintf(out, "%s 夜间 the night before\n%s", next, told.String())
		}
		for _, store := range []string{"s1", "s2"} {
			if err := h.stores[store].meet(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *headquarters) step(f *facts, where string, args []string, out *strings.Builder) error {
	switch t := h.stores[where]; {
	case where == "page":
		return h.page(args)
	case where == "hq":
		return h.person(args, out)
	case t == nil:
		return errGiven
	case args[0] == "offline":
		t.away = h.now
		return nil
	case args[0] == "online":
		from := t.away
		t.away = time.Time{}
		_, err := t.write(&ledger.Outage{From: from.UnixMilli(), To: h.now.UnixMilli(), Declined: 1})
		return err
	case len(args) < 2:
		return errGiven
	default:
		who, err := whoIs(args[0])
		if err != nil {
			return err
		}
		return t.served(f, who, args[1], args[2:], out)
	}
}

// served is what a till does for a member.
func (t *journal) served(f *facts, who member.ID, verb string, args []string, out *strings.Builder) error {
	p, day, arg := t.h.s.rules, t.h.s.rules.Day(t.h.now), strings.Join(args, " ")
	var body ledger.Body
	switch verb {
	case "joins":
		by, err := whoIs(strings.TrimPrefix(arg, "by "))
		if arg != "" && err != nil {
			return err
		}
		body = &ledger.Enrol{Member: who, Referrer: by, Day: day}
	case "buys":
		return t.buys(f, who, args, out)
	case "returns":
		return t.returns(who, args, out)
	case "tells", "takes":
		consent, err := t.consent(who, args)
		if err != nil {
			return err
		}
		body = consent
	case "attends":
		for _, a := range p.Activities {
			if a.ID == arg && a.Window.Open(p.Moment(t.h.now)) {
				body = &ledger.CheckIn{Member: who, Activity: a.ID, Issues: game.Given(p, &a.Gives, day), Once: ledger.Once{Claim: true}}
			}
		}
	case "answers":
		if s, ok := p.Survey(args[0]); ok {
			body = &ledger.Answer{Member: who, Survey: s.ID, Version: uint32(s.Version), Choices: chosen(args[1:]), Issues: game.Given(p, &s.Gives, day), Once: ledger.Once{Claim: true}}
		}
	case "wants":
		n, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return err
		}
		body = &ledger.Decline{Action: ledger.KindSale, Code: "short", Member: who, Asset: p.Deduction.Asset, Want: lot.Amount(n)}
	case "gets":
		about, err := t.state.About(who)
		if err != nil || !slices.Contains(about.Ruling.Gifts, arg) {
			fmt.Fprintf(out, "  收银台 till: %s\n", reasonOf("nothing-due"))
			return err
		}
		if g, ok := gift.Of(p, arg, p.Moment(t.h.now)); ok {
			body = &ledger.Grant{Member: who, Reason: arg, Day: day, Issues: g.Issues(p, day), Once: ledger.Once{Claim: true}}
		}
	case "looks":
		return t.looks(who, out)
	}
	if body == nil {
		return errGiven
	}
	_, err := t.write(body)
	return err
}

func (t *journal) buys(f *facts, who member.ID, args []string, out *strings.Builder) error {
	was := *f
	was.Member, was.Store, was.Proof = who, t.store, member.ByCard
	about, err := t.state.About(who)
	if err != nil {
		return err
	}
	was.Birthday, was.Tier, was.Grade = slices.Contains(about.Ruling.Gifts, gift.Birthday), about.Ruling.Tier, about.Ruling.Grade
	goods, paying, _ := strings.Cut(strings.Join(args, " "), " paying ")
	sale, err := t.h.s.bought(&was, t.h.now, strings.Fields(goods))
	if paying != "" && err == nil {
		sale, err = t.paying(&was, who, strings.Fields(goods), paying)
	}
	if err != nil {
		return err
	}
	effects, err := t.write(sale)
	if err != nil {
		return err
	}
	t.h.sales = append(t.h.sales, effects.Origin)
	fmt.Fprintf(out, "  第 %d 笔销售 sale %d: 实付 paid %s", len(t.h.sales), len(t.h.sales), sale.Net())
	if d := sale.Deduction; d != nil {
		fmt.Fprintf(out, ", 用 uses %d %s", lot.Sum(d.Draws), d.Asset)
	}
	for _, a := range sale.Awards {
		fmt.Fprintf(out, ", 得 earns %d %s by %s", a.Amount, a.Asset, a.Funder)
	}
	out.WriteString("\n")
	return nil
}

// paying is a sale of which points that lie at this till pay a part.
func (t *journal) paying(f *facts, who member.ID, goods []string, sum string) (sale *ledger.Sale, err error) {
	f.setTime(t.h.now)
	if f.Holdings, err = t.state.Usable(who); err != nil {
		return nil, err
	}
	f.Lines = nil
	if err := errors.Join(f.deduct(sum), t.h.s.buy(f, goods)); err != nil {
		return nil, err
	}
	return t.h.s.sale(f)
}

// returns 1 of sale 2: so many of its first line.
func (t *journal) returns(who member.ID, args []string, out *strings.Builder) error {
	of, err := t.h.sale(args[len(args)-1])
	if err != nil {
		return err
	}
	qty, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil || of.Terminal != uint32(t.id) {
		return errGiven
	}
	e, err := ledger.Decode(t.raws[of.Seq-1])
	if err != nil {
		return err
	}
	sale := e.Body.(*ledger.Sale)
	known, _, _, err := t.state.Sale(of)
	if err != nil {
		return err
	}
	held, err := t.state.Usable(who)
	if err != nil {
		return err
	}
	day := t.h.s.rules.Day(t.h.now)
	body, err := refund.Plan(refund.Request{
		Of: of, Sale: sale, Known: known, Rules: t.h.s.rules, Qty: append([]int64{qty}, make([]int64, len(sale.Lines)-1)...),
		Tender: "cash", Day: day, Today: lot.Today{Day: day, Trusted: true},
	}, held)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  退款 refund %s, 收回 takes back %d\n", body.Refund, lot.Sum(body.Claw))
	_, err = t.write(body)
	return err
}

func (h *headquarters) sale(number string) (lot.Origin, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(h.sales) {
		return lot.Origin{}, fmt.Errorf("sale %s: %w", number, errGiven)
	}
	return h.sales[n-1], nil
}

func (t *journal) consent(who member.ID, args []string) (*ledger.Consent, error) {
	c := &ledger.Consent{Member: who, Purpose: ledger.ForBirthday, Text: []byte("as on the screen")}
	what, day := args[0], strings.Join(args[1:], "")
	if what == "back" {
		what, c.Withdrawn = day, true
	}
	k := member.Known{Birthday: day}
	if what == "child" {
		c.Purpose, c.Guardian, k = ledger.ForChild, who, member.Known{Child: day}
	}
	if c.Withdrawn {
		return c, nil
	}
	var err error
	c.Sealed, err = t.h.sealed(k)
	return c, err
}

func chosen(args []string) (list []ledger.Choice) {
	for n, a := range args {
		option, _ := strconv.ParseUint(a, 10, 8)
		list = append(list, ledger.Choice{Question: uint32(n), Option: uint32(option) - 1})
	}
	return list
}

// looks tells what the till was told of a member.
func (t *journal) looks(who member.ID, out *strings.Builder) error {
	if err := t.meet(); err != nil {
		return err
	}
	about, err := t.state.About(who)
	if err != nil {
		return err
	}
	p := t.h.s.rules
	for _, g := range gift.Due(p, about.Ruling.Gifts, p.Moment(t.h.now)) {
		name := g.Name.ZH + " / " + g.Name.EN
		fmt.Fprintf(out, "  收银台 till: 可发 may hand over %s (%s)\n", g.Reason, name)
	}
	if len(about.Ruling.Gifts) == 0 {
		out.WriteString("  收银台 till: 没有待发的 / nothing to hand over\n")
	}
	return nil
}

// page is what a member says on the page that a receipt's code opens.
func (h *headquarters) page(args []string) error {
	if len(args) < 4 || args[0] != "sale" {
		return errGiven
	}
	of, err := h.sale(args[1])
	if err != nil {
		return err
	}
	say := voice.Saying{What: map[string]string{"answers": office.OfSurvey, "reviews": office.OfReview, "shares": office.OfExperience}[args[2]]}
	switch args[2] {
	case "answers":
		say.Subject, say.Choices = args[3], chosen(args[4:])
	case "reviews":
		say.Subject, say.Words = "0"+args[3], strings.Join(args[4:], " ")
	case "shares":
		say.Words = strings.Join(args[3:], " ")
	}
	err = h.Decide(func(w *decision.Work) error {
		row, err := w.Tx.Entry(ledger.TerminalID(of.Terminal), ledger.Incarnation(of.Incarnation), ledger.Seq(of.Seq))
		if err != nil {
			return err
		}
		r, err := voice.Open(w.Tx, of, row.Head.Hash.Code())
		if err != nil {
			return err
		}
		at, err := voice.Say(w, r, say)
		h.said = append(h.said, at)
		return err
	})
	if err != nil {
		return fmt.Errorf("%w: %s", err, reasonOf(err.Error()))
	}
	return nil
}

// person is what somebody at HQ decides.
func (h *headquarters) person(args []string, out *strings.Builder) error {
	by := hq.By{Actor: args[0], Reason: "seen"}
	if len(args) < 3 {
		return errGiven
	}
	switch args[1] {
	case "approves", "refuses":
		n, err := strconv.Atoi(args[2])
		if err != nil || n < 1 || n > len(h.said) {
			return errGiven
		}
		return h.Decide(func(w *decision.Work) error { return voice.Judge(w, h.said[n-1], args[1] == "approves", by) })
	case "matches":
		who, err := whoIs(args[2])
		if err != nil {
			return err
		}
		return h.Match(who, by)
	case "makes":
		return h.makeGood(by, out)
	case "settles":
		return h.settles(args[2], out)
	}
	return errGiven
}

// settles writes what merchants owe each other in a month.
func (h *headquarters) settles(month string, out *strings.Builder) error {
	return h.book.View(func(tx book.Tx) error {
		sums, err := settletool.Sums(tx, h.s.rules)
		if err != nil {
			return err
		}
		for _, m := range sums.Months() {
			for _, who := range sums.Parties(m) {
				if !strings.HasPrefix(m.String(), month) {
					continue
				}
				s := sums.Statement(who, m, h.s.rules)
				if err := s.Text(out); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// makeGood applies everything that is proposed, and says what for.
func (h *headquarters) makeGood(by hq.By, out *strings.Builder) error {
	var list []makegood.Proposal
	err := h.Decide(func(w *decision.Work) (err error) {
		list, err = makegood.Proposals(w)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range list {
		switch {
		case p.Benefit != "":
			fmt.Fprintf(out, "  提案 proposed: 权益 benefit %s 于 %s 下架 is withdrawn\n", p.Benefit, p.First)
		default:
			fmt.Fprintf(out, "  提案 proposed: %s 断网 %d 小时 was offline for %d hours, %s … %s\n", p.Terminal, p.Hours, p.Hours, p.First, p.Last)
		}
		if err := h.Decide(func(w *decision.Work) error { _, err := makegood.Apply(w, p.ID, by); return err }); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		out.WriteString("  没有要补的 / nothing is proposed\n")
	}
	return nil
}
