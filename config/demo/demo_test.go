package demo_test

import (
	"bytes"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/programme/fair"
	"github.com/jifen-pos/jifen/terminal/roll"
)

var phoneKey = []byte("a key for phone numbers in tests")

func TestProgrammeServesTheDemonstration(t *testing.T) {
	p := parseProgramme(t)
	if len(p.Merchants) != 4 {
		t.Errorf("merchants: got %d, want 4", len(p.Merchants))
	}
	green := 0
	for _, b := range p.Benefits {
		if b.Cost.Asset == "points:green" {
			green++
		}
		if b.ValidDays > 183 {
			t.Errorf("benefit %s: got %d days, want at most half a year: thermal paper fades", b.ID, b.ValidDays)
		}
	}
	if n := len(p.Benefits); n < 8 || green < 2 {
		t.Errorf("benefits: got %d, %d of them for green points; want 8 or more and 2 or more", n, green)
	}
}

// What we show is what we ask of others: nothing unfair in it (cap F1).
func TestProgrammeIsFair(t *testing.T) {
	for _, f := range fair.Lint(parseProgramme(t), nil) {
		t.Errorf("the lint finds %+v", f)
	}
}

// The demonstration shows the optional parts, and none of the words that the law
// keeps off notices and receipts (law L03).
func TestProgrammeShowsCouponsAndTiers(t *testing.T) {
	p := parseProgramme(t)
	if len(p.Coupons) < 2 || len(p.Tiers.Ladder) < 3 {
		t.Errorf("got %d coupons and %d tiers, want 2 and 3 or more", len(p.Coupons), len(p.Tiers.Ladder))
	}
	for _, words := range []string{"最终解释权", "解释权归", "概不退", "一律不退换", "过期不补"} {
		if bytes.Contains(demo.Programme, []byte(words)) {
			t.Errorf("programme: says %s", words)
		}
	}
}

func TestProductsFitTheProgramme(t *testing.T) {
	products, err := programme.ParseProducts(demo.Products)
	if err != nil {
		t.Fatalf("ParseProducts(demo): %v", err)
	}
	if err := products.Check(parseProgramme(t)); err != nil {
		t.Errorf("Check(demo): %v", err)
	}
	eco, merchants := 0, map[string]bool{}
	for _, product := range products.All() {
		merchants[product.Merchant] = true
		if product.Eco {
			eco++
		}
		code, err := barcode.Classify("", product.GTIN[1:])
		if err != nil || code.GTIN != product.GTIN {
			t.Errorf("Classify(%s): got %s, %v; want %s", product.GTIN[1:], code.GTIN, err, product.GTIN)
		}
	}
	if products.Len() != 66 || eco != 21 || len(merchants) != 4 {
		t.Errorf("products: got %d, %d eco-friendly, of %d merchants; want 66, 21, 4", products.Len(), eco, len(merchants))
	}
}

func TestMembersFitTheProgramme(t *testing.T) {
	members, err := roll.Parse(demo.Members, phoneKey)
	if err != nil {
		t.Fatalf("ParseMembers(demo): %v", err)
	}
	if err := members.Check(parseProgramme(t)); err != nil {
		t.Errorf("Check(demo): %v", err)
	}
	without := 0
	for _, person := range members.All() {
		if !barcode.ValidCard(person.Card) {
			t.Errorf("ValidCard(%s) of %s: got false, want true", person.Card, person.ID)
		}
		if len(person.Opening) == 0 {
			without++
		}
	}
	if members.Len() != 20 || without == 0 {
		t.Errorf("members: got %d, %d of them without points; want 20 and some", members.Len(), without)
	}
}

func parseProgramme(t *testing.T) *programme.Programme {
	t.Helper()
	p, err := programme.Parse(demo.Programme)
	if err != nil {
		t.Fatalf("Parse(demo): %v", err)
	}
	return p
}
