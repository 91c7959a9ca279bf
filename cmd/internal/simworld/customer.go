package simworld

import (
	"fmt"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/disk"
	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
)

const points = lot.Asset("points:consumption")

var phoneKey = []byte("a key that hides phone numbers")

// salesADay is how many customers a terminal has on a day.
const salesADay = 20

// customer is a member: where they shop, and what they have in their pocket.
type customer struct {
	id       member.ID
	card     string
	phone    string
	home     int // board
	vouchers []voucher
	receipts []lot.Origin
}

type voucher struct {
	id   lot.ID
	text string
}

// readRules makes the demo's rules the world's: points lapse within weeks, so
// that a short world sees that too.
func readRules(w *World) *rules {
	days := 15 + w.random.IntN(60)
	if w.faults.lapse {
		days = 2
	}
	text := strings.ReplaceAll(string(demo.Without(demo.Seasons...)), "expires: {months: 12, at: month-end}", fmt.Sprintf("expires: {days: %d}", days))
	r := &rules{text: []byte(text)}
	var err error
	r.programme, err = programme.Parse(r.text)
	w.must("read the rules", err)
	r.products, err = programme.ParseProducts(demo.Products)
	w.must("read the products", err)
	for _, row := range strings.Split(strings.TrimSpace(string(demo.Products)), "\n")[1:] {
		r.goods = append(r.goods, strings.SplitN(row, ",", 2)[0])
	}
	list := strings.Split(strings.TrimSpace(string(demo.Members)), "\n")
	r.members, err = roll.Parse(demo.Members, phoneKey)
	w.must("read the members", err)
	for _, row := range list[1:] {
		cells := strings.Split(row, ",")
		id, err := member.ParseID(cells[0])
		w.must("read a member", err)
		w.people = append(w.people, &customer{id: id, card: cells[2], phone: cells[3]})
	}
	for _, c := range w.people {
		c.home = w.random.IntN(len(w.people))
	}
	return r
}

// nextCustomer has somebody come to a board, and the next one later.
func (b *board) nextCustomer() {
	hour := b.w.wall().Hour()
	b.w.after(b.w.between(0, 2*13*time.Hour/salesADay), b.nextCustomer)
	if hour < 8 || hour >= 21 || !b.on || b.w.calm {
		return
	}
	lane := uint32(1 + b.w.random.IntN(2))
	if b.serving[lane] {
		lane = 3 - lane
	}
	if b.serving[lane] {
		return
	}
	b.serve(lane)
}

// somebody is who comes to this board: mostly those who live near.
func (b *board) somebody() *customer {
	for range 8 {
		c := pick(b.w, b.w.people)
		if c.home%len(b.w.boards)+1 == int(b.id) {
			return c
		}
		if b.w.hit(b.w.faults.walk) {
			b.w.mark("walked")
			return c
		}
	}
	return pick(b.w, b.w.people)
}

// risky lets the power go in the middle of what comes next, or the disk be full.
func (b *board) risky() {
	switch {
	case b.w.harm(b.w.faults.cut):
		b.disk.CutAt(pick(b.w, []disk.Cut{disk.CutBefore, disk.CutAfter}))
		b.w.mark("cut-in-transaction")
	case b.w.harm(b.w.faults.full):
		b.disk.Fill(true)
	}
}

func (b *board) serve(lane uint32) {
	c := b.somebody()
	b.w.trace("customer", uint64(b.id), uint64(lane), uint64(c.id))
	switch n := b.w.random.IntN(100); {
	case b.w.hit(b.w.faults.posters):
		pick(b.w, []func(*board, uint32, *customer){(*board).checkIn, (*board).survey, (*board).adjust})(b, lane, c)
	case n < 78:
		b.shop(lane, c)
	case n < 84:
		b.redeem(lane, c)
	case n < 90:
		b.handOut(lane, c)
	case n < 94:
		b.giveBack(lane, c)
	case n < 97:
		b.checkIn(lane, c)
	case n < 98:
		b.survey(lane, c)
	case n < 99:
		b.adjust(lane, c)
	default:
		b.voucherBack(lane, c)
	}
}

// identify scans a member's card, or has them say their number.
func (b *board) identify(lane uint32, c *customer) bool {
	code := c.card
	if b.w.hit(1500) {
		code = c.phone
	}
	return b.ok(b.till.Scan(b.by(lane), "", code))
}

