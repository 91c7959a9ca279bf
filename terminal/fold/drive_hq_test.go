package fold_test

import (
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// What the driver does about lives and days of the terminal, and what HQ does.

func (r *run) reopen() (fold.Effects, bool) {
	proven := r.choose(2) == 0
	parent := r.state.Head()
	r.m.boot(parent, proven)
	r.open(ledger.Incarnation(r.m.life), map[bool]ledger.Witness{true: ledger.BootWitness, false: ledger.NoWitness}[proven])
	if !proven {
		r.marks["frozen"]++
	}
	return fold.Effects{}, true
}

func (r *run) stopped() (fold.Effects, bool) {
	if !r.rarely(3) {
		return fold.Effects{}, false
	}
	effects := r.add(&ledger.Stop{})
	r.m.stopped = true
	return effects, true
}

// carry frees a parent that waits; sometimes none does, or nothing proves it.
func (r *run) carry() (fold.Effects, bool) {
	body := &ledger.Carry{Parent: r.state.Head(), Witness: ledger.FileWitness}
	if n := len(r.m.waiting); n > 0 {
		w := r.m.waiting[n-1-r.choose(n)]
		body.Parent, body.Named = w.head, w.moved
	}
	switch r.choose(12) {
	case 10:
		body.Witness = ledger.NoWitness
	case 11:
		body.Named.Seq++
	}
	r.m.carry(body)
	if r.m.wrong == "" {
		r.marks["carried"]++
	}
	return r.add(body), true
}

// dayOpens opens a day: the next one, one a month later, or the same again.
func (r *run) dayOpens() (fold.Effects, bool) {
	r.day += []lot.Day{1, 0, 31}[r.choose(3)]
	if r.rarely(5) {
		return fold.Effects{}, false // a new day that nobody opens
	}
	r.m.onDay(r.day)
	r.m.closed = false
	return r.add(&ledger.DayOpen{Day: r.day}), true
}

func (r *run) dayCloses() (fold.Effects, bool) {
	if !r.rarely(2) {
		return fold.Effects{}, false
	}
	body := &ledger.DayClose{Day: r.day, Figures: r.bench.figures()}
	switch sums := body.Figures; {
	case r.day <= r.m.day:
	case r.m.closed || sums.Empty():
		body.Figures = ledger.Figures{}
	case sums.Since == 0:
		body.Figures.Since = r.m.day
	}
	if r.rarely(4) {
		body.Figures.Sales++
		r.m.say(wrongFigures)
	}
	r.m.onDay(r.day)
	r.m.closed = true
	return r.add(body), true
}

// giveNote gives something back, mostly in answer to a recall.
func (r *run) giveNote() (fold.Effects, bool) {
	body := &ledger.NoteGiven{Member: []member.ID{wang, zhang, li, 0}[r.choose(4)]}
	body.Draws = r.draws(drawing{body.Member, anything, "flight", ""}, 3, nil)
	if n := len(r.m.recalls); n > 0 && !r.rarely(4) {
		k := r.choose(n)
		body.Recall = r.m.recalls[k]
		r.m.recalls = slices.Delete(r.m.recalls, k, k+1)
		r.marks["recall answered"]++
	}
	return r.add(body), true
}

// receive takes in a note from HQ: a new one, or one that came before.
func (r *run) receive() (fold.Effects, bool) {
	if len(r.notes) > 0 && r.rarely(5) {
		n := r.notes[r.choose(len(r.notes))]
		return r.noted(n)
	}
	seq := uint64(len(r.notes) + 1)
	n := note(seq, r.state.Head().Incarnation, lot.AskID(r.choose(6)), r.amount(60))
	l := &n.Holdings[0].Lot
	l.Asset = []lot.Asset{points, coupon, "home", allowance, stock, budget, teaSet, birthday}[r.choose(8)]
	switch l.Owner = r.other(wang); l.Asset {
	case stock, budget:
		l.Owner = 0
	case "home":
		n.Holdings[0].Amount = 1
		if r.rarely(2) {
			n.Minted = []lot.Minted{{Owner: l.Owner, Quota: []lot.Asset{birthday, "quota:plays:1"}[r.choose(2)]}}
		}
	case teaSet:
		l.Amount, n.Holdings[0].Amount = 1, 1
	}
	switch {
	case r.rarely(8):
		n.Incarnation = uint64(1 + r.choose(r.m.life+1))
	case r.rarely(20):
		n.Terminal++
	}
	r.notes = append(r.notes, n)
	return r.noted(n)
}

func (r *run) noted(n *lot.Note) (fold.Effects, bool) {
	want := r.m.note(n)
	r.marks["note "+want]++
	effects := r.down(n)
	got := "again"
	switch {
	case effects.Accepted != nil:
		got = "accepted"
	case effects.Refused != nil:
		got = "refused"
	case effects.Left != nil:
		got = "left"
	}
	if got != want {
		r.t.Fatalf("note %+v was %s, want it %s", n, got, want)
	}
	return effects, true
}

// becomes makes one member another or undoes it, rightly and wrongly.
func (r *run) becomes() (fold.Effects, bool) {
	a := ledger.Alias{From: r.who(), To: r.who(), Undo: r.choose(2) == 1}
	if a.From == a.To {
		return fold.Effects{}, false
	}
	_, is := r.m.older[a.From]
	_, too := r.m.older[a.To]
	switch {
	case a.Undo && r.m.older[a.From] == a.To:
		delete(r.m.older, a.From)
		r.marks["alias undone"]++
	case !a.Undo && !is && !too && len(r.m.family(a.From)) == 1:
		r.m.older[a.From] = a.To
		r.m.about(a.From).provisional = false
		r.marks["alias made"]++
	default:
		r.m.say(wrongAlias)
	}
	return r.alias(a), true
}

func (r *run) settle() (fold.Effects, bool) {
	of := lot.Origin{Terminal: 9}
	if open := slices.SortedFunc(maps.Keys(r.m.claims), lot.Origin.Compare); len(open) > 0 {
		of = open[r.choose(len(open))]
	}
	k, granted := r.m.claims[of], r.choose(2) == 0
	switch {
	case k.Status != fold.ClaimOpen:
		r.m.say(wrongClaim)
	case granted:
		r.m.claims[of] = fold.Claim{Status: fold.ClaimGranted, Member: k.Member, Reason: "why"}
	default:
		r.m.claims[of] = fold.Claim{Status: fold.ClaimRefused, Member: k.Member, Reason: "why"}
	}
	return r.hq(ledger.Down{Settled: &ledger.Settled{Of: of, Granted: granted, Reason: "why"}}), true
}

func (r *run) stands() (fold.Effects, bool) {
	s := ledger.Ruling{Member: r.who(), Tier: []string{"", "silver", "gold"}[r.choose(3)], Blocked: r.rarely(3)}
	r.m.about(s.Member).ruling = s
	r.m.about(s.Member).provisional = false
	return r.hq(ledger.Down{Ruling: &s}), true
}

func (r *run) recall() (fold.Effects, bool) {
	if r.rarely(4) {
		return r.hq(ledger.Down{}), true // only counts
	}
	r.m.recalls = append(r.m.recalls, r.state.Mark()+1)
	return r.hq(ledger.Down{Recall: &ledger.Recall{Member: r.who()}}), true
}
