package fold_test

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// model says in the plainest way what a terminal's fold must come to: of every
// lot, how much is in which account. Accounts are words; "here 1", "here 2" …
// are the incarnations. It knows nothing of records, orders and limits.
type model struct {
	accounts map[lot.ID]map[string]lot.Amount
	owner    map[lot.ID]member.ID
	asset    map[lot.ID]lot.Asset
	totals   map[lot.Asset]map[string]lot.Amount

	life    int          // number of the incarnation
	usable  map[int]bool // incarnations whose holdings may be used
	waiting []waitingModel
	movedAt ledger.Head // of what is usable
	stopped bool
	givenUp map[lot.AskID]bool // in this incarnation
	seen    map[lot.Origin]bool
	recalls []ledger.DownSeq

	older    map[member.ID]member.ID
	people   map[member.ID]*personModel
	sales    map[lot.Origin]*soldModel
	vouchers map[lot.ID]*voucherModel
	claims   map[lot.Origin]fold.Claim

	day     lot.Day
	closed  bool
	figures map[string]int64

	// What the entry at hand does.
	risk  lot.Amount
	wrong string
	moved bool
	claim bool
	due   []lot.Draw
}

// waitingModel is a parent that waits for a witness, with the incarnations
// that it carried.
type waitingModel struct {
	head  ledger.Head
	moved ledger.Head
	lives []int
}

func newModel() *model {
	return &model{
		accounts: map[lot.ID]map[string]lot.Amount{}, owner: map[lot.ID]member.ID{}, asset: map[lot.ID]lot.Asset{},
		totals: map[lot.Asset]map[string]lot.Amount{}, usable: map[int]bool{}, givenUp: map[lot.AskID]bool{}, seen: map[lot.Origin]bool{},
		older: map[member.ID]member.ID{}, people: map[member.ID]*personModel{}, sales: map[lot.Origin]*soldModel{},
		vouchers: map[lot.ID]*voucherModel{}, claims: map[lot.Origin]fold.Claim{}, figures: map[string]int64{},
	}
}

func hereIn(life int) string { return fmt.Sprintf("here %d", life) }

// begin forgets what the entry before did.
func (m *model) begin() { m.risk, m.wrong, m.moved, m.claim, m.due = 0, "", false, false, nil }

// say remembers the first thing that is wrong about an entry.
func (m *model) say(wrong string) {
	if m.wrong == "" {
		m.wrong = wrong
	}
}

// boot starts an incarnation: without a witness all that was usable waits.
func (m *model) boot(parent ledger.Head, proven bool) {
	if !proven && m.life > 0 {
		w := waitingModel{head: parent, moved: m.movedAt}
		for life := range m.usable {
			w.lives = append(w.lives, life)
		}
		n := len(m.waiting) - 1
		if n >= 0 && m.waiting[n].moved.Seq+w.moved.Seq == 0 {
			w.lives = append(w.lives, m.waiting[n].lives...)
			m.waiting = m.waiting[:n]
		}
		if n >= 0 || w.moved.Seq > 0 {
			m.waiting = append(m.waiting, w)
		}
		clear(m.usable)
		m.movedAt = ledger.Head{}
	}
	m.life++
	m.usable[m.life] = true
	m.stopped = false
	clear(m.givenUp)
}

// carry frees what a parent had, and those after it that moved nothing.
func (m *model) carry(b *ledger.Carry) {
	n := slices.IndexFunc(m.waiting, func(w waitingModel) bool { return w.head == b.Parent })
	later := func(w waitingModel) bool { return w.moved.Seq > 0 }
	if n < 0 || b.Witness == ledger.NoWitness || b.Named.Seq == 0 || b.Named != m.waiting[n].moved || slices.ContainsFunc(m.waiting[n+1:], later) {
		m.say(wrongCarry)
		return
	}
	for _, w := range m.waiting[n:] {
		for _, life := range w.lives {
			m.usable[life] = true
		}
	}
	if m.movedAt.Seq == 0 {
		m.movedAt = b.Named
	}
	m.waiting = m.waiting[:n]
}

// person is the oldest id of a member.
func (m *model) person(id member.ID) member.ID {
	if older, ok := m.older[id]; ok {
		return older
	}
	return id
}

// post moves an amount of a lot.
func (m *model) post(id lot.ID, from, to string, n lot.Amount) {
	if n == 0 {
		return
	}
	if m.accounts[id] == nil {
		m.accounts[id] = map[string]lot.Amount{}
	}
	m.accounts[id][from] -= n
	m.accounts[id][to] += n
	m.moved = true
}

