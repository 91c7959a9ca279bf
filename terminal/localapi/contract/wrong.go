package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// spoilt is a body that is right but for one field.
type spoilt struct {
	how     string // such as too-long
	pointer string // of the field
	code    string // of the fault that is to be told there
	body    any
}

// wrongRef is the reference of requests with another field wrong.
const wrongRef = "aaaaaaaa"

// wrongFields sends each request with each of its fields wrong in each way. None
// of it may reach the journal.
func wrongFields(s *suite) {
	tried := 0
	for _, o := range s.spec.operations {
		if o.body == nil {
			continue
		}
		path := strings.TrimPrefix(variable.ReplaceAllString(strings.Replace(o.path, "{lane}", fmt.Sprint(s.o.Lane), 1), "1"), "/api/v1")
		for _, x := range s.spec.spoil(o.body) {
			tried++
			sent, err := json.Marshal(x.body)
			if err != nil {
				s.broken("%s %s: %v", o.method, o.path, err)
			}
			a := s.send(o.method, path, sent, nil)
			if err := s.spec.fits(o.method, path, a); err != nil {
				s.wrong("%s %s, %s %s: the answer is not as described: %v", o.method, path, x.pointer, x.how, err)
			}
			if a.status != http.StatusUnprocessableEntity || a.text("code") != "bad-request" || !toldAt(a, x.pointer, x.code) {
				s.wrong("%s %s, %s %s: %v; want 422 and %s at the field, in both languages", o.method, path, x.pointer, x.how, a, x.code)
			}
		}
	}
	if tried < 100 {
		s.wrong("only %d wrong fields were found to try", tried)
	}
	s.params()
	s.refused(http.StatusNotFound, "reference-unknown", "GET", "/outcomes/"+wrongRef, nil)
	if b := s.want(http.StatusOK, "GET", s.lane("basket"), nil); len(b.list("lines")) != 0 {
		s.wrong("the basket after wrong requests alone: %v; want it empty", b)
	}
}

var variable = regexp.MustCompile(`\{[^/]*\}`)

// params tries what stands in an address.
func (s *suite) params() {
	for path, where := range map[string]string{
		"/lanes/0/basket": "path.lane", "/lanes/99/basket": "path.lane", "/lanes/one/basket": "path.lane", "/lanes/-1/basket": "path.lane",
		"/outcomes/short": "path.ref", "/outcomes/" + strings.Repeat("x", 65): "path.ref", "/health?deep=1": "query.deep",
	} {
		a := s.call("GET", path, nil)
		told := slices.ContainsFunc(a.list("errors"), func(e any) bool {
			o, _ := e.(object)
			return o["where"] == where && inBoth(o)
		})
		if a.status != http.StatusUnprocessableEntity || !told {
			s.wrong("GET %s: %v; want 422 and the fault at %s", path, a, where)
		}
	}
}

// toldAt reports whether a fault is told at a field, in both languages.
func toldAt(a answer, pointer, code string) bool {
	return slices.ContainsFunc(a.list("errors"), func(e any) bool {
		o, _ := e.(object)
		return o["pointer"] == pointer && o["code"] == code && inBoth(o)
	})
}

// spoil lists the bodies of a schema with one thing wrong.
func (s *spec) spoil(schema object) (list []spoilt) {
	right := s.right(schema)
	s.walk(schema, nil, func(path []any, how, code string, v any) {
		body, pointer := replaced(right, path, v), ""
		for _, p := range path {
			pointer += fmt.Sprintf("/%v", p)
		}
		list = append(list, spoilt{how, pointer, code, body})
	})
	return list
}

// right is a value that a schema takes.
func (s *spec) right(schema object) any {
	schema = s.resolved(schema)
	if list, ok := schema["enum"].([]any); ok {
		return list[0]
	}
	switch kind(schema) {
	case "object":
		o := object{}
		for name, p := range at(schema, "properties") {
			o[name] = s.right(p.(object))
		}
		return o
	case "array":
		return []any{s.right(at(schema, "items"))}
	case "string":
		return strings.Repeat("a", int(max(limit(schema, "minLength", 1), 1)))
	case "integer":
		return max(limit(schema, "minimum", 1), 1)
	}
	return false
}

