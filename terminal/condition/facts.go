package condition

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// Facts is what a condition may ask about: the sale as it stands.
type Facts struct {
	Fen      int64 // what the goods come to at list prices
	Pieces   int64
	Lines    int64
	EcoFen   int64
	Store    string
	Region   string
	Tender   string // "" before it is known
	Tier     string // "" without a member, or without tiers
	Member   bool
	Birthday bool  // in the days around the member's birthday
	Weekday  int64 // 0 is Sunday
	Month    int64
	Day      int64 // of the month
	Hour     int64
	Goods    Goods // nil counts nothing
}

// Goods says how many pieces of something are in the basket, and what they
// come to. Kind is product, category, brand or merchant.
type Goods interface {
	Count(kind, name string) (pieces, fen int64)
}

// kinds are what goods are counted by.
var kinds = []string{"product", "category", "brand", "merchant"}

// goods is the type of the basket, which has nothing but what counts in it.
var goods = types.NewOpaqueType("basket")

// variables are the names that a condition knows.
var variables = map[string]*cel.Type{
	"basket":          goods,
	"basket.fen":      cel.IntType,
	"basket.pieces":   cel.IntType,
	"basket.lines":    cel.IntType,
	"basket.eco_fen":  cel.IntType,
	"store":           cel.StringType,
	"region":          cel.StringType,
	"tender":          cel.StringType,
	"member.known":    cel.BoolType,
	"member.tier":     cel.StringType,
	"member.birthday": cel.BoolType,
	"at.weekday":      cel.IntType,
	"at.month":        cel.IntType,
	"at.day":          cel.IntType,
	"at.hour":         cel.IntType,
}

// activation answers for the names of a condition.
type activation struct{ f Facts }

// Parent is none.
func (*activation) Parent() interpreter.Activation { return nil }

// ResolveName is the value of a name.
func (a *activation) ResolveName(name string) (any, bool) {
	if n, ok := a.f.number(name); ok {
		return types.Int(n), true
	}
	switch name {
	case "basket":
		return basket{types.NullValue, a.f.Goods}, true
	case "store":
		return types.String(a.f.Store), true
	case "region":
		return types.String(a.f.Region), true
	case "tender":
		return types.String(a.f.Tender), true
	case "member.tier":
		return types.String(a.f.Tier), true
	case "member.known":
		return types.Bool(a.f.Member), true
	case "member.birthday":
		return types.Bool(a.f.Birthday), true
	}
	return nil, false
}

func (f *Facts) number(name string) (int64, bool) {
	switch name {
	case "basket.fen":
		return f.Fen, true
	case "basket.pieces":
		return f.Pieces, true
	case "basket.lines":
		return f.Lines, true
	case "basket.eco_fen":
		return f.EcoFen, true
	case "at.weekday":
		return f.Weekday, true
	case "at.month":
		return f.Month, true
	case "at.day":
		return f.Day, true
	case "at.hour":
		return f.Hour, true
	}
	return 0, false
}

// basket is the goods as a value of CEL: one that is good for nothing but to be
// counted in.
type basket struct {
	ref.Val
	goods Goods
}

// Type is the basket's.
func (basket) Type() ref.Type { return goods }

func pieces(n, _ int64) int64 { return n }
func fen(_, n int64) int64    { return n }

// counters are the functions that count, by name.
var counters = func() map[string]bool {
	all := map[string]bool{}
	for _, kind := range kinds {
		all["pieces_of_"+kind], all["fen_of_"+kind] = true, true
	}
	return all
}()

// counting is a function of the basket: basket.pieces_of_category("tea").
func counting(name, kind string, of func(pieces, fen int64) int64) cel.EnvOption {
	return cel.Function(name, cel.MemberOverload("basket_"+name, []*cel.Type{goods, cel.StringType}, cel.IntType,
		cel.BinaryBinding(func(left, right ref.Val) ref.Val {
			b, isBasket := left.(basket)
			what, isText := right.(types.String)
			if !isBasket || !isText || b.goods == nil {
				return types.IntZero
			}
			n, sum := b.goods.Count(kind, string(what))
			return types.Int(of(n, sum))
		})))
}
