package fold_test

import (
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// run is a bench and a model that see the same actions.
type run struct {
	*bench
	m      *model
	choose func(n int) int // one of 0 … n-1; 0 is the plainest
	day    lot.Day
	notes  []*lot.Note
	books  map[lot.ID]map[string]lot.Amount // what the postings come to
	marks  map[string]int
}

func newRun(b *bench) *run {
	r := &run{bench: b, m: newModel(), day: 20000, books: map[lot.ID]map[string]lot.Amount{}, marks: map[string]int{}}
	r.m.boot(ledger.Head{}, false)
	r.open(1, ledger.NoWitness)
	return r
}

// rarely is true once in n times.
func (r *run) rarely(n int) bool { return r.choose(n) == n-1 }

func (r *run) amount(most int) lot.Amount { return 1 + lot.Amount(r.choose(most)) }

func (r *run) who() member.ID { return []member.ID{wang, zhang, li}[r.choose(3)] }

// other is somebody, now and then the wrong one.
func (r *run) other(right member.ID) member.ID {
	if r.rarely(15) {
		return r.who()
	}
	return right
}

func (r *run) next() lot.Origin {
	h := r.state.Head()
	return ledger.Origin(here, h.Incarnation, h.Seq+1)
}

// actions are what can happen; each tells the model and the fold, and reports
// false if there was nothing to do.
var actions = map[string]func(*run) (fold.Effects, bool){
	"sale":         func(r *run) (fold.Effects, bool) { return r.add(r.sale(r.who())), true },
	"sale-again":   func(r *run) (fold.Effects, bool) { return r.add(r.sale(r.who())), true },
	"redeem":       (*run).redeem,
	"use":          (*run).use,
	"return":       (*run).goodsBack,
	"return-again": (*run).goodsBack,
	"return-claim": (*run).returnClaim,
	"voucher-back": (*run).takeVoucherBack,
	"award":        (*run).once,
	"mint":         (*run).mint,
	"play":         (*run).playAlone,
	"write-off":    (*run).writeOff,
	"transfer":     (*run).transfer,
	"note-given":   (*run).giveNote,
	"give-up":      (*run).giveUp,
	"enrol":        (*run).enrol,
	"tell":         (*run).tell,
	"open":         (*run).reopen,
	"stop":         (*run).stopped,
	"carry":        (*run).carry,
	"day":          (*run).dayOpens,
	"day-close":    (*run).dayCloses,
	"note":         (*run).receive,
	"note-more":    (*run).receive,
	"alias":        (*run).becomes,
	"settle":       (*run).settle,
	"ruling":       (*run).stands,
	"recall":       (*run).recall,
}

// fromHQ are the actions that are HQ's.
var fromHQ = map[string]bool{"note": true, "note-more": true, "alias": true, "settle": true, "ruling": true, "recall": true}

// act does one thing to both and compares what the entry did.
func (r *run) act(name string) {
	r.t.Helper()
	if r.m.stopped && !fromHQ[name] {
		name = "open"
	}
	r.m.begin()
	closed := r.m.closed
	effects, ok := actions[name](r)
	if !ok {
		return
	}
	if closed && r.m.moved && !fromHQ[name] {
		r.m.say(wrongClosed)
	}
	if moves := map[string]bool{"return": true, "return-again": true, "day": true}; r.m.moved || moves[name] {
		r.m.movedAt = r.state.Head()
	}
	if r.state.Moved() != r.m.movedAt {
		r.t.Fatalf("%s: last moved by %s, want %s", name, r.state.Moved(), r.m.movedAt)
	}
	r.marks[name]++
	r.marks[r.m.wrong]++
	if r.m.risk > 0 {
		r.marks["overdrawn"]++
	}
	if effects.Risk != r.m.risk || effects.Wrong != r.m.wrong || effects.Claims != r.m.claim || !slices.Equal(effects.Due, r.m.due) {
		r.t.Fatalf("%s: risk %d, wrong %q, claims %v, due %v, want %d, %q, %v, %v", name, effects.Risk, effects.Wrong, effects.Claims,
			effects.Due, r.m.risk, r.m.wrong, r.m.claim, r.m.due)
	}
	for _, p := range effects.Postings {
		if r.books[p.Lot] == nil {
			r.books[p.Lot] = map[string]lot.Amount{}
		}
		r.books[p.Lot][account(p.From)] -= p.Amount
		r.books[p.Lot][account(p.To)] += p.Amount
	}
}

// account is the model's word for an account.
func account(a fold.Account) string {
	if a.Kind == fold.AccountHeld {
		return hereIn(int(a.Incarnation))
	}
	return map[fold.AccountKind]string{
		fold.AccountIssued: "issued", fold.AccountFlight: "flight", fold.AccountSpent: "spent", fold.AccountRisk: "risk",
		fold.AccountClawed: "clawed", fold.AccountReinstated: "reinstated", fold.AccountReissued: "reissued", fold.AccountWrittenOff: "written off",
	}[a.Kind]
}

// lots are those of a member, in order; only those with something to be used,
// but now and then all.
func (r *run) lotsOf(who member.ID, like func(lot.Asset) bool) []lot.ID {
	all := r.rarely(12)
	var out []lot.ID
	for id, owner := range r.m.owner {
		if r.m.person(owner) == r.m.person(who) && like(r.m.asset[id]) && (all || r.m.has(who, id) > 0) {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, lot.ID.Compare)
	if all {
		out = append(out, lot.ID{N: 77}, lot.ID{Origin: lot.Origin{Terminal: 9}})
	}
	return out
}

// drawing is where a payment's draws go.
type drawing struct {
	who   member.ID
	like  func(lot.Asset) bool
	to    string
	under lot.Asset
}

func anything(lot.Asset) bool { return true }

func is(asset lot.Asset) func(lot.Asset) bool {
	return func(a lot.Asset) bool { return a == asset }
}

func isQuota(a lot.Asset) bool { return len(a) >= 6 && a[:6] == "quota:" }

// draws chooses up to n draws and takes them in the model; what was there is
// added to what was taken.
func (r *run) draws(d drawing, n int, taken map[lot.ID]lot.Amount) (out []lot.Draw) {
	for range r.choose(n + 1) {
		list := r.lotsOf(d.who, d.like)
		if len(list) == 0 {
			break
		}
		id := list[r.choose(len(list))]
		amount := r.amount(int(min(max(r.m.has(d.who, id), 1), 40)))
		if r.rarely(12) {
			amount += 30
		}
		out = append(out, lot.Draw{Lot: id, Amount: amount})
		r.drawn(d, out[len(out)-1], taken)
	}
	return out
}

func (r *run) drawn(d drawing, draw lot.Draw, taken map[lot.ID]lot.Amount) {
	if there := r.m.take(d.who, draw.Lot, draw.Amount, d.to, d.under); there > 0 && taken != nil {
		taken[draw.Lot] += there
	}
}

// pool lets another one of the household pay.
func (r *run) pool(asset lot.Asset, taken map[lot.ID]lot.Amount) (out []ledger.PoolPart) {
	if !r.rarely(4) {
		return nil
	}
	owner := r.who()
	allowed := r.lotsOf(owner, is(allowance))
	points := r.draws(drawing{owner, lot.Asset.Points, "spent", asset}, 2, taken)
	if len(points) == 0 {
		return nil
	}
	d := lot.Draw{Lot: lot.ID{N: 78}, Amount: lot.Sum(points)}
	if len(allowed) > 0 {
		d.Lot = allowed[r.choose(len(allowed))]
	}
	r.drawn(drawing{owner, nil, "spent", "quota:"}, d, taken)
	r.marks["pool"]++
	return []ledger.PoolPart{{Owner: owner, Draws: points, Allowance: []lot.Draw{d}}}
}

// pay takes what pays for something, as the fold does: own, then the pool.
func (r *run) pay(who member.ID, day lot.Day, taken map[lot.ID]lot.Amount) ([]lot.Draw, []ledger.PoolPart) {
	own := r.draws(drawing{who, anything, "spent", points}, 3, taken)
	pool := r.pool(points, taken)
	used := lot.Sum(own)
	for _, p := range pool {
		used += lot.Sum(p.Draws)
	}
	r.m.points(day, points, "used", used)
	return own, pool
}

// redemption redeems one tea set with number n.
func (r *run) redemption(who member.ID, n uint32) ledger.Redemption {
	taken := map[lot.ID]lot.Amount{}
	x := ledger.Redemption{Benefit: "tea-set", Asset: points, Voucher: ledger.Issue{Asset: teaSet, Amount: 1}}
	x.Draws, x.Pool = r.pay(who, r.day, taken)
	x.Stock = r.draws(drawing{0, is(stock), "spent", "stock:"}, 1, taken)
	x.Quota = r.draws(drawing{who, isQuota, "spent", "quota:"}, 1, taken)
	id := lot.ID{Origin: r.next(), N: n}
	r.m.issue(id, who, teaSet, 1)
	r.m.vouchers[id] = &voucherModel{status: fold.VoucherIssued, member: who, amount: 1, paid: taken}
	return x
}

func (r *run) redeem() (fold.Effects, bool) {
	who := r.who()
	r.m.sum(r.day, "vouchers", 1)
	x := r.redemption(who, 0)
	return r.add(&ledger.Redeem{
		Member: who, Benefit: x.Benefit, Asset: x.Asset, Draws: x.Draws, Voucher: x.Voucher, Pool: x.Pool, Stock: x.Stock, Quota: x.Quota, Day: r.day,
	}), true
}

// stake is play n of an entry, and what a return has to know of it.
func (r *run) stake(who member.ID, n int) (ledger.Stake, playModel) {
	s, play := ledger.Stake{Asset: points}, playModel{paid: map[lot.ID]lot.Amount{}}
	s.Draws = r.draws(drawing{who, lot.Asset.Points, "spent", points}, 2, play.paid)
	s.Quota = r.draws(drawing{who, isQuota, "spent", "quota:"}, 1, play.paid)
	s.Budget = r.draws(drawing{0, is(budget), "spent", "budget:"}, 1, nil)
	for i := range r.choose(3) {
		prize := ledger.Issue{Asset: []lot.Asset{points, teaSet}[i], Amount: 1}
		r.m.issue(lot.ID{Origin: r.next(), N: ledger.PrizeLot(n, i)}, who, prize.Asset, 1)
		s.Issues = append(s.Issues, prize)
		play.left = append(play.left, 1)
	}
	r.m.points(r.day, points, "used", lot.Sum(s.Draws))
	return s, play
}

func (r *run) playAlone() (fold.Effects, bool) {
	who := r.who()
	stake, _ := r.stake(who, 0)
	return r.add(&ledger.Play{Member: who, Day: r.day, Stake: stake}), true
}

// sale makes a receipt of everything that can be on one.
func (r *run) sale(who member.ID) *ledger.Sale {
	origin, taken := r.next(), map[lot.ID]lot.Amount{}
	s := &ledger.Sale{
		Member: who, Day: r.day, Change: lot.Fen(r.choose(9)),
		Lines: []ledger.Line{
			{Qty: 3, Fen: 300, Off: lot.Fen(r.choose(20)), Deducted: lot.Fen(r.choose(50)), Rounded: lot.Fen(r.choose(3))}, {Qty: 1, Fen: 100},
		},
		Tenders: []ledger.Tender{{Kind: "cash", Fen: 100}, {Kind: "card", Fen: lot.Fen(r.choose(300))}},
	}
	r.sumSale(s)
	if own, pool := r.pay(who, r.day, taken); len(own)+len(pool) > 0 {
		s.Deduction = &ledger.Deduction{Asset: points, Draws: own, Pool: pool}
	}
	s.Coupons = r.coupons(who, taken)
	sold := &soldModel{who: who, day: r.day, life: r.m.life, left: []int64{3, 1}, paid: taken}
	for i := range r.choose(3) {
		a := awardModel{rule: []string{"base", "green"}[i], amount: r.amount(100)}
		a.base = lot.Amount(r.choose(int(a.amount) + 1))
		asset := []lot.Asset{points, green}[i]
		r.m.issue(lot.ID{Origin: origin, N: uint32(i)}, who, asset, a.amount)
		r.m.points(r.day, asset, "earned", a.amount)
		s.Awards = append(s.Awards, ledger.Award{Issue: ledger.Issue{Asset: asset, Amount: a.amount}, Rule: a.rule, Base: a.base})
		sold.awards = append(sold.awards, a)
	}
	for i := range r.choose(3) / 2 {
		s.Redemptions = append(s.Redemptions, r.redemption(who, uint32(ledger.VoucherFrom+i)))
		r.m.sum(r.day, "vouchers", 1)
	}
	for i := range r.choose(4) / 2 {
		stake, play := r.stake(who, i)
		s.Plays, sold.plays = append(s.Plays, stake), append(sold.plays, play)
	}
	r.m.sales[origin] = sold
	r.m.qualify(who, r.day, s.Lines[0].Net()+s.Lines[1].Net(), 0)
	for _, a := range sold.awards {
		r.m.qualify(who, r.day, 0, a.base)
		r.m.counts(who, a.rule, r.day, a.amount)
	}
	return s
}

// coupons uses some up, one piece of each lot.
func (r *run) coupons(who member.ID, taken map[lot.ID]lot.Amount) (out []ledger.CouponUse) {
	for range r.choose(3) {
		list := r.lotsOf(who, is(coupon))
		if len(list) == 0 {
			break
		}
		id := list[r.choose(len(list))]
		r.drawn(drawing{who, nil, "spent", coupon}, lot.Draw{Lot: id, Amount: 1}, taken)
		out = append(out, ledger.CouponUse{Lot: id, Asset: coupon})
		r.marks["coupon"]++
	}
	return out
}

func (r *run) sumSale(s *ledger.Sale) {
	r.m.sum(s.Day, "sales", 1)
	for _, l := range s.Lines {
		r.m.sum(s.Day, "sold", int64(l.Fen))
		r.m.sum(s.Day, "off", int64(l.Off))
		r.m.sum(s.Day, "deducted", int64(l.Deducted))
		r.m.sum(s.Day, "rounded", int64(l.Rounded))
	}
	for _, t := range s.Tenders {
		r.m.sum(s.Day, "taken "+t.Kind, int64(t.Fen))
	}
	r.m.sum(s.Day, "taken cash", -int64(s.Change))
}

func (r *run) use() (fold.Effects, bool) {
	ids := slices.SortedFunc(maps.Keys(r.m.vouchers), lot.ID.Compare)
	if len(ids) == 0 {
		return fold.Effects{}, false
	}
	id := ids[r.choose(len(ids))]
	if r.rarely(20) {
		id = lot.ID{N: 79}
	}
	who := r.other(r.m.owner[id])
	r.m.use(who, id, r.day)
	return r.add(&ledger.VoucherUse{Member: who, Voucher: id, Benefit: "tea-set", Day: r.day}), true
}

// paidBack gives back some of what paid, or all, now and then more.
func (r *run) paidBack(paid map[lot.ID]lot.Amount) (back []lot.Draw, anew []ledger.Anew) {
	for _, id := range slices.SortedFunc(maps.Keys(paid), lot.ID.Compare) {
		n := paid[id]
		if !r.rarely(2) {
			n = lot.Amount(r.choose(int(n) + 1))
		}
		if r.rarely(15) {
			n++
		}
		switch {
		case n == 0:
		case r.rarely(4):
			anew = append(anew, ledger.Anew{From: id, Amount: n, Expires: 21000})
			r.marks["anew"]++
		default:
			back = append(back, lot.Draw{Lot: id, Amount: n})
			r.marks["back"]++
		}
	}
	return back, anew
}

func (r *run) voucherBackOf(id lot.ID) ledger.VoucherBack {
	v := r.m.vouchers[id]
	b := ledger.VoucherBack{Member: r.other(v.member), Voucher: id, Day: r.day, Used: v.status == fold.VoucherUsed != r.rarely(12)}
	b.Back, b.Anew = r.paidBack(v.paid)
	return b
}

func (r *run) takeVoucherBack() (fold.Effects, bool) {
	ids := slices.SortedFunc(maps.Keys(r.m.vouchers), lot.ID.Compare)
	if len(ids) == 0 {
		return fold.Effects{}, false
	}
	b := r.voucherBackOf(ids[r.choose(len(ids))])
	r.m.onDay(b.Day)
	r.m.voucherBack(b, r.next(), ledger.AnewFrom)
	return r.add(&b), true
}

// goodsBack returns some of a sale, now and then more than there is or of
// another member, and sells something in the same go.
func (r *run) goodsBack() (fold.Effects, bool) {
	origins := slices.SortedFunc(maps.Keys(r.m.sales), lot.Origin.Compare)
	if len(origins) == 0 {
		return fold.Effects{}, false
	}
	of := origins[r.choose(len(origins))]
	s := r.m.sales[of]
	b := &ledger.Return{Of: of, Member: r.other(s.who), Day: r.day, Refund: lot.Fen(r.choose(50))}
	b.Tenders = []ledger.Tender{{Kind: "cash", Fen: b.Refund}}
	if r.rarely(20) {
		b.Of.Seq += 1000
	}
	for range r.choose(3) {
		b.Lines = append(b.Lines, ledger.ReturnLine{Line: uint32(r.choose(2)), Qty: 1 + int64(r.choose(2))})
	}
	for i, a := range s.awards {
		n := lot.Amount(r.choose(int(a.amount-a.clawed) + 1))
		if r.rarely(15) {
			n += a.amount
		}
		switch {
		case n == 0:
		case r.rarely(3):
			b.Due = append(b.Due, ledger.Due{Award: uint32(i), Amount: n})
		default:
			b.Claw = append(b.Claw, lot.Draw{Lot: lot.ID{Origin: of, N: uint32(i)}, Amount: n})
		}
	}
	b.Back, b.Anew = r.paidBack(s.paid)
	for _, id := range slices.SortedFunc(maps.Keys(r.m.vouchers), lot.ID.Compare) {
		if id.Origin == of && id.N >= ledger.VoucherFrom && r.rarely(2) {
			b.Vouchers = append(b.Vouchers, r.voucherBackOf(id))
			r.marks["voucher of a sale back"]++
		}
	}
	b.Plays = r.playsBack(of, s)
	r.m.returned(b, r.next())
	if r.rarely(6) {
		b.Sale = r.sale(r.who())
		r.marks["exchange"]++
	}
	return r.add(b), true
}

// playsBack undoes plays of a sale, now and then twice or one that was not
// played.
func (r *run) playsBack(of lot.Origin, s *soldModel) (out []ledger.PlayBack) {
	for n, play := range s.plays {
		if r.rarely(2) {
			continue
		}
		b := ledger.PlayBack{Play: uint32(n)}
		if r.rarely(20) {
			b.Play++
		}
		for m, left := range play.left {
			amount := left
			if r.rarely(15) {
				amount++
			}
			id := lot.ID{Origin: of, N: ledger.PrizeLot(n, m)}
			switch {
			case amount == 0:
			case r.rarely(3):
				b.Due = append(b.Due, ledger.Due{Award: id.N, Amount: amount})
				r.marks["prize due"]++
			default:
				b.Claw = append(b.Claw, lot.Draw{Lot: id, Amount: amount})
				r.marks["prize back"]++
			}
		}
		b.Back, b.Anew = r.paidBack(play.paid)
		out = append(out, b)
	}
	return out
}

func (r *run) returnClaim() (fold.Effects, bool) {
	b := &ledger.ReturnClaim{Of: lot.Origin{Terminal: 9}, Day: r.day, Member: r.who(), Refund: lot.Fen(r.choose(50))}
	b.Tenders = []ledger.Tender{{Kind: "card", Fen: b.Refund}}
	r.m.sum(r.day, "returns", 1)
	r.m.sum(r.day, "refunded", int64(b.Refund))
	r.m.sum(r.day, "given card", int64(b.Refund))
	r.claim(b.Member)
	return r.add(b), true
}

func (r *run) claim(who member.ID) {
	r.m.claim = true
	r.m.claims[r.next()] = fold.Claim{Status: fold.ClaimOpen, Member: who}
}

// once gives something outside a sale: freely, by quota, or as a claim.
func (r *run) once() (fold.Effects, bool) {
	who, asset := r.who(), []lot.Asset{green, points, coupon, teaSet}[r.choose(4)]
	issues := []ledger.Issue{{Asset: asset, Amount: r.amount(50)}}
	once := ledger.Once{Claim: r.rarely(4)}
	switch {
	case once.Claim && r.rarely(4):
		once.Quota = []lot.Draw{{Lot: lot.ID{N: 80}, Amount: 1}}
		r.m.say(wrongOnce)
		r.claim(who)
	case once.Claim:
		r.claim(who)
	default:
		once.Quota = r.draws(drawing{who, isQuota, "spent", "quota:"}, 1, nil)
		r.m.issue(lot.ID{Origin: r.next()}, who, asset, issues[0].Amount)
	}
	return r.add([]ledger.Body{
		&ledger.Grant{Member: who, Issues: issues, Day: r.day, Once: once}, &ledger.CheckIn{Member: who, Issues: issues, Day: r.day, Once: once},
		&ledger.Answer{Member: who, Issues: issues, Day: r.day, Once: once},
	}[r.choose(3)]), true
}

func (r *run) mint() (fold.Effects, bool) {
	who := r.other(wang)
	asset := []lot.Asset{allowance, birthday, "quota:plays:1", "quota:plays:2", points}[r.choose(5)]
	var home, again bool
	for id, a := range r.m.asset {
		home = home || a == "home" && r.m.owner[id] == r.m.person(who) && r.m.has(who, id) > 0
	}
	for _, p := range r.m.family(who) {
		again = again || r.m.about(p).minted[asset]
	}
	n := r.amount(40)
	if home && !again && isQuota(asset) {
		r.m.issue(lot.ID{Origin: r.next()}, who, asset, n)
		r.m.about(who).minted[asset] = true
		r.marks["minted"]++
	} else {
		r.m.say(wrongMint)
	}
	return r.add(&ledger.QuotaMinted{Member: who, Day: r.day, Quota: ledger.Issue{Asset: asset, Amount: n}}), true
}

func (r *run) writeOff() (fold.Effects, bool) {
	who := r.who()
	return r.add(&ledger.WriteOff{Member: who, Asset: points, Draws: r.draws(drawing{who, anything, "written off", points}, 2, nil)}), true
}

func (r *run) transfer() (fold.Effects, bool) {
	body := &ledger.Transfer{From: r.who(), To: r.who(), Asset: points}
	for range 1 + r.choose(3) {
		taken := map[lot.ID]lot.Amount{}
		for _, d := range r.draws(drawing{body.From, anything, "reissued", points}, 1, taken) {
			body.Draws = append(body.Draws, d)
			if taken[d.Lot] > 0 {
				r.m.issue(lot.ID{Origin: r.next(), N: uint32(len(body.Draws) - 1)}, body.To, r.m.asset[d.Lot], taken[d.Lot])
			}
		}
	}
	return r.add(body), true
}

func (r *run) giveUp() (fold.Effects, bool) {
	ask := lot.AskID(1 + r.choose(5))
	r.m.givenUp[ask] = true
	return r.add(&ledger.AskGivenUp{Ask: ask}), true
}

func (r *run) enrol() (fold.Effects, bool) {
	who := r.who()
	r.m.about(who).provisional = true
	return r.add(&ledger.Enrol{Member: who, Day: r.day}), true
}

func (r *run) tell() (fold.Effects, bool) {
	return r.add([]ledger.Body{
		&ledger.Mark{}, &ledger.Decline{Code: "points-short"}, &ledger.SignIn{}, &ledger.InForce{}, &ledger.ClockStep{}, &ledger.Printed{},
		&ledger.Reprint{}, &ledger.Outage{}, &ledger.Consent{Member: wang}, &ledger.StepUp{}, &ledger.Locked{Person: "li"},
	}[r.choose(10)]), true
}
