package token_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/token"
)

var (
	ours   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	theirs = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))
	keys   = token.NewKeys(public(ours)).Find
)

var (
	voucher = token.Voucher{
		Lot:     lot.ID{Origin: lot.Origin{Terminal: 7, Incarnation: 0x0123456789abcdef, Seq: 1234}, N: 2},
		Benefit: "tea-set", Expires: 20_800, Units: 1,
	}
	pass = token.Pass{Member: 1017, IssuedMinute: 29_700_000, Minutes: 10}
)

// Made by another implementation of the same form. Texts like these are on
// paper in people's wallets: they must open for ever.
const (
	frozenVoucher = "JF1.V.%60.ZE*9JL60$Y88IHO1Q*OQOB07WE$CCLQE8YESLKT90B2QU83X4NDFLNYQW4KJH4B3C/PILUAD25 B2%DR44BF+QHLM++P/X5TW01+T$+F2U0253PFF68LOVFZ%VK1T79DJ*36YJA0"
	frozenPass    = "JF1.M.%60.ZEBFJH/0-BS*Y1TT3K4L522S%9BE1J QS92B6AO5F354CECYYOZ1A/.0BYU7CK$IR/TEFY98.81AFS%C$X2+Y2XJTO8W/1FOHEZB5Z99544P/I"
)

func TestFrozenTexts(t *testing.T) {
	if got := sealVoucher(t, voucher); got != frozenVoucher {
		t.Errorf("SealVoucher: got %s, want %s", got, frozenVoucher)
	}
	if got, err := token.OpenVoucher(frozenVoucher, keys); err != nil || got != voucher {
		t.Errorf("OpenVoucher(frozen): got %+v, %v; want %+v", got, err, voucher)
	}
	if got := sealPass(t, pass); got != frozenPass {
		t.Errorf("SealPass: got %s, want %s", got, frozenPass)
	}
	if got, err := token.OpenPass(frozenPass, keys); err != nil || got != pass {
		t.Errorf("OpenPass(frozen): got %+v, %v; want %+v", got, err, pass)
	}
}

