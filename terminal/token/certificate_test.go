package token_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/token"
)

func award(n uint32, asset lot.Asset, amount lot.Amount, funder string) token.Awarded {
	return token.Awarded{N: n, Issue: ledger.Issue{Asset: asset, Amount: amount, Funder: funder, UnitCost: 1000, Expires: 21_214}}
}

var certificate = token.Certificate{
	Entry: lot.Origin{Terminal: 7, Incarnation: 0x0123456789abcdef, Seq: 1234}, Hash: [token.HashBytes]byte{0: 1, 15: 2},
	Member: 1017, Minute: 29_700_000, EcoFen: 2680,
	Awards: []token.Awarded{award(0, "points:consumption", 119, "m1"), award(1, "points:green", 26, "m4")},
}

// Made once: such texts are on receipts in people's drawers and must open for ever.
const frozenCertificate = "JF1.R.%60.ZEY9J%*0TK404DGWLEEUA61000000000000000000000-G0H/0-BS7+1$N2HB0ZJ1-3E$QEQ$DBWE-3E D0IB6:ETR6SV50 50M3D$ C$+DB D3I3Y:0V%K710DQF0U1F$L19P$/H/:IDNU- T..IA8VMZJXMU:V7O$3WOJJ50U47827J7HXY5R 4E+R4:P4S4TN4TFD3TIC26SSI6F8N1H60"

func TestCertificateOfEveryDay(t *testing.T) {
	codes, err := token.SealCertificates(certificate, ours)
	if err != nil || len(codes) != 1 || codes[0] != frozenCertificate {
		t.Fatalf("SealCertificates = %q, %v; want %s", codes, err, frozenCertificate)
	}
	want := certificate
	want.InAll = 2
	got, err := token.OpenCertificate(frozenCertificate, keys)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("OpenCertificate = %v, -want +got:\n%s", err, diff)
	}
}

// Awards that no one code has room for are spread over several, each of which
// says how many there are; nothing is lost and nothing is told twice.
func TestManyAwardsHaveSeveralCodes(t *testing.T) {
	large := certificate
	large.Entry = lot.Origin{Terminal: math.MaxUint32, Incarnation: math.MaxUint64, Seq: math.MaxUint64}
	large.Member, large.Minute, large.EcoFen, large.Awards = math.MaxUint64, math.MaxUint32, lot.FenMax, nil
	for n := range uint32(9) {
		large.Awards = append(large.Awards, award(n, lot.Asset("points:"+strings.Repeat("x", int(n))+"x"), lot.Amount(n)+1, "funder"))
	}
	codes, err := token.SealCertificates(large, ours)
	if err != nil || len(codes) < 3 {
		t.Fatalf("SealCertificates of 9 awards = %d codes, %v; want several", len(codes), err)
	}
	var got []token.Awarded
	for _, code := range codes {
		c, err := token.OpenCertificate(code, keys)
		if err != nil || c.InAll != 9 || len(code) > token.TextMax {
			t.Fatalf("OpenCertificate of %d characters = %+v, %v; want 9 awards in all", len(code), c, err)
		}
		got = append(got, c.Awards...)
	}
	if diff := cmp.Diff(large.Awards, got); diff != "" {
		t.Errorf("the awards of all codes (-want +got):\n%s", diff)
	}
}

func TestEveryFlippedBitOfACertificateIsRefused(t *testing.T) {
	for i := range len(frozenCertificate) * 8 {
		bad := []byte(frozenCertificate)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := token.OpenCertificate(string(bad), keys); err == nil {
			t.Fatalf("bit %d flipped: OpenCertificate accepts it", i)
		}
	}
	if _, err := token.OpenCertificate(sealHead(t, slip), keys); !errors.Is(err, token.ErrForm) {
		t.Errorf("OpenCertificate(head) = %v, want ErrForm", err)
	}
	if _, err := token.OpenHead(frozenCertificate, keys); !errors.Is(err, token.ErrForm) {
		t.Errorf("OpenHead(certificate) = %v, want ErrForm", err)
	}
}

func TestCertificatesOfNothingAreRefused(t *testing.T) {
	for name, edit := range map[string]func(*token.Certificate){
		"no-entry": func(c *token.Certificate) { c.Entry.Seq = 0 }, "nobody": func(c *token.Certificate) { c.Member = 0 },
		"no-awards":    func(c *token.Certificate) { c.Awards = nil },
		"no-points":    func(c *token.Certificate) { c.Awards = []token.Awarded{award(0, "benefit:tea-set", 1, "m1")} },
		"nothing":      func(c *token.Certificate) { c.Awards = []token.Awarded{award(0, "points:green", 0, "m1")} },
		"eco-below-0":  func(c *token.Certificate) { c.EcoFen = -1 },
		"funder-bytes": func(c *token.Certificate) { c.Awards = []token.Awarded{award(0, "points:green", 1, "\xff")} },
	} {
		c := certificate
		edit(&c)
		if codes, err := token.SealCertificates(c, ours); !errors.Is(err, token.ErrForm) {
			t.Errorf("SealCertificates(%s) = %q, %v; want ErrForm", name, codes, err)
		}
	}
	long := certificate
	long.Awards = []token.Awarded{award(0, lot.Asset("points:"+strings.Repeat("x", lot.AssetBytesMax-7)), 1, strings.Repeat("f", ledger.TextBytesMax))}
	if codes, err := token.SealCertificates(long, ours); !errors.Is(err, token.ErrTooLong) {
		t.Errorf("SealCertificates of the longest names = %q, %v; want ErrTooLong", codes, err)
	}
}

// What is signed as a record is read back the same or refused, whatever it says.
func FuzzCertificate(f *testing.F) {
	f.Add(decodeOrNil(frozenCertificate))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > token.BodyMax {
			return
		}
		text := seal(t, token.KindRecord, string(body))
		c, err := token.OpenCertificate(text, keys)
		if err != nil || int(c.InAll) != len(c.Awards) {
			return
		}
		if again, err := token.SealCertificates(c, ours); err != nil || len(again) != 1 || again[0] != text {
			t.Fatalf("OpenCertificate(%x): got %+v, which is written otherwise: %v", body, c, err)
		}
	})
}
