package condition_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/condition"
)

type counted map[string]int64

func (c counted) Count(kind, name string) (pieces, fen int64) {
	n := c[kind+" "+name]
	return n, 100 * n
}

var facts = condition.Facts{
	Fen: 3_000_000_000_000, Pieces: 4, Lines: 2, EcoFen: 500, Store: "s1", Region: "north", Tender: "cash", Tier: "gold", Member: true,
	Weekday: 6, Month: 11, Day: 28, Hour: 21, Goods: counted{"category tea": 3, "product 6901234567892": 1},
}

// The first of them is wrong on a 32-bit board with whole numbers of the
// machine's own width: 3e15 does not fit.
func TestConditionsHoldOrDoNot(t *testing.T) {
	tests := map[string]bool{
		`basket.fen * 1000 >= 10000 && basket.pieces > 2`: true,
		`basket.fen < 100`: false,
		`member.known && member.tier in ["gold", "platinum"]`: true,
		`!member.birthday`:                                    true,
		`store != "s1" || region == "north"`:                  true,
		`at.weekday == 6 && at.hour >= 20 && at.month == 11`:  true,
		`basket.pieces_of_category("tea") >= 3`:               true,
		`basket.fen_of_category("tea") == 300`:                true,
		`basket.pieces_of_category("rice") > 0`:               false,
		`basket.pieces_of_product("6901234567892") == 1`:      true,
		`(basket.lines == 2 ? basket.eco_fen : 0) - 500 == 0`: true,
		`basket.fen * 9000000000 > 0`:                         false, // runs over: does not hold
		`tender == "cash"`:                                    true,
		`at.day in [8, 18, 28]`:                               true,
	}
	for text, want := range tests {
		c, err := condition.Compile(text)
		if err != nil {
			t.Errorf("Compile(%s): %v", text, err)
			continue
		}
		if got := c.Holds(&facts); got != want || c.Text() != text || c.Cost() == 0 {
			t.Errorf("%s: got %v, cost %d; want %v", text, got, c.Cost(), want)
		}
	}
	if !(condition.Condition{}).Holds(&condition.Facts{}) {
		t.Error("the zero Condition does not hold")
	}
}

func TestWhatIsNoConditionIsRefused(t *testing.T) {
	tests := map[string]string{
		"unknown-name":   `basket.weight > 3`,
		"wrong-type":     `basket.fen == "100"`,
		"no-truth":       `basket.fen + 1`,
		"float":          `basket.fen > 1.5`,
		"unsigned":       `basket.fen > 1u`,
		"division":       `basket.fen / basket.pieces > 3`,
		"loop":           `[1, 2].exists(x, x == 1)`,
		"pattern":        `store.matches("s.*")`,
		"time":           `timestamp("2027-01-01T00:00:00Z") < timestamp("2027-01-02T00:00:00Z")`,
		"syntax":         `basket.fen >`,
		"empty":          ``,
		"too-long":       `store == "` + strings.Repeat("x", condition.BytesMax) + `"`,
		"too-dear":       strings.TrimSuffix(strings.Repeat(`basket.fen_of_brand("x") == 1 || `, 21), ` || `),
		"basket-itself":  `basket == 1`,
		"of-what":        `basket.pieces_of_colour("red") > 0`,
		"argument-later": `basket.pieces_of_brand(3) > 0`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if c, err := condition.Compile(text); !errors.Is(err, condition.ErrCondition) {
				t.Errorf("Compile(%s): got %v, cost %d; want an error that matches ErrCondition", text, err, c.Cost())
			}
		})
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(`basket.fen >= 100 && store in ["s1"]`)
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := condition.Compile(text); err == nil {
			first, again := c.Holds(&facts), c.Holds(&facts)
			if c.Cost() > condition.CostMax || first != again {
				t.Fatalf("%s: cost %d, or it holds and does not", text, c.Cost())
			}
		}
	})
}

func BenchmarkHolds(b *testing.B) {
	c, err := condition.Compile(`basket.fen >= 10000 && basket.pieces > 2 && member.tier in ["gold", "platinum"] && store != "s9"`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Holds(&facts)
	}
}
