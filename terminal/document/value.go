package document

import (
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// Unit is what a number counts. The schema and the manual show it.
type Unit string

// The units.
const (
	Fen     Unit = "fen"      // hundredths of a yuan
	Points  Unit = "points"   // of the asset named beside it
	Share   Unit = "1/10000"  // a part of something; 10,000 is all of it
	Days    Unit = "days"     // of the calendar
	Months  Unit = "months"   // of the calendar
	Pieces  Unit = "pieces"   // of goods, or of a right that is counted
	Times   Unit = "times"    // how often
	Minutes Unit = "minutes"  // of time
	Number  Unit = "number"   // no unit: an order, a version
	Weight  Unit = "ppm"      // millionths of a chance
	Persons Unit = "persons"  // members
	Nodes   Unit = "cost"     // what an expression may cost
	DayOfMo Unit = "monthday" // a day of the month
)

// Word takes a text of at most limit bytes without control characters.
func (o Object) Word(key string, limit int) (string, Field) {
	if o.shape != nil {
		o.shape.add(key, true, &Shape{Kind: "text", Limit: limit})
		return "", Field{}
	}
	f, ok := o.need(key)
	if !ok {
		return "", f
	}
	node, ok := f.value.(*ast.StringNode)
	if !ok {
		o.Fault(f, notText, key)
		return "", f
	}
	if why := fit(node.Value, limit); why != (Text{}) {
		o.Fault(f, Text{"%q " + why.ZH, "%q " + why.EN}, key)
		return "", f
	}
	return node.Value, f
}

// OptionalWord is Word for a text that may be missing.
func (o Object) OptionalWord(key string, limit int) (string, Field) {
	if o.shape != nil {
		o.shape.add(key, false, &Shape{Kind: "text", Limit: limit})
		return "", Field{}
	}
	if !o.Has(key) {
		return "", Field{}
	}
	return o.Word(key, limit)
}

// Text takes a text in both languages.
func (o Object) Text(key string, limit int) Text { return o.Object(key).both(limit) }

// OptionalText is Text for one that may be missing.
func (o Object) OptionalText(key string, limit int) Text {
	inner := o.Optional(key)
	if !inner.Given() {
		return Text{}
	}
	return inner.both(limit)
}

func (o Object) both(limit int) Text {
	zh, _ := o.Word("zh", limit)
	en, _ := o.Word("en", limit)
	o.Done()
	return Text{ZH: zh, EN: en}
}

// Integer takes a whole number between two bounds, written in plain digits.
func (o Object) Integer(key string, unit Unit, low, high int64) int64 {
	if o.shape != nil {
		o.shape.add(key, true, &Shape{Kind: "integer", Unit: unit, Low: low, High: high})
		return 0
	}
	f, ok := o.need(key)
	if !ok {
		return 0
	}
	if n, ok := whole(f.value, low, high); ok {
		return n
	}
	o.Fault(f, notInteger, key, low, high)
	return 0
}

func whole(value ast.Node, low, high int64) (int64, bool) {
	node, ok := value.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(node.Token.Value, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == node.Token.Value && n >= low && n <= high
}

// IntegerOr is Integer for a number that may be missing.
func (o Object) IntegerOr(key string, unit Unit, absent, low, high int64) int64 {
	if o.shape != nil {
		o.shape.add(key, false, &Shape{Kind: "integer", Unit: unit, Low: low, High: high})
		return 0
	}
	if !o.Has(key) {
		return absent
	}
	return o.Integer(key, unit, low, high)
}

// Integers takes a list of whole numbers between two bounds, each once; a
// missing one is nil.
func (o Object) Integers(key string, unit Unit, low, high int64) []int64 {
	if o.shape != nil {
		o.shape.add(key, false, &Shape{Kind: "list", Limit: int(high - low + 1), Item: &Shape{Kind: "integer", Unit: unit, Low: low, High: high}})
		return nil
	}
	list := o.shortList(key, int(high-low+1))
	var found []int64
	seen := map[int64]bool{}
	for _, value := range list {
		n, ok := whole(value, low, high)
		at := Field{Position: positionOf(value)}
		switch {
		case !ok:
			o.Fault(at, notInteger, key, low, high)
		case seen[n]:
			o.Fault(at, twice, strconv.FormatInt(n, 10))
		default:
			seen[n], found = true, append(found, n)
		}
	}
	return found
}

// shortList takes a list that, if it is there, has 1 to limit values.
func (o Object) shortList(key string, limit int) []ast.Node {
	f, there := o.take(key)
	if !there {
		return nil
	}
	list, isList := f.value.(*ast.SequenceNode)
	if !isList || len(list.Values) == 0 || len(list.Values) > limit {
		o.Fault(f, notShort, key, limit)
		return nil
	}
	return list.Values
}

// Words are those that a list takes: what it must be, and what to say if it is not.
type Words struct {
	OK   func(string) bool
	Must Text   // what each must name
	Ref  string // for the schema: what kind of thing is named
}

// Texts takes a list of 1 to limit plain texts, each once, in their order; a
// missing one is nil.
func (o Object) Texts(key string, limit int, w Words) []string {
	if o.shape != nil {
		o.shape.add(key, false, &Shape{Kind: "list", Limit: limit, Item: &Shape{Kind: "text", Ref: w.Ref}})
		return nil
	}
	var found []string
	seen := map[string]bool{}
	for _, value := range o.shortList(key, limit) {
		node, text := value.(*ast.StringNode)
		at := Field{Position: positionOf(value)}
		switch {
		case !text || !w.OK(node.Value):
			o.faults.Add(at.Position, Text{mustName.Fill(key, w.Must.ZH).ZH, mustName.Fill(key, w.Must.EN).EN})
		case seen[node.Value]:
			o.Fault(at, twice, node.Value)
		default:
			seen[node.Value], found = true, append(found, node.Value)
		}
	}
	return found
}

// Choice takes one of some words; which names its place among them, and is 0
// for one that is missing if the first stands for that.
func (o Object) Choice(key string, required bool, say Text, words ...string) (which int, f Field) {
	if o.shape != nil {
		o.shape.add(key, required, &Shape{Kind: "text", Choices: words})
		return 0, Field{}
	}
	if !required && !o.Has(key) {
		return 0, Field{}
	}
	text, f := o.Word(key, 64)
	for i, w := range words {
		if w == text {
			return i, f
		}
	}
	if text != "" {
		o.Fault(f, say, key)
	}
	return 0, f
}

// Flag takes a truth value; a missing one is false.
func (o Object) Flag(key string) bool {
	if o.shape != nil {
		o.shape.add(key, false, &Shape{Kind: "flag"})
		return false
	}
	f, ok := o.take(key)
	if !ok {
		return false
	}
	node, ok := f.value.(*ast.BoolNode)
	if !ok {
		o.Fault(f, notFlag, key)
		return false
	}
	return node.Value
}
