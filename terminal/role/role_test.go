package role_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/role"
)

// The whole matrix, written out: a change of the table is a change here.
func TestWhoMayDoWhat(t *testing.T) {
	want := map[role.Act]string{ // cashier, senior, keeper, auditor
		role.Look: "yyyy", role.Sell: "yyy-", role.Enrol: "yyy-", role.Reprint: "yyy-", role.Return: "yyy-", role.Transfer: "yyy-", role.Train: "yyy-",
		role.ReturnLarge: "-yy-", role.Void: "-yy-", role.VoucherBack: "-yy-", role.Day: "-yy-", role.Adjust: "--y-", role.Unlock: "--y-",
	}
	if len(want) != len(role.Acts()) {
		t.Fatalf("there are %d acts, this test knows %d", len(role.Acts()), len(want))
	}
	for act, who := range want {
		for n, r := range role.All() {
			if got := r.May(act); got != (who[n] == 'y') {
				t.Errorf("%s may %s: %v, want %v", r, act, got, !got)
			}
		}
	}
}

func TestNobodyElseMayAnything(t *testing.T) {
	for _, act := range append(role.Acts(), "made-up") {
		if role.Role("").May(act) || role.Role("owner").May(act) || role.Keeper.May("made-up") {
			t.Errorf("somebody without a role, or an act without a line, is allowed %s", act)
		}
	}
	if role.Auditor.MayLend(role.Look) || !role.Senior.MayLend(role.Void) {
		t.Error("an auditor lends a right, or a senior does not")
	}
}
