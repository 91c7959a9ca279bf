package till_test

import (
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// strict are the demo's rules with nothing used on trust.
var strict = []byte(string(demo.Programme) + "carry: {member_fen: 0, terminal_fen: 0, voucher_fen: 0, vouchers: 0}\n")

// slipCode closes the day and returns the code on its slip.
func slipCode(t *testing.T, b *tilltest.Bench) string {
	t.Helper()
	_, err := b.Till.CloseDay(by, ref(), 0)
	must(t, err)
	for {
		job, ok, err := b.Till.NextJob()
		if err != nil || !ok {
			t.Fatalf("NextJob() = %v, %v; want the slip of the close", ok, err)
		}
		if codes := job.Document.Codes(); job.Kind == slip.Day && len(codes) > 0 {
			return codes[0]
		}
	}
}

// TestSlipOfTheCloseIsScannedAfterANightOff: what the screen asks for, one scan
// gives, and all that was here can be used.
func TestSlipOfTheCloseIsScannedAfterANightOff(t *testing.T) {
	b := newBench(t)
	b.UseRules(t, strict)
	must(t, b.Till.SignIn(by))
	earn(t, b, 20)
	code := slipCode(t, b)
	must(t, b.Till.Stop())
	b.Reboot(t, "boot-2")
	must(t, b.Till.SignIn(clerk.By{Lane: 1, Actor: "c2"}))
	if !view(t, b).Ledger.Waiting {
		t.Error("nothing waits after a night off, want the screen to ask for the slip")
	}
	_, err := b.Till.OpenDay(by, ref(), 0)
	must(t, err)
	scan(t, b, code)
	if v := view(t, b); v.Ledger.Waiting || v.Message.Code != "witness-freed" {
		t.Errorf("after the day was opened: waiting %v, message %q, want the slip still to free what waits", v.Ledger.Waiting, v.Message.Code)
	}
	// From then on the slip is worthless.
	b.Reboot(t, "boot-3")
	must(t, b.Till.SignIn(by))
	scan(t, b, code)
	if v := view(t, b); !v.Ledger.Waiting || v.Message.Code != "witness-older" {
		t.Errorf("after another boot: waiting %v, message %q, want witness-older", v.Ledger.Waiting, v.Message.Code)
	}
}

func TestSlipFreesWhatWaits(t *testing.T) {
	b := newBench(t)
	b.UseRules(t, strict)
	must(t, b.Till.SignIn(by))
	earn(t, b, 20)
	code := slipCode(t, b)
	b.Reboot(t, "boot-2")
	must(t, b.Till.SignIn(by))
	scan(t, b, code)
	if v := view(t, b); v.Ledger.Waiting || v.Message.Code != "witness-freed" {
		t.Errorf("after the scan: waiting %v, message %q, want nothing and witness-freed", v.Ledger.Waiting, v.Message.Code)
	}
	_, err := b.Till.OpenDay(by, ref(), 0)
	must(t, err)
	scan(t, b, wang)
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); err != nil {
		t.Errorf("Redeem after the scan = %v, want nil", err)
	}
	scan(t, b, code)
	if got := view(t, b).Message.Code; got != "witness-no-need" {
		t.Errorf("a second scan says %q, want witness-no-need", got)
	}
	err = b.Till.Scan(by, "", code[:len(code)-1])
	refused(t, "Scan of a code that is cut off", err, "witness-foreign")
}

// TestWithoutTheSlipALittleIsTrusted: points of ¥50, and no more.
func TestWithoutTheSlipALittleIsTrusted(t *testing.T) {
	b := newBench(t)
	earn(t, b, 200) // 9,980 points
	b.Reboot(t, "boot-2")
	scan(t, b, wang)
	if p := view(t, b).Member.Points[0]; p.Here != 5000 || p.Frozen != 4980 {
		t.Errorf("here %d, being checked %d, want 5,000 and 4,980", p.Here, p.Frozen)
	}
	for range 10 {
		_, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
		must(t, err)
	}
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); !errors.Is(err, clerk.ErrDeclined) {
		t.Errorf("Redeem beyond what is trusted = %v, want a decline", err)
	}
	_, err := b.Till.Transfer(by, till.Transferring{Ref: ref(), From: 1001, To: 1002, Proof: member.ByCard, Asset: consumption, Amount: 1})
	if err == nil {
		t.Error("points were given away on trust")
	}
}
