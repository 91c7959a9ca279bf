package fold_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// model says in the plainest way what a terminal's fold must come to: of every
// lot, who has how much. Holders are "here 1", "here 2" … for incarnations.
type model struct {
	lots   map[lot.ID]map[string]lot.Amount
	owner  map[lot.ID]member.ID
	asset  map[lot.ID]lot.Asset
	ended  map[lot.ID]bool // vouchers that were used
	life   int             // number of the incarnation
	from   int             // the oldest incarnation whose holdings may be used
	stop   bool
	given  map[lot.AskID]bool // asks given up in this incarnation
	risk   lot.Amount
	sales  map[lot.Origin]*soldModel
	bought map[lot.ID]map[lot.ID]lot.Amount // vouchers: what paid for them
	back   map[lot.ID]bool                  // vouchers taken back
	wrong  bool
	events map[string]int
}

func newModel() *model {
	return &model{
		lots: map[lot.ID]map[string]lot.Amount{}, owner: map[lot.ID]member.ID{}, asset: map[lot.ID]lot.Asset{},
		ended: map[lot.ID]bool{}, given: map[lot.AskID]bool{}, events: map[string]int{}, sales: map[lot.Origin]*soldModel{},
		bought: map[lot.ID]map[lot.ID]lot.Amount{}, back: map[lot.ID]bool{},
	}
}

func at(life int) string { return fmt.Sprintf("here %d", life) }

func (m *model) issue(id lot.ID, owner member.ID, asset lot.Asset, n lot.Amount) {
	m.owner[id], m.asset[id] = owner, asset
	m.lots[id] = map[string]lot.Amount{"issued": -n, at(m.life): n}
}

// move takes what there is to be used of a lot, and the rest out of risk.
func (m *model) move(who member.ID, id lot.ID, n lot.Amount, to string) (taken lot.Amount) {
	if m.lots[id] == nil {
		m.lots[id] = map[string]lot.Amount{}
	}
	defer func() { taken = n - taken }()
	return m.moveUpTo(who, id, n, to)
}

// moveUpTo returns what was not there.
func (m *model) moveUpTo(who member.ID, id lot.ID, n lot.Amount, to string) lot.Amount {
	for life := m.from; life <= m.life && m.owner[id] == who; life++ {
		part := min(n, m.lots[id][at(life)])
		m.lots[id][at(life)] -= part
		m.lots[id][to] += part
		n -= part
	}
	if n > 0 {
		m.lots[id]["risk"] -= n
		m.lots[id][to] += n
		m.risk += n
		m.events["overdrawn"]++
	}
	return n
}

// sums adds up what a member has here, to be used or not.
func (m *model) sums(who member.ID) (usable, frozen held) {
	usable, frozen = held{}, held{}
	for id, holders := range m.lots {
		for life := 1; life <= m.life && m.owner[id] == who; life++ {
			n := holders[at(life)]
			if n == 0 {
				continue
			}
			if life >= m.from {
				usable[id] += n
			} else {
				frozen[id] += n
			}
		}
	}
	return usable, frozen
}

// run is a bench and a model that see the same actions.
type run struct {
	*bench
	m      *model
	random *rand.Rand
	hq     uint64 // entries of HQ's
	notes  []*lot.Note
}

