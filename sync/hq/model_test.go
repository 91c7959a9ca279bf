package hq_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// The lives that the model leads unless flags say otherwise: the same ones each
// time, since a run that comes to less than it must has failed. Others are
// looked for with -rapid.seed=0 and more checks.
var modelFlags = map[string]string{"rapid.checks": "15", "rapid.steps": "120", "rapid.seed": "3"}

// TestModel leads HQ and two terminals through lives in which everything
// happens in any order, and then looks at the whole book.
func TestModel(t *testing.T) {
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, value := range modelFlags {
		if !given[name] && !given["rapid.seed"] {
			if err := flag.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	reached := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{bench: newBench(t), rt: rt, reached: reached}
		m.tester = rt
		m.broken = true // the end of the life says what is wrong, and not the end of the test
		defer func() { m.broken = m.Check() != nil }()
		steps := map[string]func(*rapid.T){}
		for name, step := range map[string]func(){
			"sell": m.sell, "spend": m.spend, "undo": m.undo, "give-back": m.giveBack, "ask": m.askSome, "hear": m.hears, "sync": m.syncs,
			"merge": m.merge, "unmerge": m.unmerge, "claim": m.claimAward, "home": m.takeHome, "return-claim": m.claimReturn, "recall": m.recallSome,
			"answer": m.answer, "night": m.nightly, "notice": m.notice, "forgive": m.forgive, "goodwill": m.goodwill,
			"sell-more": m.sell, "spend-more": m.spend, "give-back-more": m.giveBack, "sync-more": m.syncs, "notice-more": m.notice,
		} {
			steps[name] = func(*rapid.T) { step() }
		}
		steps[""] = func(*rapid.T) { m.whole() }
		rt.Repeat(steps)
		m.end()
	})
	t.Log("decided:", reached)
	for _, what := range mustReach {
		if !t.Failed() && reached[what] == 0 {
			t.Errorf("no life came to %s: %v", what, reached)
		}
	}
}

// mustReach is what some life must have come to: what never happened was not
// tried.
var mustReach = []string{
	"note", "recall", "notice", "expire", "expire with a swap", "extend", "settle-due", "settle-due, short", "net-owed", "forgive", "alias",
	"mint", "settle-claim, granted", "settle-claim, refused", "settle-claim of a return",
}

// model is a life: what it did, as far as it must know it.
type model struct {
	*bench
	rt      *rapid.T
	sales   []soldOnce
	reached map[string]int
}

type soldOnce struct {
	at     *terminal
	member member.ID
	lot    lot.ID
	n      lot.Amount
	gone   bool // returned at its till
}

func (m *model) pick(what string, n int) int { return rapid.IntRange(0, n-1).Draw(m.rt, what) }

func (m *model) someone() member.ID { return []member.ID{wang, zhao}[m.pick("member", 2)] }

func (m *model) somewhere() *terminal { return m.terminals[m.pick("terminal", len(m.terminals))] }

func (m *model) some(n lot.Amount) lot.Amount {
	return lot.Amount(rapid.Int64Range(1, int64(n)).Draw(m.rt, "amount"))
}

// holding picks something that a terminal may use; ok is false if there is
// nothing.
func (m *model) holding(t *terminal, who member.ID) (h lot.Holding, ok bool) {
	list, err := t.state.Usable(who)
	m.ok("Usable", err)
	list = slices.DeleteFunc(list, func(h lot.Holding) bool { return !h.Lot.Asset.Points() })
	if len(list) == 0 {
		return h, false
	}
	return list[m.pick("holding", len(list))], true
}

func (m *model) today() lot.Day { return m.programme.Day(m.now) }

func (m *model) sell() {
	t, who, n := m.somewhere(), m.someone(), m.some(50)
	e := t.do(&ledger.Sale{
		Member: who, Day: m.today(), Lines: []ledger.Line{{Qty: 1, Fen: lot.Fen(n) * 100, Merchant: "m1"}},
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: n, Funder: "m1", Expires: m.today() + lot.Day(m.pick("days", 60))}, Rule: "base", Base: n}},
	})
	m.sales = append(m.sales, soldOnce{at: t, member: who, lot: e.Issued[0].ID, n: n})
}

func (m *model) spend() {
	t, who := m.somewhere(), m.someone()
	if h, ok := m.holding(t, who); ok {
		n := m.some(h.Amount)
		t.do(&ledger.Sale{Member: who, Day: m.today(), Deduction: &ledger.Deduction{Asset: points, Draws: []lot.Draw{{Lot: h.Lot.ID, Amount: n}}}})
	}
}