func TestLargestValuesFitTheQRCode(t *testing.T) {
	largest := token.Voucher{
		Lot:     lot.ID{Origin: lot.Origin{Terminal: math.MaxUint32, Incarnation: math.MaxUint64, Seq: math.MaxUint64}, N: math.MaxUint32},
		Benefit: strings.Repeat("z", token.BenefitBytesMax), Expires: math.MaxInt32, Units: lot.AmountMax,
	}
	text := sealVoucher(t, largest)
	if len(text) > token.TextMax {
		t.Errorf("SealVoucher(largest): got %d characters, want at most %d", len(text), token.TextMax)
	}
	if got, err := token.OpenVoucher(text, keys); err != nil || got != largest {
		t.Errorf("OpenVoucher(largest): got %+v, %v; want %+v", got, err, largest)
	}
	whole, err := token.Seal('A', make([]byte, token.BodyMax), ours)
	if err != nil || len(whole) > token.TextMax {
		t.Errorf("Seal(largest body): got %d characters, %v; want at most %d", len(whole), err, token.TextMax)
	}
	if _, body, err := token.Open(whole, keys); err != nil || len(body) != token.BodyMax {
		t.Errorf("Open(largest body): got %d bytes, %v; want %d", len(body), err, token.BodyMax)
	}
	if _, err := token.Seal('A', make([]byte, token.BodyMax+1), ours); !errors.Is(err, token.ErrTooLong) {
		t.Errorf("Seal(one byte more): got %v, want ErrTooLong", err)
	}
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	for name, text := range map[string]string{"voucher": sealVoucher(t, voucher), "pass": sealPass(t, pass)} {
		for i := range len(text) * 8 {
			bad := []byte(text)
			bad[i/8] ^= 1 << (i % 8)
			if _, _, err := token.Open(string(bad), keys); err == nil {
				t.Errorf("%s: Open with bit %d of the text flipped: got no error, want one", name, i)
			}
		}
		head, sealed := text[:6], decode(t, text[6:])
		for i := range len(sealed) * 8 {
			bad := bytes.Clone(sealed)
			bad[i/8] ^= 1 << (i % 8)
			if _, _, err := token.Open(head+token.EncodeBase45(bad), keys); err == nil {
				t.Errorf("%s: Open with bit %d of the bytes flipped: got no error, want one", name, i)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	text := sealVoucher(t, voucher)
	foreign, err := token.SealVoucher(voucher, theirs)
	if err != nil {
		t.Fatal(err)
	}
	sealed := decode(t, text[6:])
	impostor := token.Keys{token.KeyIDOf(public(ours)): public(theirs)}
	broken := token.Keys{token.KeyIDOf(public(ours)): nil}
	tests := map[string]struct {
		text string
		keys token.Keys
		want error
	}{
		"unknown-key":         {foreign, nil, token.ErrUnknownKey},
		"other-key-same-id":   {text, impostor, token.ErrSignature},
		"key-of-no-length":    {text, broken, token.ErrUnknownKey},
		"kind-changed":        {"JF1.M" + text[5:], nil, token.ErrSignature},
		"too-long":            {text + strings.Repeat("0", token.TextMax), nil, token.ErrTooLong},
		"empty":               {"", nil, token.ErrForm},
		"prefix-only":         {"JF1.V.", nil, token.ErrForm},
		"lower-case":          {strings.ToLower(text), nil, token.ErrForm},
		"other-system":        {"HC1:" + text[6:], nil, token.ErrForm},
		"no-second-dot":       {"JF1.V" + text[6:], nil, token.ErrForm},
		"trailing-space":      {text + " ", nil, token.ErrForm},
		"cut-short":           {text[:len(text)-2], nil, token.ErrSignature},
		"signature-only":      {"JF1.V." + token.EncodeBase45(sealed[len(sealed)-64:]), nil, token.ErrForm},
		"version-of-tomorrow": {"JF1.V." + token.EncodeBase45(append([]byte{2}, sealed[1:]...)), nil, token.ErrForm},
		"byte-appended":       {"JF1.V." + token.EncodeBase45(append(bytes.Clone(sealed), 0)), nil, token.ErrSignature},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			find := keys
			if test.keys != nil {
				find = test.keys.Find
			}
			if _, err := token.OpenVoucher(test.text, find); !errors.Is(err, test.want) {
				t.Errorf("OpenVoucher(%s): got %v, want %v", test.text, err, test.want)
			}
		})
	}
}

// A token that is signed but says something else than its kind should.
func TestSignedNonsenseIsRefused(t *testing.T) {
	good := "\x07" + "\x01\x23\x45\x67\x89\xab\xcd\xef" + "\xd2\x09" + "\x02" + "\x07tea-set" + "\xc0\xa2\x01" + "\x01"
	bodies := map[string]string{
		"empty":                 "",
		"cut":                   good[:len(good)-1],
		"byte-too-many":         good + "\x00",
		"number-in-long-form":   strings.Replace(good, "\x07\x01", "\x87\x00\x01", 1),
		"number-of-eleven":      strings.Repeat("\xff", 11) + good[1:],
		"terminal-above-32-bit": "\x80\x80\x80\x80\x10" + good[1:],
		"expiry-above-31-bit":   strings.Replace(good, "\xc0\xa2\x01", "\x80\x80\x80\x80\x08", 1),
		"no-units":              good[:len(good)-1] + "\x00",
		"no-benefit":            strings.Replace(good, "\x07tea-set", "\x00", 1),
		"benefit-too-long":      strings.Replace(good, "\x07tea-set", "\x21"+strings.Repeat("t", 33), 1),
		"benefit-past-the-end":  strings.Replace(good, "\x07tea-set", "\x20tea-set", 1),
		"benefit-not-text":      strings.Replace(good, "tea-set", "tea-se\xff", 1),
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			if v, err := token.OpenVoucher(seal(t, token.KindVoucher, body), keys); !errors.Is(err, token.ErrForm) {
				t.Errorf("OpenVoucher(%x): got %+v, %v; want ErrForm", body, v, err)
			}
		})
	}
	if got, err := token.OpenVoucher(seal(t, token.KindVoucher, good), keys); err != nil || got != voucher {
		t.Errorf("OpenVoucher(%x): got %+v, %v; want %+v", good, got, err, voucher)
	}
	for name, body := range map[string]string{"nobody": "\x00\x01\x01", "no-time": "\x01\x01\x00", "minutes-above-16-bit": "\x01\x01\x80\x80\x04", "tail": "\x01\x01\x01\x01"} {
		if p, err := token.OpenPass(seal(t, token.KindPass, body), keys); !errors.Is(err, token.ErrForm) {
			t.Errorf("%s: OpenPass: got %+v, %v; want ErrForm", name, p, err)
		}
	}
}