// count adds to the total of an asset.
func (m *model) count(asset lot.Asset, what string, n lot.Amount) {
	if len(asset) >= 6 && asset[:6] == "quota:" {
		asset = "quota"
	}
	if m.totals[asset] == nil {
		m.totals[asset] = map[string]lot.Amount{}
	}
	m.totals[asset][what] += n
}

// issue brings a lot into the world.
func (m *model) issue(id lot.ID, owner member.ID, asset lot.Asset, n lot.Amount) {
	m.owner[id], m.asset[id] = owner, asset
	m.post(id, "issued", hereIn(m.life), n)
	m.count(asset, "born", n)
	m.meet(id, n)
}

// has is what a member may use of a lot.
func (m *model) has(who member.ID, id lot.ID) (n lot.Amount) {
	if owner, known := m.owner[id]; !known || m.person(owner) != m.person(who) {
		return 0
	}
	for life := range m.usable {
		n += m.accounts[id][hereIn(life)]
	}
	return n
}

// take takes what there is of a lot, oldest incarnation first, and the rest
// out of risk. It returns what was there.
func (m *model) take(who member.ID, id lot.ID, n lot.Amount, to string, under lot.Asset) lot.Amount {
	there := min(n, m.has(who, id))
	for life, left := 1, there; life <= m.life; life++ {
		if m.usable[life] {
			part := min(left, m.accounts[id][hereIn(life)])
			m.post(id, hereIn(life), to, part)
			left -= part
		}
	}
	if there > 0 {
		m.count(m.asset[id], to, there)
	}
	if short := n - there; short > 0 {
		m.post(id, "risk", to, short)
		m.count(under, "risk", short)
		m.risk += short
	}
	return there
}

// giveBack gives back what paid, as far as it paid; owners are the lots'.
func (m *model) giveBack(paid map[lot.ID]lot.Amount, back []lot.Draw, anew []ledger.Anew, origin lot.Origin, from int) {
	for _, d := range back {
		if paid[d.Lot] < d.Amount {
			m.say(wrongBack)
			continue
		}
		paid[d.Lot] -= d.Amount
		m.post(d.Lot, "reinstated", hereIn(m.life), d.Amount)
		m.count(m.asset[d.Lot], "back", d.Amount)
		m.points(m.day, m.asset[d.Lot], "back", d.Amount)
	}
	for n, a := range anew {
		if paid[a.From] < a.Amount {
			m.say(wrongBack)
			continue
		}
		paid[a.From] -= a.Amount
		m.post(a.From, "reinstated", "reissued", a.Amount)
		m.points(m.day, m.asset[a.From], "back", a.Amount)
		m.issue(lot.ID{Origin: origin, N: uint32(from + n)}, m.owner[a.From], m.asset[a.From], a.Amount)
	}
}

// note takes in what HQ gave, or says why not: "left", "refused", "again".
func (m *model) note(n *lot.Note) string {
	if m.seen[n.ID] {
		return "again"
	}
	m.seen[n.ID] = true
	for _, h := range n.Holdings {
		m.owner[h.Lot.ID], m.asset[h.Lot.ID] = h.Lot.Owner, h.Lot.Asset
	}
	switch life := int(n.Incarnation); {
	case m.stopped || !m.usable[life] || n.Terminal != uint32(here):
		return "left"
	case life != m.life || n.Ask != 0 && m.givenUp[n.Ask]:
		return "refused"
	}
	for _, h := range n.Holdings {
		m.post(h.Lot.ID, "flight", hereIn(m.life), h.Amount)
		m.count(h.Lot.Asset, "in", h.Amount)
		m.meet(h.Lot.ID, h.Lot.Amount)
	}
	for _, n := range n.Minted {
		m.about(n.Owner).minted[n.Quota] = true
	}
	return "accepted"
}

// sums adds up what a member has here, to be used or not.
func (m *model) sums(who member.ID) (usable, frozen held) {
	usable, frozen = held{}, held{}
	for id, accounts := range m.accounts {
		owner, known := m.owner[id]
		if !known || m.person(owner) != m.person(who) {
			continue
		}
		for life := 1; life <= m.life; life++ {
			switch n := accounts[hereIn(life)]; {
			case n != 0 && m.usable[life]:
				usable[id] += n
			case n != 0:
				frozen[id] += n
			}
		}
	}
	return usable, frozen
}
