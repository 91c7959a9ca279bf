package simworld

import (
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/disk"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/market"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
)

const points = tale.Points

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
	codes    []string // `R` codes of receipts that they kept
	carried  []string // codes that their phone showed last
	told     bool     // their birthday
}

type voucher struct {
	id   lot.ID
	text string
}

// readRules makes the demo's rules the world's.
func readRules(w *World) *market.Rules {
	r, members := market.Read(w.Engine, market.Wanted{Lapse: w.faults.Lapse, Strict: w.o.Strict, Crowd: w.o.Harsh == "", Birthdays: w.faults.Birthdays > 0, Games: w.faults.Games > 0})
	for _, m := range members {
		w.people = append(w.people, &customer{id: m.ID, card: m.Card, phone: m.Phone})
	}
	for _, c := range w.people {
		c.home = w.Random.IntN(len(w.people))
	}
	return r
}

// nextCustomer has somebody come to a board, and the next one later.
func (b *board) nextCustomer() {
	hour := b.w.Wall().Hour()
	b.w.After(b.w.Between(0, 2*13*time.Hour/salesADay), b.nextCustomer)
	if hour < 8 || hour >= 21 || !b.on || b.w.Calm || b.w.shut {
		return
	}
	lane := uint32(1 + b.w.Random.IntN(2))
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
		if b.w.Hit(b.w.faults.Walk) {
			b.w.Mark("walked")
			return c
		}
	}
	return pick(b.w, b.w.people)
}

// risky lets the power go in the middle of what comes next, or the disk be full.
func (b *board) risky() {
	switch {
	case b.w.Harm(b.w.faults.Cut):
		b.disk.CutAt(pick(b.w, []disk.Cut{disk.CutBefore, disk.CutAfter}))
		b.w.Mark("cut-in-transaction")
	case b.w.Harm(b.w.faults.Full):
		b.disk.Fill(true)
	}
}