// missing stands for a field that is not there.
type missing struct{}

// walk gives each wrong value that a schema and what is in it can have.
func (s *spec) walk(schema object, path []any, give func(path []any, how, code string, v any)) {
	schema = s.resolved(schema)
	tell := func(how, code string, v any) { give(path, how, code, v) }
	if len(path) > 0 {
		s.spoilValue(schema, tell)
	}
	switch kind(schema) {
	case "object":
		give(append(slices.Clone(path), "no_such_field"), "unknown", "field-unknown", 1)
		needed, _ := schema["required"].([]any)
		properties := at(schema, "properties")
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			p := append(slices.Clone(path), any(name))
			if slices.Contains(needed, any(name)) {
				give(p, "missing", "field-missing", missing{})
			}
			s.walk(properties[name].(object), p, give)
		}
	case "array":
		s.walk(at(schema, "items"), append(slices.Clone(path), 0), give)
	}
}

// spoilValue gives the wrong values of one field.
func (s *spec) spoilValue(schema object, tell func(how, code string, v any)) {
	if _, ok := schema["enum"]; ok {
		tell("of-no-kind", "field-one-of", "gold")
	}
	switch kind(schema) {
	case "object":
		tell("a-list", "field-object", []any{})
	case "array":
		tell("a-text", "field-list", "one")
		if most := limit(schema, "maxItems", 0); most > 0 {
			tell("too-many", "field-many", slices.Repeat([]any{s.right(at(schema, "items"))}, int(most)+1))
		}
		if least := limit(schema, "minItems", 0); least > 0 {
			tell("too-few", "field-few", []any{})
		}
	case "string":
		tell("a-number", "field-text", 7)
		if most := limit(schema, "maxLength", 0); most > 0 {
			tell("too-long", "field-long", strings.Repeat("点", int(most)+1))
		}
		if least := limit(schema, "minLength", 0); least > 0 {
			tell("empty", "field-short", "")
		}
		if _, ok := schema["pattern"]; ok {
			tell("script", "field-form", "<script>alert(1)</script>")
		}
	case "integer":
		tell("in-yuan", "field-whole", "5.00")
		tell("in-words", "field-whole", "五")
		tell("a-fraction", "field-whole", json.Number("1.5"))
		if _, ok := schema["minimum"]; ok {
			tell("too-small", "field-least", limit(schema, "minimum", 0)-1)
			tell("negative", "field-least", int64(-1_000_000))
		}
		if _, ok := schema["maximum"]; ok {
			tell("too-large", "field-most", limit(schema, "maximum", 0)+1)
		}
	case "boolean":
		tell("a-text", "field-boolean", "yes")
	}
}

// kind is the type of a schema, without null.
func kind(schema object) string {
	switch t := schema["type"].(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if one != "null" {
				return one.(string)
			}
		}
	}
	return ""
}

// limit is a number of a schema, or other where it has none.
func limit(schema object, name string, other int64) int64 {
	n, ok := schema[name].(json.Number)
	if !ok {
		return other
	}
	if v, err := n.Int64(); err == nil {
		return v
	}
	f, _ := n.Float64() // such as 1e+08
	return int64(f)
}

// replaced is a value with another one at a path; nothing else is shared.
func replaced(v any, path []any, with any) any {
	if len(path) == 0 {
		return with
	}
	switch v := v.(type) {
	case object:
		o, name := maps.Clone(v), path[0].(string)
		if _, gone := with.(missing); gone && len(path) == 1 {
			delete(o, name)
		} else {
			o[name] = replaced(v[name], path[1:], with)
		}
		return o
	case []any:
		list, n := slices.Clone(v), path[0].(int)
		list[n] = replaced(v[n], path[1:], with)
		return list
	}
	return v
}
