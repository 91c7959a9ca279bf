package document

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// depthMax bounds how deep a document nests; ours need six levels.
const depthMax = 16

// Object is a mapping that is being read. Reading takes its fields away; Done
// reports what is left. The zero Object stands for one that is missing, and
// reports nothing: its absence was a fault already. An Object of Describe reads
// nothing, and notes what it is asked for.
type Object struct {
	faults *Faults
	marks  Marks
	path   string
	at     Position
	fields map[string]Field
	shape  *Shape
}

// Field is a value in a mapping, where its key stands.
type Field struct {
	Position
	value ast.Node
}

// Given reports whether the field was there.
func (f Field) Given() bool { return f.value != nil }

// Marks says where the values of a document stand, by path: what leads to
// them, with slashes, such as "benefits/tea-set/terms/zh".
type Marks map[string]Position

// Read reads the only document in a text of at most limit bytes, whose root is
// a mapping. The YAML package's own decoder would cut 1.5 down to 1; here every
// node is looked at, and only plain text, whole numbers and truth values are
// taken. Marks may be nil.
func Read(text []byte, limit int, faults *Faults, marks Marks) Object {
	if len(text) > limit {
		faults.Add(Position{}, tooLong, len(text), limit)
		return Object{}
	}
	if !utf8.Valid(text) {
		faults.Add(Position{}, notUTF8)
		return Object{}
	}
	tokens := lexer.Tokenize(string(text))
	if deep := tooDeep(tokens); deep != nil {
		faults.Add(Position{deep.Line, deep.Column}, tooDeepText, depthMax)
		return Object{}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		addSyntax(faults, err)
		return Object{}
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		faults.Add(Position{}, oneDocument)
		return Object{}
	}
	return Object{faults: faults, marks: marks}.mapping(file.Docs[0].Body, "")
}

func tooDeep(tokens token.Tokens) *token.Position {
	depth := 0
	for _, t := range tokens {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType:
			if t.Position.Column > 4*depthMax {
				return t.Position
			}
		}
		if depth > depthMax {
			return t.Position
		}
	}
	return nil
}

func addSyntax(faults *Faults, err error) {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		at := syntax.GetToken().Position
		faults.Add(Position{at.Line, at.Column}, syntaxText, syntax.GetMessage())
		return
	}
	faults.Add(Position{}, syntaxText, err.Error())
}

// mapping reads a node below the object, which has the path given.
func (o Object) mapping(node ast.Node, path string) Object {
	at := positionOf(node)
	var pairs []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		o.faults.Add(at, notMapping)
		return Object{}
	}
	inner := Object{faults: o.faults, marks: o.marks, path: path, at: at, fields: make(map[string]Field, len(pairs))}
	for _, pair := range pairs {
		at := positionOf(pair.Key)
		key, ok := pair.Key.(*ast.StringNode)
		if !ok {
			o.faults.Add(at, notPlainKey)
			continue
		}
		if _, double := inner.fields[key.Value]; double {
			o.faults.Add(at, twice, key.Value)
		}
		inner.fields[key.Value] = Field{at, pair.Value}
	}
	return inner
}

func positionOf(node ast.Node) Position {
	switch n := node.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return positionOf(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return positionOf(n.Key)
	}
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return Position{}
	}
	at := node.GetToken().Position
	return Position{at.Line, at.Column}
}

// Done reports the keys that nobody asked for.
func (o Object) Done() {
	if len(o.fields) == 0 {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(o.fields)) {
		o.faults.Add(o.fields[key].Position, unknownKey, key)
	}
}

// At is where the mapping stands.
func (o Object) At() Position { return o.at }

func (o Object) under(key string) string {
	if o.path == "" || key == "" {
		return o.path + key
	}
	return o.path + "/" + key
}

func (o Object) take(key string) (Field, bool) {
	f, ok := o.fields[key]
	delete(o.fields, key)
	if ok && o.marks != nil {
		o.marks[o.under(key)] = f.Position
	}
	return f, ok
}

// need takes a field that must be there.
func (o Object) need(key string) (Field, bool) {
	f, ok := o.take(key)
	if !ok && o.fields != nil {
		o.faults.Add(o.at, missing, key)
	}
	return f, ok
}

// Fault notes what is wrong with a field. A document that is described has no
// faults.
func (o Object) Fault(f Field, what Text, args ...any) {
	if o.faults != nil {
		o.faults.Add(f.Position, what, args...)
	}
}

// Object takes a mapping.
func (o Object) Object(key string) Object {
	if o.shape != nil {
		return o.describe(key, true)
	}
	f, ok := o.need(key)
	if !ok {
		return Object{}
	}
	return o.mapping(f.value, o.under(key))
}

// Optional takes a mapping that may be missing.
func (o Object) Optional(key string) Object {
	if o.shape != nil {
		return o.describe(key, false)
	}
	f, ok := o.take(key)
	if !ok {
		return Object{}
	}
	return o.mapping(f.value, o.under(key))
}

// Given reports whether the mapping stands in the document; all of them do in
// one that is described.
func (o Object) Given() bool { return o.fields != nil || o.shape != nil }

// Field looks at a field without taking it.
func (o Object) Field(key string) Field { return o.fields[key] }

// Has reports whether a key stands in the mapping.
func (o Object) Has(key string) bool {
	_, ok := o.fields[key]
	return ok
}

// Case is one of the things that a mapping may say, told by a key of it.
type Case struct {
	Key  string
	Read func()
}

// OneOf reads the first of the cases whose key stands in the mapping; the last
// where none does. One that is described has them all.
func (o Object) OneOf(cases ...Case) {
	if o.shape != nil {
		o.shape.oneOf(cases)
		return
	}
	for i, c := range cases {
		if o.Has(c.Key) || i == len(cases)-1 {
			c.Read()
			return
		}
	}
}

// EachOptional is Each for a list that may be missing.
func (o Object) EachOptional(key string, limit int, read func(Object)) {
	if o.shape != nil {
		o.shape.list(key, false, limit, read)
		return
	}
	if o.Has(key) {
		o.Each(key, limit, read)
	}
}

// Each takes a list of at most limit mappings and reads them one by one. In
// paths, one with an id is named by it.
func (o Object) Each(key string, limit int, read func(Object)) {
	if o.shape != nil {
		o.shape.list(key, true, limit, read)
		return
	}
	f, ok := o.need(key)
	if !ok {
		return
	}
	list, ok := f.value.(*ast.SequenceNode)
	if !ok || len(list.Values) > limit {
		o.Fault(f, notList, key, limit)
		return
	}
	for i, value := range list.Values {
		item := o.mapping(value, "")
		if o.marks != nil {
			item.path = o.under(key) + "/" + item.name(i)
			o.marks[item.path] = item.at
		}
		read(item)
		item.Done()
	}
}

func (o Object) name(i int) string {
	for _, key := range []string{"id", "asset"} {
		if id, ok := o.fields[key].value.(*ast.StringNode); ok {
			return id.Value
		}
	}
	return strconv.Itoa(i)
}

// fit says what keeps a text from being shown and printed, or nothing.
func fit(text string, limit int) Text {
	switch {
	case text == "" || strings.TrimSpace(text) != text:
		return spacesFit
	case len(text) > limit:
		return longFit.Fill(limit)
	case strings.ContainsFunc(text, unsafe):
		return controlFit
	}
	return Text{}
}

func unsafe(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError
}

// Reading reports whether a document is read, and not described.
func (o Object) Reading() bool { return o.shape == nil }
