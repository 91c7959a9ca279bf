package fold_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// same fails unless the model and the fold agree.
func same[T any](r *run, what string, model, fold T, err error) {
	r.t.Helper()
	if err == nil && reflect.DeepEqual(model, fold) { // the way a million runs of FuzzModel take
		return
	}
	if diff := cmp.Diff(model, fold, cmpopts.EquateEmpty()); diff != "" || err != nil {
		r.t.Fatalf("%s: %v (-model +fold):\n%s", what, err, diff)
	}
}

// check holds the fold against the model.
func (r *run) check() {
	r.t.Helper()
	for _, who := range []member.ID{wang, zhang, li, 0} {
		usable, frozen := r.m.sums(who)
		same(r, "Usable", usable, r.usable(who), nil)
		same(r, "Frozen", frozen, r.frozen(who), nil)
	}
	for _, who := range []member.ID{wang, zhang, li} {
		r.checkPerson(who)
	}
	r.checkLots()
	for id, v := range r.m.vouchers {
		got, ok, err := r.state.Voucher(id)
		same(r, "Voucher", []any{v.status, true}, []any{got.Status, ok}, err)
	}
	for of, k := range r.m.claims {
		got, err := r.state.Claim(of)
		same(r, "Claim", k, got, err)
	}
	for of, s := range r.m.sales {
		got, usable, _, err := r.state.Sale(of)
		var left []int64
		for _, l := range got.Lines {
			left = append(left, l.Qty-l.Returned)
		}
		paid := held{}
		for _, p := range got.Paid {
			paid[p.Lot.ID] = p.Amount - p.Back
		}
		same(r, "Sale", []any{s.left, s.paid, r.m.usable[s.life]}, []any{left, paid, usable}, err)
		for n, play := range got.Plays {
			staked := held{}
			for _, p := range play.Paid {
				staked[p.Lot.ID] = p.Amount - p.Back
			}
			var prizes []lot.Amount
			for _, p := range play.Prizes {
				prizes = append(prizes, p.Amount-p.Clawed)
			}
			same(r, "Play", []any{s.plays[n].left, s.plays[n].paid}, []any{prizes, staked}, nil)
		}
	}
	r.checkTerminal()
}

func (r *run) checkPerson(who member.ID) {
	r.t.Helper()
	about, err := r.state.About(who)
	oldest := r.m.about(r.m.person(who))
	same(r, "About", []any{r.m.person(who), r.m.months(who), oldest.provisional, oldest.ruling},
		[]any{about.Member, about.Months, about.Provisional, about.Ruling}, err)
	minted := map[lot.Asset]bool{}
	for _, n := range about.Minted {
		minted[n.Quota] = true
	}
	want := map[lot.Asset]bool{}
	for _, p := range r.m.family(who) {
		maps.Copy(want, r.m.about(p).minted)
	}
	same(r, "Minted", want, minted, nil)
	for _, rule := range []string{"base", "green"} {
		for _, day := range []lot.Day{r.day, r.day - 1} {
			got, err := r.state.Counted(who, rule, day)
			same(r, "Counted", r.m.counted(who, rule, day), got, err)
		}
	}
}

// checkLots holds the accounts of every lot, and their sums by asset, against
// the model: issued + reinstated = held + in flight + spent + clawed back +
// re-issued + written off, less what risk stands for.
func (r *run) checkLots() {
	r.t.Helper()
	for id, accounts := range r.m.accounts {
		book := r.books[id]
		var all lot.Amount
		for name, n := range book {
			if all += n; accounts[name] != n {
				r.t.Fatalf("lot %s: %q is %d by the postings, %d in the model", id, name, n, accounts[name])
			}
			if n < 0 && name != "issued" && name != "reinstated" && name != "risk" && name != "flight" {
				r.t.Fatalf("lot %s: %q is %d, below nothing", id, name, n)
			}
		}
		if all != 0 || len(book) == 0 && len(accounts) > 0 {
			r.t.Fatalf("lot %s does not add up: %v, in the model %v", id, book, accounts)
		}
	}
	totals := map[lot.Asset]map[string]lot.Amount{}
	for _, t := range r.totals() {
		totals[t.Asset] = map[string]lot.Amount{
			"born": t.Born, "in": t.In, "spent": t.Spent, "flight": t.Out, "risk": t.Risk, "back": t.Back, "clawed": t.Clawed, "reissued": t.Moved,
			"written off": t.WrittenOff,
		}
		maps.DeleteFunc(totals[t.Asset], func(_ string, n lot.Amount) bool { return n == 0 })
	}
	same(r, "totals", r.m.totals, totals, nil)
}