func (r *run) lots(who member.ID) []lot.ID {
	var out []lot.ID
	for id := range r.m.lots {
		if r.m.owner[id] == who {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, lot.ID.Compare)
	return out
}

// draws chooses some lots of a member, now and then of another or too much.
func (r *run) draws(who member.ID, to string) []lot.Draw {
	draws, _ := r.drawn(who, to)
	return draws
}

// drawn also says what was there to be taken.
func (r *run) drawn(who member.ID, to string) ([]lot.Draw, map[lot.ID]lot.Amount) {
	list := r.lots(who)
	if r.random.IntN(20) == 0 {
		list = append(list, lot.ID{N: 77}, lot.ID{Origin: lot.Origin{Terminal: 9}})
	}
	var out []lot.Draw
	taken := map[lot.ID]lot.Amount{}
	for range r.random.IntN(4) {
		if len(list) == 0 {
			break
		}
		d := lot.Draw{Lot: list[r.random.IntN(len(list))], Amount: 1 + lot.Amount(r.random.IntN(40))}
		out = append(out, d)
		if n := r.m.move(who, d.Lot, d.Amount, to); n > 0 {
			taken[d.Lot] += n
		}
	}
	return out, taken
}

func (r *run) next() lot.Origin {
	h := r.state.Head()
	return ledger.Origin(here, h.Incarnation, h.Seq+1)
}

// act does one thing at random to both.
func (r *run) act() {
	who := []member.ID{wang, zhang}[r.random.IntN(2)]
	if r.m.stop {
		r.reopen()
		return
	}
	r.m.risk, r.m.wrong = 0, false
	var effects fold.Effects
	switch n := r.random.IntN(36); {
	case n >= 24:
		effects = r.more(who, n-24)
	case n < 7:
		effects = r.sale(who)
	case n < 9:
		effects = r.redeem(who)
	case n < 12:
		effects = r.use(who)
	case n < 14:
		effects = r.add(&ledger.NoteGiven{Member: who, Draws: r.draws(who, "hq")})
	case n < 19:
		effects = r.receive(who)
	case n < 21:
		ask := lot.AskID(1 + r.random.IntN(5))
		r.m.given[ask] = true
		r.add(&ledger.AskGivenUp{Ask: ask})
	case n == 21:
		r.add([]ledger.Body{&ledger.Mark{}, &ledger.Decline{Code: "points-short"}}[r.random.IntN(2)])
	case n == 22:
		r.reopen()
	case r.random.IntN(3) == 0:
		r.add(&ledger.Stop{})
		r.m.stop = true
		r.m.events["stopped"]++
	}
	if effects.Risk != r.m.risk {
		r.t.Fatalf("risk = %d, want %d", effects.Risk, r.m.risk)
	}
	if (effects.Wrong != "") != r.m.wrong {
		r.t.Fatalf("wrong = %q, want some %v", effects.Wrong, r.m.wrong)
	}
}

func (r *run) sale(who member.ID) fold.Effects {
	s := &ledger.Sale{Member: who, Lines: []ledger.Line{{Qty: 3, Fen: 300}, {Qty: 1, Fen: 100}}}
	draws, taken := r.drawn(who, "spent")
	if len(draws) > 0 {
		s.Deduction = &ledger.Deduction{Asset: points, Draws: draws}
	}
	r.m.sales[r.next()] = &soldModel{who: who, life: r.m.life, left: []int64{3, 1}, paid: taken}
	for i := range r.random.IntN(3) {
		asset := []lot.Asset{points, green}[i]
		n := 1 + lot.Amount(r.random.IntN(100))
		r.m.issue(lot.ID{Origin: r.next(), N: uint32(i)}, who, asset, n)
		s.Awards = append(s.Awards, ledger.Award{Issue: ledger.Issue{Asset: asset, Amount: n}})
		sold := r.m.sales[r.next()]
		sold.earned = append(sold.earned, n)
	}
	return r.add(s)
}

func (r *run) redeem(who member.ID) fold.Effects {
	draws, taken := r.drawn(who, "spent")
	body := redeem(draws)
	body.Member = who
	r.m.bought[lot.ID{Origin: r.next()}] = taken
	r.m.issue(lot.ID{Origin: r.next()}, who, teaSet, 1)
	return r.add(body)
}

func (r *run) use(who member.ID) fold.Effects {
	for _, id := range r.lots(who) {
		if r.m.asset[id] == teaSet && !r.m.back[id] && (!r.m.ended[id] || r.random.IntN(10) == 0) {
			r.m.move(who, id, 1, "spent")
			r.m.ended[id] = true
			r.m.events["used"]++
			return r.add(&ledger.VoucherUse{Member: who, Voucher: id, Benefit: "tea-set"})
		}
	}
	return fold.Effects{}
}

// receive takes in a note from HQ: a new one, or one that came before.
func (r *run) receive(who member.ID) fold.Effects {
	if len(r.notes) > 0 && r.random.IntN(4) == 0 {
		r.m.events["doubled"]++
		return r.down(r.notes[r.random.IntN(len(r.notes))]) // changes nothing
	}
	r.hq++
	n := note(r.hq, r.state.Head().Incarnation, lot.AskID(r.random.IntN(6)), 1+lot.Amount(r.random.IntN(50)))
	n.Holdings[0].Lot.Owner = who
	if r.random.IntN(6) == 0 {
		n.Incarnation++
	}
	r.notes = append(r.notes, n)
	id, amount := n.Holdings[0].Lot.ID, n.Holdings[0].Amount
	effects := r.down(n)
	left := n.Incarnation != uint64(r.state.Head().Incarnation)
	back := !left && r.m.given[n.Ask]
	wrong := left || back
	if (effects.Refused != nil) != back || (effects.Left != nil) != left || (effects.Accepted != nil) == wrong {
		r.t.Fatalf("note %+v: %+v, want back %v, left %v", n, effects, back, left)
	}
	r.m.owner[id], r.m.asset[id] = who, points
	if wrong {
		r.m.lots[id] = map[string]lot.Amount{"hq": 0}
		r.m.events["refused"]++
		return effects
	}
	r.m.lots[id] = map[string]lot.Amount{"hq": -amount, at(r.m.life): amount}
	r.m.events["accepted"]++
	return effects
}

func (r *run) reopen() {
	w := ledger.Witness(r.random.IntN(2))
	r.m.life++
	r.m.stop = false
	clear(r.m.given)
	r.open(ledger.Incarnation(r.m.life), w)
	if w == ledger.NoWitness {
		r.m.from = r.m.life
		r.m.events["frozen"]++
	} else {
		r.m.events["carried"]++
	}
}

// check holds the fold against the model.
func (r *run) check() {
	r.t.Helper()
	for _, who := range []member.ID{wang, zhang} {
		usable, frozen := r.m.sums(who)
		if diff := cmp.Diff(usable, r.usable(who)); diff != "" {
			r.t.Fatalf("Usable(%s) (-model +fold):\n%s", who, diff)
		}
		if diff := cmp.Diff(frozen, r.frozen(who)); diff != "" {
			r.t.Fatalf("Frozen(%s) (-model +fold):\n%s", who, diff)
		}
	}
	sums := map[lot.Asset]lot.Amount{}
	for id, holders := range r.m.lots {
		var all lot.Amount
		for holder, n := range holders {
			all += n
			if strings.HasPrefix(holder, "here") {
				sums[r.m.asset[id]] += n
			}
		}
		if all != 0 {
			r.t.Fatalf("lot %s does not add up in the model: %v", id, holders)
		}
	}
	for _, total := range r.totals() {
		if total.Held() != sums[total.Asset] {
			r.t.Fatalf("total of %s = %d, want %d", total.Asset, total.Held(), sums[total.Asset])
		}
	}
	for id, used := range r.m.ended {
		if r.m.back[id] {
			continue
		}
		if v, ok, err := r.state.Voucher(id); err != nil || !ok || (v.Status == fold.VoucherUsed) != used {
			r.t.Fatalf("Voucher(%s) = %+v, %v, %v, want used %v", id, v, ok, err, used)
		}
	}
}

func TestFoldComesToWhatTheModelComesTo(t *testing.T) {
	all := map[string]int{}
	for seed := range uint64(40) {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			r := &run{bench: newBench(t), m: newModel(), random: rand.New(rand.NewPCG(seed, 7))}
			r.m.life, r.m.from = 1, 1
			r.open(1, ledger.NoWitness)
			for range 120 {
				r.act()
				r.check()
			}
			for _, every := range []int{1, 3, 1 << 30} {
				if diff := alike(r.table, r.replay(every)); diff != "" {
					t.Errorf("folded again with a write after every %d: %s", every, diff)
				}
			}
			for what, n := range r.m.events {
				all[what] += n
			}
		})
	}
	for _, what := range []string{"overdrawn", "used", "stopped", "refused", "accepted", "doubled", "frozen", "carried", "transferred", "returned", "returned too much", "return frozen", "due", "given back", "given back twice", "voucher back"} {
		if all[what] == 0 {
			t.Errorf("%q never happened: the test shows nothing about it", what)
		}
	}
}
