package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document is one TOML text, read: its values, and the line of each key. We
// fill the settings from it ourselves, because the library's decoder stops at
// the first value of a wrong kind and a person wants to hear of all of them.
type document struct {
	values map[string]any
	lines  map[string]int
}

// readDocument reads TOML text. Text that is not TOML gives Faults with the
// first place where that shows.
func readDocument(data []byte) (document, error) {
	d := document{values: map[string]any{}, lines: map[string]int{}}
	if err := toml.Unmarshal(data, &d.values); err != nil {
		f := Fault{Message: "is not TOML: " + strings.TrimPrefix(err.Error(), "toml: ")}
		if at := (*toml.DecodeError)(nil); errors.As(err, &at) {
			f.Line, _ = at.Position()
		}
		return d, Faults{f}
	}
	d.index(data)
	return d, nil
}

// index notes the line of every table and key.
func (d document) index(data []byte) {
	var p unstable.Parser
	p.Reset(data)
	table, count := "", map[string]int{}
	for p.NextExpression() {
		e := p.Expression()
		key, line := place(&p, e)
		switch e.Kind {
		case unstable.Table:
			table = key
		case unstable.ArrayTable:
			count[key]++
			table = fmt.Sprintf("%s[%d]", key, count[key])
			key = table
		default:
			key = join(table, key)
		}
		d.lines[key] = line
	}
}

// place gives the dotted key of an expression and the line it stands on.
func place(p *unstable.Parser, e *unstable.Node) (key string, line int) {
	for k := e.Key(); k.Next(); {
		node := k.Node()
		key = join(key, string(node.Data))
		line = p.Shape(node.Raw).Start.Line
	}
	return key, line
}

// join puts a name behind the key of the table it is in.
func join(table, name string) string {
	if table == "" {
		return name
	}
	return table + "." + name
}

// line gives the line of a key; for a key that isn't in the file, that of the
// nearest table around it; else 0.
func (d document) line(key string) int {
	for key != "" {
		if n, ok := d.lines[key]; ok {
			return n
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return 0
}

// fill sets the settings that the document has, and notes each key that is not
// a setting and each value of the wrong kind.
func (d document) fill(s settings, log *findings) {
	fill(reflect.ValueOf(s).Elem(), d.values, "", log)
}

// fill sets one value of the settings, at key, from one of the document.
func fill(to reflect.Value, from any, key string, log *findings) {
	ok := false
	switch to.Kind() {
	case reflect.Struct:
		var table map[string]any
		if table, ok = from.(map[string]any); ok {
			fillTable(to, table, key, log)
		}
	case reflect.Slice:
		var list []any
		if list, ok = from.([]any); ok {
			to.Set(reflect.MakeSlice(to.Type(), len(list), len(list)))
			for i, v := range list {
				fill(to.Index(i), v, fmt.Sprintf("%s[%d]", key, i+1), log)
			}
		}
	default:
		ok = fillScalar(to, from)
	}
	if !ok {
		log.add(key, "must be %s", wanted(to.Kind()))
	}
}

// fillTable sets the fields of a struct by their toml tags.
func fillTable(to reflect.Value, table map[string]any, key string, log *findings) {
	fields, names := map[string]reflect.Value{}, []string{}
	for i := range to.NumField() {
		name := to.Type().Field(i).Tag.Get("toml")
		fields[name] = to.Field(i)
		names = append(names, name)
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if field, ok := fields[name]; ok {
			fill(field, table[name], join(key, name), log)
			continue
		}
		log.add(join(key, name), "is not a setting; here stand %s", strings.Join(names, ", "))
	}
}

// fillScalar sets a text, a number or a yes-or-no, and says whether it could.
func fillScalar(to reflect.Value, from any) bool {
	switch v := from.(type) {
	case string:
		if to.Kind() == reflect.String {
			to.SetString(v)
			return true
		}
	case bool:
		if to.Kind() == reflect.Bool {
			to.SetBool(v)
			return true
		}
	case int64:
		if to.Kind() == reflect.Int && !to.OverflowInt(v) {
			to.SetInt(v)
			return true
		}
		if to.Kind() == reflect.Uint32 && v >= 0 && !to.OverflowUint(uint64(v)) {
			to.SetUint(uint64(v))
			return true
		}
	}
	return false
}

// wanted says in words what a setting of a kind must be.
func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Struct:
		return "a table"
	case reflect.Slice:
		return "a list of tables, each under a heading in double brackets"
	case reflect.Bool:
		return "true or false, without quotes"
	case reflect.String:
		return "a text in quotes"
	case reflect.Uint32:
		return "a whole number from 0 to 4294967295, without quotes"
	default:
		return "a whole number, without quotes"
	}
}