func (b *board) serve(lane uint32) {
	c := b.somebody()
	b.w.Trace("customer", uint64(b.id), uint64(lane), uint64(c.id))
	switch n := b.w.Random.IntN(100); {
	case b.w.Hit(b.w.faults.Joins):
		b.join(lane)
	case b.w.lost && len(c.codes) > 0 && b.w.Hit(800):
		b.w.Mark("receipt-shown") // what a card took along is on the paper
		b.try(b.till.Scan(b.by(lane), "", pick(b.w, c.codes)))
	case b.w.Hit(b.w.faults.Posters):
		pick(b.w, []func(*board, uint32, *customer){(*board).checkIn, (*board).survey, (*board).adjust})(b, lane, c)
	case b.w.Hit(b.w.faults.Birthdays):
		b.celebrate(lane, c)
	case b.w.Hit(b.w.faults.Returns):
		b.giveBack(lane, c)
	case b.w.Hit(b.w.faults.Games):
		b.play(lane, c)
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
	if b.w.Hit(1500) {
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
	d := b.w.Between(time.Second, 20*time.Second)
	if b.w.Hit(b.w.faults.NoWait) {
		d = 0
	}
	b.w.After(d, func() {
		if !b.on || b.till != life {
			return
		}
		b.serving[lane] = false
		fn()
	})
}

// shop is a sale, of a member or of nobody.
func (b *board) shop(lane uint32, c *customer) {
	if b.w.Hit(2500) {
		b.w.Mark("anonymous")
	} else if !b.identify(lane, c) {
		return
	}
	for range 1 + b.w.Random.IntN(3) {
		if !b.ok(b.till.Scan(b.by(lane), "", pick(b.w, b.w.rules.Goods))) {
			return
		}
	}
	if b.w.Hit(3000) {
		b.try(b.till.UsePool(b.by(lane), true)) // HQ is asked for what others let them use
	}
	b.useCoupon(lane)
	if b.on && !b.Online() && b.w.Hit(3000) && b.ok(b.till.Challenge(b.by(lane))) { // their phone has a line
		v, err := b.till.View(lane)
		b.w.Must("look at the lane", err)
		c.carried = b.w.office.Carry(c.id, v.Challenge, c.carried, func(code string) bool { return b.ok(b.till.Scan(b.by(lane), "", code)) })
	}
	b.wait(lane, func() {
		if b.w.Hit(5000) && !b.ok(b.till.Deduct(b.by(lane), pricing.DeductMax)) && !b.on {
			return
		}
		if !b.on {
			return
		}
		pay := b.payment(lane)
		if b.w.Hit(800 + b.w.faults.Games/4) {
			pay.Redeem = []string{b.wish(), b.wish()}[:1+b.w.Random.IntN(2)]
		}
		if !b.pay(lane, c, pay) && b.on && len(pay.Redeem) > 0 { // then without
			pay.Redeem = nil
			b.pay(lane, c, pay)
		}
		if b.on && b.till.Cashier(lane) != "" {
			b.try(b.till.Clear(b.by(lane)))
		}
	})
}

// pay is somebody paying, and reports whether the cashier was told that it is done.
func (b *board) pay(lane uint32, c *customer, pay till.Payment) (told bool) {
	b.act(pay.Ref, func() (clerk.Done, error) { return b.till.Pay(b.by(lane), pay) }, func(done clerk.Done) {
		told = true
		sale := done.Entry.Body.(*ledger.Sale)
		b.w.truth.Sales++
		if sale.Deduction != nil {
			b.w.Mark("deducted")
		}
		if sale.Member == c.id {
			c.receipts = append(c.receipts, done.Origin)
			b.papers(c, done.Origin, sale)
			b.certify(c, done, sale)
		}
		if len(sale.Redemptions) > 0 && b.w.Hit(1500) {
			b.regret(lane, done.Origin)
		}
	})
	return told
}

// certify prints the code that says what a sale awarded, and some keep it.
func (b *board) certify(c *customer, done clerk.Done, sale *ledger.Sale) {
	if len(sale.Awards) == 0 || done.Origin.Seq%8 != 0 {
		return
	}
	r := token.Certificate{Entry: done.Origin, Member: sale.Member, Minute: uint32(b.w.Wall().Unix() / 60)}
	copy(r.Hash[:], done.Head.Hash[:])
	for n, a := range sale.Awards {
		r.Awards = append(r.Awards, token.Awarded{N: uint32(n), Issue: a.Issue})
	}
	codes, err := token.SealCertificates(r, b.key)
	b.w.Must("print the code of a receipt", err)
	c.codes = append(c.codes[max(len(c.codes)-9, 0):], codes...)
}

// payment is what the lane's basket costs, in cash.
func (b *board) payment(lane uint32) till.Payment {
	v, err := b.till.View(lane)
	b.w.Must("look at the lane", err)
	pay := till.Payment{Ref: v.Ref}
	if v.Quote.ToPay > 0 {
		pay.Tenders = []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}
	}
	return pay
}

// exchange is a customer with goods of this store, who takes others for them.
func (b *board) exchange(lane uint32, c *customer, of lot.Origin) {
	if !b.identify(lane, c) || !b.ok(b.till.Scan(b.by(lane), "", pick(b.w, b.w.rules.Goods))) {
		return
	}
	b.wait(lane, func() {
		pay := b.payment(lane)
		r := till.Returning{Of: of, Qty: []int64{1}, Tender: "cash"}
		b.act(pay.Ref, func() (clerk.Done, error) { return b.till.Exchange(b.by(lane), r, pay) }, func(done clerk.Done) {
			back := done.Entry.Body.(*ledger.Return)
			b.undone(back)
			if back.Sale.Member == c.id {
				c.receipts = append(c.receipts, done.Origin)
				b.papers(c, done.Origin, back.Sale)
			}
		})
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
			b.w.Mark("tried-again")
			if done, err := fn(); b.ok(err) {
				b.did(ref, done, then)
			}
		})
	}
	if !b.ok(err) {
		return
	}
	b.did(ref, done, then)
	if b.w.Harm(b.w.faults.PressTwice) {
		b.w.Mark("pressed-twice")
		if again, err := fn(); b.ok(err) && again.Origin != done.Origin {
			b.w.Fail("done-twice", "%s: under reference %s both %s and %s were done", b.id, ref, done.Origin, again.Origin)
		}
	}
}

// did is what the cashier and the customer see of an action.
func (b *board) did(ref string, done clerk.Done, then func(clerk.Done)) {
	b.told = append(b.told, done.Head)
	b.w.truth.Did(b.asStore(), ref, done)
	if then != nil {
		then(done)
	}
}

