package scenario_test

import "testing"

// A voucher that one store printed is handed out at another, once: the right to it
// comes by the line, and then neither store hands it out again, on its paper or on a
// copy of it.
func TestAVoucherOfOneStoreIsGoodAtAnother(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1, 2, false)
	f.enrol()
	one, two := f.tills[0], f.tills[1]
	bought, _ := one.clerk.persist(t, "redemptions", anything{"member": lei, "benefit": "tea-set"})
	list, _ := bought["vouchers"].([]any)
	if len(list) != 1 {
		t.Fatalf("a redemption says %v, want one voucher", bought)
	}
	code := list[0].(map[string]any)["qr"]
	f.calm(waitLimit)
	two.clerk.persist(t, "voucher-uses", anything{"code": code})
	f.calm(waitLimit)
	for c, want := range map[*counter]string{one: "voucher-used-at", two: "voucher-used"} {
		if answer, _ := c.clerk.persist(t, "voucher-uses", anything{"code": code}, want); answer != nil {
			t.Errorf("t%d hands the voucher out once more: %v", c.id, answer)
		}
	}
	f.close()
	f.agree()
}
