package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

func TestYearlyQuotaLastsToTheYearsEnd(t *testing.T) {
	b := &ledger.Grant{Member: 1, Reason: "birthday", Day: 20_779, Once: ledger.Once{Claim: true}}
	a, ok := decision.AskedBy(b)
	if !ok || a.Quota != "quota:birthday:2026" || a.Expires.String() != "2026-12-31" {
		t.Errorf("AskedBy() = %+v, %v, want the quota of 2026 until its last day", a, ok)
	}
	b.Claim = false
	if _, ok := decision.AskedBy(b); ok {
		t.Error("AskedBy(no claim) = true, want false")
	}
}