func (b *board) redeem(lane uint32, c *customer) {
	if !b.identify(lane, c) {
		return
	}
	benefit := b.wish()
	if b.w.Hit(3000) {
		b.try(b.till.UsePool(b.by(lane), true))
	}
	b.wait(lane, func() {
		v, err := b.till.View(lane)
		b.w.Must("look at the lane", err)
		b.act(v.Ref, func() (clerk.Done, error) { return b.till.Redeem(b.by(lane), v.Ref, benefit) }, func(done clerk.Done) {
			b.w.Mark("redeemed")
			b.paper(c, lot.ID{Origin: done.Origin}, &done.Entry.Body.(*ledger.Redeem).Voucher)
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
	paper := pick(b.w, c.vouchers)
	err := b.till.Scan(b.by(lane), "", paper.text)
	if asked := (*till.Refusal)(nil); !(errors.As(err, &asked) && asked.Attention) && !b.ok(err) {
		return
	}
	b.wait(lane, func() {
		v, err := b.till.View(lane)
		b.w.Must("look at the lane", err)
		foreign := paper.id.Terminal != uint32(b.id)
		if foreign && v.Voucher != nil && paper.id.Seq%3 == 1 {
			ref := v.Ref + "-b" // as at the cashier's page: the lane's own is for what ends its basket
			b.act(ref, func() (clerk.Done, error) { return b.till.TakeVoucherBack(b.by(lane), ref, paper.id, false) }, func(clerk.Done) {
				b.w.Mark("voucher-back-elsewhere")
				b.w.truth.UsedUp(b.asStore(), paper.id, "given back")
			})
		} else {
			b.act(v.Ref, func() (clerk.Done, error) { return b.till.UseVoucher(b.by(lane), v.Ref) }, func(clerk.Done) {
				b.w.Mark(map[bool]string{true: "walked-with-voucher", false: "handed-out"}[foreign])
				b.w.truth.UsedUp(b.asStore(), paper.id, "handed out")
				if foreign && paper.id.Seq%3 == 2 {
					b.goodsBack(lane, paper.id)
				}
			})
		}
		if b.on {
			b.try(b.till.PutVoucherAway(b.by(lane)))
		}
	})
}

// goodsBack is a customer who does not like what a voucher of another store brought.
func (b *board) goodsBack(lane uint32, id lot.ID) {
	ref := b.ref()
	b.act(ref, func() (clerk.Done, error) { return b.till.TakeVoucherBack(b.by(lane), ref, id, true) }, func(clerk.Done) {
		b.w.Mark("voucher-goods-back-elsewhere")
	})
}

func (b *board) voucherBack(lane uint32, c *customer) {
	if len(c.vouchers) == 0 {
		return
	}
	paper, ref := pick(b.w, c.vouchers), b.ref()
	b.act(ref, func() (clerk.Done, error) { return b.till.TakeVoucherBack(b.by(lane), ref, paper.id, false) }, func(clerk.Done) {
		b.w.Mark("voucher-back")
		b.w.truth.UsedUp(b.asStore(), paper.id, "given back")
	})
}

// giveBack is a customer with a receipt, of this store or of another.
func (b *board) giveBack(lane uint32, c *customer) {
	if len(c.receipts) == 0 {
		return
	}
	of, ref, void := pick(b.w, c.receipts), b.ref(), b.w.Hit(3000)
	if void { // on its own day
		of = c.receipts[len(c.receipts)-1]
	}
	if of.Terminal == uint32(b.id) && b.w.Hit(4000) {
		b.exchange(lane, c, of)
		return
	}
	if of.Terminal == uint32(b.id) {
		b.takeBack(lane, till.Returning{Ref: ref, Of: of, Qty: []int64{1}, Void: void, Tender: "cash"})
		return
	}
	b.returnElsewhere(lane, c, of)
}

// takeBack takes goods back where they were sold.
func (b *board) takeBack(lane uint32, r till.Returning) {
	b.act(r.Ref, func() (clerk.Done, error) { return b.till.Return(b.by(lane), r) }, func(done clerk.Done) {
		b.w.Mark("returned")
		back := done.Entry.Body.(*ledger.Return)
		b.undone(back)
		if len(back.Due) > 0 {
			b.w.Mark("due")
		}
	})
}

// returnElsewhere is goods that come back to a store that did not sell them.
func (b *board) returnElsewhere(lane uint32, c *customer, of lot.Origin) {
	if !b.identify(lane, c) {
		return
	}
	ref := b.ref()
	r := till.ClaimReturn{Ref: ref, Of: of, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 100, Tender: "cash"}
	b.act(ref, func() (clerk.Done, error) { return b.till.ClaimReturn(b.by(lane), r) }, func(clerk.Done) { b.w.Mark("return-claimed") })
	if b.on {
		b.try(b.till.Clear(b.by(lane)))
	}
}

// checkIn is a poster that hangs in every store for a week.
func (b *board) checkIn(lane uint32, c *customer) {
	activity := fmt.Sprint("week-", int(b.w.Now/(7*day)))
	if b.w.Hit(1500) {
		activity = "birthday-2026"
	}
	b.attend(lane, c, activity, 50)
}

// attend scans an activity's poster for somebody.
func (b *board) attend(lane uint32, c *customer, activity string, amount lot.Amount) {
	ref := b.ref()
	a := till.Attendance{Ref: ref, Member: c.id, Proof: member.ByCard, Activity: activity, Asset: points, Amount: amount}
	b.act(ref, func() (clerk.Done, error) { return b.till.CheckIn(b.by(lane), a) }, func(done clerk.Done) {
		b.w.Mark("checked-in")
		if done.Entry.Body.(*ledger.CheckIn).Claim {
			b.w.Mark("claimed")
		}
	})
}

func (b *board) survey(lane uint32, c *customer) {
	ref := b.ref()
	s := till.Survey{Ref: ref, Member: c.id, Survey: "tea", Version: 1, Choices: []ledger.Choice{{Question: 1, Option: 1}}, Asset: points, Amount: 20}
	b.act(ref, func() (clerk.Done, error) { return b.till.Answer(b.by(lane), s) }, func(clerk.Done) { b.w.Mark("surveyed") })
}

func (b *board) adjust(lane uint32, c *customer) {
	ref := b.ref()
	a := till.Adjustment{Ref: ref, Member: c.id, Asset: points, Amount: lot.Amount(b.w.Random.IntN(120) - 50), Reason: "goodwill"}
	b.act(ref, func() (clerk.Done, error) { return b.till.Adjust(b.by(lane), a) }, func(clerk.Done) { b.w.Mark("adjusted") })
}
