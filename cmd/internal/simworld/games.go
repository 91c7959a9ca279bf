package simworld

import (
	"slices"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/market"
	"github.com/jifen-pos/jifen/sync/sealed"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Games, coupons, and the papers that customers carry away.

// wish is a benefit that somebody wants: where some are limited, often one of those.
func (b *board) wish() string {
	if len(b.w.rules.Programme.Games) > 0 && b.w.Hit(5000) {
		return market.Small
	}
	return pick(b.w, []string{"tea-set", "tea-set", "breakfast-pack", "eco-bag"})
}

// play is a member who plays.
func (b *board) play(lane uint32, c *customer) {
	if !b.identify(lane, c) {
		return
	}
	name := pick(b.w, b.w.rules.Programme.Games).ID
	b.wait(lane, func() {
		v, err := b.till.View(lane)
		b.w.Must("look at the lane", err)
		b.act(v.Ref, func() (clerk.Done, error) { return b.till.Play(b.by(lane), v.Ref, name) }, func(done clerk.Done) {
			b.w.Mark("played")
			b.prizes(c, done.Origin, []ledger.Stake{done.Entry.Body.(*ledger.Play).Stake})
		})
		if b.on {
			b.try(b.till.Clear(b.by(lane)))
		}
	})
}

// useCoupon puts a coupon into the basket, where the till shows that there is one.
func (b *board) useCoupon(lane uint32) {
	if len(b.w.rules.Programme.Games) == 0 {
		return
	}
	v, err := b.till.View(lane)
	b.w.Must("look at the lane", err)
	if v.Member != nil && len(v.Member.Coupons) > 0 && b.w.Hit(5000) {
		b.try(b.till.UseCoupon(b.by(lane), pick(b.w, v.Member.Coupons).Lot))
	}
}

// regret has a whole sale undone soon after it.
func (b *board) regret(lane uint32, of lot.Origin) {
	b.w.After(b.w.Between(time.Minute, time.Hour), func() {
		if b.on && !b.w.Calm {
			b.takeBack(lane, till.Returning{Ref: b.ref(), Of: of, Void: true, Tender: "cash"})
		}
	})
}

// paper is a voucher that somebody carries away.
func (b *board) paper(c *customer, id lot.ID, i *ledger.Issue) {
	c.vouchers = append(c.vouchers, voucher{id, market.VoucherText(b.w.Engine, id, i, b.key)})
}

// papers are those of a sale.
func (b *board) papers(c *customer, of lot.Origin, s *ledger.Sale) {
	for n := range s.Redemptions {
		b.paper(c, lot.ID{Origin: of, N: uint32(ledger.VoucherFrom + n)}, &s.Redemptions[n].Voucher)
	}
	b.prizes(c, of, s.Plays)
}

// prizes are the vouchers that plays won.
func (b *board) prizes(c *customer, of lot.Origin, plays []ledger.Stake) {
	for n := range plays {
		for m := range plays[n].Issues {
			if i := &plays[n].Issues[m]; i.Asset.Benefit() != "" {
				b.paper(c, lot.ID{Origin: of, N: ledger.PrizeLot(n, m)}, i)
			}
		}
	}
}

// undone is what goes with a sale of which goods come back: vouchers redeemed inside it,
// and those that plays won.
func (b *board) undone(r *ledger.Return) {
	for _, v := range r.Vouchers {
		b.w.truth.UsedUp(b.asStore(), v.Voucher, "given back with its sale")
	}
	for _, p := range r.Plays {
		for _, d := range p.Claw {
			if slices.ContainsFunc(b.w.people, func(c *customer) bool {
				return slices.ContainsFunc(c.vouchers, func(v voucher) bool { return v.id == d.Lot })
			}) {
				b.w.truth.UsedUp(b.asStore(), d.Lot, "lost with its sale")
			}
		}
	}
}

// batches are the sealed batches that the board plays.
func (b *board) batches() []game.Deal {
	sealedFor := b.rack.Batches()
	if sealedFor == nil {
		return nil
	}
	plain, err := sealed.Open(b.key, sealedFor)
	b.w.Must("open the batches of games", err)
	list, err := game.ReadDeals(plain)
	b.w.Must("read the batches of games", err)
	return list
}
