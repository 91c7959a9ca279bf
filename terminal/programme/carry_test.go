package programme_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// TestCarryTable: what it says in worth, an opening says in points; a document
// without it means the default, and all 0 is strict.
func TestCarryTable(t *testing.T) {
	def := []ledger.Bound{
		{Asset: "points:consumption", Member: 5000, Terminal: 50_000}, {Asset: "points:green", Member: 5000, Terminal: 50_000},
		{Asset: "benefit:", Each: 5000, Member: 10, Terminal: 10},
	}
	for table, want := range map[string][]ledger.Bound{
		"": def,
		"carry: {member_fen: 0, terminal_fen: 0, voucher_fen: 0, vouchers: 0}\n": nil,
		"carry: {member_fen: 100, terminal_fen: 200, voucher_fen: 300, vouchers: 1}\n": {
			{Asset: "points:consumption", Member: 100, Terminal: 200}, {Asset: "points:green", Member: 100, Terminal: 200},
			{Asset: "benefit:", Each: 300, Member: 1, Terminal: 1},
		},
	} {
		p, err := programme.Parse([]byte(string(demo.Programme) + table))
		if err != nil {
			t.Errorf("Parse(%q) = %v", table, err)
			continue
		}
		if diff := cmp.Diff(want, p.Bounds()); diff != "" {
			t.Errorf("Bounds(%q) (-want +got):\n%s", table, diff)
		}
	}
	for _, bad := range []string{"carry: {member_fen: -1, terminal_fen: 0, voucher_fen: 0, vouchers: 0}\n", "carry: {}\n", "carry: {member_fen: 1, terminal_fen: 0, voucher_fen: 0, vouchers: 0, stock: 1}\n"} {
		if _, err := programme.Parse([]byte(string(demo.Programme) + bad)); err == nil {
			t.Errorf("Parse(%q) = nil, want faults", bad)
		}
	}
}
