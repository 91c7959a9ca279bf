package programme

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

// depthMax bounds how deep a document nests; ours need four levels.
const depthMax = 16

// object is a mapping that is being read. Reading takes its fields away; done
// reports what is left. The zero object stands for one that is missing, and
// reports nothing: its absence was a fault already.
type object struct {
	faults *Faults
	at     position
	fields map[string]field
}

type field struct {
	at    position
	value ast.Node
}

type position struct{ line, column int }

// readRoot reads the only document in the text, whose root is a mapping.
// The YAML package's own decoder would cut 1.5 down to 1; here every node is
// looked at, and only plain text, whole numbers and truth values are taken.
func readRoot(text []byte, faults *Faults) object {
	if len(text) > DocumentBytesMax {
		faults.add(0, 0, "the document has %d bytes; the limit is %d", len(text), DocumentBytesMax)
		return object{}
	}
	if !utf8.Valid(text) {
		faults.add(0, 0, "the document is not UTF-8 text")
		return object{}
	}
	tokens := lexer.Tokenize(string(text))
	if deep := tooDeep(tokens); deep != nil {
		faults.add(deep.Line, deep.Column, "nested more than %d levels deep", depthMax)
		return object{}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		addSyntax(faults, err)
		return object{}
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		faults.add(0, 0, "the text must hold one document")
		return object{}
	}
	return readObject(file.Docs[0].Body, faults)
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
		faults.add(at.Line, at.Column, "%s", syntax.GetMessage())
		return
	}
	faults.add(0, 0, "%s", err)
}

func readObject(node ast.Node, faults *Faults) object {
	at := positionOf(node)
	var pairs []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		faults.add(at.line, at.column, "a list of keys with values belongs here")
		return object{}
	}
	o := object{faults: faults, at: at, fields: make(map[string]field, len(pairs))}
	for _, pair := range pairs {
		at := positionOf(pair.Key)
		key, ok := pair.Key.(*ast.StringNode)
		if !ok {
			faults.add(at.line, at.column, "a key must be a plain word")
			continue
		}
		if _, double := o.fields[key.Value]; double {
			faults.add(at.line, at.column, "%q stands here twice", key.Value)
		}
		o.fields[key.Value] = field{at, pair.Value}
	}
	return o
}

func positionOf(node ast.Node) position {
	switch n := node.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return positionOf(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return positionOf(n.Key)
	}
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return position{}
	}
	at := node.GetToken().Position
	return position{at.Line, at.Column}
}

// done reports the keys that nobody asked for.
func (o object) done() {
	for _, key := range slices.Sorted(maps.Keys(o.fields)) {
		f := o.fields[key]
		o.faults.add(f.at.line, f.at.column, "%q is not a key known here", key)
	}
}

func (o object) take(key string) (field, bool) {
	f, ok := o.fields[key]
	delete(o.fields, key)
	return f, ok
}

// need takes a field that must be there.
func (o object) need(key string) (field, bool) {
	f, ok := o.take(key)
	if !ok && o.fields != nil {
		o.faults.add(o.at.line, o.at.column, "%q is missing", key)
	}
	return f, ok
}

func (o object) fault(f field, format string, args ...any) {
	o.faults.add(f.at.line, f.at.column, format, args...)
}

// object takes a mapping.
func (o object) object(key string) object {
	f, ok := o.need(key)
	if !ok {
		return object{}
	}
	return readObject(f.value, o.faults)
}

// optional takes a mapping that may be missing.
func (o object) optional(key string) object {
	f, ok := o.take(key)
	if !ok {
		return object{}
	}
	return readObject(f.value, o.faults)
}

// given reports whether the mapping stands in the document.
func (o object) given() bool { return o.fields != nil }

// has reports whether a key stands in the mapping.
func (o object) has(key string) bool {
	_, ok := o.fields[key]
	return ok
}

// eachOptional is each for a list that may be missing.
func (o object) eachOptional(key string, limit int, read func(object)) {
	if o.has(key) {
		o.each(key, limit, read)
	}
}

// each takes a list of at most limit mappings and reads them one by one.
func (o object) each(key string, limit int, read func(object)) {
	f, ok := o.need(key)
	if !ok {
		return
	}
	list, ok := f.value.(*ast.SequenceNode)
	if !ok || len(list.Values) > limit {
		o.fault(f, "%q must be a list of at most %d", key, limit)
		return
	}
	for _, value := range list.Values {
		item := readObject(value, o.faults)
		read(item)
		item.done()
	}
}

// word takes a text of at most limit bytes without control characters.
func (o object) word(key string, limit int) (string, field) {
	f, ok := o.need(key)
	if !ok {
		return "", f
	}
	node, ok := f.value.(*ast.StringNode)
	switch {
	case !ok:
		o.fault(f, "%q must be text", key)
	case fit(node.Value, limit) != "":
		o.fault(f, "%q %s", key, fit(node.Value, limit))
	default:
		return node.Value, f
	}
	return "", f
}

// fit says what keeps a text from being shown and printed, or "".
func fit(text string, limit int) string {
	switch {
	case text == "" || strings.TrimSpace(text) != text:
		return "must be text without spaces at its ends"
	case len(text) > limit:
		return "has more than " + strconv.Itoa(limit) + " bytes"
	case strings.ContainsFunc(text, unsafe):
		return "holds a control character or an invisible one"
	}
	return ""
}

func unsafe(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError
}

// text takes a text in both languages.
func (o object) text(key string, limit int) Text {
	inner := o.object(key)
	zh, _ := inner.word("zh", limit)
	en, _ := inner.word("en", limit)
	inner.done()
	return Text{ZH: zh, EN: en}
}

// integer takes a whole number between two bounds, written in plain digits.
func (o object) integer(key string, low, high int64) int64 {
	f, ok := o.need(key)
	if !ok {
		return 0
	}
	node, ok := f.value.(*ast.IntegerNode)
	if ok {
		n, err := strconv.ParseInt(node.Token.Value, 10, 64)
		if err == nil && strconv.FormatInt(n, 10) == node.Token.Value && n >= low && n <= high {
			return n
		}
	}
	o.fault(f, "%q must be a whole number from %d to %d", key, low, high)
	return 0
}

// integerOr is integer for a number that may be missing.
func (o object) integerOr(key string, missing, low, high int64) int64 {
	if !o.has(key) {
		return missing
	}
	return o.integer(key, low, high)
}

// texts takes a list of at most limit plain texts, each once.
func (o object) texts(key string, limit int, ok func(string) bool, must string) map[string]bool {
	f, there := o.take(key)
	if !there {
		return nil
	}
	list, isList := f.value.(*ast.SequenceNode)
	if !isList || len(list.Values) == 0 || len(list.Values) > limit {
		o.fault(f, "%q must be a list of 1 to %d", key, limit)
		return nil
	}
	found := make(map[string]bool, len(list.Values))
	for _, value := range list.Values {
		node, text := value.(*ast.StringNode)
		at := field{at: positionOf(value)}
		switch {
		case !text || !ok(node.Value):
			o.fault(at, "%q must name %s", key, must)
		case found[node.Value]:
			o.fault(at, "%q stands here twice", node.Value)
		default:
			found[node.Value] = true
		}
	}
	return found
}

// flag takes a truth value; a missing one is false.
func (o object) flag(key string) bool {
	f, ok := o.take(key)
	if !ok {
		return false
	}
	node, ok := f.value.(*ast.BoolNode)
	if !ok {
		o.fault(f, "%q must be true or false", key)
		return false
	}
	return node.Value
}
