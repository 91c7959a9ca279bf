package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// specName is under which name the description is compiled.
const specName = "openapi.json"

// spec is the description of the interface, as the terminal serves it.
type spec struct {
	doc        object
	operations []operation
	compiler   *jsonschema.Compiler
	schemas    map[string]*jsonschema.Schema
}

// operation is one thing that can be asked for.
type operation struct {
	method, path string // as described, with names in braces
	match        *regexp.Regexp
	body         object // its schema; nil: it has none
	statuses     object
}

var name = regexp.MustCompile(`\\\{[^/]*\\\}`)

func readSpec(raw []byte) (*spec, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	s := &spec{compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	s.compiler.DefaultDraft(jsonschema.Draft2020)
	if err := s.compiler.AddResource(specName, doc); err != nil {
		return nil, err
	}
	var ok bool
	if s.doc, ok = doc.(object); !ok {
		return nil, fmt.Errorf("the description is no object")
	}
	all := at(s.doc, "paths")
	for _, path := range slices.Sorted(maps.Keys(all)) {
		for method, op := range at(all, path) {
			o, ok := op.(object)
			if !ok {
				continue
			}
			s.operations = append(s.operations, operation{
				method: strings.ToUpper(method), path: path, statuses: at(o, "responses"),
				body:  at(o, "requestBody", "content", "application/json", "schema"),
				match: regexp.MustCompile("^" + name.ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`) + "$"),
			})
		}
	}
	return s, nil
}

// at goes into an object by names; it is nil where there is none.
func at(o object, names ...string) object {
	for _, n := range names {
		o, _ = o[n].(object)
	}
	return o
}

// resolved follows a reference to the shared schemas.
func (s *spec) resolved(schema object) object {
	for {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return schema
		}
		schema = at(s.doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
}

// find is the operation of a request.
func (s *spec) find(method, path string) (operation, bool) {
	path, _, _ = strings.Cut(path, "?")
	for _, o := range s.operations {
		if o.method == method && o.match.MatchString("/api/v1"+path) {
			return o, true
		}
	}
	return operation{}, false
}

// fits reports how an answer differs from what is described.
func (s *spec) fits(method, path string, a answer) error {
	o, ok := s.find(method, path)
	if !ok {
		return nil // a path that is tried because there is none
	}
	status := strconv.Itoa(a.status)
	response := at(o.statuses, status)
	if response == nil {
		status, response = "default", at(o.statuses, "default")
	}
	if response == nil {
		return fmt.Errorf("status %d is not described", a.status)
	}
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil && len(a.raw) == 0 {
		return nil
	}
	if at(response, "content", kind) == nil {
		return fmt.Errorf("status %d comes as %q, which is not described", a.status, kind)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "+", "%2B")
	at := fmt.Sprintf("%s#/paths/%s/%s/responses/%s/content/%s/schema", specName, escape.Replace(o.path), strings.ToLower(method), status, escape.Replace(kind))
	schema, ok := s.schemas[at]
	if !ok {
		if schema, err = s.compiler.Compile(at); err != nil {
			return err
		}
		s.schemas[at] = schema
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(a.raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return err
	}
	return schema.Validate(v)
}
