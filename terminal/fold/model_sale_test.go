package fold_test

import (
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// soldModel is what the model remembers of a sale for its returns.
type soldModel struct {
	who    member.ID
	day    lot.Day
	life   int
	left   []int64 // of each line
	awards []awardModel
	paid   map[lot.ID]lot.Amount // not given back yet
	plays  []playModel
}

// playModel is a play of a sale: what is left of its prizes, and of its stake.
type playModel struct {
	left []lot.Amount
	paid map[lot.ID]lot.Amount
}

type awardModel struct {
	rule         string
	amount, base lot.Amount
	clawed       lot.Amount
}

// voucherModel is what the model remembers of a voucher.
type voucherModel struct {
	status fold.VoucherStatus
	member member.ID
	amount lot.Amount
	paid   map[lot.ID]lot.Amount
}

// personModel is what one id counts, aliases apart.
type personModel struct {
	spent       map[lot.Day]lot.Fen // by the last day of a month
	base        map[lot.Day]lot.Amount
	counted     map[string]map[lot.Day]lot.Amount // by rule and day
	minted      map[lot.Asset]bool
	provisional bool
	ruling      ledger.Ruling
}

func (m *model) about(id member.ID) *personModel {
	if m.people[id] == nil {
		m.people[id] = &personModel{
			spent: map[lot.Day]lot.Fen{}, base: map[lot.Day]lot.Amount{}, counted: map[string]map[lot.Day]lot.Amount{}, minted: map[lot.Asset]bool{},
		}
	}
	return m.people[id]
}

// family are the ids of one member.
func (m *model) family(id member.ID) []member.ID {
	out := []member.ID{m.person(id)}
	for younger, older := range m.older {
		if older == out[0] {
			out = append(out, younger)
		}
	}
	return out
}

// months are what a member's months come to, the newest 26.
func (m *model) months(id member.ID) []fold.Month {
	sums := map[lot.Day]fold.Month{}
	for _, p := range m.family(id) {
		for end, spent := range m.about(p).spent {
			s := sums[end]
			sums[end] = fold.Month{End: end, Spent: s.Spent + spent, Points: s.Points + m.about(p).base[end]}
		}
	}
	var out []fold.Month
	for _, end := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, sums[end])
	}
	return out[max(len(out)-26, 0):]
}

func (m *model) qualify(who member.ID, day lot.Day, spent lot.Fen, base lot.Amount) {
	if who != 0 {
		m.about(who).spent[day.MonthEnd()] += spent
		m.about(who).base[day.MonthEnd()] += base
	}
}

func (m *model) counts(who member.ID, rule string, day lot.Day, n lot.Amount) {
	if who == 0 {
		return
	}
	p := m.about(who)
	if p.counted[rule] == nil {
		p.counted[rule] = map[lot.Day]lot.Amount{}
	}
	p.counted[rule][day] += n
}

func (m *model) counted(who member.ID, rule string, day lot.Day) (n lot.Amount) {
	for _, p := range m.family(who) {
		n += m.about(p).counted[rule][day]
	}
	return n
}

// clawed takes some of an award out of month and day, if there is as much.
func (m *model) clawed(s *soldModel, award uint32, n lot.Amount) bool {
	if int(award) >= len(s.awards) || s.awards[award].clawed+n > s.awards[award].amount {
		m.say(wrongClaw)
		return false
	}
	a := &s.awards[award]
	before := a.base * a.clawed / a.amount
	a.clawed += n
	m.qualify(s.who, s.day, 0, before-a.base*a.clawed/a.amount)
	m.counts(s.who, a.rule, s.day, -n)
	return true
}

// returned does what a return does, but for what is bought in the same go.
func (m *model) returned(b *ledger.Return, origin lot.Origin) {
	m.sum(b.Day, "returns", 1)
	m.sum(b.Day, "refunded", int64(b.Refund))
	for _, t := range b.Tenders {
		m.sum(b.Day, "given "+t.Kind, int64(t.Fen))
	}
	s := m.sales[b.Of]
	if s == nil || !m.usable[s.life] || s.who != b.Member {
		m.say(wrongReturn)
		return
	}
	for _, l := range b.Lines {
		if int(l.Line) >= len(s.left) || s.left[l.Line] < l.Qty {
			m.say(wrongLine)
			continue
		}
		s.left[l.Line] -= l.Qty
	}
	m.qualify(s.who, s.day, -b.Refund, 0)
	var claw []lot.Draw
	for _, d := range b.Claw {
		if d.Lot.Origin != b.Of {
			m.say(wrongClaw)
		} else if m.clawed(s, d.Lot.N, d.Amount) {
			claw = append(claw, d)
		}
	}
	for _, d := range b.Due {
		if m.clawed(s, d.Award, d.Amount) {
			m.due = append(m.due, lot.Draw{Lot: lot.ID{Origin: b.Of, N: d.Award}, Amount: d.Amount})
		}
	}
	for _, d := range claw {
		n := m.take(s.who, d.Lot, d.Amount, "clawed", "")
		m.points(b.Day, m.asset[d.Lot], "clawed", n)
	}
	m.giveBack(s.paid, b.Back, b.Anew, origin, ledger.AnewFrom)
	from := ledger.AnewFrom + len(b.Anew)
	for _, v := range b.Vouchers {
		if v.Voucher.Origin != b.Of {
			m.say(wrongVoucher)
			continue
		}
		m.voucherBack(v, origin, from)
		from += len(v.Anew)
	}
	for _, p := range b.Plays {
		if int(p.Play) >= len(s.plays) {
			m.say(wrongClaw)
			continue
		}
		m.playBack(s, b, p)
		m.giveBack(s.plays[p.Play].paid, p.Back, p.Anew, origin, from)
		from += len(p.Anew)
	}
}

