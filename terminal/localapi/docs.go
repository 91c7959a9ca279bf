package localapi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsText string

var docsPage = template.Must(template.New("docs").Parse(docsText))

// described is one operation as the page shows it.
type described struct {
	ID, Method, Path, Summary, Description string
	Params                                 []value
	Body                                   []value
	Answer                                 []value
}

// value is one value that goes in or comes out.
type value struct {
	Name, Type, Doc string
	Required        bool
	Deep            int // how far within others, for the indent
}

// docs shows the interface to a person: everything is on the page, nothing is
// loaded from elsewhere.
func (a *API) docs(w http.ResponseWriter, r *http.Request) {
	spec := a.huma.OpenAPI()
	var list []described
	for path, item := range spec.Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete,
		} {
			if op != nil {
				list = append(list, a.describe(spec, method, path, op))
			}
		}
	}
	slices.SortFunc(list, func(a, b described) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	var b bytes.Buffer
	if err := docsPage.Execute(&b, struct {
		Info       *huma.Info
		Operations []described
	}{spec.Info, list}); err != nil {
		a.refuse(w, r, problem(http.StatusInternalServerError, "internal-fault"))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

// description serves the description of the interface to a program. It is made
// once, when all routes are there.
func (a *API) description(kind string, make func() ([]byte, error)) http.HandlerFunc {
	once := sync.OnceValues(make)
	return func(w http.ResponseWriter, r *http.Request) {
		b, err := once()
		if err != nil {
			a.o.Log.Error("local API: description", "error", err)
			a.refuse(w, r, problem(http.StatusInternalServerError, "internal-fault"))
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(b)
	}
}

func (a *API) describe(spec *huma.OpenAPI, method, path string, op *huma.Operation) described {
	d := described{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Description: op.Description}
	for _, p := range op.Parameters {
		d.Params = append(d.Params, value{Name: p.Name, Type: p.In, Doc: p.Description, Required: p.Required})
	}
	if op.RequestBody != nil {
		d.Body = fields(spec, op.RequestBody.Content["application/json"], 0)
	}
	if ok := op.Responses["200"]; ok != nil {
		d.Answer = fields(spec, ok.Content["application/json"], 0)
	}
	return d
}

func fields(spec *huma.OpenAPI, m *huma.MediaType, deep int) []value {
	if m == nil {
		return nil
	}
	return within(spec, m.Schema, deep)
}

// deepest bounds how far the page follows values within values.
const deepest = 4

func within(spec *huma.OpenAPI, s *huma.Schema, deep int) (list []value) {
	s = resolved(spec, s)
	if s == nil || deep > deepest {
		return nil
	}
	if s.Type == "array" {
		return within(spec, s.Items, deep)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		list = append(list, value{Name: name, Type: typeOf(spec, p), Doc: p.Description, Required: slices.Contains(s.Required, name), Deep: deep})
		list = append(list, within(spec, p, deep+1)...)
	}
	return list
}

func resolved(spec *huma.OpenAPI, s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return spec.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

func typeOf(spec *huma.OpenAPI, s *huma.Schema) string {
	r := resolved(spec, s)
	switch {
	case r == nil:
		return ""
	case r.Type == "array":
		return "list of " + typeOf(spec, r.Items)
	case r.Format != "":
		return fmt.Sprintf("%s (%s)", r.Type, r.Format)
	}
	return r.Type
}
