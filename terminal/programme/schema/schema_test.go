package schema_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/programme/schema"
)

// The published schema is what the reader asks for: jifen programme schema
// writes it.
func TestSchemaIsThePublishedOne(t *testing.T) {
	got, err := schema.Programme()
	if err != nil {
		t.Fatalf("Programme: %v", err)
	}
	want, err := os.ReadFile("programme.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("programme.schema.json is not what Programme() gives: run jifen programme schema >terminal/programme/schema/programme.schema.json")
	}
}

// Every field has a name in both languages, and every number a unit.
func TestFieldsHaveNamesAndUnits(t *testing.T) {
	text, err := schema.Programme()
	if err != nil {
		t.Fatalf("Programme: %v", err)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	fields := 0
	var walk func(path string, m map[string]any)
	walk = func(path string, m map[string]any) {
		if m["type"] == "integer" && (m["x-unit"] == nil || m["x-unit"] == "") {
			t.Errorf("%s: a number without a unit", path)
		}
		properties, _ := m["properties"].(map[string]any)
		for key, inner := range properties {
			fields++
			field := inner.(map[string]any)
			title, _ := field["title"].(string)
			if zh, en, ok := strings.Cut(title, " · "); !ok || zh == "" || en == "" {
				t.Errorf("%s/%s: title %q, want Chinese · English", path, key, title)
			}
			walk(path+"/"+key, field)
		}
		if m["type"] == "object" && m["additionalProperties"] != false {
			t.Errorf("%s: takes any field", path)
		}
		if item, ok := m["items"].(map[string]any); ok {
			walk(path+"/…", item)
		}
	}
	walk("", root)
	if fields < 200 {
		t.Errorf("the schema has %d fields, want all of them", fields)
	}
	if unused := schema.UnusedNames(); len(unused) > 0 {
		t.Errorf("names of no field: %v", unused)
	}
}

// What the schema requires is what Parse misses.
func TestSchemaRequiresWhatParseDoes(t *testing.T) {
	_, err := programme.Parse([]byte("x: 1\n"))
	for _, key := range programme.Shape().Required {
		if !strings.Contains(err.Error(), `"`+key+`" is missing`) {
			t.Errorf("Parse of an empty document does not miss %q, which the schema requires", key)
		}
	}
	if n := strings.Count(err.Error(), "is missing"); n != len(programme.Shape().Required) || slices.Contains(programme.Shape().Required, "campaigns") {
		t.Errorf("Parse misses %d keys, the schema requires %v", n, programme.Shape().Required)
	}
}
