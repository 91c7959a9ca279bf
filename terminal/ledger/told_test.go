package ledger_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// usual is a sale in which everything follows: two lines of two merchants, two
// awards without a multiplier, cash and change.
func usual() *ledger.Sale {
	award := func(funder string, n lot.Amount, line uint32) ledger.Award {
		return ledger.Award{
			Issue: ledger.Issue{Asset: "points:a", Amount: n, Funder: funder}, Rule: "base", Base: n,
			Shares: []ledger.Share{{Line: line, Amount: n}},
		}
	}
	return &ledger.Sale{
		Lines: []ledger.Line{
			{Product: "06900001000112", Qty: 1, Fen: 4990, Merchant: "m1"},
			{Product: "06910002000110", Qty: 1, Fen: 16800, Off: 100, Merchant: "m2"},
		},
		Awards:  []ledger.Award{award("m1", 49, 0), award("m2", 167, 1)},
		Tenders: []ledger.Tender{{Kind: "card", Fen: 10000}, {Kind: "cash", Fen: 12000}},
		Change:  310,
	}
}

// TestWhatFollowsFromASaleIsNotWritten compares a usual sale with one in which
// one thing does not follow: it costs bytes, and reads as it was written.
func TestWhatFollowsFromASaleIsNotWritten(t *testing.T) {
	plain := len(codec.Marshal(usual()))
	for name, edit := range map[string]func(*ledger.Sale){
		"bonus":               func(s *ledger.Sale) { s.Awards[0].Base = 40 },
		"other-funder":        func(s *ledger.Sale) { s.Awards[1].Funder = "m1" },
		"no-funder":           func(s *ledger.Sale) { s.Awards[1].Funder = "" },
		"shares-of-less":      func(s *ledger.Sale) { s.Awards[1].Shares[0].Amount = 100 },
		"shares-of-more":      func(s *ledger.Sale) { s.Awards[1].Shares[0].Amount = 1000 },
		"tender-of-less":      func(s *ledger.Sale) { s.Tenders[1].Fen = 0 },
		"tender-of-more":      func(s *ledger.Sale) { s.Tenders[1].Fen = 12001 },
		"product-of-13":       func(s *ledger.Sale) { s.Lines[0].Product = "6900001000112" },
		"product-in-words":    func(s *ledger.Sale) { s.Lines[0].Product = "tea by weight!" },
		"line-that-is-not":    func(s *ledger.Sale) { s.Awards[0].Shares[0].Line = 99 },
		"award-without-lines": func(s *ledger.Sale) { s.Awards[0].Shares = nil },
	} {
		s := usual()
		edit(s)
		b := codec.Marshal(s)
		if len(b) <= plain-4 || (name != "award-without-lines" && len(b) <= plain) {
			t.Errorf("%s: %d bytes, and %d of a sale in which it follows", name, len(b), plain)
		}
		var got ledger.Sale
		if err := codec.Unmarshal(b, &got); err != nil {
			t.Errorf("%s: Unmarshal() = %v", name, err)
		}
		if diff := cmp.Diff(s, &got); diff != "" {
			t.Errorf("%s reads as another sale (-written +read):\n%s", name, diff)
		}
	}
}

// TestWritingLeavesTheSaleAlone: what was left out was left out of a copy.
func TestWritingLeavesTheSaleAlone(t *testing.T) {
	s := usual()
	first, second := codec.Marshal(s), codec.Marshal(s)
	if diff := cmp.Diff(usual(), s); diff != "" || !bytes.Equal(first, second) {
		t.Errorf("Marshal changed what it wrote:\n%s", diff)
	}
}

func TestReferencesOfDigitsArePacked(t *testing.T) {
	for ref, most := range map[string]int{
		"": 0, "0123456789abcdef": 10, "0123456789ABCDEF": 18, "0123456789abcde": 17, "till 3 / 77": 13, "00": 3,
	} {
		with, without := encode(t, ledger.Entry{Ref: ref, Body: &ledger.Mark{}}), encode(t, ledger.Entry{Body: &ledger.Mark{}})
		if e, err := ledger.Decode(with); err != nil || e.Ref != ref || len(with)-len(without) != most {
			t.Errorf("reference %q takes %d bytes and reads as %q, %v; want %d", ref, len(with)-len(without), e.Ref, err, most)
		}
	}
}