// wait leaves the lane to its customer until HQ may have answered.
func (b *board) wait(lane uint32, fn func()) {
	b.pump()
	if !b.on {
		return
	}
	life := b.till
	b.serving[lane] = true
	d := b.w.between(time.Second, 20*time.Second)
	if b.w.hit(b.w.faults.noWait) {
		d = 0
	}
	b.w.after(d, func() {
		if !b.on || b.till != life {
			return
		}
		b.serving[lane] = false
		fn()
	})
}

// shop is a sale, of a member or of nobody.
func (b *board) shop(lane uint32, c *customer) {
	if b.w.hit(2500) {
		b.w.mark("anonymous")
	} else if !b.identify(lane, c) {
		return
	}
	for range 1 + b.w.random.IntN(3) {
		if !b.ok(b.till.Scan(b.by(lane), "", pick(b.w, b.w.rules.goods))) {
			return
		}
	}
	if b.w.hit(3000) {
		b.try(b.till.UsePool(b.by(lane), true)) // HQ is asked for what others let them use
	}
	b.wait(lane, func() {
		if b.w.hit(5000) && !b.ok(b.till.Deduct(b.by(lane), pricing.DeductMax)) && !b.on {
			return
		}
		if !b.on {
			return
		}
		pay := b.payment(lane)
		b.act(pay.Ref, func() (clerk.Done, error) { return b.till.Pay(b.by(lane), pay) }, func(done clerk.Done) {
			sale := done.Entry.Body.(*ledger.Sale)
			b.w.truth.sales++
			if sale.Deduction != nil {
				b.w.mark("deducted")
			}
			if sale.Member == c.id {
				c.receipts = append(c.receipts, done.Origin)
			}
		})
		if b.on && b.till.Cashier(lane) != "" {
			b.try(b.till.Clear(b.by(lane)))
		}
	})
}

// payment is what the lane's basket costs, in cash.
func (b *board) payment(lane uint32) till.Payment {
	v, err := b.till.View(lane)
	b.w.must("look at the lane", err)
	pay := till.Payment{Ref: v.Ref}
	if v.Quote.ToPay > 0 {
		pay.Tenders = []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}
	}
	return pay
}

// exchange is a customer with goods of this store, who takes others for them.
func (b *board) exchange(lane uint32, c *customer, of lot.Origin) {
	if !b.identify(lane, c) || !b.ok(b.till.Scan(b.by(lane), "", pick(b.w, b.w.rules.goods))) {
		return
	}
	b.wait(lane, func() {
		pay := b.payment(lane)
		r := till.Returning{Of: of, Qty: []int64{1}, Tender: "cash"}
		b.act(pay.Ref, func() (clerk.Done, error) { return b.till.Exchange(b.by(lane), r, pay) }, nil)
		if b.on && b.till.Cashier(lane) != "" {
			b.try(b.till.Clear(b.by(lane)))
		}
	})
}

// act runs an action under a reference, presses twice now and then, and tries
// again after a power cut under the same reference.
func (b *board) act(ref string, fn func() (clerk.Done, error), then func(clerk.Done)) {
	b.risky()
	done, err := fn()
	b.disk.CutAt(disk.NoCut)
	b.disk.Fill(false)
	if b.disk.Dead() {
		b.retry = append(b.retry, func() {
			b.w.mark("tried-again")
			if done, err := fn(); b.ok(err) {
				b.did(ref, done, then)
			}
		})
	}
	if !b.ok(err) {
		return
	}
	b.did(ref, done, then)
	if b.w.harm(b.w.faults.pressTwice) {
		b.w.mark("pressed-twice")
		if again, err := fn(); b.ok(err) && again.Origin != done.Origin {
			b.w.fail("done-twice", "%s: under reference %s both %s and %s were done", b.id, ref, done.Origin, again.Origin)
		}
	}
}

// did is what the cashier and the customer see of an action.
func (b *board) did(ref string, done clerk.Done, then func(clerk.Done)) {
	b.told = append(b.told, done.Head)
	b.w.truth.did(b, ref, done)
	if then != nil {
		then(done)
	}
}

func (b *board) redeem(lane uint32, c *customer) {
	if !b.identify(lane, c) {
		return
	}
	benefit := pick(b.w, []string{"tea-set", "tea-set", "breakfast-pack", "eco-bag"})
	b.wait(lane, func() {
		v, err := b.till.View(lane)
		b.w.must("look at the lane", err)
		b.act(v.Ref, func() (clerk.Done, error) { return b.till.Redeem(b.by(lane), v.Ref, benefit) }, func(done clerk.Done) {
			b.w.mark("redeemed")
			id := lot.ID{Origin: done.Origin}
			c.vouchers = append(c.vouchers, voucher{id, b.voucherText(id, done.Entry.Body.(*ledger.Redeem))})
		})
		if b.on {
			b.try(b.till.Clear(b.by(lane)))
		}
	})
}