// undo returns a sale at its till: what is held there goes, the rest is due.
func (m *model) undo() {
	if len(m.sales) == 0 {
		return
	}
	s := &m.sales[m.pick("sale", len(m.sales))]
	if s.gone {
		return
	}
	s.gone = true
	held, err := s.at.state.Usable(s.member)
	m.ok("Usable", err)
	r := &ledger.Return{Of: s.lot.Origin, Day: m.today(), Member: s.member, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: lot.Fen(s.n) * 100}
	var here lot.Amount
	for _, h := range held {
		if h.Lot.ID == s.lot {
			here = h.Amount
			r.Claw = []lot.Draw{{Lot: s.lot, Amount: here}}
		}
	}
	if s.n > here {
		r.Due = []ledger.Due{{Amount: s.n - here}}
	}
	s.at.do(r)
}

func (m *model) giveBack() {
	t, who := m.somewhere(), m.someone()
	if h, ok := m.holding(t, who); ok {
		t.do(&ledger.NoteGiven{Member: who, Draws: []lot.Draw{{Lot: h.Lot.ID, Amount: m.some(h.Amount)}}})
	}
}

func (m *model) askSome() {
	t := m.somewhere()
	t.askFor(lot.AskID(m.some(1<<40)), m.someone(), points, m.some(80))
}

func (m *model) takeHome() {
	t := m.somewhere()
	t.askFor(lot.AskID(m.some(1<<40)), m.someone(), lot.Home, 1)
}

func (m *model) hears() { m.somewhere().hear() }

func (m *model) syncs() { m.somewhere().sync() }

func (m *model) merge() {
	_, _ = m.Merge(wang, zhao, byZhou) // refused when they are one
}

func (m *model) unmerge() { _ = m.Unmerge(m.someone(), byZhou) }

func (m *model) claimAward() {
	m.somewhere().do(checkIn(m.someone(), fmt.Sprint("activity", m.pick("activity", 2))))
}

func (m *model) claimReturn() {
	if len(m.sales) == 0 {
		return
	}
	s := m.sales[m.pick("sale", len(m.sales))]
	m.somewhere().do(&ledger.ReturnClaim{
		Of: s.lot.Origin, Day: m.today(), Member: s.member, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: lot.Fen(s.n) * 100,
	})
}

func (m *model) recallSome() { m.ok("RecallMember", m.RecallMember(m.someone(), points, byRecall)) }

// answer gives back what there is of the oldest recall.
func (m *model) answer() { m.answerAt(m.somewhere()) }

func (m *model) answerAt(t *terminal) bool {
	open := t.state.Recalls()
	if len(open) == 0 {
		return false
	}
	r := open[0]
	held, err := t.state.Usable(r.Member)
	m.ok("Usable", err)
	var draws []lot.Draw
	for _, d := range r.Draws {
		for _, h := range held {
			if h.Lot.ID == d.Lot {
				draws = append(draws, lot.Draw{Lot: d.Lot, Amount: min(d.Amount, h.Amount)})
			}
		}
	}
	t.do(&ledger.NoteGiven{Member: r.Member, Draws: draws, Recall: r.Seq})
	return true
}

func (m *model) nightly() {
	m.now = m.now.AddDate(0, 0, m.pick("days", 30))
	m.ok("Nightly", m.Nightly())
}

func (m *model) notice() {
	m.ok("Notice", m.Notice(m.someone(), m.today()+60, "page", byZhou))
}

func (m *model) forgive() { m.ok("Forgive", m.Forgive(m.someone(), byZhou)) }

func (m *model) goodwill() {
	issue := ledger.Issue{Asset: points, Amount: m.some(40), Expires: m.today() + lot.Day(m.pick("days", 60))}
	m.ok("MakeGood", m.MakeGood(m.someone(), []ledger.Issue{issue}, "model", nil, byZhou))
}

// whole holds at every step: every lot adds up, and nothing was taken that was
// not there.
func (m *model) whole() {
	m.ok("View", m.book.View(func(tx book.Tx) error {
		off, err := tx.Unbalanced(1)
		if len(off) > 0 {
			m.Errorf("lot %s does not add up", off[0])
		}
		return err
	}))
	if t := m.total(); t.Risk != 0 || t.Off() != 0 {
		m.Errorf("account %+v, want no risk and all of it accounted for", t)
	}
	for _, code := range m.alarms() {
		if code == "alarm-wrong" || code == "alarm-risk" {
			m.Errorf("%s of terminals that did nothing wrong: %+v", code, m.overview().Alarms)
		}
	}
}