func TestKindsAreNotMixedUp(t *testing.T) {
	if _, err := token.OpenPass(sealVoucher(t, voucher), keys); !errors.Is(err, token.ErrForm) {
		t.Errorf("OpenPass(voucher): got %v, want ErrForm", err)
	}
	if _, err := token.OpenVoucher(sealPass(t, pass), keys); !errors.Is(err, token.ErrForm) {
		t.Errorf("OpenVoucher(pass): got %v, want ErrForm", err)
	}
	if v, err := token.OpenVoucher(seal(t, 'A', string(decodeOrNil(frozenVoucher))), keys); !errors.Is(err, token.ErrForm) {
		t.Errorf("OpenVoucher(a voucher's body under kind A): got %+v, %v; want ErrForm", v, err)
	}
	for _, kind := range []byte{'v', '1', '.', 0, 0xff} {
		if _, err := token.Seal(kind, nil, ours); !errors.Is(err, token.ErrForm) {
			t.Errorf("Seal(%q): got %v, want ErrForm", kind, err)
		}
	}
	for text, want := range map[string]byte{sealVoucher(t, voucher): 'V', "JF1.M.": 'M', "JF1.": 0, "JF1.m.": 0, "JF2.M.": 0, "": 0} {
		if got, ok := token.KindOf(text); got != want || ok != (want != 0) {
			t.Errorf("KindOf(%q): got %q, %v; want %q", text, got, ok, want)
		}
	}
}

func TestImpossibleThingsAreNotSigned(t *testing.T) {
	edits := map[string]func(*token.Voucher){
		"no-units":         func(v *token.Voucher) { v.Units = 0 },
		"too-many-units":   func(v *token.Voucher) { v.Units = lot.AmountMax + 1 },
		"expired-for-ever": func(v *token.Voucher) { v.Expires = -1 },
		"no-benefit":       func(v *token.Voucher) { v.Benefit = "" },
		"long-benefit":     func(v *token.Voucher) { v.Benefit = strings.Repeat("z", token.BenefitBytesMax+1) },
	}
	for name, edit := range edits {
		v := voucher
		edit(&v)
		if text, err := token.SealVoucher(v, ours); !errors.Is(err, token.ErrForm) {
			t.Errorf("%s: SealVoucher(%+v): got %q, %v; want ErrForm", name, v, text, err)
		}
	}
	for _, p := range []token.Pass{{Minutes: 1}, {Member: 1}} {
		if text, err := token.SealPass(p, ours); !errors.Is(err, token.ErrForm) {
			t.Errorf("SealPass(%+v): got %q, %v; want ErrForm", p, text, err)
		}
	}
}

