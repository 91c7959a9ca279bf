package document

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Shape is what a document, or a value in one, looks like.
type Shape struct {
	Kind     string // object, list, text, integer, flag
	Unit     Unit
	Low      int64
	High     int64
	Limit    int      // bytes of a text, items of a list; 0 is not bounded here
	Choices  []string // of a text
	Ref      string   // what a text names, such as merchant
	Names    []string // of an object's fields, in order
	Fields   map[string]*Shape
	Required []string
	Cases    [][]string // of an object: the keys of which one must be there
	Item     *Shape

	inCase bool
}

// Describe runs what reads a document without one, and returns what it asks for.
func Describe(read func(Object)) *Shape {
	root := &Shape{Kind: "object", Fields: map[string]*Shape{}}
	read(Object{shape: root})
	return root
}

func (o Object) describe(key string, required bool) Object {
	inner := o.shape.add(key, required, &Shape{Kind: "object", Fields: map[string]*Shape{}})
	return Object{shape: inner}
}

func (s *Shape) add(key string, required bool, of *Shape) *Shape {
	if _, known := s.Fields[key]; !known {
		s.Names = append(s.Names, key)
	}
	s.Fields[key] = of
	if required && !s.inCase && !slices.Contains(s.Required, key) {
		s.Required = append(s.Required, key)
	}
	return of
}

func (s *Shape) oneOf(cases []Case) {
	keys := make([]string, len(cases))
	was := s.inCase
	s.inCase = true
	for i, c := range cases {
		keys[i] = c.Key
		c.Read()
	}
	s.inCase = was
	if !was && !slices.Contains(keys, "") {
		s.Cases = append(s.Cases, keys)
	}
}

func (s *Shape) list(key string, required bool, limit int, read func(Object)) {
	item := &Shape{Kind: "object", Fields: map[string]*Shape{}}
	s.add(key, required, &Shape{Kind: "list", Limit: limit, Item: item})
	read(Object{shape: item})
}

// Refer notes what kind of thing a text names.
func (o Object) Refer(key, what string) {
	if o.shape != nil {
		o.shape.Fields[key].Ref = what
	}
}

// Loosen notes that a field may be missing, where only the reader knows.
func (o Object) Loosen(key string) {
	if o.shape != nil {
		o.shape.Required = slices.DeleteFunc(o.shape.Required, func(k string) bool { return k == key })
	}
}

// Keys gives the name of every field there is, once.
func (s *Shape) Keys() []string {
	seen := map[string]bool{}
	s.walk(func(key string) { seen[key] = true })
	keys := make([]string, 0, len(seen))
	for k := range seen {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (s *Shape) walk(see func(string)) {
	for _, name := range s.Names {
		see(name)
		s.Fields[name].walk(see)
	}
	if s.Item != nil {
		s.Item.walk(see)
	}
}

// Schema writes the shape as JSON Schema, draft 2020-12. Names gives the title
// of each field.
func (s *Shape) Schema(id string, title Text, names map[string]Text) ([]byte, error) {
	root := s.schema(names)
	root["$schema"], root["$id"], root["title"] = "https://json-schema.org/draft/2020-12/schema", id, title.ZH+" · "+title.EN
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(root)
	return out.Bytes(), err
}

func (s *Shape) schema(names map[string]Text) map[string]any {
	m := map[string]any{}
	switch s.Kind {
	case "flag":
		m["type"] = "boolean"
	case "integer":
		m["type"], m["minimum"], m["maximum"], m["x-unit"] = "integer", s.Low, s.High, s.Unit
	case "list":
		m["type"], m["items"] = "array", s.Item.schema(names)
		if s.Limit > 0 {
			m["maxItems"] = s.Limit
		}
	case "object":
		s.properties(m, names)
	default:
		m["type"] = "string"
		if s.Choices != nil {
			m["enum"] = s.Choices
		}
		if s.Limit > 0 {
			m["x-bytes-max"] = s.Limit
		}
		if s.Ref != "" {
			m["x-names"] = s.Ref
		}
	}
	return m
}

func (s *Shape) properties(m map[string]any, names map[string]Text) {
	properties := map[string]any{}
	for _, key := range s.Names {
		inner := s.Fields[key].schema(names)
		if name, ok := names[key]; ok {
			inner["title"] = name.ZH + " · " + name.EN
		}
		properties[key] = inner
	}
	m["type"], m["properties"], m["additionalProperties"] = "object", properties, false
	if s.Required != nil {
		m["required"] = s.Required
	}
	var all []any
	for _, keys := range s.Cases {
		var one []any
		for _, key := range keys {
			one = append(one, map[string]any{"required": []string{key}})
		}
		all = append(all, map[string]any{"oneOf": one})
	}
	if all != nil {
		m["allOf"] = all
	}
}
