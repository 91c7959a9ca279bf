package token_test

import (
	"errors"
	"math"
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/token"
)

var slip = token.Head{
	Terminal: 7, Head: ledger.Head{Incarnation: 0x0123456789abcdef, Seq: 1234, Hash: ledger.Hash{0: 1, 31: 2}}, Day: 20_800, Minute: 29_700_000,
}

func sealHead(t *testing.T, h token.Head) string {
	t.Helper()
	text, err := token.SealHead(h, ours)
	if err != nil {
		t.Fatalf("SealHead: %v", err)
	}
	return text
}

func TestHeadComesBackAsSealed(t *testing.T) {
	largest := token.Head{Terminal: math.MaxUint32, Head: ledger.Head{Incarnation: math.MaxUint64, Seq: math.MaxUint64}, Day: math.MaxInt32, Minute: math.MaxUint32}
	for i := range largest.Head.Hash {
		largest.Head.Hash[i] = 0xff
	}
	for _, h := range []token.Head{slip, largest} {
		text := sealHead(t, h)
		if got, err := token.OpenHead(text, keys); err != nil || got != h || len(text) > token.TextMax {
			t.Errorf("OpenHead(%d characters) = %+v, %v; want %+v", len(text), got, err, h)
		}
	}
}

func TestEveryFlippedBitOfAHeadIsRefused(t *testing.T) {
	text := sealHead(t, slip)
	for i := range len(text) * 8 {
		bad := []byte(text)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := token.OpenHead(string(bad), keys); err == nil {
			t.Fatalf("bit %d flipped: OpenHead accepts it", i)
		}
	}
	if _, err := token.OpenHead(text, token.NewKeys(public(theirs)).Find); !errors.Is(err, token.ErrUnknownKey) {
		t.Errorf("OpenHead under another key = %v, want ErrUnknownKey", err)
	}
	if _, err := token.OpenHead(sealVoucher(t, voucher), keys); !errors.Is(err, token.ErrForm) {
		t.Errorf("OpenHead(voucher) = %v, want ErrForm", err)
	}
}

func TestHeadsThatNameNothingAreRefused(t *testing.T) {
	for name, edit := range map[string]func(*token.Head){
		"no-terminal": func(h *token.Head) { h.Terminal = 0 }, "no-incarnation": func(h *token.Head) { h.Head.Incarnation = 0 },
		"no-entry": func(h *token.Head) { h.Head.Seq = 0 }, "day-below-nothing": func(h *token.Head) { h.Day = -1 },
	} {
		h := slip
		edit(&h)
		if _, err := token.SealHead(h, ours); !errors.Is(err, token.ErrForm) {
			t.Errorf("SealHead(%s) = %v, want ErrForm", name, err)
		}
	}
	for name, body := range map[string][]byte{"nothing": nil, "another-record": {2}, "cut-short": {1, 7, 0, 0}, "too-much": append(make([]byte, 80), 1)} {
		text, err := token.Seal(token.KindRecord, body, ours)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := token.OpenHead(text, keys); !errors.Is(err, token.ErrForm) {
			t.Errorf("OpenHead(%s) = %v, want ErrForm", name, err)
		}
	}
}