func TestPassIsGoodForItsMinutes(t *testing.T) {
	tests := map[string]struct {
		pass   token.Pass
		minute uint32
		want   bool
	}{
		"clock-behind-too-far": {pass, 29_699_997, false},
		"clock-behind":         {pass, 29_699_998, true},
		"at-once":              {pass, 29_700_000, true},
		"last-minute":          {pass, 29_700_009, true},
		"over":                 {pass, 29_700_010, false},
		"years-later":          {pass, math.MaxUint32, false},
		"end-of-the-scale":     {token.Pass{Member: 1, IssuedMinute: math.MaxUint32, Minutes: 10}, math.MaxUint32, true},
		"start-of-the-scale":   {token.Pass{Member: 1, IssuedMinute: math.MaxUint32, Minutes: 10}, 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.pass.ValidAt(test.minute); got != test.want {
				t.Errorf("%+v.ValidAt(%d): got %v, want %v", test.pass, test.minute, got, test.want)
			}
		})
	}
}

func TestShortCode(t *testing.T) {
	if got, want := token.ShortCode(voucher.Lot), "0CPTS-Q0W1F"; got != want {
		t.Errorf("ShortCode(%s): got %s, want %s: it is on paper and must not change", voucher.Lot, got, want)
	}
	seen := map[string]lot.ID{}
	for n := range 20_000 {
		id := lot.ID{Origin: lot.Origin{Terminal: uint32(n % 3), Incarnation: uint64(n % 7), Seq: uint64(n / 2)}, N: uint32(n % 2)}
		code := token.ShortCode(id)
		if other, double := seen[code]; double && other != id {
			t.Fatalf("ShortCode: %s for %s and %s", code, id, other)
		}
		seen[code] = id
		if len(code) != 11 || code[5] != '-' || strings.ContainsAny(code, "ILOU") || strings.ToUpper(code) != code {
			t.Fatalf("ShortCode(%s): got %s, want two groups of five Crockford characters", id, code)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(frozenVoucher)
	f.Add(frozenPass)
	f.Add("JF1.V.")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := token.OpenVoucher(text, keys)
		if err == nil && (text != frozenVoucher || v != voucher) {
			t.Fatalf("OpenVoucher(%q): got %+v although nobody signed it", text, v)
		}
		p, err := token.OpenPass(text, keys)
		if err == nil && (text != frozenPass || p != pass) {
			t.Fatalf("OpenPass(%q): got %+v although nobody signed it", text, p)
		}
	})
}

// What is signed is read back the same or refused, whatever it says.
func FuzzSignedBody(f *testing.F) {
	f.Add(decodeOrNil(frozenVoucher))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > token.BodyMax {
			return
		}
		text := seal(t, token.KindVoucher, string(body))
		if v, err := token.OpenVoucher(text, keys); err == nil {
			if again := sealVoucher(t, v); again != text {
				t.Fatalf("OpenVoucher(%x): got %+v, which is written otherwise", body, v)
			}
		}
	})
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func sealVoucher(t *testing.T, v token.Voucher) string {
	t.Helper()
	text, err := token.SealVoucher(v, ours)
	if err != nil {
		t.Fatalf("SealVoucher(%+v): %v", v, err)
	}
	return text
}

func sealPass(t *testing.T, p token.Pass) string {
	t.Helper()
	text, err := token.SealPass(p, ours)
	if err != nil {
		t.Fatalf("SealPass(%+v): %v", p, err)
	}
	return text
}

func seal(t *testing.T, kind byte, body string) string {
	t.Helper()
	text, err := token.Seal(kind, []byte(body), ours)
	if err != nil {
		t.Fatalf("Seal(%c, %x): %v", kind, body, err)
	}
	return text
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	data, ok := token.DecodeBase45(text)
	if !ok {
		t.Fatalf("DecodeBase45(%q): refused", text)
	}
	return data
}

func decodeOrNil(text string) []byte {
	_, body, _ := token.Open(text, keys)
	return body
}
