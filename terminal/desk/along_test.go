package desk_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
)

// A benefit beside a basket is redeemed in the sale's own entry: one write, one
// reference; and it goes with its basket, wherever that goes.
func TestWhatIsRedeemedAlongIsInTheSalesEntry(t *testing.T) {
	c := newCounter(t)
	const tea = "tea-set" // 500 of wang's 1000
	c.scan(wang)
	c.refused("along nothing", "empty-basket", func() error { return c.RedeemAlong(by, tea) })
	c.scan(rice)
	c.ok("RedeemAlong", c.RedeemAlong(by, tea))
	c.refused("more than the points reach", "points-short", func() error { return c.RedeemAlong(by, "breakfast-pack") })
	c.ok("Park", c.Park(by))
	if v := c.lane(); len(v.Along) != 0 {
		t.Fatalf("after parking the empty lane redeems %+v", v.Along)
	}
	c.reopen()
	c.ok("TakeUp", c.TakeUp(by, 1))
	v := c.lane()
	if len(v.Along) != 1 || v.Along[0].ID != tea || v.Along[0].Cost != 500 || v.Along[0].Short {
		t.Fatalf("taken up again the lane redeems %+v, want the tea set for 500", v.Along)
	}
	c.ok("Deduct", c.Deduct(by, 600))
	if v = c.lane(); !v.Along[0].Short {
		t.Errorf("with 600 points paying, the screen doesn't say that 500 for the tea set are no longer there")
	}
	c.ok("Deduct", c.Deduct(by, 100))
	n := len(c.entries())
	v = c.lane()
	pay := till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}}
	first, err := c.Desk.Pay(by, pay)
	c.ok("Pay", err)
	again, err := c.Desk.Pay(by, pay)
	c.ok("Pay again", err)
	list := c.entries()[n:]
	sale, _ := list[0].Body.(*ledger.Sale)
	if len(list) != 1 || sale == nil || len(sale.Redemptions) != 1 || sale.Redemptions[0].Benefit != tea || again.Origin != first.Origin {
		t.Errorf("%d entries, %+v, answered %s and %s; want one sale with the tea set in it", len(list), sale, first.Origin, again.Origin)
	}
	c.scan(rice, wang)
	if v = c.lane(); len(v.Along) != 0 || v.Member.Points[0].Here != 400+48 {
		t.Errorf("the next sale redeems %+v and finds %+v, want nothing and 448 points", v.Along, v.Member.Points)
	}
	c.refused("what is no benefit", "unknown-benefit", func() error { return c.RedeemAlong(by, "tea-ten-off") })
}

// What was to be redeemed for somebody who left is redeemed for nobody.
func TestWhatIsRedeemedAlongLeavesWithItsMember(t *testing.T) {
	c := newCounter(t)
	c.scan(rice, wang)
	c.ok("RedeemAlong", c.RedeemAlong(by, "tea-set"))
	c.ok("RedeemAlong again", c.RedeemAlong(by, "tea-set"))
	if v := c.lane(); len(v.Along) != 0 {
		t.Fatalf("taken away it is still there: %+v", v.Along)
	}
	c.ok("RedeemAlong", c.RedeemAlong(by, "tea-set"))
	c.ok("DropMember", c.DropMember(by))
	c.scan(chenJing)
	v := c.lane()
	pay := till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}}
	for range 2 {
		done, err := c.Desk.Pay(by, pay)
		c.ok("Pay", err)
		if sale := done.Entry.Body.(*ledger.Sale); len(v.Along) != 0 || len(sale.Redemptions) != 0 {
			t.Errorf("the next member's sale redeems %+v, wrote %+v; want nothing", v.Along, sale.Redemptions)
		}
	}
}
