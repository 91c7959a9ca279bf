package condition_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/condition"
)

// What is accepted is CEL and means the same there: Google's implementation is
// asked about every condition that rapid thinks of, with sums that run over.
func TestConditionsMeanWhatTheyMeanInCEL(t *testing.T) {
	google := newCEL(t)
	rapid.Check(t, func(t *rapid.T) {
		text := drawExpression(t, "truth", 4)
		c, err := condition.Compile(text)
		if len(text) > condition.BytesMax || err != nil && strings.Contains(err.Error(), "may cost") {
			return
		}
		if err != nil {
			t.Fatalf("Compile(%s): %v", text, err)
		}
		want, err := google.holds(text)
		if err != nil {
			t.Fatalf("CEL does not take %s: %v", text, err)
		}
		if got := c.Holds(&facts); got != want {
			t.Fatalf("%s: got %v, CEL says %v", text, got, want)
		}
	})
}

// Nothing is accepted that is not CEL, whatever is written.
func FuzzAcceptedIsCEL(f *testing.F) {
	for _, text := range []string{
		`basket.fen >= 100 && store in ["s1"]`, `!!true`, `- -1 < 2 == true`, `"a\n" == 'b'`, `1 in [1, 2] || false`, `true ? 1 == 1 : store < "x"`,
		`-9223372036854775808 < 0`, `basket . fen > 1`, `basket.pieces_of_category("te" ) > 0`, `'' == ""`, `1 == 01`,
	} {
		f.Add(text)
	}
	google := newCEL(f)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := condition.Compile(text)
		if err != nil {
			return
		}
		if want, err := google.holds(text); err != nil || c.Holds(&facts) != want {
			t.Fatalf("%q: got %v; CEL says %v, %v", text, c.Holds(&facts), want, err)
		}
	})
}

// drawExpression writes an expression of a kind that nests so deep at most.
func drawExpression(t *rapid.T, kind string, depth int) string {
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "which") }
	sub := func(kind string) string { return drawExpression(t, kind, depth-1) }
	if depth == 0 || rapid.IntRange(0, 4).Draw(t, "leaf") == 0 {
		switch kind {
		case "truth":
			return pick("true", "false", "member.known", "member.birthday")
		case "number":
			return pick("basket.fen", "at.hour", "0", "-1", "7", strconv.FormatInt(math.MaxInt64, 10), strconv.FormatInt(math.MinInt64, 10), `basket.pieces_of_category("tea")`,
				`basket.fen_of_product("6901234567892")`, "3000000000")
		}
		return pick("store", "region", "tender", "member.tier", `"s1"`, `'gold'`, `""`, `"茶\"\\\n"`)
	}
	wrap := rapid.SampledFrom([]string{"%s", "(%s)", " ( %s )"}).Draw(t, "wrap")
	if rapid.IntRange(0, 5).Draw(t, "choice") == 0 {
		return fmt.Sprintf("((%s) ? (%s) : %s)", sub("truth"), sub(kind), sub(kind))
	}
	switch kind {
	case "number":
		if rapid.IntRange(0, 3).Draw(t, "negative") == 0 {
			return "-(" + sub("number") + ")"
		}
		return fmt.Sprintf(wrap, sub("number")+pick("+", " - ", "*", " * ")+sub("number"))
	case "text":
		return sub("text")
	}
	of := pick("truth", "number", "text")
	switch rapid.IntRange(0, 4).Draw(t, "form") {
	case 0:
		return "!(" + sub("truth") + ")"
	case 1:
		return fmt.Sprintf(wrap, sub("truth")+pick(" && ", "||")+sub("truth"))
	case 2:
		return fmt.Sprintf(wrap, "("+sub(of)+") in ["+sub(of)+", "+sub(of)+"]")
	}
	return fmt.Sprintf(wrap, "("+sub(of)+")"+pick("==", "!=", "<", " <= ", ">", ">=")+"("+sub(of)+")")
}

// basket is a value that is good for nothing but to be counted in.
type basket struct{ ref.Val }

var goods = types.NewOpaqueType("basket")

// Type is the basket's.
func (basket) Type() ref.Type { return goods }

// celOracle is CEL with the names of conditions.
type celOracle struct{ env *cel.Env }

func newCEL(t testing.TB) celOracle {
	options := []cel.EnvOption{cel.HomogeneousAggregateLiterals(), cel.Variable("basket", goods)}
	for name, v := range known() {
		options = append(options, cel.Variable(name, cel.DynType))
		switch v.(type) {
		case int64:
			options[len(options)-1] = cel.Variable(name, cel.IntType)
		case bool:
			options[len(options)-1] = cel.Variable(name, cel.BoolType)
		case string:
			options[len(options)-1] = cel.Variable(name, cel.StringType)
		}
	}
	for _, by := range []string{"product", "category", "brand", "merchant"} {
		for i, what := range []string{"pieces_of_", "fen_of_"} {
			options = append(options, cel.Function(what+by, cel.MemberOverload(what+by, []*cel.Type{goods, cel.StringType}, cel.IntType,
				cel.BinaryBinding(func(_, name ref.Val) ref.Val {
					pieces, fen := facts.Goods.Count(by, string(name.(types.String)))
					return types.Int([]int64{pieces, fen}[i])
				}))))
		}
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		t.Fatal(err)
	}
	return celOracle{env}
}

func (o celOracle) holds(text string) (bool, error) {
	checked, issues := o.env.Compile(text)
	if issues.Err() != nil {
		return false, issues.Err()
	}
	run, err := o.env.Program(checked)
	if err != nil {
		return false, err
	}
	names := known()
	names["basket"] = basket{types.NullValue}
	v, _, err := run.Eval(names)
	return err == nil && v == types.True, nil
}

// known is what the facts of these tests say, by the names of conditions.
func known() map[string]any {
	return map[string]any{
		"basket.fen": facts.Fen, "basket.pieces": facts.Pieces, "basket.lines": facts.Lines, "basket.eco_fen": facts.EcoFen,
		"store": facts.Store, "region": facts.Region, "tender": facts.Tender, "member.tier": facts.Tier,
		"member.known": facts.Member, "member.birthday": facts.Birthday,
		"at.weekday": facts.Weekday, "at.month": facts.Month, "at.day": facts.Day, "at.hour": facts.Hour,
	}
}