// playBack takes prizes of one play back, or says that they are due.
func (m *model) playBack(s *soldModel, b *ledger.Return, p ledger.PlayBack) {
	var claw []lot.Draw
	for _, d := range p.Claw {
		if m.prize(s, int(p.Play), d.Lot.N, d.Amount) {
			claw = append(claw, d)
		}
	}
	for _, d := range p.Due {
		if m.prize(s, int(p.Play), d.Award, d.Amount) {
			m.due = append(m.due, lot.Draw{Lot: lot.ID{Origin: b.Of, N: d.Award}, Amount: d.Amount})
		}
	}
	for _, d := range claw {
		n := m.take(s.who, d.Lot, d.Amount, "clawed", "")
		m.points(b.Day, m.asset[d.Lot], "clawed", n)
		if v := m.vouchers[d.Lot]; v != nil && n > 0 && v.status == fold.VoucherIssued {
			v.status = fold.VoucherReturned
		}
	}
}

// prize counts so much of a prize as gone, if it is one of the play and there is
// as much.
func (m *model) prize(s *soldModel, play int, number uint32, n lot.Amount) bool {
	for at := range s.plays[play].left {
		if ledger.PrizeLot(play, at) == number && n <= s.plays[play].left[at] {
			s.plays[play].left[at] -= n
			return true
		}
	}
	m.say(wrongClaw)
	return false
}

// meet remembers a voucher that is here for the first time.
func (m *model) meet(id lot.ID, n lot.Amount) {
	if m.asset[id] == teaSet && m.vouchers[id] == nil {
		m.vouchers[id] = &voucherModel{status: fold.VoucherIssued, member: m.owner[id], amount: n}
	}
}

func (m *model) use(who member.ID, id lot.ID, day lot.Day) {
	m.sum(day, "hand-outs", 1)
	v := m.vouchers[id]
	if v == nil {
		v = &voucherModel{amount: 1}
		m.vouchers[id] = v
	}
	m.take(who, id, v.amount, "spent", teaSet)
	if v.status != fold.VoucherReturned {
		v.status = fold.VoucherUsed
	}
}

func (m *model) voucherBack(b ledger.VoucherBack, origin lot.Origin, from int) {
	want := map[bool]fold.VoucherStatus{false: fold.VoucherIssued, true: fold.VoucherUsed}[b.Used]
	v := m.vouchers[b.Voucher]
	if v == nil || v.status != want || v.member != b.Member {
		m.say(wrongVoucher)
		return
	}
	if !b.Used {
		m.take(b.Member, b.Voucher, v.amount, "clawed", teaSet)
	}
	v.status = fold.VoucherReturned
	if s := m.sales[b.Voucher.Origin]; s != nil {
		for n := range s.plays {
			for at := range s.plays[n].left {
				if ledger.PrizeLot(n, at) == b.Voucher.N {
					s.plays[n].left[at] -= min(v.amount, s.plays[n].left[at])
				}
			}
		}
	}
	m.giveBack(v.paid, b.Back, b.Anew, origin, from)
}

// onDay moves to a newer business day; the figures of one that was not closed
// go on.
func (m *model) onDay(day lot.Day) {
	if day <= m.day {
		return
	}
	maps.DeleteFunc(m.figures, func(_ string, n int64) bool { return n == 0 })
	switch {
	case m.closed:
		clear(m.figures)
	case len(m.figures) > 0 && m.figures["since"] == 0:
		m.figures["since"] = int64(m.day)
	}
	m.day = day
}

// sum adds to a figure of the newest day.
func (m *model) sum(day lot.Day, what string, n int64) {
	m.onDay(day)
	m.figures[what] += n
}

// points adds to what became of points on the newest day.
func (m *model) points(day lot.Day, asset lot.Asset, what string, n lot.Amount) {
	if n > 0 && asset.Points() {
		m.sum(day, what+" "+string(asset), int64(n))
	}
}