// handOut is a customer with a voucher, who may keep a copy of it.
func (b *board) handOut(lane uint32, c *customer) {
	if len(c.vouchers) == 0 {
		return
	}
	n := b.w.random.IntN(len(c.vouchers))
	paper := c.vouchers[n]
	if !b.ok(b.till.Scan(b.by(lane), "", paper.text)) {
		return
	}
	b.wait(lane, func() {
		v, err := b.till.View(lane)
		b.w.must("look at the lane", err)
		b.act(v.Ref, func() (clerk.Done, error) { return b.till.UseVoucher(b.by(lane), v.Ref) }, func(clerk.Done) {
			b.w.mark("handed-out")
			b.w.truth.handedOut(b, paper.id)
		})
		if b.on {
			b.try(b.till.PutVoucherAway(b.by(lane)))
		}
	})
}

func (b *board) voucherBack(lane uint32, c *customer) {
	if len(c.vouchers) == 0 {
		return
	}
	paper, ref := pick(b.w, c.vouchers), b.ref()
	b.act(ref, func() (clerk.Done, error) { return b.till.TakeVoucherBack(b.by(lane), ref, paper.id, false) }, func(clerk.Done) {
		b.w.mark("voucher-back")
		b.w.truth.tookBack(b, paper.id)
	})
}

// giveBack is a customer with a receipt, of this store or of another.
func (b *board) giveBack(lane uint32, c *customer) {
	if len(c.receipts) == 0 {
		return
	}
	of, ref := pick(b.w, c.receipts), b.ref()
	if of.Terminal == uint32(b.id) && b.w.hit(4000) {
		b.exchange(lane, c, of)
		return
	}
	if of.Terminal == uint32(b.id) {
		r := till.Returning{Ref: ref, Of: of, Qty: []int64{1}, Void: b.w.hit(3000), Tender: "cash"}
		b.act(ref, func() (clerk.Done, error) { return b.till.Return(b.by(lane), r) }, func(done clerk.Done) {
			b.w.mark("returned")
			if len(done.Entry.Body.(*ledger.Return).Due) > 0 {
				b.w.mark("due")
			}
		})
		return
	}
	r := till.ClaimReturn{Ref: ref, Of: of, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 100, Tender: "cash"}
	b.act(ref, func() (clerk.Done, error) { return b.till.ClaimReturn(b.by(lane), r) }, func(clerk.Done) { b.w.mark("return-claimed") })
}

// checkIn is a poster that hangs in every store for a week.
func (b *board) checkIn(lane uint32, c *customer) {
	ref := b.ref()
	a := till.Attendance{
		Ref: ref, Member: c.id, Proof: member.ByCard, Activity: fmt.Sprint("week-", int(b.w.now/(7*day))), Asset: points, Amount: 50,
	}
	if b.w.hit(1500) {
		a.Activity = "birthday-2026"
	}
	b.act(ref, func() (clerk.Done, error) { return b.till.CheckIn(b.by(lane), a) }, func(done clerk.Done) {
		b.w.mark("checked-in")
		if done.Entry.Body.(*ledger.CheckIn).Claim {
			b.w.mark("claimed")
		}
	})
}

func (b *board) survey(lane uint32, c *customer) {
	ref := b.ref()
	s := till.Survey{Ref: ref, Member: c.id, Survey: "tea", Version: 1, Choices: []ledger.Choice{{Question: 1, Option: 1}}, Asset: points, Amount: 20}
	b.act(ref, func() (clerk.Done, error) { return b.till.Answer(b.by(lane), s) }, func(clerk.Done) { b.w.mark("surveyed") })
}

func (b *board) adjust(lane uint32, c *customer) {
	ref := b.ref()
	a := till.Adjustment{Ref: ref, Member: c.id, Asset: points, Amount: lot.Amount(b.w.random.IntN(120) - 50), Reason: "goodwill"}
	b.act(ref, func() (clerk.Done, error) { return b.till.Adjust(b.by(lane), a) }, func(clerk.Done) { b.w.mark("adjusted") })
}