func (r *run) checkTerminal() {
	r.t.Helper()
	day, closed, f, err := r.state.Day()
	sums := map[string]int64{
		"sales": int64(f.Sales), "returns": int64(f.Returns), "sold": int64(f.Sold), "off": int64(f.Off), "deducted": int64(f.Deducted),
		"rounded": int64(f.Rounded), "refunded": int64(f.Refunded), "vouchers": int64(f.Vouchers), "hand-outs": int64(f.HandOuts), "since": int64(f.Since),
	}
	for _, t := range f.Tenders {
		sums["taken "+t.Kind], sums["given "+t.Kind] = int64(t.Taken), int64(t.Given)
	}
	for _, p := range f.Points {
		sums["earned "+string(p.Asset)], sums["used "+string(p.Asset)] = int64(p.Earned), int64(p.Used)
		sums["back "+string(p.Asset)], sums["clawed "+string(p.Asset)] = int64(p.Back), int64(p.Clawed)
	}
	zero := func(_ string, n int64) bool { return n == 0 }
	maps.DeleteFunc(sums, zero)
	maps.DeleteFunc(r.m.figures, zero)
	same(r, "Day", []any{r.m.day, r.m.closed, r.m.figures}, []any{day, closed, sums}, err)
	var recalls []ledger.DownSeq
	for _, k := range r.state.Recalls() {
		recalls = append(recalls, k.Seq)
	}
	same(r, "Recalls", r.m.recalls, recalls, nil)
	var waiting []lineage.Waiting
	for _, w := range r.m.waiting {
		waiting = append(waiting, lineage.Waiting{Head: w.head, Moved: w.moved})
	}
	same(r, "Waiting", waiting, r.state.Waiting(), nil)
}

// again folds what happened once more, with other writes and restarts.
func (r *run) again(every ...int) {
	r.t.Helper()
	for _, n := range every {
		if diff := alike(r.table, r.replay(n)); diff != "" {
			r.t.Fatalf("folded again with a write after every %d: %s", n, diff)
		}
	}
}

// TestFoldComesToWhatTheModelComesTo lets chance choose; a failure shrinks to
// a few entries.
func TestFoldComesToWhatTheModelComesTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRun(newBench(t))
		does := map[string]func(*rapid.T){"": func(*rapid.T) { r.check() }}
		for name := range actions {
			does[name] = func(t *rapid.T) {
				r.t = t
				r.choose = func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }
				r.act(name)
			}
		}
		t.Repeat(does)
		r.again(rapid.IntRange(1, 20).Draw(t, "every"))
	})
}

// must is what has to happen in the fixed runs: otherwise they show nothing
// about it.
var must = []string{
	"overdrawn", "pool", "coupon", "anew", "back", "voucher of a sale back", "prize back", "prize due", "exchange", "minted", "frozen", "carried", "recall answered",
	"note again", "note accepted", "note refused", "note left", "alias made", "alias undone",
	wrongReturn, wrongLine, wrongClaw, wrongBack, wrongVoucher, wrongMint, wrongOnce, wrongAlias, wrongClaim, wrongCarry, wrongClosed, wrongFigures,
}

func TestFoldComesToWhatTheModelComesToFromFixedSeeds(t *testing.T) {
	all := map[string]int{}
	names := slices.Sorted(maps.Keys(actions))
	for seed := range uint64(20) {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			r := newRun(newBench(t))
			random := rand.New(rand.NewPCG(seed, 7))
			r.choose = random.IntN
			for range 150 {
				r.act(names[random.IntN(len(names))])
				r.check()
			}
			r.again(1, 3, 1<<30)
			for what, n := range r.marks {
				all[what] += n
			}
		})
	}
	for _, what := range append(names, must...) {
		if all[what] == 0 {
			t.Errorf("%q never happened: the runs show nothing about it", strings.TrimSpace(what))
		}
	}
}
