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
	life   int
	left   []int64      // of each line
	earned []lot.Amount // of each award, not yet taken back or due
	paid   map[lot.ID]lot.Amount
	all    lot.ID // one of them, of which nothing is left to give back
}

// more does what gives, takes and gives back.
func (r *run) more(who member.ID, n int) fold.Effects {
	switch {
	case n < 1:
		amount := 1 + lot.Amount(r.random.IntN(50))
		r.m.issue(lot.ID{Origin: r.next()}, who, green, amount)
		return r.add(&ledger.Grant{Member: who, Reason: "goodwill", Issues: []ledger.Issue{{Asset: green, Amount: amount}}})
	case n < 2:
		return r.add(&ledger.WriteOff{Member: who, Reason: "mistake", Asset: points, Draws: r.draws(who, "written off")})
	case n < 5:
		return r.transfer(who)
	case n < 9:
		return r.goodsBack()
	}
	return r.voucherBack(who)
}

func (r *run) transfer(from member.ID) fold.Effects {
	to := wang + zhang - from
	body := &ledger.Transfer{From: from, To: to, Asset: points}
	for range 1 + r.random.IntN(2) {
		list := r.lots(from)
		if len(list) == 0 {
			break
		}
		d := lot.Draw{Lot: list[r.random.IntN(len(list))], Amount: 1 + lot.Amount(r.random.IntN(20))}
		if slices.ContainsFunc(body.Draws, func(e lot.Draw) bool { return e.Lot == d.Lot }) {
			continue
		}
		before := r.m.risk
		if taken := r.m.move(from, d.Lot, d.Amount, "goes on"); taken > 0 && r.m.risk == before {
			body.Draws = append(body.Draws, d)
			r.m.issue(lot.ID{Origin: r.next(), N: uint32(len(body.Draws) - 1)}, to, r.m.asset[d.Lot], taken)
			r.m.events["transferred"]++
			continue
		}
		// Too much was asked for: what was there goes on, and the rest is risk.
		body.Draws = append(body.Draws, d)
		if taken := d.Amount - (r.m.risk - before); taken > 0 {
			r.m.issue(lot.ID{Origin: r.next(), N: uint32(len(body.Draws) - 1)}, to, r.m.asset[d.Lot], taken)
		} else {
			break // numbers go on with what was taken
		}
	}
	return r.add(body)
}

// goodsBack returns some of a sale, now and then more than there is.
func (r *run) goodsBack() fold.Effects {
	origins := slices.SortedFunc(maps.Keys(r.m.sales), lot.Origin.Compare)
	if len(origins) == 0 {
		return fold.Effects{}
	}
	of := origins[r.random.IntN(len(origins))]
	sold := r.m.sales[of]
	body := &ledger.Return{Of: of, Member: sold.who}
	usable := sold.life >= r.m.from
	line := uint32(r.random.IntN(2))
	qty := 1 + r.random.Int64N(2)
	body.Lines = []ledger.ReturnLine{{Line: line, Qty: qty}}
	if !usable {
		r.m.wrong = true
		r.m.events["return frozen"]++
		return r.add(body)
	}
	if qty > sold.left[line] {
		r.m.wrong = true
		r.m.events["returned too much"]++
	} else {
		sold.left[line] -= qty
		r.m.events["returned"]++
	}
	r.clawBack(body, sold)
	if sold.all != (lot.ID{}) { // all of it was given back before
		body.Back = []lot.Draw{{Lot: sold.all, Amount: 1}}
		r.m.wrong = true
		r.m.events["given back twice"]++
		return r.add(body)
	}
	for id, n := range sold.paid {
		part := 1 + lot.Amount(r.random.IntN(int(n)))
		body.Back = append(body.Back, lot.Draw{Lot: id, Amount: part})
		if sold.paid[id] -= part; sold.paid[id] == 0 {
			delete(sold.paid, id)
			sold.all = id
		}
		r.giveBack(sold.who, id, part)
		break
	}
	return r.add(body)
}

// clawBack takes back of what the sale earned: some out of its lot, some due.
func (r *run) clawBack(body *ledger.Return, sold *soldModel) {
	for i := range sold.earned {
		n := min(1+lot.Amount(r.random.IntN(9)), sold.earned[i])
		if n == 0 {
			continue
		}
		sold.earned[i] -= n
		if r.random.IntN(3) == 0 {
			body.Due = append(body.Due, ledger.Due{Award: uint32(i), Amount: n})
			r.m.events["due"]++
			continue
		}
		d := lot.Draw{Lot: lot.ID{Origin: body.Of, N: uint32(i)}, Amount: n}
		body.Claw = append(body.Claw, d)
		r.m.move(sold.who, d.Lot, n, "clawed back")
	}
}

// giveBack puts an amount of a lot back here.
func (r *run) giveBack(owner member.ID, id lot.ID, n lot.Amount) {
	r.m.owner[id] = owner
	r.m.lots[id]["given back"] -= n
	r.m.lots[id][at(r.m.life)] += n
	r.m.events["given back"]++
}

// voucherBack takes a voucher back, used or not.
func (r *run) voucherBack(who member.ID) fold.Effects {
	for _, id := range r.lots(who) {
		if r.m.asset[id] != teaSet || r.m.bought[id] == nil {
			continue
		}
		body := &ledger.VoucherBack{Member: who, Voucher: id, Benefit: "tea-set", Used: r.m.ended[id]}
		if r.m.back[id] {
			if r.random.IntN(4) > 0 {
				continue
			}
			r.m.wrong = true // it was taken back before
			return r.add(body)
		}
		if !body.Used {
			r.m.move(who, id, 1, "clawed back")
		}
		for _, from := range slices.SortedFunc(maps.Keys(r.m.bought[id]), lot.ID.Compare) {
			n := r.m.bought[id][from]
			body.Back = append(body.Back, lot.Draw{Lot: from, Amount: n})
			r.giveBack(who, from, n)
		}
		r.m.back[id] = true
		r.m.events["voucher back"]++
		return r.add(body)
	}
	return fold.Effects{}
}
