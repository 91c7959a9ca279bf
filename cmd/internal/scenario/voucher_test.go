package scenario_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// A voucher that one store printed is handed out at another, once: the right to it
// comes by the line, and then neither store hands it out again, on its paper or on a
// copy of it. Its goods come back where they were handed out, and so does a paper
// that was not used: the member's points are there again, once.
func TestAVoucherOfOneStoreIsGoodAtAnother(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1, 2, false)
	f.enrol()
	one, two := f.tills[0], f.tills[1]
	buys := func() (code string, id any) {
		t.Helper()
		bought, _ := one.clerk.persist(t, "redemptions", anything{"member": lei, "benefit": "tea-set"})
		list, _ := bought["vouchers"].([]any)
		if len(list) != 1 {
			t.Fatalf("a redemption says %v, want one voucher", bought)
		}
		f.calm(waitLimit)
		v := list[0].(map[string]any)
		return v["qr"].(string), v["lot"]
	}
	code, _ := buys()
	two.clerk.persist(t, "voucher-uses", anything{"code": code})
	f.calm(waitLimit)
	for c, want := range map[*counter]string{one: "voucher-used-at", two: "voucher-used"} {
		if answer, _ := c.clerk.persist(t, "voucher-uses", anything{"code": code}, want); answer != nil {
			t.Errorf("t%d hands the voucher out once more: %v", c.id, answer)
		}
	}
	at := screen{newBrowser(t, two.base)}
	at.must("/lane/1/signin", "person", "k1", "pin", pin)
	at.refused("voucher-used", "/lane/1/scan", "code", code)
	v := at.sees("the voucher to be known as handed out", func(v view) bool { return v.Handed != nil })
	at.do("voucher/goods", "ref", v.Ref+"-g", "voucher", v.Handed.Lot.String())
	at.sees("the points to come from HQ", func(v view) bool { return v.Message.Code == "voucher-back-claimed" && v.Handed == nil })
	at.refused("voucher-returned", "/lane/1/voucher/goods", "ref", v.Ref+"-h", "voucher", v.Handed.Lot.String())
	f.has(at, 2500)

	code, id := buys()
	f.has(at, 2000)
	at.refused("voucher-asking", "/lane/1/scan", "code", code)
	at.sees("the paper to be up", func(v view) bool { return v.Voucher != nil })
	at.do("voucher/back", "ref", v.Ref+"-b", "voucher", id.(string))
	f.has(at, 2500)
	f.close()
	f.agree()
}

// has waits until the member's consumption points are so many, wherever they lie.
func (f *fleet) has(at screen, want lot.Amount) {
	f.t.Helper()
	f.calm(waitLimit)
	at.do("scan", "code", lei)
	at.sees("the member to have their points", func(v view) bool {
		p := v.points(consumption)
		return p.Here+p.HQ+p.Elsewhere == want
	})
	at.do("clear")
}
