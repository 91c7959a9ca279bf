package slip_test

import (
	"bytes"
	"crypto/ed25519"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/escpos/paper"
	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/scripts/needs"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/words"
)

// "make papers" runs it.
var rewrite = flag.Bool("rewrite", false, "write the golden papers anew")

// goldens are the papers of each kind, as the till makes them.
func goldens(t *testing.T, lang string) map[string]receipt.Document {
	t.Helper()
	s := rulesOfADraw(t)
	s.Lang, s.Key = lang, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	held := []lot.Holding{owned(0, 500, 20_800), owned(1, 1000, 20_900), owned(2, 40, 20_850)}
	made := func(k slip.Kind, n uint32, body ledger.Body, f slip.Facts) receipt.Document {
		e := ledger.Entry{Wall: moment().Wall.UnixMilli(), Clock: ledger.ClockSynced, Lane: 1, Actor: "c1", Body: body}
		d, err := s.Paper(k, id(n), e, ledger.Hash{1, 2, 3}, f)
		if err != nil {
			t.Fatalf("Paper of kind %d: %v", k, err)
		}
		return *d
	}
	sold, green := sale(), greenSale()
	facts := s.AfterSale(sold, held, today)
	facts.Told(points, 250, moment().Wall.Add(-3600e9))
	facts.Told("points:green", 30, moment().Wall.Add(-3600e9))
	sold.Redemptions[0].Voucher = ledger.Issue{Asset: "benefit:tea-set", Amount: 1, Expires: 20_838}
	voucher := made(slip.Voucher, ledger.VoucherFrom, sold, slip.Facts{})
	wheel, _ := s.Programme.Game("spring-wheel")
	return map[string]receipt.Document{
		"receipt":     made(slip.Receipt, 0, sold, facts),
		"certificate": made(slip.Receipt, 0, green, s.AfterSale(green, nil, today)),
		"return":      made(slip.Return, 0, returned(), slip.Facts{Back: 124, Coupons: []lot.Asset{"coupon:five-per-cent"}}),
		"voucher":     voucher,
		"reprint":     printjob.Paper{Job: printjob.Job{Attempt: 2}, Lang: lang, Document: voucher}.Marked(),
		"day":         made(slip.Day, 0, closed(), slip.Facts{Moved: ledger.Head{Incarnation: 2, Seq: 9, Hash: ledger.Hash{4, 5}}}),
		"rules":       *s.Rules(moment()),
		"game":        *s.Game(moment(), wheel),
	}
}

// greenSale is a sale of eco-friendly goods of several merchants: what it earns
// takes more than one certificate.
func greenSale() *ledger.Sale {
	s := &ledger.Sale{
		Receipt: 18, Member: 1001, Lines: []ledger.Line{{Product: "06900001000228", Qty: 3, Fen: 8040, Eco: true}},
		Tenders: []ledger.Tender{{Kind: "wallet", Fen: 8040}},
	}
	for n, funder := range []string{"m1", "m2", "m3", "m4", "m5"} {
		s.Awards = append(s.Awards, ledger.Award{Rule: "eco", Issue: ledger.Issue{
			Asset: "points:green", Amount: lot.Amount(20 + n), Funder: funder, UnitCost: 1000, Expires: 21_518,
		}})
	}
	return s
}

func returned() *ledger.Return {
	return &ledger.Return{
		Of: id(0).Origin, Refund: 4990, Back: []lot.Draw{{Lot: id(0), Amount: 100}}, Claw: []lot.Draw{{Lot: id(5), Amount: 30}},
		Due: []ledger.Due{{Amount: 7}}, Vouchers: []ledger.VoucherBack{{Back: []lot.Draw{{Lot: id(0), Amount: 4}}}},
	}
}

func closed() *ledger.DayClose {
	return &ledger.DayClose{
		Day: 20_779, Counted: 9000,
		Figures: ledger.Figures{
			Sales: 3, Returns: 1, Sold: 20_000, Off: 100, Deducted: 200, Rounded: 3, Refunded: 500, Vouchers: 2, HandOuts: 1,
			Tenders: []ledger.TenderSum{{Kind: "card", Taken: 8000}, {Kind: "cash", Taken: 10_000, Given: 500}},
			Points:  []ledger.PointsSums{{Asset: points, Earned: 150, Used: 200, Back: 10, Clawed: 20}},
		},
	}
}

// TestGoldenPapers keeps each kind of paper in both languages and on both widths:
// its bytes, what they print, and the picture; and a scanner reads its codes.
func TestGoldenPapers(t *testing.T) {
	zbarimg := needs.Program(t, "zbarimg")
	for _, lang := range words.Languages() {
		for kind, d := range goldens(t, lang) {
			for _, p := range []escpos.Profile{escpos.Generic58, escpos.Generic80} {
				name := fmt.Sprintf("%s-%d-%s", kind, p.Dots, lang)
				t.Run(name, func(t *testing.T) {
					job, err := escpos.Encode(d, p)
					if err != nil {
						t.Fatalf("Encode: %v", err)
					}
					papers, err := paper.Read(job, p.Dots)
					if err != nil || len(papers) != 1 || papers[0].Unknown != nil || strings.Contains(papers[0].Text, "□") {
						t.Fatalf("Read = %+v, %v; want one paper with nothing unknown on it", papers, err)
					}
					picture, err := paper.PNG(papers[0])
					if err != nil {
						t.Fatalf("PNG: %v", err)
					}
					golden(t, name+".bin", job)
					golden(t, name+".txt", []byte(papers[0].Text+"\n"))
					golden(t, name+".png", picture)
					if got := codesOf(t, zbarimg, name); !slices.Equal(got, sorted(d.Codes())) {
						t.Errorf("zbarimg reads %q from it, want %q", got, sorted(d.Codes()))
					}
				})
			}
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "papers", name)
	if *rewrite {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as it was; run make papers, look at the picture, and keep it if it is right", name)
	}
}

func codesOf(t *testing.T, zbarimg, name string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), zbarimg, "-q", "--raw", "-Sdisable", "-Sqrcode.enable", filepath.Join("testdata", "papers", name+".png")).Output()
	if err != nil && len(out) > 0 {
		t.Fatalf("zbarimg: %v", err)
	}
	return sorted(strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' }))
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