// end lets all hear of all, and looks at the whole book.
func (m *model) end() {
	for range 4 {
		for _, t := range m.terminals {
			t.hear()
			for m.answerAt(t) {
			}
			t.do(&ledger.Mark{})
			t.sync()
		}
		m.ok("Nightly", m.Nightly())
	}
	m.whole()
	m.ok("Check", m.Check())
	if t := m.total(); t.Flight != 0 {
		m.Errorf("%d are still on their way, want nothing", t.Flight)
	}
	m.debts()
	m.once()
	m.decided(func(_ lot.Origin, b office.Body) { m.reached[deed(b)]++ })
	claims, err := m.Claims()
	m.ok("Claims", err)
	for _, k := range claims {
		if k.Status == office.ClaimOpen {
			m.Errorf("claim %+v is open though all have heard of all", k)
		}
	}
}

// debts holds the identity of rule S08 against the journal of the office.
func (m *model) debts() {
	var owed, netted lot.Amount
	m.decided(func(_ lot.Origin, b office.Body) {
		switch b := b.(type) {
		case *office.SettleDue:
			owed += b.Short
		case *office.Net:
			owed -= lot.Sum(b.Draws)
			netted += lot.Sum(b.Draws)
		case *office.Forgive:
			for _, o := range b.Owed {
				owed -= o.Amount
			}
		}
	})
	var shown lot.Amount
	persons := []member.ID{wang}
	if a, err := m.Ruling(zhao); err != nil || a.Member == zhao {
		persons = append(persons, zhao)
	}
	if a, err := m.Ruling(wang); err != nil || a.Member == zhao {
		persons = []member.ID{zhao}
	}
	for _, id := range persons {
		s, err := m.Ruling(id)
		m.ok("Ruling", err)
		for _, o := range s.Owed {
			shown += o.Owed
		}
	}
	if shown != owed {
		m.Errorf("%d are owed, want what was short less what was netted and written off: %d", shown, owed)
	}
}

func (m *model) decided(show func(lot.Origin, office.Body)) {
	m.ok("View", m.book.View(func(tx book.Tx) error {
		rows, err := tx.Office(0, 0, 100_000)
		for _, r := range rows {
			b, err := office.Decode(r.Kind, r.Body)
			m.ok("Decode", err)
			show(lot.Origin{Incarnation: r.Epoch, Seq: r.Seq}, b)
		}
		return err
	}))
}

// once: no claim was settled twice, no quota used beyond what it is, no sale
// given back beyond what was sold, and no award netted beyond its half.
func (m *model) once() {
	settled, back := map[lot.Origin]int{}, map[lot.Origin]int{}
	m.decided(func(_ lot.Origin, b office.Body) {
		if s, ok := b.(*office.SettleClaim); ok {
			if settled[s.Of]++; settled[s.Of] > 1 {
				m.Errorf("claim %s was settled twice", s.Of)
			}
			if s.Back != nil {
				if back[s.Back.Of]++; back[s.Back.Of] > 1 {
					m.Errorf("sale %s was given back twice", s.Back.Of)
				}
			}
		}
	})
	granted := map[string]int{}
	m.ok("View", m.book.View(func(tx book.Tx) error {
		all, err := tx.Ledger(lot.ID{}, 100_000)
		for _, a := range all {
			if a.Place.Kind == book.Netted && a.Amount > a.Lot.Amount/2 {
				m.Errorf("%d of lot %+v were netted, want at most half", a.Amount, a.Lot)
			}
			if a.Lot.Asset != lot.Home && !a.Lot.Asset.Points() && a.Place.Kind == book.Spent {
				key := fmt.Sprint(a.Lot.Owner, a.Lot.Asset)
				if granted[key] += int(a.Amount); granted[key] > 1 {
					m.Errorf("%s was granted %d times", key, granted[key])
				}
			}
		}
		return err
	}))
}

// deed names what an entry did.
func deed(b office.Body) string {
	switch b := b.(type) {
	case *office.Expire:
		if len(b.Swapped) > 0 {
			return "expire with a swap"
		}
	case *office.SettleDue:
		if b.Short > 0 {
			return "settle-due, short"
		}
	case *office.SettleClaim:
		switch {
		case b.Back != nil:
			return "settle-claim of a return"
		case b.Granted:
			return "settle-claim, granted"
		}
		return "settle-claim, refused"
	}
	return b.Kind()
}
