package condition

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
	Grade    string // the green one, "" likewise
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

// facts are what a condition knows, by name.
var facts = map[string]node{
	"basket.fen":      {kind: number, get: func(f *Facts) value { return value{n: f.Fen} }},
	"basket.pieces":   {kind: number, get: func(f *Facts) value { return value{n: f.Pieces} }},
	"basket.lines":    {kind: number, get: func(f *Facts) value { return value{n: f.Lines} }},
	"basket.eco_fen":  {kind: number, get: func(f *Facts) value { return value{n: f.EcoFen} }},
	"store":           {kind: text, get: func(f *Facts) value { return value{s: f.Store} }},
	"region":          {kind: text, get: func(f *Facts) value { return value{s: f.Region} }},
	"tender":          {kind: text, get: func(f *Facts) value { return value{s: f.Tender} }},
	"member.known":    {kind: truth, get: func(f *Facts) value { return truthOf(f.Member) }},
	"member.tier":     {kind: text, get: func(f *Facts) value { return value{s: f.Tier} }},
	"member.grade":    {kind: text, get: func(f *Facts) value { return value{s: f.Grade} }},
	"member.birthday": {kind: truth, get: func(f *Facts) value { return truthOf(f.Birthday) }},
	"at.weekday":      {kind: number, get: func(f *Facts) value { return value{n: f.Weekday} }},
	"at.month":        {kind: number, get: func(f *Facts) value { return value{n: f.Month} }},
	"at.day":          {kind: number, get: func(f *Facts) value { return value{n: f.Day} }},
	"at.hour":         {kind: number, get: func(f *Facts) value { return value{n: f.Hour} }},
}

// counters are the functions that count goods, by name.
var counters = func() map[string]node {
	all := map[string]node{}
	for _, by := range []string{"product", "category", "brand", "merchant"} {
		all["basket.pieces_of_"+by] = node{op: count, kind: number, by: by, pieces: true}
		all["basket.fen_of_"+by] = node{op: count, kind: number, by: by}
	}
	return all
}()

// count is how many goods of a kind there are, or what they come to.
func (f *Facts) count(n *node) (value, bool) {
	what, ok := n.args[0].eval(f)
	if !ok || f.Goods == nil {
		return value{}, ok
	}
	pieces, fen := f.Goods.Count(n.by, what.s)
	if n.pieces {
		return value{n: pieces}, true
	}
	return value{n: fen}, true
}
